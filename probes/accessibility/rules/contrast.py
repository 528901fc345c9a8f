"""Rules of the act contrast."""

from probes.accessibility.barrier import Need, Rule

_LOW_SIGHT = frozenset({Need.LOW_SIGHT})

MINIMUM = Rule(
    id="contrast-by-pixels",
    claims="Text on a picture or gradient contrasts with what lies behind it by less than 4.5:1 (large text 3:1).",
    wcag=("1.4.3",),
    act=("afw4f7",),
    impact="serious",
    needs=_LOW_SIGHT,
    false_alarms="Half of the letters' pixels must be under the limit, else for review. Logos are not told apart.",
)

ENHANCED = Rule(
    id="contrast-by-pixels-enhanced",
    claims="Text on a picture or gradient contrasts with what lies behind it by less than 7:1 (large text 4.5:1).",
    wcag=("1.4.6",),
    act=("09o5cg",),
    impact="minor",
    needs=_LOW_SIGHT,
    false_alarms="Level AAA: shown, costs nothing.",
)

BORDER = Rule(
    id="field-border-faint",
    claims="Review: where a field begins and ends is drawn with less than 3:1 against what is around it.",
    wcag=("1.4.11",),
    impact="moderate",
    needs=_LOW_SIGHT,
    false_alarms="Colours of style sheets only; a label or a line beside may show the field well enough: hence review only.",
)

RULES = (MINIMUM, ENHANCED, BORDER)
