"""Rules of the act pointer."""

from probes.accessibility.barrier import Need, Rule

ONLY = Rule(
    id="hover-only-content",
    claims="Content shows under the pointer, and neither the keyboard nor another place on the page gives it.",
    wcag=("2.1.1",),
    impact="serious",
    needs=frozenset({Need.NO_SIGHT, Need.HANDS}),
    false_alarms="A switch with aria-expanded and links that stand elsewhere, too, pass; what scripts show is not looked for.",
)

LEAVES = Rule(
    id="hover-content-not-reachable",
    claims="Content that shows under the pointer goes away when the pointer is moved onto it.",
    wcag=("1.4.13",),
    impact="moderate",
    needs=frozenset({Need.LOW_SIGHT}),
    false_alarms="The pointer goes straight from the place to the content; a gap in between is told.",
)

STAYS = Rule(
    id="hover-content-not-dismissable",
    claims="Review: content that shows under the pointer covers other things, and Escape does not take it away.",
    wcag=("1.4.13",),
    impact="moderate",
    needs=frozenset({Need.LOW_SIGHT, Need.COGNITION}),
    false_alarms="What lies behind may be empty; hence review only.",
)

RULES = (ONLY, LEAVES, STAYS)
