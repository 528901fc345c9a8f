"""The phrases by which pages are known that are no portal's page; they stand in page_signs.yaml."""

import re
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from itertools import product
from pathlib import Path

from probes.spelling import Phrases, folded
from thuocdo.core.yamlfile import read

PHRASES = (
    *(
        "challenge",
        "captcha",
        "code",
        "stopped",
        "portal_stopped",
        "stops",
        "over",
        "to_come",
        "fault",
        "missing",
        "default",
        "unbuilt",
        "suspended",
        "lapsed",
        "refused_by_database",
        "imprint",
        "pause",
        "trouble",
        "wall",
        "log_in",
    ),
    "services",
    "sends_elsewhere",
    *("makers", "for_makers", "log_in_first", "for_good", "for_now", "partly"),
)
"""Kinds of phrases, looked for in what a person reads."""

MARKS = ("default_marks", "challenge_marks", "injected_marks", "captcha_marks")
"""Kinds of marks, looked for in the source."""

STATUSES = tuple(f"{one.value} {one.phrase}" for one in HTTPStatus if one >= HTTPStatus.BAD_REQUEST)
"""As servers name their errors."""

_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_GAP = "… "
_SOME_WORDS = r"(?:(?:[^\s.,;:!?|]|[.:](?=\w)){1,30} ){0,6}"
_MARK = "\u0300-\u036f"
_ACCENT = re.compile(f"[đ{_MARK}]")
_SELDOM = 20
"""A text in Vietnamese has an accent every third letter."""


def is_bare(text: str) -> bool:
    """Tell whether a folded text is written without the accents of Vietnamese, but perhaps for a name."""
    return len(_ACCENT.findall(text)) * _SELDOM <= len(text)


def bare(text: str) -> str:
    """Return a folded text without accents."""
    return _ACCENT.sub(lambda found: "d" if found[0] == "đ" else "", text)


class SignList:
    """Texts to look for in folded ones; accents: whether those have any."""

    def __init__(self, name: str, *, accents: bool) -> None:
        spell: Callable[[str], str] = folded if accents else lambda text: bare(folded(text))
        templates = _signs()[name]
        self._phrases = Phrases(map(spell, (text for text in listed(name) if _GAP not in text)))
        with_gaps = "|".join(_pattern(template, spell) for template in templates if _GAP in template)
        self._pattern = re.compile(rf"(?<![\w{_MARK}])(?:{with_gaps})(?![\w{_MARK}])") if with_gaps else None

    def stand_in(self, text: str) -> bool:
        """Tell whether any of them stands in a text as whole words."""
        return self._phrases.said_in(text) is not None or bool(self._pattern and self._pattern.search(text))


@cache
def signs(name: str, *, accents: bool) -> SignList:
    """Return the signs of one kind, for texts with or without accents."""
    return SignList(name, accents=accents)


@cache
def marks(name: str) -> tuple[str, ...]:
    """Return what is looked for in a page's source, in small letters."""
    return tuple(_signs()[name])


@cache
def listed(name: str) -> tuple[str, ...]:
    """Return the texts of one kind, its templates expanded."""
    texts = tuple(text for template in _signs()[name] for text in expanded(template))
    return (*texts, *STATUSES) if name == "fault" else texts


def expanded(template: str) -> list[str]:
    """Return the texts that a template stands for: `(a|b) c` for `a c` and `b c`."""
    parts = [part.split("|") if place % 2 else [part] for place, part in enumerate(_CHOICE.split(template))]
    return ["".join(chosen) for chosen in product(*parts)]


def _pattern(template: str, spell: Callable[[str], str]) -> str:
    """Return the pattern of a template with gaps."""
    parts = _CHOICE.split(template)
    chosen = (f"(?:{'|'.join(_spelt(one, spell) for one in part.split('|'))})" for part in parts[1::2])
    return "".join(_spelt(part, spell) + next(chosen, "") for part in parts[::2])


def _spelt(text: str, spell: Callable[[str], str]) -> str:
    """Return the pattern of a part of a template; the blanks at its ends stay."""
    if _GAP in text:
        return _SOME_WORDS.join(_spelt(one, spell) for one in text.split(_GAP))
    if not text.strip():
        return text
    return " " * text.startswith(" ") + re.escape(spell(text)) + " " * text.endswith(" ")


@cache
def _signs() -> dict[str, list[str]]:
    told: dict[str, list[str]] = read(Path(str(files("probes") / "page_signs.yaml"))).data
    return told
