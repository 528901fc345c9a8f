"""
Act: look over a form as somebody who does not see it, pass through it without filling anything in, and try it empty.

Only on our own machine, or with the owner's mandate, is a form tried: its check is set off with the line cut, the sending itself
is held back, and the page is thrown away before the line is restored. Nothing is ever sent, pressed or typed.
"""

from collections.abc import AsyncIterator

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.forms import LOOKED_AT, RULES, TRIED
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

TRIED_FIELDS = 12
WAIT_MILLISECONDS = 150
"""Time for a page to say that a field was left empty."""


_HAS_FORM = """() => thuocdo.all("input,select,textarea").some((field) => field.form && thuocdo.drawn(field))"""
_LOOK = script("forms.js")
_TRY = script("forms_try.js")


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Look at every field; then, where that is allowed, leave the empty ones one after the other and set off the form's check."""
    answers = await stage.ask_all(_LOOK)
    for rule in LOOKED_AT:
        yield await stage.verdict(rule, answers)
    if not (stage.may_try and stage.may_press) or not any(await stage.ask_all(_HAS_FORM)):
        yield Verdict(rule=TRIED.id)
        return
    stage.spoil()
    answers = await stage.ask_all(_TRY, {"most": TRIED_FIELDS, "waitMilliseconds": WAIT_MILLISECONDS})
    yield await stage.verdict(TRIED, answers)


ACT = Act(name="forms", rules=RULES, seconds=6.0, order=50, presses=True, play=play)
