"""Rules of the act forms."""

from probes.accessibility.barrier import Need, Rule

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

RULES = (*LOOKED_AT, TRIED)
