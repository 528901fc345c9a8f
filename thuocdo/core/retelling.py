"""
Lines that code wrote in English with figures and names in them, retold in the reader's language.

Details of a measurement are stored and compared as they were written, and an error passes many hands before anybody reads it; so
both stay English, and are retold where somebody reads them. A line is found by its template in the catalogues `details.po` and
`errors.po`: "status {status}" knows "status 502". What stands in the place of a name is retold in its turn, so that a template
may hold another line: "step '{name}': {what}". Only a name in quotes stays: it is somebody's own word, whatever it says.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from thuocdo.core.i18n import catalogue

Retell = Callable[[str], str]

TEMPLATE_CATALOGUES = ("details.po", "errors.po")
_PLACE = re.compile(r"\{(\w+)\}")
_QUOTED = re.compile(r"'\{(\w+)\}'")
_BEYOND_QUOTES = re.compile(r"'[\s:;,.)]")
"""In what stands in a place in quotes: these were closed before, so that the line is none of the template."""

# A line holds a file, an item of it, a problem, its cause and a remedy; what is deeper than this is the text of somebody else.
_DEEPEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """
    One template: a piece, a name, a piece, and so on; the first and the last piece may be empty.

    telling: the longest piece, without which no line is of it. weight: characters of all pieces. verbatim: names in quotes, whose
    words stay as they are.
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    telling: str
    weight: int
    verbatim: frozenset[str]
    text: str

    def retell(self, line: str, retell: Retell) -> str | None:
        """Return a line as the template has it; None for a line that is none of its."""
        parts = self._parts(line)
        if parts is None:
            return None
        told = {name: part if name in self.verbatim else retell(part) for name, part in parts.items()}
        return _PLACE.sub(lambda place: told[place[1]], self.text)

    def _parts(self, line: str) -> dict[str, str] | None:
        """
        Return what stands in the places, each as short as may be; of two places with one name both hold the same.

        Once from left to right and never back, as a pattern would go: a line may hold whatever a stranger asked a page for.
        """
        first, *between, last = self.pieces
        if not (line.startswith(first) and line.endswith(last)):
            return None
        parts: dict[str, str] = {}
        begin, end = len(first), len(line) - len(last)
        for name, piece in zip(self.names, (*between, None), strict=True):
            stop = end if piece is None else line.find(piece, begin + 1, end)
            part = line[begin : max(begin, stop)]
            if not part or parts.setdefault(name, part) != part:
                return None
            if name in self.verbatim and _BEYOND_QUOTES.search(part):
                return None
            begin = stop + len(piece or "")
        return parts


@lru_cache(maxsize=4096)
def retold(language: str, line: str) -> str:
    """Return a line in the language; what no template knows comes back as it is."""
    return _retold(language, line, 0)


def reteller(language: str) -> Retell:
    """Return the function that retells lines in the language."""
    return lambda line: retold(language, line)


def _retold(language: str, line: str, depth: int) -> str:
    known = catalogue(language, TEMPLATE_CATALOGUES)
    if line in known:
        return known[line]
    if depth > _DEEPEST:
        return line
    told = (
        one.retell(line, lambda part: _retold(language, part, depth + 1)) for one in _near(line, _templates(language))
    )
    return next((one for one in told if one is not None), line)


def _near(line: str, templates: Iterable[_Template]) -> list[_Template]:
    """
    Return the templates that a line may be of, those with most words of their own first: these say most about it.

    Of two with as many, such as "{file}: {problem}" and "{what}; {remedy}", that of which the line speaks first.
    """
    found = [(-one.weight, line.find(one.telling), one) for one in templates if one.telling in line]
    return [one for *_, one in sorted(found, key=lambda item: item[:2])]


@cache
def _templates(language: str) -> tuple[_Template, ...]:
    texts = {one: text for one, text in catalogue(language, TEMPLATE_CATALOGUES).items() if _PLACE.search(one)}
    return tuple(
        _Template(
            pieces=tuple(_PLACE.split(one)[::2]),
            names=tuple(_PLACE.split(one)[1::2]),
            telling=max(_PLACE.split(one)[::2], key=len),
            weight=len(_PLACE.sub("", one)),
            verbatim=frozenset(_QUOTED.findall(one)),
            text=texts[one],
        )
        for one in sorted(texts)
    )
