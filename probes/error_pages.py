"""
A program's error in the place of a page, told from a page that speaks of errors.

Lessons quote traces, menus and footers name classes, an article is called "NullPointerException": such a page has more to say
than that. What shows its developers an error is titled by it, or is a trace for the most part.
"""

import re
from itertools import islice

from probes.own_words import BEGINNING, PageSigns, by_links, own_signs_of
from probes.page_parts import NOTICE_TEXT_CHARACTERS, PageParts, readable, unescaped
from probes.page_signs import STATUSES

FAULT = "the page shows an error of the portal's program"
DEFAULT = "the server's default page stands in the place of the portal"
FEW_LINKS = 4
"""A page that has stopped leads to a contact or the parent's site at most; one that goes on leads to more, or has a field."""
LITTLE_CHARACTERS = 600
"""A page that says no more than that besides its links has nothing to say but its error."""
MUCH_CHARACTERS = 6000
QUOTING_CHARACTERS = 40
HEADING_CHARACTERS = 80

_LINK = re.compile(r"<a\s", re.IGNORECASE)
_ERROR_CLASS = re.compile(
    r"(?:^|\s)(?:[\w.$:\\]{0,80}[a-z\\])(?:Error|Exception|DoesNotExist)(?=$|:|\(| (?:at|in|//) )"
    r"|(?:PHP|Unhandled|Uncaught) (?:Error|Exception)\b"
)
"""As programmers name them: no word of a language."""
_BEFORE_CLASS = re.compile(r"(?:(?:fatal error|error|lỗi|[45]\d\d)\b[:\s–-]*)*", re.IGNORECASE)
_MADE_BY_FRAMEWORK = re.compile(
    r"[\w.$:\\]{0,80}[a-z](?:Error|Exception|DoesNotExist|404) (?:at /|in [\w:.]{1,80}#)"
    r"|.{0,400} // Werkzeug Debugger$"
    r"|Action Controller: Exception caught$"
)
"""Titles of Django, Rails and Werkzeug, whose pages have more links and words than many a portal's."""
_STATUS = re.compile(r".{0,400} \(([45]\d\d [A-Z][\w '-]{2,40})\)$")
"""A title of Symfony; the address of an office may look like it, and a lesson be called so."""
_STATUSES = frozenset(
    one.lower()
    for one in (*STATUSES, "413 Content Too Large", "416 Range Not Satisfiable", "422 Unprocessable Content")
)
_FRAME = re.compile(
    r"\bat [\w.$<>\[\]/]{3,200}\([^()]{0,100}\)"
    r"|\.(?:cs|vb|php|py|rb|js|ts|go|java|aspx?)(?:[:(]| on line | at line |:line |\", line | \(line )\d",
)
"""Of a trace: a call, or a line of a program."""
_FRAMES = 4
_SIGNS = (" at ", ".cs:", ".vb:", ".php", ".py", ".rb:", ".js:", ".ts:", ".go:", ".java", ".asp")
_QUOTATION = re.compile(
    r"<(?:(code|samp|kbd|pre|blockquote|nav|footer)(?=[\s>])[^<>]{0,500}|/(code|samp|kbd|pre|blockquote|nav|footer)\s{0,9})>",
    re.IGNORECASE,
)
"""Begins or ends what quotes, or names other pages."""
_QUOTED_CHARACTERS = 5000
"""A longer one is most of the page."""


def instead_of_much(document: PageParts, title: str, body: str, titled: PageSigns) -> str:
    """
    Return what stands in the place of a page of many links or much text; empty where it is a page.

    Many an error tells a long story: it is told by the title, or where there is none by the first words.
    """
    # Of a long text nobody has counted the links; a page that has enough of them shows it soon.
    few = sum(1 for _ in islice(_LINK.finditer(document.source), FEW_LINKS + 1)) <= FEW_LINKS
    said = titled.anywhere
    if few:
        said |= own_signs_of(body[: BEGINNING if not title else HEADING_CHARACTERS]).anywhere
    if "default" in said:
        return DEFAULT
    if "error_titles" in said or ("fault" in said and (few or says_little_else(document, title))):
        return FAULT
    return ""


def is_program_error(document: PageParts, title: str) -> bool:
    """Tell whether a program shows its error: in the title, or by a trace that is most of what is said, whatever menu is left."""
    if _MADE_BY_FRAMEWORK.match(title):
        return True
    traced = _has_trace(document.text[:MUCH_CHARACTERS])
    if _is_status(title) or _ERROR_CLASS.match(_BEFORE_CLASS.sub("", title, count=1)):
        return traced or says_little_else(document, title)
    return traced and _is_mostly_trace(_beside_links(document, title))


def is_error_class(line: str) -> bool:
    """Tell whether a line names a programmer's error, as what frameworks show to their developers does."""
    return _ERROR_CLASS.search(line) is not None


def says_little_else(document: PageParts, title: str) -> bool:
    """Tell whether a page says next to nothing besides its title and what its links are called."""
    return len(_beside_links(document, title)) < LITTLE_CHARACTERS


def only_quotes_fault(document: PageParts, title: str) -> bool:
    """Tell whether an error is named by a sample, a quotation, a menu or a footer, on a page that says more besides."""
    outside, _ = by_links(_without_quotations(document.source), NOTICE_TEXT_CHARACTERS)
    said = readable(unescaped(outside), document.source)
    return len(said) - len(title) >= QUOTING_CHARACTERS and "fault" not in own_signs_of(said).anywhere


def _is_status(title: str) -> bool:
    found = _STATUS.match(title)
    return found is not None and found[1].lower() in _STATUSES


def _without_quotations(source: str) -> str:
    """Return a document without what it quotes, from a beginning to the next end of its kind; read once, whatever has no end."""
    quotations: list[tuple[int, int]] = []
    ends = dict[str, re.Match[str]]()
    for mark in reversed(list(_QUOTATION.finditer(source))):
        if mark[2]:
            ends[mark[2].lower()] = mark
        elif (end := ends.get(mark[1].lower())) and end.start() - mark.end() <= _QUOTED_CHARACTERS:
            quotations.append((mark.start(), end.end()))
    kept, after = [], 0
    for begins, ended in reversed(quotations):
        if begins >= after:
            kept.append(source[after:begins])
            after = ended
    return " ".join((*kept, source[after:]))


def _has_trace(text: str) -> bool:
    """Most pages have none of its signs, and need not be searched."""
    return any(sign in text for sign in _SIGNS) and sum(1 for _ in _FRAME.finditer(text)) >= _FRAMES


def _beside_links(document: PageParts, title: str) -> str:
    source = document.source
    outside = by_links(source, MUCH_CHARACTERS)[0] if source else document.text
    return readable(unescaped(outside), source).removeprefix(title)


def _is_mostly_trace(text: str) -> bool:
    frames = list(_FRAME.finditer(text))
    return len(frames) >= _FRAMES and 2 * (frames[-1].end() - frames[0].start()) >= len(text)
