"""
Act: watch the page without touching it: what changes, moves or blinks by itself, and whether it can be stopped.

Moving pictures (GIF, canvas) and carousels that wait longer than the watch are not seen.
"""

from collections.abc import AsyncIterator

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.motion import RULES
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

WATCH_SECONDS = 2.2


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Watch for a while."""
    answers = await stage.ask_all(script("motion.js"), {"seconds": WATCH_SECONDS})
    for rule in RULES:
        yield await stage.verdict(rule, answers)


ACT = Act(name="motion", rules=RULES, seconds=5.0, order=2, play=play)
