"""Rules of the act bypass."""

from probes.accessibility.barrier import Need, Rule

_READERS = frozenset({Need.NO_SIGHT, Need.HANDS})

_TECHNIQUE = (
    "One of several ways past repeated blocks; to lack it fails nothing by itself: good practice, costs nothing."
)

NO_WAY = Rule(
    id="no-way-past-repeated-blocks",
    claims="What the site repeats on its pages comes first, and no heading, landmark, skip link or switch leads past it.",
    wcag=("2.4.1",),
    act=("cf77f2",),
    impact="serious",
    needs=_READERS,
    false_alarms="Repeated is what other pages have word for word; pages that come in by script are seen without it.",
)

BROKEN = Rule(
    id="skip-link-broken",
    claims="A link that promises to lead to the content leads nowhere: its target is not on the page.",
    wcag=("2.4.1",),
    impact="moderate",
    needs=_READERS,
    false_alarms="A target that a script makes at the moment of the click is not seen.",
)

SKIP_LINK = Rule(
    id="no-skip-link",
    claims="No link or control moves the focus past the repeated blocks to the content.",
    wcag=(),
    act=("ye5d6e",),
    impact="minor",
    needs=_READERS,
    false_alarms=_TECHNIQUE,
)

LANDMARK = Rule(
    id="content-without-landmark",
    claims="The page's own content does not begin a landmark.",
    wcag=(),
    act=("b40fd1",),
    impact="minor",
    needs=_READERS,
    false_alarms=_TECHNIQUE,
)

HEADING = Rule(
    id="content-without-heading",
    claims="The page's own content does not begin with a heading.",
    wcag=(),
    act=("047fe0",),
    impact="minor",
    needs=_READERS,
    false_alarms=_TECHNIQUE,
)

SWITCH = Rule(
    id="repeated-blocks-not-collapsible",
    claims="No switch before the content hides the repeated blocks.",
    wcag=(),
    act=("3e12e1",),
    impact="minor",
    needs=_READERS,
    false_alarms=_TECHNIQUE,
)

RULES = (NO_WAY, BROKEN, SKIP_LINK, LANDMARK, HEADING, SWITCH)
