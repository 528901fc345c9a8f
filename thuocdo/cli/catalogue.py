"""`thuocdo catalogue`: lists of procedures, and in what a portal's list differs from others."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from thuocdo.catalogue.comparing import DifferenceKind
from thuocdo.catalogue.gathering import compared_of
from thuocdo.catalogue.reading import ListBrought, read_list
from thuocdo.cli.context import CliContext
from thuocdo.cli.given import filled_line, write_new
from thuocdo.core import clock
from thuocdo.core.bounded import content_of
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import NATIONAL, Agency, ListKind
from thuocdo.core.portals import read_registry
from thuocdo.core.yamlfile import nearest
from thuocdo.declared.grid import MOST_BYTES
from thuocdo.rounds.working_days import load_calendar
from thuocdo.store import Store

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Lists of procedures as they were on a day, and in what a portal's list differs from others.",
)

AgencyId = Annotated[str, typer.Option("--agency", help="Id of the agency.")]
By = Annotated[str, typer.Option("--by", help="Who does this: your name.")]


@app.command("take")
def take(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A list: .xlsx or .csv.")],
    owner: Annotated[str, typer.Option("--owner", help="`national`, or the id of the agency whose portal it is of.")],
    taken_on: Annotated[
        datetime, typer.Option("--taken-on", formats=["%Y-%m-%d"], help="The day that the list is of.")
    ],
    by: By,
    approved: Annotated[
        bool, typer.Option("--approved", help="It is the agency's own list by decision, not the portal's.")
    ] = False,
    part: Annotated[
        bool, typer.Option("--part", help="It is only a part: nothing is said to be missing from it.")
    ] = False,
    sheet: Annotated[str, typer.Option(help="Sheet to read (default: the only one with a list).")] = "",
) -> None:
    """Take a list as it is; it never changes, and every mistake in it is told with its cell."""
    context: CliContext = ctx.obj
    if owner == NATIONAL and approved:
        raise ConfigurationError("--approved: the national list is nobody's own; leave it out")
    if owner != NATIONAL:
        _agency(context, owner)
    day = taken_on.date()
    _check_day(day)
    kind = ListKind.NATIONAL_LIST if owner == NATIONAL else ListKind.APPROVED_LIST if approved else ListKind.PORTAL_LIST
    brought = ListBrought(
        name=file.name,
        content=content_of(file, MOST_BYTES),
        owner=owner,
        kind=kind,
        taken_on=day,
        entered_by=filled_line("--by", by),
        received_at=clock.now(),
        sheet=sheet,
        is_truncated=part,
    )
    found = read_list(brought)
    with Store.open(context.settings.store_url) as store:
        is_new = store.catalogue.add(found.snapshot)
    say, translate = context.console.print, context.translate
    if not is_new:
        say(translate("This very list was taken before; nothing has changed."))
        return
    say(translate("Taken: {rows} procedures.").format(rows=len(found.snapshot.rows)))
    if found.passed_over:
        names = ", ".join(found.passed_over)
        say(translate("Columns that nobody knows were passed over: {names}.").format(names=names), markup=False)
    if not found.snapshot.is_complete:
        total = found.snapshot.declared_total
        text = "It is only a part (the file says {total}): nothing is said to be missing from it."
        say(translate(text).format(total="–" if total is None else total), style="yellow")


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the lists that were taken."""
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        found = store.catalogue.of()
    if not found:
        context.console.print(context.translate("No list was taken yet."))
        return
    table = Table()
    for heading in ("Owner", "Kind", "Day", "Procedures", "File", "By"):
        table.add_column(context.translate(f"catalogue.{heading}"), overflow="fold")
    for one in found:
        kind = context.translate(f"catalogue.kind.{one.kind.value}")
        owner = context.translate("catalogue.national") if one.owner == NATIONAL else one.owner
        table.add_row(owner, kind, f"{one.taken_on:%d/%m/%Y}", str(len(one.rows)), one.name, one.entered_by)
    context.console.print(table)


@app.command("compare")
def compare(
    ctx: typer.Context,
    agency: AgencyId,
    out: Annotated[
        Path | None, typer.Option(help="Workbook to write, .xlsx; the agency fills in its last column.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Tell in what the newest list of a portal differs from the national one, and from the agency's own."""
    from thuocdo.catalogue.files import difference_json, difference_workbook  # libraries that nothing else here needs

    context: CliContext = ctx.obj
    whose = _agency(context, agency)
    with Store.open(context.settings.store_url) as store:
        found = compared_of(store, whose, load_calendar(context.settings.calendar))
        explained = store.catalogue.explanations(agency)
    if as_json:
        typer.echo(difference_json(whose, found, explained), nl=False)
        return
    if out is not None:
        write_new(out, difference_workbook(whose, found, explained, clock.now()))
        context.console.print(context.translate("Written: {file}").format(file=out), soft_wrap=True)
    table = Table(title=whose.full_name(context.lang))
    for heading in ("Difference", "Number"):
        table.add_column(context.translate(f"catalogue.{heading}"))
    for kind in DifferenceKind:
        if found.counts.get(kind):
            table.add_row(context.translate(f"catalogue.difference.{kind.value}"), str(found.counts[kind]))
    context.console.print(table)
    text = (
        "On the portal {listed}, matched {matched}; the national list of {day} has {national}. Two lists differ; which is right "
        "is not said."
    )
    context.console.print(
        context.translate(text).format(
            listed=found.listed,
            matched=found.matched,
            day=f"{found.national.taken_on:%d/%m/%Y}",
            national=found.of_national,
        )
    )


@app.command("explain")
def explain(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The workbook of `compare`, filled in.")],
    agency: AgencyId,
    by: By,
) -> None:
    """Take what an agency wrote into the workbook that it was sent, all or nothing."""
    from thuocdo.catalogue.files import read_explanations

    context: CliContext = ctx.obj
    whose, name = _agency(context, agency), filled_line("--by", by)
    content = content_of(file, MOST_BYTES)
    with Store.open(context.settings.store_url) as store:
        found = compared_of(store, whose, load_calendar(context.settings.calendar))
        said = read_explanations(file.name, content, whose, found, name, clock.now())
        number = store.catalogue.explain(said)
    context.console.print(context.translate("Explanations taken: {number}.").format(number=number))


def _agency(context: CliContext, agency_id: str) -> Agency:
    agencies = read_registry(context.settings.registry_dir).at(None).agencies
    if agency_id not in agencies:
        raise ConfigurationError(f"--agency: no agency '{agency_id}' is registered{nearest(agency_id, agencies)}")
    return agencies[agency_id]


def _check_day(day: date) -> None:
    if day > clock.today():
        raise ConfigurationError(f"--taken-on: {day:%Y-%m-%d} lies ahead; give the day that the list is of")
