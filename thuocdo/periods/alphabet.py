"""The order of the Vietnamese alphabet: ă and â are letters of their own, so is đ; tones count where all else is equal."""

import unicodedata

_LETTERS = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""None, huyền, hỏi, ngã, sắc, nặng: the order of dictionaries."""

Key = tuple[list[tuple[int, int]], list[int]]


def alphabetical(text: str) -> Key:
    """Return what texts are sorted by."""
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", text.casefold()):
        parts = unicodedata.normalize("NFD", character)
        tone = next((_TONES[mark] for mark in parts if mark in _TONES), 0)
        bare = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        place = _LETTERS.get(bare)
        # Blanks and signs come before letters, in any fixed order.
        letters.append((0, ord(bare[:1] or " ")) if place is None else (1, place))
        tones.append(tone)
    return letters, tones
