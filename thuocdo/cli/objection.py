"""`thuocdo objection`: what agencies hold against the figures of a round, and what became of it."""

import json
import mimetypes
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.cli.rank import known_round
from thuocdo.cli.round_steps import basis_of, inform, on_clocks, proceedings_of
from thuocdo.cli.signing_off import By, SignatureFile, ToSign, signature_of
from thuocdo.core import clock
from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Evidence, Objection, ObjectionKind, Ruling
from thuocdo.core.portals import Registry, read_registry
from thuocdo.rounds import objections
from thuocdo.rounds.documents import objection_document, objections_document, receipts_in
from thuocdo.rounds.facts import called
from thuocdo.rounds.objections import Complaint, ObjectionTally
from thuocdo.rounds.steps import Proceedings
from thuocdo.rounds.working_days import load_calendar
from thuocdo.score.published import day_of
from thuocdo.store.evidence import EvidenceStore

MOST_BYTES = 100 * 1024 * 1024
"""Of a file that an agency sent."""

app = typer.Typer(help="Objections of agencies to the figures of a round.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="Name of the round and number, such as 2026-Q4/003.")]


@app.command()
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name or id of the round.")],
    agency: Annotated[str, typer.Option(help="Id of the agency.")],
    kind: Annotated[
        ObjectionKind,
        typer.Option(help="wrong_target, not_ours, maintenance, blocked, elsewhere, value or method."),
    ],
    claim: Annotated[str, typer.Option(help="What the agency says, in one line.")],
    by: By,
    target: Annotated[str | None, typer.Option(help="Id of the target it is about (default: the agency).")] = None,
    evidence: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file of the agency; may be given several times.", exists=True, dir_okay=False, readable=True
        ),
    ] = None,
) -> None:
    """Enter an objection; what comes after the window has closed is kept and marked."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        now = clock.now()
        files = tuple(_kept(context, file) for file in evidence or ())
        complaint = Complaint(
            kind=kind, agency_id=agency, target_id=target, claim=" ".join(claim.split()), evidence=files
        )
        made, entry = objections.receive(proceedings, _registry(context, proceedings), complaint, by, now)
        inform(
            context,
            "Objection {number} was received at {at}; the receipt is {receipt}.",
            number=called(proceedings.round, made.number),
            at=on_clocks(made.received_at),
            receipt=entry.hash,
        )
        if made.late:
            inform(context, "It came after the window had closed; it is kept, and marked so.")


@app.command(name="list")
def list_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name or id of the round.")],
    only_open: Annotated[bool, typer.Option("--open", help="Only those that nobody has decided.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """List the objections to a round, and what is counted of them."""
    context: CliContext = ctx.obj
    with proceedings_of(context, name) as proceedings:
        known = proceedings.store.objections.of(proceedings.round.id)
        receipts = receipts_in(proceedings.store.round_log.of(proceedings.round.id))
        registry = _registry(context, proceedings)
        round_ = proceedings.round
    counted = objections.tally(known, load_calendar(context.settings.calendar))
    shown = [one for one in known if one.is_open or not only_open]
    if as_json:
        document = objections_document(round_, shown, receipts, counted)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    if shown:
        context.console.print(_table(context, registry, [(called(round_, one.number), one) for one in shown]))
    _say_counted(context, counted)


@app.command()
def show(
    ctx: typer.Context,
    number: Number,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """Show one objection: what is claimed, its files, re-tests and the decision."""
    context: CliContext = ctx.obj
    name, index = _parted(number)
    with proceedings_of(context, name) as proceedings:
        found = objections.known_objection(proceedings, index)
        receipt = receipts_in(proceedings.store.round_log.of(proceedings.round.id)).get(
            called(proceedings.round, index), ""
        )
        document = objection_document(found, proceedings.round, receipt)
        registry = _registry(context, proceedings)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, show_header=False)
    for heading, text in _lines(context, registry, found, document):
        table.add_row(context.translate(heading), text)
    context.console.print(table)


@app.command()
def decide(
    ctx: typer.Context,
    number: Number,
    ruling: Annotated[Ruling, typer.Argument(help="accepted, partly or rejected.")],
    by: By,
    reason: Annotated[str, typer.Option(help="Why; the agency is told, and it is printed in the report.")] = "",
    leave_out: Annotated[
        bool,
        typer.Option("--leave-out", help="The agency has no rank in this round: what was measured was not its own."),
    ] = False,
    to_sign: ToSign = None,
    signature: SignatureFile = None,
) -> None:
    """Decide an objection: somebody who did not assess the agency; an accepted one gives a new version of the ranking."""
    context: CliContext = ctx.obj
    name, index = _parted(number)
    with proceedings_of(context, name) as proceedings:
        now = clock.now()
        prepared = objections.prepare_decision(
            proceedings,
            objections.known_objection(proceedings, index),
            ruling=ruling,
            reason=reason,
            by=by,
            leaves_out=leave_out,
            now=now,
        )
        text = signature_of(context, prepared.step, to_sign, signature)
        if text is None:
            return
        objections.decide(proceedings, prepared, text, basis_of(context, now))
        decision = context.translate(f"objection.ruling.{ruling.value}")
        message = "Objection {number} is decided, by {by}: {ruling}."
        inform(context, message, number=prepared.step.note.subject, by=prepared.step.note.by, ruling=decision)


@app.command()
def retest(
    ctx: typer.Context,
    number: Number,
    target: Annotated[str, typer.Option(help="Id of the target that was measured again.")],
    measured_as: Annotated[str, typer.Option(help="Name or id of the round that holds what was measured again.")],
    by: By,
) -> None:
    """Add a re-test to an objection: beside the figure of the round, which it never replaces; twice for each target at most."""
    context: CliContext = ctx.obj
    name, index = _parted(number)
    with proceedings_of(context, name) as proceedings:
        found = objections.known_objection(proceedings, index)
        registry = _registry(context, proceedings)
        registry.target(target)
        measured = known_round(proceedings.store, measured_as)
        objections.retest(proceedings, found, target, measured, by, clock.now())
        inform(context, "The re-test stands with objection {number} now.", number=called(proceedings.round, index))


def _parted(number: str) -> tuple[str, int]:
    """Return the name of a round and the number of an objection within it."""
    name, _, index = number.rpartition("/")
    if not name or not (index.isascii() and index.isdigit() and len(index) <= 6):
        raise ConfigurationError(
            f"NUMBER: '{number}' is no number of an objection; give the round's name and the number, such as 2026-Q4/003"
        )
    return name, int(index)


def _registry(context: CliContext, proceedings: Proceedings) -> Registry:
    return read_registry(context.settings.registry_dir).at(day_of(proceedings.round, clock.now()))


def _kept(context: CliContext, file: Path) -> Evidence:
    """Keep a file of an agency, and return its address."""
    try:
        content = read_bounded(file, MOST_BYTES)
    except OSError as exc:
        raise ConfigurationError(f"--evidence {file}: cannot be read ({exc.strerror}); give another file") from exc
    if not 0 < len(content) <= MOST_BYTES:
        raise ConfigurationError(
            f"--evidence {file}: it is empty, or has more than {MOST_BYTES // 1024**2} MiB; give another file"
        )
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return EvidenceStore(context.settings.evidence_dir).save("objection", content, media_type)


def _table(context: CliContext, registry: Registry, found: list[tuple[str, Objection]]) -> Table:
    translate = context.translate
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("Objection no.", "Agency", "Kind of objection", "Claim", "Received", "Decision"):
        table.add_column(translate(heading))
    for number, one in found:
        late = f" ({translate('objection.late')})" if one.late else ""
        table.add_row(
            number,
            _agency(context, registry, one),
            translate(f"objection.kind.{one.kind.value}"),
            one.claim,
            on_clocks(one.received_at) + late,
            _decision(context, one),
        )
    return table


def _lines(
    context: CliContext, registry: Registry, found: Objection, document: dict[str, Any]
) -> list[tuple[str, str]]:
    target = registry.targets.get(found.target_id or "")
    late = f" ({context.translate('objection.late')})" if found.late else ""
    lines = [
        ("Objection no.", str(document["id"])),
        ("Agency", _agency(context, registry, found)),
        *([("Target", registry.called(target, context.lang))] if target else []),
        ("Kind of objection", context.translate(f"objection.kind.{found.kind.value}")),
        ("Claim", found.claim),
        ("Received", f"{on_clocks(found.received_at)}{late}"),
        ("Receipt", str(document["receipt"])),
        *(("File", f"{one.sha256} ({one.media_type})") for one in found.evidence),
        *(("Re-test", f"{on_clocks(one.at)} {one.measured_as}") for one in found.retests),
        ("Decision", _decision(context, found)),
    ]
    if found.decided_at is not None:
        lines += [("By whom", f"{found.decided_by}, {on_clocks(found.decided_at)}"), ("Reason", found.ruling_reason)]
    return lines


def _agency(context: CliContext, registry: Registry, objection: Objection) -> str:
    agency = registry.agencies.get(objection.agency_id)
    return agency.full_name(context.lang) if agency else objection.agency_id


def _decision(context: CliContext, objection: Objection) -> str:
    if objection.ruling is None:
        return context.translate("objection.open")
    told = context.translate(f"objection.ruling.{objection.ruling.value}")
    return f"{told}, {context.translate('objection.without_rank')}" if objection.leaves_out else told


def _say_counted(context: CliContext, tally: ObjectionTally) -> None:
    if tally.median_working_days is None or tally.accepted_ratio is None:
        inform(context, "Objections: {received}, none decided yet.", received=str(tally.received))
        return
    inform(
        context,
        "Objections: {received}, decided: {decided}, after {days} working days (median); accepted, wholly or in part: {share}%.",
        received=str(tally.received),
        decided=str(tally.decided),
        days=f"{tally.median_working_days:g}",
        share=f"{100 * tally.accepted_ratio:.0f}",
    )
