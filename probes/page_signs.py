"""The phrases by which pages are known that are no portal's page; they stand in page_signs.yaml."""

import re
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path

from probes.spelling import Phrases
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
        "log_in",
    ),
    "services",
    "sends_elsewhere",
)
"""Kinds of phrases, looked for in what a person reads."""

MARKS = ("default_marks", "challenge_marks", "captcha_marks")
"""Kinds of marks, looked for in the source."""

_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")


@cache
def phrases(name: str) -> Phrases:
    """Return the phrases of one kind."""
    return Phrases(listed(name))


@cache
def marks(name: str) -> tuple[str, ...]:
    """Return what is looked for in a page's source, in small letters."""
    return tuple(_signs()[name])


@cache
def listed(name: str) -> tuple[str, ...]:
    """Return the texts of one kind, its templates expanded."""
    return tuple(text for template in _signs()[name] for text in expanded(template))


def expanded(template: str) -> list[str]:
    """Return the texts that a template stands for: `(a|b) c` for `a c` and `b c`."""
    parts = [part.split("|") if place % 2 else [part] for place, part in enumerate(_CHOICE.split(template))]
    return ["".join(chosen) for chosen in product(*parts)]


@cache
def _signs() -> dict[str, list[str]]:
    told: dict[str, list[str]] = read(Path(str(files("probes") / "page_signs.yaml"))).data
    return told
