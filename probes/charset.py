"""
The text of a body, whatever charset its server names: read as browsers read it, and never with an error.

Only the labels of the WHATWG's Encoding Standard are known (through webencodings), so that no codec of Python's that is no
charset (idna, hex, rot13, undefined) is ever reached; any other label is read as UTF-8, and what does not fit is replaced.
"""

import codecs
from functools import cache, lru_cache

import webencodings

_LONGEST_LABEL = 40
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
    encoding = _encoding(_label(content_type))
    if encoding.name == "replacement":  # charsets with which scripts can be smuggled: browsers show one sign instead
        return "\ufffd"
    if encoding.name in _SEVERAL_BYTES or body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return webencodings.decode(body, encoding, errors="replace")[0]
    return codecs.charmap_decode(body, "strict", _table(encoding))[0]


def _label(content_type: str) -> str:
    return content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \t\"'")[: _LONGEST_LABEL + 1]


@lru_cache(maxsize=256)
def _encoding(label: str) -> webencodings.Encoding:
    return (webencodings.lookup(label) if label.isascii() else None) or webencodings.UTF8


@cache
def _table(encoding: webencodings.Encoding) -> str:
    """Return the sign of each byte; Python would call a handler for each that has none, 100 ms for 256 KiB (measured)."""
    return "".join(encoding.codec_info.decode(bytes((byte,)), "replace")[0] for byte in range(256))
