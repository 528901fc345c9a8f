"""An empty table to be filled in: heading, units of the agency, the list of what is counted."""

from collections.abc import Callable, Sequence
from datetime import datetime

from thuocdo.declared.indicators import all_indicators
from thuocdo.declared.units import DeclaringAgency
from thuocdo.publication.plain_workbook import written_workbook
from thuocdo.publication.sheet_writing import SheetWriter
from thuocdo.publication.texts import fixed_text

FIRST_COLUMNS = ("unit", "period")
LAST_COLUMNS = ("published_percent", "rate_definition", "as_of", "source_url")


def template_workbook(whose: DeclaringAgency, now: datetime) -> bytes:
    """Return a workbook with a row for each unit, or one for the agency; what it says is taken as it stands."""
    title = fixed_text("declared.template.title", agency=whose.agency.name_vi)

    def write(added: Callable[[str], SheetWriter]) -> None:
        writer, titles = added(fixed_text("declared.template.sheet")), template_heading()
        writer.head(0, titles, [30, 12, *[13] * (len(titles) - 2)])
        writer.typed_as_text(1, 12)
        names = [one.name_vi for one in whose.units.values()] or [whose.agency.name_vi]
        for row, name in enumerate(names, start=1):
            writer.write(row, 0, name)
        writer.filtered(0, len(names), len(titles), frozen=1)
        _write_dictionary(added(fixed_text("package.sheet.dictionary")))

    return written_workbook(title, now, (), write)


def template_heading() -> Sequence[str]:
    """Return the heading of the empty table, in the words in which it is read."""
    return [
        *(fixed_text(f"declared.template.{name}") for name in FIRST_COLUMNS),
        *(one.name_vi for one in all_indicators().counts),
        *(fixed_text(f"declared.template.{name}") for name in LAST_COLUMNS),
    ]


def _write_dictionary(writer: SheetWriter) -> None:
    heads = [fixed_text(f"declared.template.{name}") for name in ("column", "meaning", "unit_of")]
    writer.head(0, heads, [44, 70, 16])
    told = [
        *(
            (fixed_text(f"declared.template.{name}"), fixed_text(f"declared.template.{name}.about"), "")
            for name in (*FIRST_COLUMNS, *LAST_COLUMNS)
        ),
        *((one.name_vi, one.name_en, fixed_text(f"declared.template.{one.unit}")) for one in all_indicators().counts),
    ]
    for row, texts in enumerate(told, start=1):
        for column, text in enumerate(texts):
            writer.write(row, column, text)
    writer.sheet.freeze_panes(1, 0)
