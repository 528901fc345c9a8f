"""
Act: look at the pictures that screen readers pass over, and ask whether they tell something; and at pictures of text.

Whether a picture tells something is known here only where the page itself says so: by a caption, a title, or a text that it wrote
and then took away again.
"""

from collections.abc import AsyncIterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.stage import Stage

LARGE_PIXELS = 200 * 150
"""A picture this large beside text may tell something; smaller ones are mostly icons."""

HIDDEN = Rule(
    id="telling-image-hidden",
    claims="A picture is hidden from screen readers, and the page itself says that it tells something.",
    wcag=("1.1.1",),
    act=("e88epe",),
    impact="serious",
    needs=frozenset({Need.NO_SIGHT}),
    false_alarms="A caption, title or alternative text must be there beside the mark; other large pictures are for review.",
)
OF_TEXT = Rule(
    id="picture-of-text",
    claims="Review: the alternative text of a picture reads like a text that was drawn instead of written.",
    wcag=("1.4.5",),
    act=("0va7u6",),
    impact="moderate",
    needs=frozenset({Need.LOW_SIGHT}),
    false_alarms="What is drawn is not read, and a good description is long, too; hence review only.",
)
TEXT_WORDS = 8


async def play(stage: Stage) -> AsyncIterator[Verdict]:
    """Look at each picture that is not spoken of."""
    said: dict[str, Any] = {"passed": 0, "failed": [], "review": []}
    drawn: dict[str, Any] = {"passed": 0, "failed": [], "review": []}
    for one in (one for frame in await stage.ask_all(_script()) for one in frame):
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
    if one["hint"] or one["alone"]:
        return "failed"
    return "review" if one["natural"] >= LARGE_PIXELS and one["tag"] != "svg" else "passed"


@cache
def _script() -> str:
    return (files("probes.accessibility") / "pictures.js").read_text(encoding="utf-8")


ACT = Act(name="pictures", rules=(HIDDEN, OF_TEXT), seconds=3.0, order=10, play=play)
