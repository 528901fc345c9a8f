"""
VNI for Windows: Vietnamese in letters of windows-1252, an accent as a letter behind its vowel, which only its own fonts show.

Such a page is read by browsers as windows-1252, as one in TCVN3 is (probes/tcvn3.py).
Source: the VNI Windows code table, as in Unikey and in vietunicode.sourceforge.net/charset.
"""

import re
from unicodedata import normalize

from probes.tcvn3 import TITLE

_FONT = re.compile(r"VNI-[A-Z][A-Za-z]{2,20}")
_VIETNAMESE = re.compile("[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0-\u01b0\u1ea0-\u1ef9]")
_HORNS = {"ô": "o\u031b", "ö": "u\u031b"}
_ALONE = {**_HORNS, "ñ": "đ", "æ": "i\u0309", "ó": "i\u0303", "ò": "i\u0323", "î": "y\u0323"}
_TONES = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_AND_NO_TONE = ("", *_TONES.values())
_MARKS = {
    **_TONES,
    **{mark: "\u0302" + tone for mark, tone in zip("âáàåãä", _AND_NO_TONE, strict=True)},
    **{mark: "\u0306" + tone for mark, tone in zip("êéèúüë", _AND_NO_TONE, strict=True)},
}
_LETTER = re.compile(f"([aeo])([{''.join(_MARKS)}])|([uyôö])([{''.join(_TONES)}])|[{''.join(_ALONE)}]", re.IGNORECASE)


def read(text: str, source: str) -> str:
    """
    Return the letters that a page's fonts show.

    Args:
        text: what the page says; what is Vietnamese already stays.
        source: HTML, which names one of the fonts where they are used.
    """
    if text.isascii() or _VIETNAMESE.search(text, TITLE) or "VNI-" not in source or not _FONT.search(source):
        return text
    *_, last = (0, *(one.end() for one in _VIETNAMESE.finditer(text)))  # the window's title is in no font of the page
    return text[:last] + _LETTER.sub(_letter, text[last:])


def _letter(found: re.Match[str]) -> str:
    base, mark = (found[1] or found[3], found[2] or found[4]) if found.lastindex else (found[0], "")
    small = base.lower()
    letter = normalize("NFC", _ALONE.get(small, small) + _MARKS.get(mark.lower(), ""))
    return letter.upper() if base.isupper() else letter
