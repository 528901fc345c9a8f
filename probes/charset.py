"""
The text of a body, whatever charset it names: read as browsers read it, and never with an error.

A byte order mark counts for more than the header, the header for more than the document itself. Where nobody says anything, what
is UTF-8 is read as such and anything else as windows-1258, in which older Vietnamese pages are, or as windows-1252, where the
page names one of the fonts that were made for it.

Only the labels of the WHATWG's Encoding Standard are known (through webencodings), so that no codec of Python's that is no
charset (idna, hex, rot13, undefined) is ever reached; any other label counts for as much as none, as in browsers, and what does
not fit is replaced.
"""

import codecs
import re
from collections.abc import Iterator
from functools import cache, lru_cache

import webencodings

from probes.markup import REST_OF_TAG

_PARAMETER = re.compile(r';[ \t]*+([^;=" \t]*+)=[ \t]*+(?:"((?:[^"\\]|\\.)*+)"?|([^;]*+))')
_ESCAPED = re.compile(r"\\(.)")
_ANYWHERE_BYTES = 1024
_HEAD = frozenset((b"script", b"noscript", b"style", b"link", b"meta", b"object", b"title", b"base", b"html", b"head"))
"""
A charset is looked for in the first kilobyte, and farther as long as nothing but these and text has come: no page has begun yet.

Source: Chromium, HTMLMetaCharsetParser; tried on 156, as is all that follows (tests/unit/probes/test_charset.py).
"""
_OUT_OF_HEAD = frozenset((b"html", b"head"))
_TEXTS = ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
_END_OF_TEXT = {name.encode(): re.compile(rf"</{name}(?=[\s/>])".encode(), re.IGNORECASE) for name in _TEXTS}
_MOST_TAGS = 10_000
_TAG = re.compile(rb"</?([a-z][^\s/>]*+)", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([^\s\"'=/>]++)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?")
_WITHIN_CONTENT = re.compile(rb"charset\s*+=\s*+[\"']?\s*+([^\s\"';]{1,40})", re.IGNORECASE)
"""A charset is said by an attribute of that name, or by the content of what stands for the header; no other words are one.

Source: WHATWG HTML, 13.2.3.2 (prescan a byte stream to determine its encoding)."""
_DECLARED = re.compile(rb"<\?xml[^?>]{0,200}?\sencoding\s*+=\s*+([\"'])([^\"'?>]{1,40})\1")
_OLD_FONT = re.compile(rb"\.Vn[A-Z][a-z]|VNI-[A-Z][a-z]")
"""Fonts of TCVN3 and VNI, which show the letters of windows-1252 as others."""
_SLASH = ord("/")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEVERAL_BYTES = frozenset(
    {
        *("utf-8", "utf-16le", "utf-16be", "gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr"),
        "x-user-defined",
    }
)


def decoded(body: bytes, content_type: str) -> str:
    """
    Return the text of a body.

    Args:
        body: perhaps cut anywhere.
        content_type: the header's value as it came, or empty. A byte order mark counts for more.
    """
    encoding = _encoding(_label(content_type)) or _said_within(body)
    if encoding is None and not body.startswith(_MARKS):
        try:
            return codecs.getincrementaldecoder("utf-8")().decode(body)  # perhaps cut within a letter
        except UnicodeDecodeError:
            encoding = _encoding("windows-1252" if _OLD_FONT.search(body) else "windows-1258")
    encoding = encoding or webencodings.UTF8
    if encoding.name == "replacement":  # charsets with which scripts can be smuggled: browsers show one sign instead
        return "\ufffd"
    if encoding.name in _SEVERAL_BYTES or body.startswith(_MARKS):
        return webencodings.decode(body, encoding, errors="replace")[0]
    return codecs.charmap_decode(body, "strict", _table(encoding))[0]


def _label(content_type: str) -> str:
    """Return the charset that a header names by its first parameter of that name; only double quotes quote, a comma ends it."""
    for name, quoted, plain in _PARAMETER.findall(content_type):
        if name.lower() == "charset":
            return (_ESCAPED.sub(r"\1", quoted) or str(plain).partition(",")[0]).lower().strip()
    return ""


def _said_within(body: bytes) -> webencodings.Encoding | None:
    """Return the charset that a document itself names; whoever can read that it is UTF-16 reads no UTF-16."""
    for meta in _metas(body):
        known = _readable(_said_by(meta))
        if known:
            return known
    declared = _DECLARED.match(body)
    return _readable(declared[2].decode("ascii", "replace").lower()) if declared else None


def _readable(label: str) -> webencodings.Encoding | None:
    if label.startswith("utf-16"):
        return webencodings.UTF8
    return _encoding("windows-1252" if label == "x-user-defined" else label)


def _metas(body: bytes) -> Iterator[bytes]:
    """Go through the `<meta>` tags in which a document may name its charset; gives what stands behind their name."""
    at, in_head = 0, True
    for _ in range(_MOST_TAGS):
        at = body.find(b"<", at)
        if at < 0 or not (in_head or at < _ANYWHERE_BYTES):
            return
        tag = _TAG.match(body, at)
        if tag is None:
            at = _behind_no_tag(body, at)
            continue
        name, is_end = tag[1].lower(), body[at + 1] == _SLASH
        end = REST_OF_TAG.match(body, tag.end())
        if end is None or not end[1]:
            return
        if name == b"meta" and not is_end:
            yield body[tag.end() : end.end() - 1]
        in_head = in_head and name in _HEAD and not (is_end and name in _OUT_OF_HEAD)
        at = end.end()
        if name in _END_OF_TEXT and not is_end:
            found = _END_OF_TEXT[name].search(body, at)
            at = found.start() if found else len(body)


def _behind_no_tag(body: bytes, at: int) -> int:
    """Return where a comment, a declaration or a mere sign ends."""
    if body.startswith(b"<!--", at):
        found = body.find(b"-->", at + 2)
        return len(body) if found < 0 else found + 3
    if body[at + 1 : at + 2] in (b"!", b"?", b"/"):
        found = body.find(b">", at)
        return len(body) if found < 0 else found + 1
    return at + 1


def _said_by(tag: bytes) -> str:
    """Return the charset that a `<meta>` names, empty = none."""
    told = {
        found[1].lower(): found[2] or found[3] or found[4] or b"" for found in reversed([*_ATTRIBUTE.finditer(tag)])
    }
    label = told.get(b"charset", b"").strip()
    if not label and told.get(b"http-equiv", b"").lower() == b"content-type":
        found = _WITHIN_CONTENT.search(told.get(b"content", b""))
        label = found[1] if found else b""
    return label.decode("ascii", "replace").lower()


@lru_cache(maxsize=256)
def _encoding(label: str) -> webencodings.Encoding | None:
    return webencodings.lookup(label) if label and label.isascii() else None


@cache
def _table(encoding: webencodings.Encoding) -> str:
    """Return the sign of each byte; Python would call a handler for each that has none, 100 ms for 256 KiB (measured)."""
    return "".join(encoding.codec_info.decode(bytes((byte,)), "replace")[0] for byte in range(256))
