"""
Act: hear in which language the page is read out: what `lang` says against what the text is.

A screen reader reads Vietnamese with an English voice where `lang` says "en", and nobody understands it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.stage import Stage
from probes.languages import Claim, Heard, hear

BLOCK_SURE = 0.95

_READERS = frozenset({Need.NO_SIGHT, Need.COGNITION})

PAGE = Rule(
    id="page-language-wrong",
    claims="The page's text is in another language than the `lang` of its html element says.",
    wcag=("3.1.1",),
    act=("ucwvc8",),
    impact="serious",
    needs=_READERS,
    false_alarms="Short texts, names and languages that are not among the fifteen told apart are left alone.",
)
PART = Rule(
    id="part-language-wrong",
    claims="A part of the page is in another language than its own `lang` says.",
    wcag=("3.1.2",),
    act=("off6ek",),
    impact="moderate",
    needs=_READERS,
    false_alarms="As for the page; single words are left alone.",
)
MISSING = Rule(
    id="part-language-missing",
    claims="A whole paragraph is in another language than the page, and no `lang` says so.",
    wcag=("3.1.2",),
    impact="moderate",
    needs=_READERS,
    false_alarms="Only paragraphs of 80 characters and more, with 95 % confidence.",
)
BARE = Rule(
    id="vietnamese-without-diacritics",
    claims="Review: running Vietnamese text has no diacritics; it is read out as gibberish.",
    wcag=("3.1.1",),
    impact="serious",
    needs=_READERS,
    false_alarms="Lists of names and codes may look alike; hence review only.",
)
DIRECTION = Rule(
    id="direction-missing",
    claims="Review: text in a script that runs from right to left has no direction.",
    wcag=("1.3.2",),
    impact="moderate",
    needs=frozenset({Need.LOW_SIGHT, Need.COGNITION}),
    false_alarms="Single names in a left-to-right line are right; hence review only.",
)


async def play(stage: Stage) -> AsyncIterator[Verdict]:
    """Compare each part of the page with what it says of itself."""
    parts = [one for frame in await stage.ask_all(_script()) for one in frame]
    said = {rule.id: {"passed": 0, "failed": [], "review": []} for rule in ACT.rules}
    heard = iter(await hear([claim for one in parts for claim in _claims(one)]))
    for one in parts:
        _judge(one, next(heard), [next(heard) for _ in one["blocks"]], said)
    for rule in ACT.rules:
        yield await stage.verdict(rule, [said])


def _claims(one: Mapping[str, Any]) -> list[Claim]:
    """Return what a part says of itself, first as a whole, then block by block."""
    return [
        Claim(one["text"], one["lang"]),
        *(Claim(block["text"], one["lang"], BLOCK_SURE) for block in one["blocks"]),
    ]


def _judge(one: Mapping[str, Any], whole: Heard, blocks: Sequence[Heard], said: dict[str, dict[str, Any]]) -> None:
    rule = PAGE if one["page"] else PART
    if whole.other:
        said[rule.id]["failed"].append({**one["place"], "message": f'lang="{one["lang"]}": {whole.other}'})
    elif whole.other == "":
        said[rule.id]["passed"] += 1
    if one["rtl"]:
        said[DIRECTION.id]["review"].append(one["place"])
    for block, heard in zip(one["blocks"], blocks, strict=True):
        if heard.is_bare:
            said[BARE.id]["review"].append({**block["place"], "message": block["text"][:80]})
        if whole.other:
            continue  # that its text is in another language is said of the whole part
        if heard.other:
            said[MISSING.id]["failed"].append({**block["place"], "message": heard.other})
        elif heard.other == "":
            said[MISSING.id]["passed"] += 1


@cache
def _script() -> str:
    return (files("probes.accessibility") / "language.js").read_text(encoding="utf-8")


ACT = Act(name="language", rules=(PAGE, PART, MISSING, BARE, DIRECTION), seconds=8.0, order=10, play=play)
