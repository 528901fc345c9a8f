"""
Patterns that find a text in any of its spellings, for those who compare by a pattern of theirs (Playwright's locators).

The same as `probes.spelling` says, as far as a pattern can: letters composed or not, small or capital, a tone on either vowel,
i and y, blanks and signs that nobody sees. One table of cases tests both. Of what JavaScript and Python both understand, without
flags but the one for capitals.
"""

import re
import unicodedata
from functools import lru_cache

from probes.accents import normalized
from probes.spelling import folded

_UNSEEN = "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]*"
_BLANKS = f"{_UNSEEN}[\\s\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+{_UNSEEN}"
_WIDE = 0xFEE0
"""From a sign of ASCII to the wide one."""
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHAPES = "\u0302\u0306\u031b"
_ALIKE = {
    "'": "['\u2018\u2019\u201a\u201b\u2032\u00b4\u0060]",
    '"': '["\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb]',
    "-": "[-\u2010-\u2015\u2212]",
    "đ": "[đĐ\u00f0\u00d0]",
}
_TONED = "aeiouy"
_ENDS_IN_I = re.compile(f"(?:qu|[b-df-hj-np-tvxđ])i[{_TONES}]?")
_LETTERS = re.compile(f".[{_SHAPES}]*", re.DOTALL)


@lru_cache(maxsize=512)
def pattern(text: str) -> re.Pattern[str]:
    """Return a pattern that finds a text, in any spelling, anywhere in another."""
    return re.compile(_BLANKS.join(map(_word, folded(text).split(" "))), re.IGNORECASE)


def _word(word: str) -> str:
    """Return the pattern of a folded word; the tone, which stands behind its last letter, may stand on any vowel."""
    parts = re.split(f"([a-zđ{_SHAPES}]+[{_TONES}]*)", word)
    return _UNSEEN.join(
        _syllable(part) if at % 2 else _UNSEEN.join(map(_sign, part)) for at, part in enumerate(parts) if part
    )


def _syllable(folded_one: str) -> str:
    either = _ENDS_IN_I.fullmatch(folded_one) is not None
    plain, tones = folded_one.rstrip(_TONES), folded_one[len(folded_one.rstrip(_TONES)) :]
    letters = _LETTERS.findall(plain)
    last = len(letters) - 1
    spelt = [[*_forms(one), *(_forms("y") if either and at == last else ())] for at, one in enumerate(letters)]
    if not tones:
        return _UNSEEN.join(map(_any, spelt))
    if len(tones) > 1:  # several words in one: each tone stands somewhere
        return _UNSEEN.join(
            _any([*_forms(one), *(form for tone in {*tones} for form in _forms(one, tone))]) for one in letters
        )
    places = [at for at, one in enumerate(letters) if one[0] in _TONED] or [last]
    made = []
    for place in places:
        toned = [
            form for one in (letters[place], *("y" if either and place == last else "")) for form in _forms(one, tones)
        ]
        made.append(_UNSEEN.join(_any(toned if at == place else forms) for at, forms in enumerate(spelt)))
    return _any(made)


def _forms(letter: str, tones: str = "") -> list[str]:
    """Return all ways to write a letter with its shape and its tones: each mark composed with it or not, in any order."""
    if letter in _ALIKE:
        return [_ALIKE[letter] + re.escape(tones)]
    base, marks = letter[0], [*letter[1:], *tones]
    found = {base + "".join(marks): None, base + "".join(reversed(marks)): None}
    for one in list(found):
        for end in range(2, len(one) + 1):
            found[normalized("NFC", one[:end]) + one[end:]] = None
        rest = "".join(sorted(one[1:], key=unicodedata.combining))
        found[base + rest] = None
    if base.isascii():
        found[chr(ord(base) + _WIDE) + rest] = None
    return [re.escape(one) for one in found]


def _sign(sign: str) -> str:
    wide = f"|{chr(ord(sign) + _WIDE)}" if "!" <= sign <= "~" else ""
    return _ALIKE.get(sign) or (f"(?:{re.escape(sign)}{wide})" if wide else re.escape(sign))


def _any(forms: list[str]) -> str:
    return forms[0] if len(forms) == 1 else f"(?:{'|'.join(dict.fromkeys(forms))})"
