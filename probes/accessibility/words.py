"""
Act: read the names of links, buttons, headings, fields and pictures as somebody does who hears them one by one.

Only names that say nothing wherever they stand are barriers: a closed list of words in Vietnamese and English, names of files,
and what tools put in where an author forgot. Whether a name that says something says the right thing is for people to judge.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from probes.accents import normalized
from probes.accessibility.act import Act
from probes.accessibility.barrier import Place, Rule, Verdict
from probes.accessibility.rules.words import HEADING, IMAGE, LABEL, LINK, LINK_ALONE, RULES, TITLE
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext
from thuocdo.core.yamlfile import read

SECONDS = 4.0


_FILE = re.compile(
    r"[\w .()%@+-]*\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?|ico|avif|pdf|docx?|html?|aspx?|php|jsp)", re.IGNORECASE
)
_CAMERA = re.compile(
    r"(?:img|dsc|dscn|dscf|image|photo|screenshot|ảnh|hinh|anh)[ _-]*\d{2,}(?:[ _-]\d+)*", re.IGNORECASE
)
_EDGE = " \t\n.…:;,!?»›>→«‹<←-–—[](){}\"'“”*+|"


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Read all names of the page and its frames, and judge each."""
    frames = await stage.ask_all(script("words.js"))
    seen = {kind: [one for frame in frames for one in frame[kind]] for kind in frames[0] if kind != "title"}
    yield _title(frames[0]["title"])
    yield await _judged(stage, IMAGE, seen["images"], image_outcome)
    yield await _judged(stage, HEADING, seen["headings"], lambda one: _listed(one["name"], empty("headings")))
    yield await _judged(stage, LABEL, seen["fields"], lambda one: _listed(one["name"], empty("labels")))
    yield await _judged(stage, LINK, seen["links"], link_outcome)
    yield await _judged(stage, LINK_ALONE, seen["links"], lambda one: _listed(one["name"], empty("links")))


@cache
def empty(kind: str) -> frozenset[str]:
    """Return the names of one kind of thing (links, headings, titles, labels, images) that say nothing, folded."""
    by_language = read(Path(str(files("probes.accessibility") / "words.yaml"))).data[kind]
    return frozenset(folded(word) for words in by_language.values() for word in words)


def folded(name: str) -> str:
    """Return a name without case, double blanks, and the dots and arrows that decorate it."""
    return " ".join(normalized("NFC", name).casefold().split()).strip(_EDGE)


def link_outcome(one: Mapping[str, Any]) -> str:
    """Return "failed" where neither the link's name nor what stands around it says anything; a card's heading leaves a doubt."""
    if _listed(one["name"], empty("links")) == "passed":
        return "passed"
    around = folded(one["around"])
    if around and around not in empty("links"):
        return "passed"
    return "review" if one["heading"] else "failed"


def image_outcome(one: Mapping[str, Any]) -> str:
    """Return "failed" where an alternative text is the name of a file or a word that says nothing."""
    name = folded(one["name"])
    file = _FILE.fullmatch(name) is not None or (bool(one["source"]) and name == folded(one["source"]))
    if file or _CAMERA.fullmatch(name) or name in empty("images"):
        return "failed"
    return "passed"


def is_stub(title: str) -> bool:
    """Tell whether a page's title says nothing of the page."""
    name = folded(title)
    return name in empty("titles") or _FILE.fullmatch(name) is not None


def _listed(name: str, words: frozenset[str]) -> str:
    return "failed" if folded(name) in words else "passed"


def _title(title: str | None) -> Verdict:
    if not title:  # having none is the engine's to tell
        return Verdict(rule=TITLE.id)
    if is_stub(title):
        return Verdict(rule=TITLE.id, failed=(Place(selector="title", message=title),))
    return Verdict(rule=TITLE.id, passed=1)


async def _judged(
    stage: ActContext, rule: Rule, seen: Sequence[Mapping[str, Any]], outcome: Callable[[Mapping[str, Any]], str]
) -> Verdict:
    named = [one for one in seen if folded(one["name"])]  # having no name is the engine's to tell
    by_outcome = [(outcome(one), one["place"]) for one in named]

    def of(wanted: str) -> Iterable[Mapping[str, Any]]:
        return (place for found, place in by_outcome if found == wanted)

    return Verdict(
        rule=rule.id,
        passed=sum(1 for _ in of("passed")),
        failed=await stage.places(of("failed")),
        review=await stage.places(of("review")),
    )


ACT = Act(name="words", rules=RULES, seconds=SECONDS, order=0, play=play)
