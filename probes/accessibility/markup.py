"""
Act: read the markup where the engine cannot decide, or asks for more or less than WCAG does.

What stands here takes the place of rules of axe-core (engine.REPLACED) or looks at what these leave alone.
"""

from collections.abc import AsyncIterator
from functools import cache
from importlib.resources import files

from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.stage import Stage

SPACING = Rule(
    id="text-spacing-fixed",
    claims="A style attribute fixes the spacing of its text with !important, narrower than what WCAG lets readers set.",
    wcag=("1.4.12",),
    act=("24afc2", "9e45ec", "78fd32"),
    impact="serious",
    needs=frozenset({Need.LOW_SIGHT, Need.COGNITION}),
    false_alarms="Only drawn text that takes its spacing from there; line height only where the text has several lines.",
)
VIEWPORT = Rule(
    id="zoom-blocked-by-mistake",
    claims="The viewport's user-scalable or maximum-scale has a value that browsers do not know and read as a ban on zooming.",
    wcag=("1.4.4",),
    act=("b4f0c3",),
    impact="critical",
    needs=frozenset({Need.LOW_SIGHT}),
    false_alarms="Browsers that ignore the ban, as desktop ones do, are not considered; known values are the engine's.",
)
PROHIBITED = Rule(
    id="name-where-none-is-read",
    claims="A text, emphasis or element without a role has an ARIA name, which screen readers pass over.",
    wcag=(),
    act=("kb1m8s",),
    impact="minor",
    needs=frozenset({Need.NO_SIGHT}),
    false_alarms="Some screen readers read such names all the same: against ARIA's rules, costs nothing.",
)


async def play(stage: Stage) -> AsyncIterator[Verdict]:
    """Read it, in one go."""
    answers = await stage.ask_all(_script())
    for rule in ACT.rules:
        yield await stage.verdict(rule, answers)


@cache
def _script() -> str:
    return (files("probes.accessibility") / "markup.js").read_text(encoding="utf-8")


ACT = Act(name="markup", rules=(SPACING, VIEWPORT, PROHIBITED), seconds=3.0, order=5, play=play)
