"""
Act: read the markup where the engine cannot decide, or asks for more or less than WCAG does.

What stands here takes the place of rules of axe-core (engine.REPLACED) or looks at what these leave alone.
"""

from collections.abc import AsyncIterator

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.markup import RULES
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Read it, in one go."""
    answers = await stage.ask_all(script("markup.js"))
    for rule in RULES:
        yield await stage.verdict(rule, answers)


ACT = Act(name="markup", rules=RULES, seconds=3.0, order=5, play=play)
