"""
Act: look at the page and ask whether what looks like a heading, a list, a table or a button is one for those who do not see it.
"""

from collections.abc import AsyncIterator

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.structure import RULES
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Compare looks with markup, in one go."""
    answers = await stage.ask_all(script("structure.js"))
    for rule in RULES:
        yield await stage.verdict(rule, answers)


ACT = Act(name="structure", rules=RULES, seconds=3.0, order=10, play=play)
