"""
TCVN 5712 (TCVN3, "ABC"): Vietnamese in the places of other letters, which only its own fonts (.VnTime, say) show rightly.

Such a page is read by browsers as windows-1252, and nobody without the fonts can read it; what it says is still what it says.
Source: TCVN 5712:1993, VN3.
"""

import re

_VIETNAMESE = re.compile("[\u0102-\u01b0\u1ea0-\u1ef9]")
_PLACES = re.compile("[\u00a8-\u00ae\u00b5-\u00be]")
TITLE = 120
"""Characters within which a page's title ends, which is Vietnamese as it stands."""
_FONT = re.compile(r"\.Vn[A-Z][A-Za-z]{2,20}")
_SMALL = (
    "\u00b8á\u00b5à\u00b6ả\u00b7ã\u00b9ạ\u00a8ă\u00beắ\u00bbằ\u00bcẳ\u00bdẵ\u00c6ặ\u00a9â\u00caấ\u00c7ầ\u00c8ẩ\u00c9ẫ\u00cbậ\u00aeđ"
    "\u00d0é\u00ccè\u00ceẻ\u00cfẽ\u00d1ẹ\u00aaê\u00d5ế\u00d2ề\u00d3ể\u00d4ễ\u00d6ệ\u00ddí\u00d7ì\u00d8ỉ\u00dcĩ\u00deị"
    "\u00e3ó\u00dfò\u00e1ỏ\u00e2õ\u00e4ọ\u00abô\u00e8ố\u00e5ồ\u00e6ổ\u00e7ỗ\u00e9ộ\u00acơ\u00edớ\u00eaờ\u00ebở\u00ecỡ\u00eeợ"
    "\u00f3ú\u00efù\u00f1ủ\u00f2ũ\u00f4ụ\u00adư\u00f8ứ\u00f5ừ\u00f6ử\u00f7ữ\u00f9ự\u00fdý\u00faỳ\u00fbỷ\u00fcỹ\u00feỵ"
)
_CAPITAL = "\u00a1Ă\u00a2Â\u00a7Đ\u00a3Ê\u00a4Ô\u00a5Ơ\u00a6Ư"
_LETTERS = str.maketrans(dict(zip((_SMALL + _CAPITAL)[::2], (_SMALL + _CAPITAL)[1::2], strict=True)))


def read(text: str, source: str) -> str:
    """
    Return the letters that a page's fonts show.

    Args:
        text: what the page says; what is Vietnamese already stays.
        source: HTML, which names one of the fonts where they are used.
    """
    if _VIETNAMESE.search(text, TITLE) or not _PLACES.search(text) or ".Vn" not in source or not _FONT.search(source):
        return text
    *_, last = (0, *(one.end() for one in _VIETNAMESE.finditer(text)))  # the window's title is in no font of the page
    return text[:last] + text[last:].translate(_LETTERS)
