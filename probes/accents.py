"""
Texts whose accents can be put in order in linear time.

Unicode's normal forms sort the accents of a letter, and Python sorts them one by one: 200,000 of them behind one letter, as any
page may hold, take a minute, in C and with nobody else running. No language has more than a few.
Source: UAX #15, 13 (Stream-Safe Text Format): at most 30 in a row.
"""

import re
import unicodedata
from functools import cache
from typing import Literal

MOST_ACCENTS = 30
_END = 0x20000  # no accent stands behind it


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return a text in one of Unicode's normal forms; of more accents behind one letter than any has only the first."""
    if any(map(unicodedata.combining, text[::MOST_ACCENTS])):  # as no run that is longer can pass by
        text = _runs().sub(r"\1", text)
    return unicodedata.normalize(form, text)


@cache
def _runs() -> re.Pattern[str]:
    """Return what matches a run of accents that is too long; its first ones are the group."""
    accents = [code for code in range(0x300, _END) if unicodedata.combining(chr(code))]
    ranges: list[list[int]] = []
    for code in accents:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    signs = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
    return re.compile(f"([{signs}]{{{MOST_ACCENTS}}})[{signs}]++")
