"""Rules of the act zoom."""

from probes.accessibility.barrier import Need, Rule

_LOW_SIGHT = frozenset({Need.LOW_SIGHT})

ZOOMED = Rule(
    id="text-cut-off-when-zoomed",
    claims="Text is cut off when the page is enlarged to 200 %, and was not before.",
    wcag=("1.4.4",),
    act=("59br37",),
    impact="serious",
    needs=_LOW_SIGHT,
    false_alarms="What is shortened with an ellipsis passes where a link or title gives the whole, else it is for review.",
)

SPACED = Rule(
    id="text-cut-off-when-spaced",
    claims="Text is cut off when its spacing is widened as WCAG says, and was not before.",
    wcag=("1.4.12",),
    impact="serious",
    needs=frozenset({Need.LOW_SIGHT, Need.COGNITION}),
    false_alarms="As for zoom; what is moved by less than 3 px is left alone.",
)

SIDEWAYS = Rule(
    id="scrolls-sideways",
    claims="On 320 CSS px the page scrolls sideways, and something other than a table, map or code sticks out.",
    wcag=("1.4.10",),
    impact="serious",
    needs=_LOW_SIGHT,
    false_alarms="Tables, maps, code, toolbars and pictures that need two dimensions are left out.",
)

RULES = (SPACED, ZOOMED, SIDEWAYS)
