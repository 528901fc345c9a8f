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
from functools import cache, lru_cache

import webencodings

_NAMED = re.compile(r";[ \t]*charset=[ \t]*[\"']?([^\"';]{0,40})", re.IGNORECASE)
_SAID_WITHIN_BYTES = 1024
_META = re.compile(rb"<meta(?=[\s/])((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([^\s\"'=/>]++)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?")
_WITHIN_CONTENT = re.compile(rb"charset\s*+=\s*+[\"']?\s*+([^\s\"';]{1,40})", re.IGNORECASE)
"""A charset is said by an attribute of that name, or by the content of what stands for the header; no other words are one.

Source: WHATWG HTML, 13.2.3.2 (prescan a byte stream to determine its encoding)."""
_COMMENT = re.compile(rb"<!--(?:[^-]|-(?!->))*+(?:-->)?")
_OLD_FONT = re.compile(rb"\.Vn[A-Z][a-z]|VNI-[A-Z][a-z]")
"""Fonts of TCVN3 and VNI, which show the letters of windows-1252 as others."""
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
    found = _NAMED.search(content_type)
    return found[1].lower().strip() if found else ""


def _said_within(body: bytes) -> webencodings.Encoding | None:
    """Return the charset that a document itself names; whoever can read that it is UTF-16 reads no UTF-16."""
    for meta in _META.finditer(_COMMENT.sub(b"", body[:_SAID_WITHIN_BYTES])):
        label = _said_by(meta[1])
        known = webencodings.UTF8 if label.startswith("utf-16") else _encoding(label)
        if known:
            return known
    return None


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
