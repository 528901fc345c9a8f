"""Rules of the act words."""

from probes.accessibility.barrier import Need, Rule

READERS = frozenset({Need.NO_SIGHT, Need.COGNITION})

LINK = Rule(
    id="link-says-nothing-here",
    claims="The link's name does not say where it leads, and neither does the sentence, list item or table cell it stands in.",
    wcag=("2.4.4",),
    act=("5effbb",),
    impact="serious",
    needs=READERS,
    false_alarms="The heading of a card may make its link clear, which assistive technology supports unevenly: for review.",
)

LINK_ALONE = Rule(
    id="link-says-nothing-alone",
    claims="The link's name alone does not say where it leads; in a list of links nobody can tell it from others.",
    wcag=("2.4.9",),
    act=("aizyf1",),
    impact="minor",
    needs=READERS,
    false_alarms="Level AAA: shown, costs nothing.",
)

HEADING = Rule(
    id="heading-says-nothing",
    claims="The heading is a stub that does not say what follows.",
    wcag=("2.4.6",),
    act=("b49b2e",),
    impact="moderate",
    needs=READERS,
    false_alarms="A page about headings may have one that is called so; only whole names of a closed list count.",
)

TITLE = Rule(
    id="title-says-nothing",
    claims="The page's title is a stub, the name of a file or of the tool that made the page.",
    wcag=("2.4.2",),
    act=("c4a8a4",),
    impact="serious",
    needs=READERS,
    false_alarms="Only whole titles of a closed list and names of files count.",
)

LABEL = Rule(
    id="label-says-nothing",
    claims="The field's label does not say what to fill in.",
    wcag=("2.4.6",),
    act=("cc0f0a",),
    impact="serious",
    needs=READERS,
    false_alarms="Text around the field may say it to those who see; that is the barrier.",
)

IMAGE = Rule(
    id="image-name-says-nothing",
    claims="The picture's alternative text is the name of a file or a word that says nothing of what is shown.",
    wcag=("1.1.1",),
    act=("qt1vmo",),
    impact="serious",
    needs=frozenset({Need.NO_SIGHT}),
    false_alarms="A picture of a file's icon may be called as the file is where it links to it; such pictures are for review.",
)

RULES = (TITLE, IMAGE, HEADING, LABEL, LINK, LINK_ALONE)
