"""
Elements of a page as they are told in findings: tags, roles and attributes that machines read, and where the element stands.

Nothing that is read by people stays: no text, no names, no titles, no values, no addresses but those of known words.
"""

import re
from contextlib import suppress
from html.parser import HTMLParser

from probes.redaction.addresses import redact_url
from probes.redaction.words import HIDDEN, is_known, is_word, kept_name

MOST_CHARACTERS = 4_000
"""Of a piece of markup that are read; acts and engine give at most a few hundred."""

MOST_OF_SELECTOR = 2_000

_TAGS = frozenset(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br button canvas
    caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption
    figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend
    li link main map mark marquee menu meta meter nav nobr noframes noscript object ol optgroup option output p param picture
    pre progress q rp rt ruby s samp script search section select slot small source span strike strong style sub summary sup
    table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr
    svg g path circle ellipse line polygon polyline rect text tspan use symbol defs image foreignobject math
    """.split()  # noqa: SIM905
)
_BARE = frozenset(
    """
    allowfullscreen async autofocus autoplay checked controls default defer disabled formnovalidate hidden inert ismap loop
    multiple muted nomodule novalidate open playsinline readonly required reversed selected
    """.split()  # noqa: SIM905
)
_WORDS = frozenset(
    """
    align aria-autocomplete aria-atomic aria-busy aria-checked aria-current aria-disabled aria-expanded aria-haspopup
    aria-hidden aria-invalid aria-live aria-modal aria-multiline aria-multiselectable aria-orientation aria-pressed
    aria-readonly aria-relevant aria-required aria-selected aria-sort autocapitalize autocomplete contenteditable dir
    draggable enctype http-equiv inputmode kind lang loading method preload rel role scope shape spellcheck target type
    valign wrap
    """.split()  # noqa: SIM905
)
_NUMBERS = frozenset(
    """
    aria-colcount aria-colindex aria-colspan aria-level aria-posinset aria-rowcount aria-rowindex aria-rowspan aria-setsize
    border cols colspan height maxlength minlength rows rowspan size span tabindex width
    """.split()  # noqa: SIM905
)
_NAMES = frozenset("aria-controls aria-describedby aria-labelledby class for id name".split())  # noqa: SIM905
_ADDRESSES = frozenset("action formaction href poster src".split())  # noqa: SIM905
_TOLD = frozenset(
    """
    accept accesskey alt aria-description aria-errormessage aria-label aria-roledescription aria-valuemax aria-valuemin
    aria-valuenow aria-valuetext cite content coords data headers itemprop label list longdesc max media min onblur onchange
    onclick ondblclick onfocus oninput onkeydown onkeypress onkeyup onmousedown onmouseup onsubmit ontouchend ontouchstart
    pattern placeholder scrolling srcdoc srcset step style summary title usemap value viewbox
    """.split()  # noqa: SIM905
)
"""Attributes of which only that they are there is told."""

_SMALL_NUMBER = re.compile(r"-?[0-9]{1,4}%?")
_STEP = re.compile(r"(?P<tag>[A-Za-z][\w-]*|\*)?(?P<rest>.*)", re.DOTALL)
_OF_STEP = re.compile(
    r"(?P<place>:(?:nth-of-type|nth-child)\([0-9]{1,6}\)|:root|:host)"
    r"|(?P<name>[#.](?:[\w-]|\\.)+)"
    r"|\[(?P<attribute>[\w:-]+)(?:(?P<sign>[~|^$*]?=)\"(?P<value>(?:[^\"\\]|\\.)*)\")?\]",
    re.DOTALL,
)
_PIECE = re.compile(
    r"(?P<between> >>> | >> | > | )|(?P<step>(?:\[(?:[^\[\]\"\\]|\"(?:[^\"\\]|\\.)*\")*\]|[^ \[])+)|.", re.DOTALL
)


def outline(markup: str) -> str:
    """Return a piece of HTML as its tags, with what machines read of their attributes; `…` where text stands."""
    reader = _Outline()
    with suppress(AssertionError):  # of html.parser, for declarations that HTML does not know
        reader.feed(markup[:MOST_CHARACTERS])
    if not reader.parts:
        tag = re.match(r"\s*<([A-Za-z][\w-]{0,63})", markup)
        return f"<{_tag(tag[1])} {HIDDEN}>" if tag else ""
    return "".join(reader.parts)


def kept_selector(selectors: str) -> str:
    """
    Return the first selector of several, one a line, that holds nothing but known words and positions.

    Where none does the last is returned, and what is unknown in it is `…`. ` >>> ` steps into a shadow root, ` >> ` into a
    frame.
    """
    clean = ""
    for selector in filter(None, selectors.splitlines()):
        clean = _selector(selector)
        if clean == selector:
            break
    return clean


class _Outline(HTMLParser):
    """Reads markup and puts together its outline."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag."""
        told = [word for name, value in attrs if (word := _attribute(name, value or ""))]
        self.parts.append(f"<{' '.join([_tag(tag), *dict.fromkeys(told)])}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag that ends itself."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Take the end of an element."""
        self.parts.append(f"</{_tag(tag)}>")

    def handle_data(self, data: str) -> None:
        """Take a text."""
        if data.strip() and self.parts and self.parts[-1] != HIDDEN:
            self.parts.append(HIDDEN)


def _tag(tag: str) -> str:
    """Return an element's name; one that a page made up says only that it did."""
    small = tag.lower()
    return small if small in _TAGS else HIDDEN


def _attribute(name: str, value: str) -> str:
    """Return an attribute as it is told; empty where it is not even told that it is there."""
    if name in _BARE:
        return name
    if name in _WORDS:
        return f'{name}="{value if _is_words(value) else HIDDEN}"'
    if name in _NUMBERS:
        return f'{name}="{value if _SMALL_NUMBER.fullmatch(value) else HIDDEN}"'
    if name in _NAMES:
        return f'{name}="{_names(value)}"'
    if name in _ADDRESSES:
        return f'{name}="{redact_url(value.strip()) if value.strip() else ""}"'
    return f'{name}="{HIDDEN if value else ""}"' if name in _TOLD else ""


def _names(value: str) -> str:
    """Return classes and ids: each a known name, those that are unknown as one mark."""
    return " ".join(dict.fromkeys(kept_name(name) for name in value[:MOST_CHARACTERS].split()))


def _is_words(value: str) -> bool:
    return len(value) <= 64 and all(is_word(part) for part in re.split(r"[ /_,;-]+", value.strip()) if part)


def _selector(selector: str) -> str:
    if len(selector) > MOST_OF_SELECTOR:
        selector = f"{HIDDEN} > {selector[-MOST_OF_SELECTOR:].partition(' > ')[2]}"
    pieces = (
        piece["between"] or (_step(piece["step"]) if piece["step"] else HIDDEN) for piece in _PIECE.finditer(selector)
    )
    kept: list[str] = []
    for piece in pieces:
        if piece != HIDDEN or kept[-1:] != [HIDDEN]:
            kept.append(piece)
    return "".join(kept)


def _step(step: str) -> str:
    found = _STEP.fullmatch(step)
    assert found is not None  # it takes any text
    tag, rest = found["tag"] or "", found["rest"]
    kept = [tag if tag == "*" or not tag or _tag(tag) != HIDDEN else HIDDEN]
    at = 0
    while at < len(rest):
        part = _OF_STEP.match(rest, at)
        if not part:
            kept.append(HIDDEN)
            break
        kept.append(_part(part))
        at = part.end()
    return "".join(kept)


def _part(part: re.Match[str]) -> str:
    if part["place"]:
        return part["place"]
    if part["name"]:
        sign, name = part["name"][0], part["name"][1:]
        return f"{sign}{kept_name(name)}"
    name, value = part["attribute"], part["value"]
    if name not in _BARE | _WORDS | _NUMBERS | _NAMES | _ADDRESSES | _TOLD:
        return f"[{HIDDEN}]"
    if value is None:
        return f"[{name}]"
    clean = redact_url(value) if name in _ADDRESSES else value if is_known(value) else HIDDEN
    return f'[{name}{part["sign"]}"{clean}"]'
