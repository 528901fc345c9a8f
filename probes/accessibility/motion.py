"""
Act: watch the page without touching it: what changes, moves or blinks by itself, and whether it can be stopped.

Moving pictures (GIF, canvas) and carousels that wait longer than the watch are not seen.
"""

from collections.abc import AsyncIterator
from functools import cache
from importlib.resources import files

from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.stage import Stage

WATCH_SECONDS = 2.2

TEXT = Rule(
    id="text-changes-by-itself",
    claims="A text changes again and again by itself, and nothing on the page stops or hides it.",
    wcag=("2.2.2",),
    act=("efbfc7",),
    impact="moderate",
    needs=frozenset({Need.COGNITION, Need.NO_SIGHT}),
    false_alarms="Clocks and counts of seconds are for review; a control is told by its name in Vietnamese or English.",
)
MOVES = Rule(
    id="moves-without-pause",
    claims="A text moves without end, and nothing on the page stops or hides it.",
    wcag=("2.2.2",),
    impact="serious",
    needs=frozenset({Need.COGNITION, Need.LOW_SIGHT}),
    false_alarms="What moves by style sheets only; moving or blinking parts without text are for review.",
)
FLASHES = Rule(
    id="flashes",
    claims="Review: a large part of the page blinks more than three times in a second.",
    wcag=("2.3.1",),
    impact="critical",
    needs=frozenset({Need.SEIZURES}),
    false_alarms="How bright it flashes is not measured; hence review only.",
)


async def play(stage: Stage) -> AsyncIterator[Verdict]:
    """Watch for a while."""
    answers = await stage.ask_all(_script(), {"seconds": WATCH_SECONDS})
    for rule in ACT.rules:
        yield await stage.verdict(rule, answers)


@cache
def _script() -> str:
    return (files("probes.accessibility") / "motion.js").read_text(encoding="utf-8")


ACT = Act(name="motion", rules=(TEXT, MOVES, FLASHES), seconds=5.0, order=2, play=play)
