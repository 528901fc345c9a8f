"""`thuocdo declared`: figures that agencies give of themselves, and the month board of their goals."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.cli.given import filled_line, write_new
from thuocdo.cli.package import page_printer
from thuocdo.core import clock
from thuocdo.core.bounded import content_of
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import BrowserUnavailableError, ConfigurationError
from thuocdo.core.formats import Formats
from thuocdo.core.yamlfile import nearest
from thuocdo.declared.board import MonthBoard
from thuocdo.declared.checks import findings
from thuocdo.declared.gathering import Declaring, read_board
from thuocdo.declared.grid import MOST_BYTES
from thuocdo.declared.taking import Brought, Taken, changes, take
from thuocdo.declared.tokens import new_token
from thuocdo.declared.wording import finding_sentence, goal_called, needed_called, percent, state_called
from thuocdo.periods.period import Period, PeriodKind, period_named
from thuocdo.store import Store

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Figures that agencies give of themselves, and how they stand with their goals; no ranking ever reads them.",
)

Agency = Annotated[str, typer.Option("--agency", help="Whose figures: id of the agency.")]
By = Annotated[str, typer.Option("--by", help="Who does this: your name.")]


@app.command("take")
def take_file(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table: .xlsx, .csv or .json.")],
    agency: Agency,
    by: By,
    period: Annotated[str, typer.Option(help="Of rows that name none, such as 2026-11.")] = "",
    sheet: Annotated[str, typer.Option(help="Sheet to read (default: the only one with a table).")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only look; nothing is taken.")] = False,
) -> None:
    """
    Take a file of an agency's figures: whole, or not at all and every mistake is told with its cell.

    Of two files about one month the newer counts, the older stays readable. Exit code 1: taken, and something does not add up.
    """
    context: CliContext = ctx.obj
    brought = _brought(file, filled_line("--by", by), period, sheet)
    whose = Declaring(context.settings).agency(agency)
    taken = take(brought, whose)
    say, translate = context.console.print, context.translate
    if check:
        say(translate("{rows} rows, no mistake; nothing was taken.").format(rows=len(taken.file.rows)))
        _tell_undone(context, taken)
        return
    with Store.open(context.settings.store_url) as store:
        before = store.declared.in_force(agency)
        is_new = store.declared.add(taken.file)
        found = findings(store.declared.in_force(agency)) if is_new else []
    if not is_new:
        say(translate("This very file was taken before; nothing has changed."))
        return
    changed = changes(before, taken.file.rows)
    say(
        translate("Taken: {rows} rows; figures of earlier files that are others now: {changed}.").format(
            rows=len(taken.file.rows), changed=len(changed)
        )
    )
    _tell_undone(context, taken)
    periods = {row.key.first for row in taken.file.rows}
    mine = [one for one in found if one.key.first in periods]
    for one in mine:
        say(f"! {finding_sentence(one, whose)}", style="yellow", soft_wrap=True, markup=False)
    if mine:
        raise typer.Exit(1)


@app.command("list")
def list_files(
    ctx: typer.Context,
    agency: Annotated[str | None, typer.Option("--agency", help="Only of this agency.")] = None,
) -> None:
    """List the files that were taken."""
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        files = store.declared.files(agency)
    if not files:
        context.console.print(context.translate("No file was taken yet."))
        return
    table = Table()
    for heading in ("Agency", "File", "Rows", "Taken", "By"):
        table.add_column(context.translate(f"declared.{heading}"), overflow="fold")
    for one in files:
        at = f"{one.received_at.astimezone(HANOI):%d/%m/%Y %H:%M}"
        table.add_row(one.agency_id, one.name, str(len(one.rows)), at, one.entered_by)
    context.console.print(table)


@app.command("template")
def template(
    ctx: typer.Context,
    agency: Agency,
    out: Annotated[Path, typer.Option(help="File to write, .xlsx; there must be none yet.")],
) -> None:
    """Write an empty table for an agency, with its units and with what each column means."""
    from thuocdo.declared.template import template_workbook  # a library that no other command needs

    context: CliContext = ctx.obj
    write_new(out, template_workbook(Declaring(context.settings).agency(agency), clock.now()))
    context.console.print(context.translate("Written: {file}").format(file=out), soft_wrap=True)


@app.command("board")
def board(
    ctx: typer.Context,
    month: Annotated[str, typer.Argument(metavar="MONTH", help="A month, such as 2026-11.")],
    agency: Annotated[
        list[str] | None, typer.Option("--agency", help="Only of this agency; may be given several times.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only units of this kind, as the file of goals calls it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to make, with report, workbook and tables.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """
    Show how units stand with their goals at the end of a month, the furthest below first, and what does not add up.

    Figures are the agencies' own; what was measured of their portals stands beside them, never mixed.
    """
    context: CliContext = ctx.obj
    found = period_named(month)
    if found.kind is not PeriodKind.MONTH:
        raise ConfigurationError(f"'{month}' is no month; give one such as 2026-11")
    if found.start > clock.now():
        raise ConfigurationError(f"period {found.name} lies ahead; give one that has begun")
    with Store.open(context.settings.store_url) as store:
        made = read_board(store, context.settings, found, agency or (), clock.now())
    made = _of_kind(made, kind)
    if as_json:
        from thuocdo.declared.tables import board_json

        typer.echo(board_json(made), nl=False)
    elif out is not None:
        _write_board(context, made, found, out)
    else:
        _show_board(context, made)


@app.command("token")
def token(
    ctx: typer.Context,
    agency: Agency,
    name: Annotated[str, typer.Option("--name", help="What it is for, such as the program that will use it.")],
    by: By,
) -> None:
    """Make a token by which a program of an agency brings figures over HTTP; it is shown once."""
    context: CliContext = ctx.obj
    whose = Declaring(context.settings).agency(agency)
    text, kept = new_token(agency, filled_line("--name", name), filled_line("--by", by), clock.now())
    with Store.open(context.settings.store_url) as store:
        store.declared.add_token(kept)
    translate, say = context.translate, context.console.print
    say(translate("Token of {agency}, shown this once:").format(agency=whose.agency.full_name(context.lang)))
    typer.echo(text)
    say(
        translate("It is withdrawn by: thuocdo declared withdraw {digest}").format(digest=kept.digest[:12]),
        soft_wrap=True,
    )


@app.command("tokens")
def tokens(ctx: typer.Context) -> None:
    """List the tokens: whose they are, who made them, which are withdrawn."""
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        found = store.declared.tokens()
    if not found:
        context.console.print(context.translate("There is no token yet."))
        return
    table = Table()
    for heading in ("Token", "Agency", "For", "Made", "By", "Withdrawn"):
        table.add_column(context.translate(f"declared.{heading}"), overflow="fold")
    for one in found:
        made, gone = (f"{at.astimezone(HANOI):%d/%m/%Y %H:%M}" if at else "" for at in (one.made_at, one.withdrawn_at))
        table.add_row(one.digest[:12], one.agency_id, one.name, made, one.made_by, gone)
    context.console.print(table)


@app.command("withdraw")
def withdraw(
    ctx: typer.Context,
    start: Annotated[
        str, typer.Argument(metavar="TOKEN", help="Its beginning, as `thuocdo declared tokens` lists it.")
    ],
) -> None:
    """Withdraw a token at once; what was brought by it stays."""
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        found = [one for one in store.declared.tokens() if len(start) >= 6 and one.digest.startswith(start)]
        if len(found) != 1:
            raise ConfigurationError(
                f"no single token begins with '{start}'; `thuocdo declared tokens` lists them, give six characters or more"
            )
        is_now = store.declared.withdraw_token(found[0].digest, clock.now())
    text = "Withdrawn." if is_now else "It was withdrawn before."
    context.console.print(context.translate(text))


def _brought(file: Path, by: str, period: str, sheet: str) -> Brought:
    return Brought(
        name=file.name,
        content=content_of(file, MOST_BYTES),
        entered_by=by,
        received_at=clock.now(),
        sheet=sheet,
        period=period,
    )


def _tell_undone(context: CliContext, taken: Taken) -> None:
    translate, say = context.translate, context.console.print
    if taken.undone:
        text = "Codes that a spreadsheet had made numbers of, and that have their form again: {number}."
        say(translate(text).format(number=taken.undone), style="yellow")
    if taken.hidden:
        say(translate("Hidden rows were read as well: {number}.").format(number=taken.hidden), style="yellow")
    if taken.passed_over:
        say(translate("Rows without figures were passed over: {number}.").format(number=taken.passed_over))


def _of_kind(made: MonthBoard, kind: str | None) -> MonthBoard:
    if kind is None:
        return made
    kinds = {line.kind for line in made.lines if line.kind}
    if kind not in kinds:
        raise ConfigurationError(f"--kind: no unit is of kind '{kind}'{nearest(kind, kinds)}")
    return replace(made, lines=tuple(line for line in made.lines if line.kind == kind))


def _write_board(context: CliContext, made: MonthBoard, month: Period, out: Path) -> None:
    from thuocdo.declared.files import board_files
    from thuocdo.publication.issuing import load_issuing_body
    from thuocdo.publication.packing import write_package

    settings = context.settings
    body = settings.report.issuer
    issuer = load_issuing_body(settings.issuing_dir, body) if body else None
    with page_printer(context) as printer:
        try:
            written = write_package(board_files(made, issuer, printer), out)
        except BrowserUnavailableError as exc:
            raise ConfigurationError(f"--out {out}: {exc}; nothing was written, give the command again") from exc
    text = context.translate("Board of {month}: {files} files in {folder}.")
    context.console.print(
        text.format(month=month.name, files=len(written.paths), folder=written.folder), soft_wrap=True
    )


def _show_board(context: CliContext, made: MonthBoard) -> None:
    translate, lang = context.translate, context.lang
    table = Table(
        title=translate("Goals at the end of {month}; figures are the agencies' own").format(month=made.month.name)
    )
    for heading in ("Unit", "Indicator", "Goal", "Reached", "Gap", "State", "Needed"):
        table.add_column(translate(f"declared.{heading}"), overflow="fold")
    for line in made.lines:
        found = line.progress
        table.add_row(
            line.unit(lang),
            line.indicator.name(lang),
            goal_called(found.goal),
            percent(found.total.percent if found.total else None),
            "–" if found.gap is None else Formats(lang).fixed(found.gap),
            state_called(line),
            needed_called(line),
        )
    context.console.print(table)
    number = sum(len(found) for found in made.findings.values())
    if number:
        text = "Things that do not add up, for a person to look at: {number}; --out or --json tells them."
        context.console.print(translate(text).format(number=number), style="yellow")
