"""Rules of the act dialogs."""

from probes.accessibility.barrier import Need, Rule

_KEYBOARD = frozenset({Need.NO_SIGHT, Need.HANDS})

NOT_ENTERED = Rule(
    id="dialog-focus-not-moved",
    claims="A dialog opens and the focus stays behind it.",
    wcag=("2.4.3",),
    impact="serious",
    needs=_KEYBOARD,
    false_alarms="A dialog that nothing in can take the focus, or that lets the page be used on, is for review.",
)

LEFT = Rule(
    id="dialog-focus-leaves",
    claims="While a modal dialog is open, the Tab key leads to controls behind it.",
    wcag=("2.4.3",),
    impact="serious",
    needs=_KEYBOARD,
    false_alarms="Only dialogs that say they are modal; leaving for the browser's own controls passes.",
)

NO_WAY_OUT = Rule(
    id="dialog-cannot-be-closed",
    claims="Neither Escape nor a button of its own closes the dialog.",
    wcag=("2.1.2",),
    impact="critical",
    needs=_KEYBOARD,
    false_alarms="A button that is not called close (cancel is not) is not pressed: for review. Escape alone is not asked for.",
    blocks=True,
)

NOT_RETURNED = Rule(
    id="dialog-focus-not-returned",
    claims="When the dialog closes, the focus is lost instead of going back to what opened it.",
    wcag=("2.4.3",),
    impact="moderate",
    needs=_KEYBOARD,
    false_alarms="Any other control that has the focus then passes.",
)

RULES = (NOT_ENTERED, LEFT, NO_WAY_OUT, NOT_RETURNED)
