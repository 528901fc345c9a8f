"""
Act: hear in which language the page is read out: what `lang` says against what the text is.

A screen reader reads Vietnamese with an English voice where `lang` says "en", and nobody understands it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.language import BARE, DIRECTION, MISSING, PAGE, PART, RULES
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext
from probes.languages import Claim, Heard, hear

BLOCK_SURE = 0.95


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Compare each part of the page with what it says of itself."""
    parts = [one for frame in await stage.ask_all(script("language.js")) for one in frame]
    said = {rule.id: {"passed": 0, "failed": [], "review": []} for rule in RULES}
    heard = iter(await hear([claim for one in parts for claim in _claims(one)]))
    for one in parts:
        _judge(one, next(heard), [next(heard) for _ in one["blocks"]], said)
    for rule in RULES:
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


ACT = Act(name="language", rules=RULES, seconds=8.0, order=10, play=play)
