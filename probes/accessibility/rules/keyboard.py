"""Rules of the act keyboard."""

from probes.accessibility.barrier import Need, Rule

_KEYBOARD = frozenset({Need.NO_SIGHT, Need.HANDS})

TRAP = Rule(
    id="keyboard-trap",
    claims="Neither Tab nor Shift+Tab gets out of these controls, and no way out that the page tells of works.",
    wcag=("2.1.2",),
    act=("80af7b", "ebe86a"),
    impact="critical",
    needs=_KEYBOARD,
    false_alarms="A way out told in a picture is not seen; keys that may do more (Ctrl+S) and modal dialogs are for review.",
    blocks=True,
)

HELD = Rule(
    id="tab-key-held",
    claims="Tab and Shift+Tab go round among a few controls; only another way leads out, if any.",
    wcag=(),
    act=("a1b64e",),
    impact="moderate",
    needs=_KEYBOARD,
    false_alarms="With a way out that is told and works, no success criterion is failed: good practice, costs nothing.",
)

STOLEN = Rule(
    id="focus-stolen",
    claims="A control loses the focus as soon as it gets it, each time the Tab key comes to it.",
    wcag=("2.1.1", "2.4.7", "3.2.1"),
    impact="serious",
    needs=_KEYBOARD,
    false_alarms="A control that hands the focus on to another one passes; it must be lost twice.",
    blocks=True,
)

INVISIBLE = Rule(
    id="focus-invisible",
    claims="Nothing on the screen changes when the control has the focus.",
    wcag=("2.4.7",),
    act=("oj04fd",),
    impact="serious",
    needs=frozenset({Need.LOW_SIGHT, Need.HANDS, Need.COGNITION}),
    false_alarms="Pixels of the whole window are compared; what moves by itself is left out, text fields have their caret.",
)

COVERED = Rule(
    id="focus-covered",
    claims="The control that has the focus lies wholly under something that stays in place while the page scrolls.",
    wcag=("2.4.11",),
    impact="serious",
    needs=frozenset({Need.LOW_SIGHT, Need.HANDS}),
    false_alarms="Five points must be covered, and by something fixed or sticky; see-through layers are told as covering.",
)

HIDDEN = Rule(
    id="focus-on-hidden",
    claims="The focus stays on a control that is hidden from screen readers: they say nothing there.",
    wcag=("4.1.2", "1.3.1"),
    act=("6cfa84",),
    impact="serious",
    needs=frozenset({Need.NO_SIGHT}),
    false_alarms="What sends the focus on at once passes.",
)

UNREACHED = Rule(
    id="control-not-reachable",
    claims="A control made by hand (role of a button, link or field) cannot take the focus.",
    wcag=("2.1.1", "4.1.2"),
    impact="critical",
    needs=_KEYBOARD,
    false_alarms="Parts of menus, lists, grids and tabs are led by arrow keys and left out; tabindex=-1 is for review.",
    blocks=True,
)

MOUSE_ONLY = Rule(
    id="mouse-only-control",
    claims="A control made by hand has a handler for clicks, and nothing on the page listens to keys.",
    wcag=("2.1.1",),
    impact="critical",
    needs=_KEYBOARD,
    false_alarms="Where any ancestor listens to keys, as frameworks do at the root, the control passes.",
    blocks=True,
)

ORDER = Rule(
    id="focus-order",
    claims="Review: the focus jumps back up the page.",
    wcag=("2.4.3",),
    impact="moderate",
    needs=frozenset({Need.LOW_SIGHT, Need.HANDS, Need.COGNITION}),
    false_alarms="Columns are read from top to bottom, too; hence review only, and only jumps that do not go to the right.",
)

RULES = (UNREACHED, MOUSE_ONLY, STOLEN, COVERED, HIDDEN, ORDER, INVISIBLE, HELD, TRAP)
