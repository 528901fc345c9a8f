"""Rules of the act pictures."""

from probes.accessibility.barrier import Need, Rule

HIDDEN = Rule(
    id="telling-image-hidden",
    claims="A picture is hidden from screen readers, and the page itself says that it tells something.",
    wcag=("1.1.1",),
    act=("e88epe",),
    impact="serious",
    needs=frozenset({Need.NO_SIGHT}),
    false_alarms="A caption, title or alternative text must be there beside the mark; other large pictures are for review.",
)

OF_TEXT = Rule(
    id="picture-of-text",
    claims="Review: the alternative text of a picture reads like a text that was drawn instead of written.",
    wcag=("1.4.5",),
    act=("0va7u6",),
    impact="moderate",
    needs=frozenset({Need.LOW_SIGHT}),
    false_alarms="What is drawn is not read, and a good description is long, too; hence review only.",
)

RULES = (HIDDEN, OF_TEXT)
