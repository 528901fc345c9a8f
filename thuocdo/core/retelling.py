"""
Lines that code wrote in English with figures and names in them, retold in the reader's language.

Details of a measurement are stored and compared as they were written, and an error passes many hands before anybody reads it; so
both stay English, and are retold where somebody reads them. A line is found by its template in the catalogues `details.po` and
`errors.po`: "status {status}" knows "status 502". What stands in the place of a name is retold in its turn, so that a template
may hold another line: "step '{name}': {what}".
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from thuocdo.core.i18n import catalogue

Retell = Callable[[str], str]

TEMPLATE_CATALOGUES = ("details.po", "errors.po")
_PLACE = re.compile(r"\{(\w+)\}")
# A line holds a file, an item of it, and a problem; what is deeper than this is the text of somebody else.
_DEEPEST = 6


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
    for pattern, text in _templates(language):
        if found := pattern.fullmatch(line):
            parts = {name: _retold(language, part, depth + 1) for name, part in found.groupdict().items()}
            return _PLACE.sub(lambda place, parts=parts: parts[place[1]], text)
    return line


@cache
def _templates(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the templates as patterns, those with most words of their own first: these say most about a line."""
    texts = {one: text for one, text in catalogue(language, TEMPLATE_CATALOGUES).items() if _PLACE.search(one)}
    longest_first = sorted(texts, key=lambda one: (-len(_PLACE.sub("", one)), one))
    return tuple((_pattern(one), texts[one]) for one in longest_first)


def _pattern(template: str) -> re.Pattern[str]:
    """Return what matches the lines of a template; of two places with one name both hold the same."""
    written, seen = "", set[str]()
    for index, piece in enumerate(_PLACE.split(template)):
        if index % 2 == 0:
            written += re.escape(piece)
        elif piece in seen:
            written += f"(?P={piece})"
        else:
            seen.add(piece)
            written += f"(?P<{piece}>.+?)"
    return re.compile(written, re.DOTALL)
