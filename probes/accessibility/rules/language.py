"""Rules of the act language."""

from probes.accessibility.barrier import Need, Rule

_READERS = frozenset({Need.NO_SIGHT, Need.COGNITION})

PAGE = Rule(
    id="page-language-wrong",
    claims="The page's text is in another language than the `lang` of its html element says.",
    wcag=("3.1.1",),
    act=("ucwvc8",),
    impact="serious",
    needs=_READERS,
    false_alarms="Short texts, names and languages that are not among the fifteen told apart are left alone.",
)

PART = Rule(
    id="part-language-wrong",
    claims="A part of the page is in another language than its own `lang` says.",
    wcag=("3.1.2",),
    act=("off6ek",),
    impact="moderate",
    needs=_READERS,
    false_alarms="As for the page; single words are left alone.",
)

MISSING = Rule(
    id="part-language-missing",
    claims="A whole paragraph is in another language than the page, and no `lang` says so.",
    wcag=("3.1.2",),
    impact="moderate",
    needs=_READERS,
    false_alarms="Only paragraphs of 80 characters and more, with 95 % confidence.",
)

BARE = Rule(
    id="vietnamese-without-diacritics",
    claims="Review: running Vietnamese text has no diacritics; it is read out as gibberish.",
    wcag=("3.1.1",),
    impact="serious",
    needs=_READERS,
    false_alarms="Lists of names and codes may look alike; hence review only.",
)

DIRECTION = Rule(
    id="direction-missing",
    claims="Review: text in a script that runs from right to left has no direction.",
    wcag=("1.3.2",),
    impact="moderate",
    needs=frozenset({Need.LOW_SIGHT, Need.COGNITION}),
    false_alarms="Single names in a left-to-right line are right; hence review only.",
)

RULES = (PAGE, PART, MISSING, BARE, DIRECTION)
