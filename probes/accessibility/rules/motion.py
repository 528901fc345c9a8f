"""Rules of the act motion."""

from probes.accessibility.barrier import Need, Rule

TEXT = Rule(
    id="text-changes-by-itself",
    claims="A text changes again and again by itself, and nothing on the page stops or hides it.",
    wcag=("2.2.2",),
    act=("efbfc7",),
    impact="moderate",
    needs=frozenset({Need.COGNITION, Need.NO_SIGHT}),
    false_alarms="Clocks and counts of seconds are for review; a control is told by its name in Vietnamese or English.",
)

MOVES = Rule(
    id="moves-without-pause",
    claims="A text moves without end, and nothing on the page stops or hides it.",
    wcag=("2.2.2",),
    impact="serious",
    needs=frozenset({Need.COGNITION, Need.LOW_SIGHT}),
    false_alarms="What moves by style sheets only; moving or blinking parts without text are for review.",
)

FLASHES = Rule(
    id="flashes",
    claims="Review: a large part of the page blinks more than three times in a second.",
    wcag=("2.3.1",),
    impact="critical",
    needs=frozenset({Need.SEIZURES}),
    false_alarms="How bright it flashes is not measured; hence review only.",
)

RULES = (TEXT, MOVES, FLASHES)
