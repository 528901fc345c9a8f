"""The files of a period report, for everybody and for one agency."""

from collections.abc import Iterable, Iterator

from thuocdo.periods.content import PeriodContent
from thuocdo.periods.report import agency_report, period_report
from thuocdo.periods.tables import period_json, period_tables
from thuocdo.periods.wording import called, marks, rules
from thuocdo.publication.csv_files import csv_files
from thuocdo.publication.packing import PrintsPages, document_files
from thuocdo.publication.plain_workbook import plain_workbook
from thuocdo.publication.texts import fixed_text


def period_files(
    content: PeriodContent, printer: PrintsPages | None, agencies: Iterable[str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """
    Yield the files of a report: path below its folder, and bytes; the same content gives the same bytes.

    Args:
        content: the period.
        printer: prints what becomes PDF; None = there are no PDF files.
        agencies: ids of those that get a sheet of their own, and nothing else is written; None = all, beside the report of all.

    Raises:
        BrowserUnavailableError: the printer's browser died.
        LookupError: an agency is not in it.
    """
    if agencies is None:
        yield from document_files("bao-cao", period_report(content), printer)
        yield "so-lieu.xlsx", _workbook(content, None)
        yield from csv_files(period_tables(content))
        yield "so-lieu.json", period_json(content).encode()
    for agency_id in [one.agency.id for one in content.agencies] if agencies is None else agencies:
        yield from agency_files(content, agency_id, printer, f"co-quan/{agency_id}")


def agency_files(
    content: PeriodContent, agency_id: str, printer: PrintsPages | None, path: str
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of one agency: its sheet, and its figures as a workbook; path: of both, without an ending."""
    yield from document_files(path, agency_report(content, agency_id), printer)
    yield f"{path}.xlsx", _workbook(content, agency_id)


def _workbook(content: PeriodContent, agency_id: str | None) -> bytes:
    return plain_workbook(
        fixed_text("period.sheet.title", period=called(content.period)),
        [*period_tables(content, agency_id).values()],
        rules(content),
        content.made_at,
        marks(content),
    )
