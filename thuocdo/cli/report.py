"""`thuocdo report`: what a month, a quarter or a year came to, as files, and by mail."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.cli.package import page_printer
from thuocdo.core import clock
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import BrowserUnavailableError, ConfigurationError
from thuocdo.core.yamlfile import nearest
from thuocdo.periods.content import PeriodContent
from thuocdo.periods.gathering import period_sources, who_gets
from thuocdo.periods.period import Period, period_named
from thuocdo.periods.reading import read_period
from thuocdo.periods.sending import Recipient, matter_of, recipients, send_report, unsent
from thuocdo.periods.tables import period_json
from thuocdo.store import Store

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Reports of months, quarters and years of everyday measuring."
)

Name = Annotated[
    str, typer.Argument(metavar="PERIOD", help="A month (2026-11), a quarter (2026-Q4) or a year (2026), Hanoi time.")
]
Agencies = Annotated[
    list[str] | None, typer.Option("--agency", help="Only the sheet of this agency; may be given several times.")
]
Issuer = Annotated[
    str | None,
    typer.Option(help="Id of the issuing body (a file of `issuing_dir`); without it that of `report.issuer`."),
]


@app.command("write")
def write(
    ctx: typer.Context,
    name: Name,
    out: Annotated[Path | None, typer.Option(help="Folder to make; there must be nothing yet.")] = None,
    agency: Agencies = None,
    issuer: Issuer = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to the terminal instead of files.")] = False,
) -> None:
    """
    Write the report of a period: report, workbook, tables, and a sheet for each agency.

    It is no ranking. A period that is not over is marked so in every file. Without a browser there are no PDF files.
    """
    from thuocdo.periods.files import period_files  # libraries that no other command needs
    from thuocdo.publication.packing import write_package

    context: CliContext = ctx.obj
    content = _content(context, _period(name), issuer)
    _check_agencies(content, agency or ())
    if as_json:
        typer.echo(period_json(content, agency[0] if agency and len(agency) == 1 else None), nl=False)
        return
    if out is None:
        raise ConfigurationError("--out: say into which folder the report is written, or ask for --json")
    with page_printer(context) as printer:
        try:
            written = write_package(period_files(content, printer, agency or None), out)
        except BrowserUnavailableError as exc:
            raise ConfigurationError(f"--out {out}: {exc}; nothing was written, give the command again") from exc
    text = context.translate("Report of {period}: {files} files in {folder}.")
    context.console.print(
        text.format(period=content.period.name, files=len(written.paths), folder=written.folder), soft_wrap=True
    )
    _tell_what_is_missing(context, content)


@app.command("send")
def send(
    ctx: typer.Context,
    name: Name,
    agency: Agencies = None,
    issuer: Issuer = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell who would get it.")] = False,
) -> None:
    """
    Send the report of a period that is over to the mailboxes in the file of owners, to each once.

    Exit code 3: some letters were not taken; give the command again.
    """
    context: CliContext = ctx.obj
    settings, now = context.settings, clock.now()
    period = _period(name)
    if not period.is_over(now):
        raise ConfigurationError(f"period {period.name} is not over; its report is sent when it is")
    owners, owner_of = who_gets(settings)
    sources = period_sources(settings, issuer)
    with Store.open(settings.store_url) as store:
        content = read_period(store, period, sources, now)
        _check_agencies(content, agency or ())
        asked = [one for one in recipients(owners, owner_of, content) if not agency or one.subject_id in agency]
        if not asked:
            raise ConfigurationError(
                f"{settings.owners}: nobody gets this report; add reports, with a mailbox, for central or an owner"
            )
        left = unsent(store, period, asked)
        if dry_run or not left:
            _tell_recipients(context, content, asked, left)
            return
        with page_printer(context) as printer:
            failed = send_report(store, owners, content, left, printer, now)
    text = context.translate("Report of {period}: sent {sent}, not taken {failed}, already sent {before}.")
    context.console.print(
        text.format(period=period.name, sent=len(left) - len(failed), failed=len(failed), before=len(asked) - len(left))
    )
    if failed:
        raise typer.Exit(3)


@app.command("sent")
def sent(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[PERIOD]", help="Only of this period.")] = None,
) -> None:
    """List which reports went out, when and to whom."""
    context: CliContext = ctx.obj
    translate = context.translate
    with Store.open(context.settings.store_url) as store:
        letters = store.sent_letters.of(matter_of(_period(name)) if name else None)
    if not letters:
        context.console.print(translate("No report was sent yet."))
        return
    table = Table()
    for heading in ("Period", "Agency", "To", "Sent"):
        table.add_column(translate(f"report.{heading}"))
    for one in letters:
        at = f"{one.sent_at.astimezone(HANOI):%d/%m/%Y %H:%M}"
        about = one.subject_id or translate("report.all")
        table.add_row(one.matter.partition(":")[2], about, one.address, at)
    context.console.print(table)


def _period(name: str) -> Period:
    return period_named(name)


def _content(context: CliContext, period: Period, issuer: str | None) -> PeriodContent:
    now = clock.now()
    if period.start >= now:
        raise ConfigurationError(f"period {period.name} lies ahead; give one that has begun")
    sources = period_sources(context.settings, issuer)
    with Store.open(context.settings.store_url) as store:
        return read_period(store, period, sources, now)


def _check_agencies(content: PeriodContent, names: list[str] | tuple[str, ...]) -> None:
    known = {one.agency.id for one in content.agencies}
    for name in names:
        if name not in known:
            raise ConfigurationError(
                f"--agency: in {content.period.name} no agency '{name}' was measured{nearest(name, known)}"
            )


def _tell_what_is_missing(context: CliContext, content: PeriodContent) -> None:
    say, translate = context.console.print, context.translate
    if content.measured_from is None:
        say(
            translate(
                "No probe of this period was counted, so its files have no availability: `thuocdo run` counts them."
            ),
            style="yellow",
        )
    elif content.measured_from > content.period.start:
        at = f"{content.measured_from.astimezone(HANOI):%d/%m/%Y %H:%M}"
        say(translate("It was measured from {time} on only: every file says so.").format(time=at), style="yellow")
    if not content.is_over:
        say(translate("The period is not over: every file says so."), style="yellow")


def _tell_recipients(
    context: CliContext, content: PeriodContent, asked: list[Recipient], left: list[Recipient]
) -> None:
    translate = context.translate
    table = Table()
    for heading in ("Agency", "To", "Sent"):
        table.add_column(translate(f"report.{heading}"))
    for one in asked:
        about = (
            content.agency(one.subject_id).agency.full_name(context.lang) if one.subject_id else translate("report.all")
        )
        table.add_row(about, one.address, translate("report.not_yet") if one in left else translate("report.already"))
    context.console.print(table)
