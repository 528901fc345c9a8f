"""Rules of the act names."""

from probes.accessibility.barrier import Need, Rule

LABEL = Rule(
    id="label-not-in-name",
    claims="The control's name does not hold the words that are seen on it.",
    wcag=("2.5.3",),
    act=("2ee8b8",),
    impact="serious",
    needs=frozenset({Need.HANDS, Need.NO_SIGHT}),
    false_alarms="Signs, icons drawn by a font, single letters and what stands in brackets are no words.",
)

LINKS = Rule(
    id="same-name-other-target",
    claims="Two links in one sentence have the same name and lead to pages that really differ.",
    wcag=("2.4.4",),
    act=("fd3a94",),
    impact="moderate",
    needs=frozenset({Need.NO_SIGHT, Need.COGNITION}),
    false_alarms="Both targets are read and compared; where they cannot be read, for review.",
)

LINKS_ALONE = Rule(
    id="same-name-on-page-other-target",
    claims="Two links on the page have the same name and lead to pages that really differ.",
    wcag=("2.4.9",),
    act=("b20e66",),
    impact="minor",
    needs=frozenset({Need.NO_SIGHT, Need.COGNITION}),
    false_alarms="Level AAA: shown, costs nothing.",
)

FRAMES = Rule(
    id="same-name-other-frame",
    claims="Two frames have the same name and hold pages that really differ.",
    wcag=("4.1.2",),
    act=("4b1c6c",),
    impact="moderate",
    needs=frozenset({Need.NO_SIGHT}),
    false_alarms="Both pages are read and compared; where they cannot be read, for review.",
)

RULES = (LABEL, LINKS, LINKS_ALONE, FRAMES)
