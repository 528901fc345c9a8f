"""
Act: look over a form as somebody who does not see it, pass through it without filling anything in, and try it empty.

Only on our own machine, or with the owner's mandate, is a form tried: its check is set off with the line cut, the sending itself
is held back, and the page is thrown away before the line is restored. Nothing is ever sent, pressed or typed.
"""

from collections.abc import AsyncIterator
from importlib.resources import files

from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.stage import Stage

TRIED_FIELDS = 12
WAIT_MILLISECONDS = 150
"""Time for a page to say that a field was left empty."""

_FIELD_NEEDS = frozenset({Need.NO_SIGHT, Need.COGNITION})

TRIED = Rule(
    id="error-message-announced",
    claims="A message on an empty field appears that is neither tied to its field nor announced.",
    wcag=("3.3.1", "4.1.3"),
    impact="serious",
    needs=_FIELD_NEEDS,
    false_alarms="A message that another live region repeats out of sight is not recognised; none was met.",
)

LOOKED_AT = (
    Rule(
        id="disabled-field-name",
        claims="A disabled field that screen readers read has no name.",
        wcag=("4.1.2",),
        act=("e086e5",),
        impact="moderate",
        needs=frozenset({Need.NO_SIGHT}),
        false_alarms="Enabled fields are the engine's; fields hidden from screen readers are left out.",
    ),
    Rule(
        id="field-group-name",
        claims="Radio buttons that belong to a question on the screen do not carry the question as their group's name.",
        wcag=("1.3.1",),
        impact="serious",
        needs=_FIELD_NEEDS,
        false_alarms="Tables, check boxes and groups without a question are for review; labels of five words pass.",
    ),
    Rule(
        id="required-mark-told",
        claims="A field is marked as required for the eye only: neither its attributes nor its name or description say it.",
        wcag=("1.3.1", "3.3.2"),
        impact="serious",
        needs=_FIELD_NEEDS,
        false_alarms="A star within the label is read out and passes; notes that explain the star are left out.",
    ),
    Rule(
        id="required-mark-seen",
        claims="Review: a required field has no mark in sight.",
        wcag=("3.3.2",),
        impact="moderate",
        needs=frozenset({Need.COGNITION}),
        false_alarms="A form that says once that everything is required is right; hence review only.",
    ),
    Rule(
        id="autocomplete-purpose",
        claims="Review: a field that asks for the person's own data has no autocomplete.",
        wcag=("1.3.5",),
        impact="moderate",
        needs=frozenset({Need.COGNITION, Need.HANDS}),
        false_alarms="The field may ask for somebody else's data; hence review only.",
    ),
    Rule(
        id="error-message-clear",
        claims="An error message does not say what is wrong or which field it means, or is hidden from screen readers.",
        wcag=("3.3.1",),
        act=("36b590",),
        impact="serious",
        needs=_FIELD_NEEDS,
        false_alarms="Only what is marked up as an error and reads like one; a general summary is for review.",
    ),
    Rule(
        id="time-limit",
        claims="Review: a text counts down to something.",
        wcag=("2.2.1",),
        impact="serious",
        needs=frozenset({Need.COGNITION, Need.HANDS, Need.NO_SIGHT}),
        false_alarms="Deadlines of services read alike; hence review only.",
    ),
)

_HAS_FORM = """() => thuocdo.all("input,select,textarea").some((field) => field.form && thuocdo.drawn(field))"""
_LOOK = (files("probes.accessibility") / "forms.js").read_text(encoding="utf-8")
_TRY = (files("probes.accessibility") / "forms_try.js").read_text(encoding="utf-8")


async def play(stage: Stage) -> AsyncIterator[Verdict]:
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


ACT = Act(name="forms", rules=(*LOOKED_AT, TRIED), seconds=6.0, order=50, presses=True, play=play)
