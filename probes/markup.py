"""
What a person reads of raw HTML, in linear time whatever the HTML is.

It runs on the event loop of the stop-watches over bytes that anybody may have written, so that its worst case counts. It is a
tokenizer and builds no tree, by measurement (2026-11-28, 128 KiB of one piece again and again): lexbor took 1.5 s for `<div>` and
all memory for `<b a=1><p>`, html.parser over 10 s for `<!--`, libxml2 stops at 256 open elements. Here each byte is looked at a
constant number of times: what opens and does not close reaches to the end, as in a browser, and no expression takes back what it
has taken (`++`, `*+`).
"""

import re
from dataclasses import dataclass

MOST_CHARACTERS = 256 * 1024
MOST_PIECES = 2_500
"""Runs, comments and the like that are looked at one by one; with more of them before there is enough text, that must do."""

WITHIN = "\u2060"
"""Stands in a text where markup stood within a word: the tag of a letter's own style, a comment. Nobody sees it."""

_HIDDEN = (
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "title",
)  # the title is no part of the page, but it is read
_END_TAGS = {name.encode(): re.compile(rb"</%b[\s/>]" % name.encode()) for name in _HIDDEN}
# A quote counts only where a value begins; one that is not closed is no match.
_ATTRIBUTES = rb"""[^>=]*+(?:=\s*+(?:[^"'>=]|"[^"]*+"|'[^']*+'|=++|(?=>))[^>=]*+)*+"""
REST_OF_TAG = re.compile(_ATTRIBUTES + b"(>?)")
_RUN = re.compile(  # text, and tags that mean nothing here: nearly all of many a page
    rb"(?:[^<]++|<(?:/|(?!(?:%b)[\s/>]))[a-z]%b>){1,100}+" % ("|".join(_HIDDEN).encode(), _ATTRIBUTES)
)
_TAG = re.compile(b"</?[A-Za-z]" + _ATTRIBUTES + b">")
_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_TITLE_WITHIN = 16 * 1024
_STYLES = (  # what changes the look of letters and ends no word
    "b|i|u|s|a|em|q|tt|big|sub|sup|del|ins|wbr|bdi|bdo|var|kbd|dfn|code|font|span|mark|abbr|cite|samp|small|strong|strike"
)
_STYLED = re.compile(rf"<(?:/(?:{_STYLES})[\s>]|wbr)", re.IGNORECASE)
_NO_END_OF_A_WORD = re.compile(  # their tags with a letter on either side
    rb"(?<=[^\s<>])(?:</?(?:%b)(?:[\s/][^<>]*+)?>)++(?=[^\s<])" % _STYLES.encode(), re.IGNORECASE
)
_WITHIN = WITHIN.encode()
_LINK = re.compile(rb"""<a[\s/"'](?:[^<>]*?[\s/"'])?href\s*+=""")
_TAG_NAME = re.compile(rb"[^\s/>]++")
_END_OF_COMMENT = re.compile(rb"--!?>")
_SHADOW = b"shadowrootmode"
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_OPEN, _SLASH, _BANG, _QUESTION = b"</!?"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkupReading:
    """
    What was read.

    text: visible, title included, white space folded, WITHIN where markup stood within a word (a style's only in a text that is
    read to its end); once there is enough of it the rest is left out. links: 0 then. is_whole: nothing was left out. examined:
    bytes that were looked at, those that were looked at twice counted twice.
    """

    text: str
    links: int
    is_whole: bool
    examined: int


def read_markup(html: str, enough: int) -> MarkupReading:
    """
    Read HTML.

    Args:
        html: of which at most the first MOST_CHARACTERS count.
        enough: characters of text after which nothing more is read.

    """
    scan = _Scan(html[:MOST_CHARACTERS].encode("utf-8", "replace"), enough)
    scan.read()
    text = " ".join(scan.words)
    if len(text) < enough and _STYLED.search(html, 0, MOST_CHARACTERS):  # of a long text every part is as good
        examined = scan.examined
        scan = _Scan(html[:MOST_CHARACTERS].encode("utf-8", "replace"), enough, keeps_words=True)
        scan.read()
        scan.examined += examined
        text = " ".join(scan.words)
    return MarkupReading(
        text=text,
        links=scan.links() if len(text) < enough else 0,
        is_whole=scan.is_whole and len(html) <= MOST_CHARACTERS,
        examined=scan.examined,
    )


def title_of(html: str) -> str:
    """Return the title of an HTML document as it stands in its source, empty where it has none near its beginning."""
    found = _TITLE.search(html, 0, _TITLE_WITHIN)
    return found[1] if found else ""


class _Scan:
    """One pass over a document; every method that looks for something begins at an offset and returns the one behind it."""

    def __init__(self, source: bytes, enough: int, *, keeps_words: bool = False) -> None:
        self.words: list[str] = []
        self.examined = len(source)
        self.is_whole = False
        self._keeps_words = keeps_words
        self._source = source
        self._folded = source.lower()  # ASCII letters alone, so that both are of one length
        self._end = len(source)
        self._unclosed: set[bytes] = set()
        self._length = 0
        self._runs: list[tuple[int, int]] = []
        self._enough = enough
        self._ended_within_word = False
        """The last text ended with a letter, and nothing but a comment has come since."""

    def read(self) -> None:
        """Go through the document until there is enough text."""
        at = pieces = 0
        while at < self._end and self._length < self._enough and pieces < MOST_PIECES:
            pieces += 1
            run = _RUN.match(self._folded, at)
            begin = run.end() if run else at
            if begin > at:
                piece = self._source[at:begin]
                self._add(_TAG.sub(b" ", _NO_END_OF_A_WORD.sub(_WITHIN, piece) if self._keeps_words else piece))
                self._runs.append((at, begin))
            behind = self._markup(begin) if begin < self._end and self._folded[begin] == _OPEN else begin
            self.examined += 4 * (begin - at) + behind - at  # the run, its tags, links and words; and where it failed
            at = behind
        self.is_whole = at >= self._end

    def links(self) -> int:
        """Return the number of links in what was read."""
        return sum(len(_LINK.findall(self._folded, *run)) for run in self._runs)

    def _add(self, text: bytes) -> None:
        most = self._enough  # words, each of which is a sign at least
        letters = text.decode("utf-8", "replace")
        words = letters.split(None, most)[:most]
        if words and self._ended_within_word and not letters[0].isspace():
            self.words[-1] += WITHIN + words.pop(0)
        self.words += words
        self._length += sum(map(len, words)) + len(words)
        self._ended_within_word = bool(self.words) and not letters[-1:].isspace()

    def _markup(self, begin: int) -> int:
        """Pass over what begins with `<`; where it is no markup it is text."""
        if not self._source.startswith(b"<!--", begin):
            self._ended_within_word = False
        kind = self._folded[begin + 1] if begin + 1 < self._end else 0
        if kind in _LETTERS:
            return self._start_tag(begin + 1)
        if kind == _SLASH:
            letter = self._folded[begin + 2 : begin + 3]
            return self._tag(begin + 2) if letter.isalpha() else self._behind(b">", begin)
        if kind == _BANG and self._source.startswith(b"<!--", begin):
            found = _END_OF_COMMENT.search(self._source, begin + 2)
            return self._looked(begin, found.end() if found else self._end)
        if kind in (_BANG, _QUESTION):
            return self._behind(b">", begin)
        self._add(b"<")
        self._ended_within_word = False
        return begin + 1

    def _start_tag(self, begin: int) -> int:
        named = _TAG_NAME.match(self._folded, begin)
        name_end = named.end() if named else begin
        name = self._folded[begin : self._looked(begin, name_end)]
        end = self._tag(name_end)
        if name == b"template" and _SHADOW in self._folded[name_end:end]:
            return end  # a declared shadow root: browsers show it
        if name in _END_TAGS and name not in self._unclosed:
            return self._hidden(name, end)
        return end

    def _hidden(self, name: bytes, begin: int) -> int:
        """Pass over the contents of an element that is not shown."""
        if name == b"svg" and self._source.endswith(b"/>", 0, begin):
            return begin
        found = _END_TAGS[name].search(self._folded, begin)
        end = self._looked(begin, found.start() if found else self._end)
        if found is None and name == b"svg":  # the only one that ends where other HTML begins
            self._unclosed.add(name)
            return begin
        if name == b"title":
            self._add(self._source[begin:end])
        return end

    def _tag(self, begin: int) -> int:
        """Pass over the rest of a tag, quoted values and what they hold included."""
        found = REST_OF_TAG.match(self._source, begin)
        return self._looked(begin, found.end() if found and found[1] else self._end)

    def _behind(self, mark: bytes, begin: int) -> int:
        found = self._source.find(mark, begin)
        return self._looked(begin, self._end if found < 0 else found + len(mark))

    def _looked(self, begin: int, end: int) -> int:
        self.examined += end - begin
        return end
