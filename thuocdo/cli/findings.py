"""`thuocdo findings`: whether portals treat our visits better than those of others; for a person, never a penalty."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.cli.given import filled_line
from thuocdo.cli.rank import known_round
from thuocdo.core import clock
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError, UnknownTargetError
from thuocdo.core.formats import Formats
from thuocdo.core.model import TreatmentFinding, TreatmentNote, TreatmentState
from thuocdo.core.portals import Registry, read_registry
from thuocdo.core.yamlfile import nearest
from thuocdo.store import MeasurementQuery, Store
from thuocdo.store.treatment import state_of
from thuocdo.treatment.files import read_visits
from thuocdo.treatment.har import read_har
from thuocdo.treatment.looking import look_at_controls, look_at_rounds
from thuocdo.treatment.visits import KIND, is_compared, visit_of
from thuocdo.treatment.wording import called, finding_document, finding_sentence

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Whether portals treat our visits better than those of others: for a person to look at, never a penalty.",
)

MOST_COMPARED = 200
"""Visits of ours, the newest, beside which a person's own is told."""

Number = Annotated[
    int, typer.Argument(metavar="NUMBER", help="Number of a finding, as `thuocdo findings list` has it.")
]
By = Annotated[str, typer.Option("--by", help="Who says so: your name.")]


@app.command("look")
def look(
    ctx: typer.Context,
    round_name: Annotated[
        list[str] | None, typer.Option("--round", help="A round that has ended; may be given several times.")
    ] = None,
    control: Annotated[
        list[Path] | None,
        typer.Option("--control", help="What a control wrote (`thuocdo control write`); may be given several times."),
    ] = None,
) -> None:
    """Look whether pages were lighter or emptier in a round alone, or for us alone; what is found is kept once."""
    context: CliContext = ctx.obj
    if not round_name and not control:
        raise ConfigurationError("say what is looked at: --round NAME, --control FILE")
    visits = [visit for file in control or () for visit in read_visits(file)]
    now, registry = clock.now(), _registry(context)
    with Store.open(context.settings.store_url) as store:
        rounds = [known_round(store, name) for name in round_name or ()]
        found = [*look_at_rounds(store, registry, rounds, now), *look_at_controls(store, registry, visits, now)]
        new = [one for one in found if store.treatment.add(one)]
    for one in new:
        context.console.print(
            f"! {finding_sentence(one, registry, context.lang)}", soft_wrap=True, highlight=False, markup=False
        )
    text = "Found: {found}, of these new: {new}. `thuocdo findings list` shows all."
    context.console.print(context.translate(text).format(found=len(found), new=len(new)))


@app.command("list")
def list_(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """List what was found, and what people think of it."""
    context: CliContext = ctx.obj
    registry = _registry(context)
    with Store.open(context.settings.store_url) as store:
        found, notes = store.treatment.all(), store.treatment.notes()
    if as_json:
        documents = [
            finding_document(number, one, notes.get(number, []), registry, context.lang)
            for number, one in found.items()
        ]
        typer.echo(json.dumps(documents, ensure_ascii=False, indent=2))
        return
    if not found:
        context.console.print(context.translate("Nothing was found."))
        return
    table = Table()
    for heading in ("Number", "Portal", "Finding", "State"):
        table.add_column(context.translate(f"treatment.{heading}"), overflow="fold")
    for number, one in found.items():
        state = context.translate(f"treatment.state.{state_of(notes.get(number, [])).value}")
        cause = context.translate(f"treatment.cause.{one.cause.value}")
        table.add_row(str(number), called(one, registry, context.lang), cause, state)
    context.console.print(table)


@app.command("show")
def show(ctx: typer.Context, number: Number) -> None:
    """Show a finding: its numbers, its pictures, what people said."""
    context: CliContext = ctx.obj
    registry, say = _registry(context), context.console.print
    with Store.open(context.settings.store_url) as store:
        one = _known(store, number)
        notes = store.treatment.notes().get(number, [])
    say(finding_sentence(one, registry, context.lang), soft_wrap=True, highlight=False, markup=False)
    for digest in one.evidence:
        say(context.translate("Picture: {digest}").format(digest=digest), soft_wrap=True, highlight=False, markup=False)
    for note in notes:
        state = context.translate(f"treatment.state.{note.state.value}") if note.state else ""
        at = f"{note.at.astimezone(HANOI):%d/%m/%Y %H:%M}"
        say(
            ": ".join(filter(None, (f"{at} {note.by}", state, note.reason))),
            soft_wrap=True,
            highlight=False,
            markup=False,
        )


@app.command("decide")
def decide(
    ctx: typer.Context,
    number: Number,
    state: Annotated[TreatmentState, typer.Argument(help="explained, confirmed or dismissed.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in one line.")],
    by: By,
) -> None:
    """Say what a finding is, after the agency was heard; no score changes by it."""
    if state is TreatmentState.NEW:
        raise ConfigurationError("STATE: new is what nobody has decided; give explained, confirmed or dismissed")
    _note(
        ctx.obj,
        number,
        TreatmentNote(at=clock.now(), by=filled_line("--by", by), reason=filled_line("--reason", reason), state=state),
    )


@app.command("answer")
def answer(
    ctx: typer.Context,
    number: Number,
    text: Annotated[str, typer.Option("--text", help="What the agency says, in one line.")],
    by: By,
) -> None:
    """Enter what an agency answered to a finding."""
    _note(
        ctx.obj, number, TreatmentNote(at=clock.now(), by=filled_line("--by", by), reason=filled_line("--text", text))
    )


@app.command("har")
def har(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A HAR that somebody's own browser wrote.")],
    target: Annotated[str, typer.Option("--target", help="Id of the home page.")],
) -> None:
    """Compare what somebody's own browser met with our last visits; of the file only sizes, counts, host and times are read."""
    context: CliContext = ctx.obj
    registry, told = _registry(context), read_har(file)
    if target not in registry.targets:
        raise UnknownTargetError(f"--target: no target '{target}'{nearest(target, registry.targets)}")
    with Store.open(context.settings.store_url) as store:
        query = MeasurementQuery(target_id=target, kind=KIND, limit=MOST_COMPARED, newest_first=True)
        visits = [visit_of(one) for one in store.measurements.find(query) if is_compared(one)]
    table, formats = Table(), Formats(context.lang)
    for heading in ("Figure", "Theirs", "Ours", "Visits"):
        table.add_column(context.translate(f"treatment.{heading}"))
    table.add_row(
        context.translate("treatment.host"),
        str(told["host"]),
        ", ".join(sorted({one.host for one in visits} - {""})),
        "",
    )
    for name in ("transferred_bytes", "requests", "ttfb_seconds", "load_seconds"):
        ours = sorted(one.values[name] for one in visits if one.is_whole and name in one.values)
        theirs = told.get(name)
        table.add_row(
            formats.called(f"{KIND}.{name}"),
            formats.value(f"{KIND}.{name}", float(theirs)) if theirs is not None else "–",
            formats.value(f"{KIND}.{name}", ours[len(ours) // 2]) if ours else "–",
            str(len(ours)),
        )
    context.console.print(table)


def _registry(context: CliContext) -> Registry:
    return read_registry(context.settings.registry_dir).at(None)


def _known(store: Store, number: int) -> TreatmentFinding:
    found = store.treatment.all().get(number)
    if found is None:
        raise ConfigurationError(f"NUMBER: there is no finding {number}; `thuocdo findings list` shows all")
    return found


def _note(context: CliContext, number: int, note: TreatmentNote) -> None:
    with Store.open(context.settings.store_url) as store:
        _known(store, number)
        store.treatment.note(number, note)
    context.console.print(context.translate("Noted."))
