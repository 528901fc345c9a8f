"""
Act: look at the pictures that screen readers pass over, and ask whether they tell something; and at pictures of text.

Whether a picture tells something is known here only where the page itself says so: by a caption, a title, or a text that it wrote
and then took away again.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.pictures import HIDDEN, OF_TEXT, RULES
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

LARGE_PIXELS = 200 * 150
"""A picture this large beside text may tell something; smaller ones are mostly icons."""

TEXT_WORDS = 8

CAPTION_WORDS = 8
"""
A caption this long may say all that its picture does, and then the picture may be silent; one that only names it does not.

Checkers differ about it, so a person looks.
"""


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Look at each picture that is not spoken of."""
    said: dict[str, Any] = {"passed": 0, "failed": [], "review": []}
    drawn: dict[str, Any] = {"passed": 0, "failed": [], "review": []}
    for one in (one for frame in await stage.ask_all(script("pictures.js")) for one in frame):
        if one["tag"] == "img" and one["name"] and one["natural"] >= LARGE_PIXELS:
            if len(one["name"].split()) >= TEXT_WORDS:
                drawn["review"].append({**one["place"], "message": one["name"]})
            else:
                drawn["passed"] += 1
        outcome = hidden_outcome(one)
        if outcome == "passed":
            said["passed"] += 1
        elif outcome:
            said[outcome].append(one["place"])
    yield await stage.verdict(HIDDEN, [{HIDDEN.id: said}])
    yield await stage.verdict(OF_TEXT, [{OF_TEXT.id: drawn}])


def hidden_outcome(one: Mapping[str, Any]) -> str:
    """Return what is to be said of a picture; empty where it is not hidden from screen readers, or its control tells all."""
    if one["spoken"] or not one["marked"] or one["inControl"]:
        return ""
    if len(one.get("caption", "").split()) >= CAPTION_WORDS:
        return "review"
    if one["hint"] or one["alone"]:
        return "failed"
    return "review" if one["natural"] >= LARGE_PIXELS and one["tag"] != "svg" else "passed"


ACT = Act(name="pictures", rules=RULES, seconds=3.0, order=10, play=play)
