"""Rules of the act structure."""

from probes.accessibility.barrier import Need, Rule

_NO_SIGHT = frozenset({Need.NO_SIGHT})

HEADING = Rule(
    id="looks-like-heading",
    claims="A line stands above a text, bold and larger by a third, and is no heading.",
    wcag=("1.3.1",),
    impact="serious",
    needs=_NO_SIGHT,
    false_alarms="Sentences and lines in links, lists, tables, forms and headers are left out; less clear ones are for review.",
)

LIST = Rule(
    id="looks-like-list",
    claims="Three or more lines in a row begin with a bullet that was typed, and are no list.",
    wcag=("1.3.1",),
    impact="moderate",
    needs=_NO_SIGHT,
    false_alarms="Numbers, letters and dashes may be the text's own, as the clauses of a law are: for review.",
)

TABLE = Rule(
    id="table-without-headers",
    claims="A table of data has a first row of bold cells that are no headers.",
    wcag=("1.3.1",),
    impact="serious",
    needs=_NO_SIGHT,
    false_alarms="Tables with fields or pictures, and those without lines, mostly lay out a page and are left out.",
)

CLICK = Rule(
    id="click-without-control",
    claims="Something that answers a click in its markup is no control: no role, no focus.",
    wcag=("2.1.1", "4.1.2"),
    impact="critical",
    needs=frozenset({Need.NO_SIGHT, Need.HANDS}),
    false_alarms="Areas around a real control are left out; without a hand as pointer, for review.",
    blocks=True,
)

RULES = (HEADING, LIST, TABLE, CLICK)
