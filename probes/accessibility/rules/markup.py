"""Rules of the act markup."""

from probes.accessibility.barrier import Need, Rule

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

RULES = (SPACING, VIEWPORT, PROHIBITED)
