"""`thuocdo incidents`: what was down, replaced or slow, since when, why, and what shows it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import typer
from babel.dates import format_datetime, format_timedelta
from rich import box
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.core import clock
from thuocdo.core.clock import HANOI, iso
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Acknowledgement, Incident, IncidentPart, MeasurementKey, StateChange
from thuocdo.core.portals import read_registry
from thuocdo.core.shapes import good_day, good_line
from thuocdo.core.yamlfile import nearest
from thuocdo.incidents.presentation import incident_document, judging_gap
from thuocdo.incidents.wording import Wording
from thuocdo.store import Store

FULL_COLUMNS = 130
"""Width of a terminal from which a row of the list takes one or two lines."""

app = typer.Typer(
    help="Incidents: confirmed outages, other pages in place of a portal, slowdowns.",
    invoke_without_command=True,
)


@app.callback(invoke_without_command=True)
def list_(
    ctx: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that last.")] = False,
    since: Annotated[
        datetime | None, typer.Option(help="Only those that had not ended by this time, Hanoi time.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="No more than so many, the newest.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """List incidents, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        from_then = in_hanoi(since) if since else None
        if only_open:
            found = store.incidents.lasting()[:limit]
        elif limit is None:
            found = store.incidents.all(from_then)
        else:
            found = store.incidents.newest(limit, since=from_then)
        judged_at = store.incidents.judged_at()
        said = store.incidents.acknowledgements(one.id for one in found)
    gap = judging_gap(judged_at, clock.now(), context.translate, lambda at: _time(at, context))
    if gap and not as_json:
        context.console.print(gap, markup=False)
    if as_json:
        documents = [incident_document(one, acknowledgements=said.get(one.id, ())) for one in found]
        typer.echo(json.dumps(documents, ensure_ascii=False, indent=2))
    elif found:
        context.console.print(_table(found, said, context))
    elif not gap:
        context.console.print(context.translate("No incidents."))


@app.command()
def show(
    ctx: typer.Context,
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="Id of an incident, as the list shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """Show all that is known of an incident: its changes, its measurements, its evidence."""
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        found = store.incidents.get(incident_id)
        if found is None:
            raise _unknown(incident_id, store)
        changes = store.incidents.changes(incident_id)
        said = store.incidents.acknowledgements([incident_id]).get(incident_id, [])
    if as_json:
        typer.echo(json.dumps(incident_document(found, changes, said), ensure_ascii=False, indent=2))
        return
    for line in _lines(found, changes, said, context):
        context.console.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def ack(
    ctx: typer.Context,
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="Id of an incident, as the list shows it.")],
    by: Annotated[str, typer.Option(help="Who takes notice.")],
    note: Annotated[str, typer.Option(help="One line for the others: who is at work, what is being done.")] = "",
) -> None:
    """
    Say that somebody took notice of an incident and looks after it.

    It stays in the list, and whoever is alerted of it goes on being alerted; what was said before stays, too.
    """
    context: CliContext = ctx.obj
    who, what = _one_line("--by", by), _one_line("--note", note)
    if not who:
        raise ConfigurationError("--by is empty; name the person who looks after the incident")
    said = Acknowledgement(incident_id=incident_id, at=clock.now(), by=who, note=what)
    with Store.open(context.settings.store_url) as store:
        if not store.incidents.acknowledge(said):
            raise _unknown(incident_id, store)
    context.console.print(context.translate("Noted: {name} took notice of {id}.").format(name=who, id=incident_id))


def _unknown(incident_id: str, store: Store) -> ConfigurationError:
    hint = nearest(incident_id, store.incidents.ids()) or "; `thuocdo incidents` lists them"
    return ConfigurationError(f"no incident '{incident_id}'{hint}")


def _one_line(option: str, text: str) -> str:
    """Return one line of plain text; raises ConfigurationError for anything else."""
    try:
        return good_line(" ".join(text.split()))
    except ValueError as exc:
        raise ConfigurationError(f"{option}: {exc}") from exc


def in_hanoi(at: datetime) -> datetime:
    """
    Return an instant that was given without an offset as one of Hanoi.

    Raises:
        ConfigurationError: it lies so far away that another time zone has no day for it.
    """
    try:
        return good_day(at.replace(tzinfo=at.tzinfo or HANOI))
    except ValueError as exc:
        raise ConfigurationError(f"--since, --until: {at.isoformat()}: {exc}") from exc


def _table(found: Sequence[Incident], said: Mapping[str, Sequence[Acknowledgement]], context: CliContext) -> Table:
    _, wording = context.translate, _wording(context)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for heading in _headings(context):
        table.add_column(
            _(heading), overflow="fold", no_wrap=heading == "Id", min_width=28 if heading == "What" else None
        )
    for incident in found:
        cells = {
            "What": wording.headline(incident),
            "State": _state(incident, said.get(incident.id, ()), context),
            "Reason": _(f"reason.{incident.reason}") if incident.reason else "",
            "Began": _time(incident.started_at, context),
            "Lasted": _duration(incident, context),
            "Id": incident.id,
        }
        table.add_row(*(cells[heading] for heading in _headings(context)))
    return table


def _headings(context: CliContext) -> Sequence[str]:
    """Return what finds room; the id names the target and the instant, too."""
    if context.console.width < FULL_COLUMNS:
        return ("State", "Reason", "Lasted", "Id")
    return ("What", "State", "Reason", "Began", "Lasted", "Id")


def _state(incident: Incident, said: Sequence[Acknowledgement], context: CliContext) -> str:
    """Return how it stands, and below it who took notice last."""
    state = context.translate(f"incident_state.{incident.state}")
    return f"{state}\n{context.translate('noticed by {name}').format(name=said[-1].by)}" if said else state


def _lines(
    incident: Incident, changes: Sequence[StateChange], said: Sequence[Acknowledgement], context: CliContext
) -> Sequence[str]:
    _, wording = context.translate, _wording(context)
    lines = [wording.headline(incident), f"{_('State')}: {_(f'incident_state.{incident.state}')}"]
    if incident.reason:
        lines.append(f"{_('Reason')}: {_(f'reason.{incident.reason}')}. {_(f'reason.{incident.reason}.explain')}")
    if incident.detail:
        lines.append(f"{_('Detail')}: {wording.words(incident.detail)}")
    lines.append(f"{_('Began')}: {_time(incident.started_at, context)}")
    lines.append(f"{_('Confirmed at')}: {_time(incident.confirmed_at, context)}")
    if incident.ended_at:
        lines.append(f"{_('Ended')}: {_time(incident.ended_at, context)} ({_duration(incident, context)})")
    if said:
        lines.append(f"{_('Who took notice')}:")
        lines += [f"  {_time(one.at, context)}  {one.by}{f': {one.note}' if one.note else ''}" for one in said]
    if incident.portal_parts:
        lines.append(f"{_('Parts of the portal')}:")
        lines += [_part_line(part, wording, context) for part in incident.portal_parts]
    else:
        lines.append(f"{_('Targets')}: {'; '.join(_with_id(one, wording) for one in incident.target_ids)}")
    lines.append(f"{_('Changes of state')}:")
    for change in changes:
        told = f" – {wording.words(change.detail)}" if change.detail else ""
        lines.append(f"  {_time(change.changed_at, context)}  {_(f'incident_state.{change.state}')}{told}")
    lines.append(f"{_('Measurements')}:")
    lines += [_measurement_line(key, wording, context) for key in incident.measurements]
    if incident.evidence:
        lines.append(f"{_('Evidence')}:")
        lines += [f"  {_(f'evidence.{piece.kind}')}  /evidence/{piece.sha256}" for piece in incident.evidence]
    return lines


def _with_id(target_id: str, wording: Wording) -> str:
    """Return what people call a target, with the id that commands ask for."""
    name = wording.called(target_id)
    return name if name == target_id else f"{name} ({target_id})"


def _measurement_line(key: MeasurementKey, wording: Wording, context: CliContext) -> str:
    """Return what was measured when, and the address of the raw measurement."""
    told = (wording.called(key.target_id), context.translate(f"kind.{key.kind}"), _time(key.scheduled_at, context))
    parts = (key.target_id, key.kind, key.vantage_id, key.profile, iso(key.scheduled_at))
    return f"  {', '.join(told)}  /measurements/{'/'.join(parts)}"


def _part_line(part: IncidentPart, wording: Wording, context: CliContext) -> str:
    """Return a part with its state, from when to when it lasted, and what is known of it."""
    _ = context.translate
    ended = f" – {_time(part.ended_at, context)}" if part.ended_at else ""
    reason = _(f"reason.{part.reason}") if part.reason else ""
    told = "; ".join(filter(None, (reason, wording.words(part.detail))))
    state = _("incident_state.ended") if part.ended_at else _(f"incident_state.{part.state}")
    return f"  {wording.part(part)}: {state}, {_time(part.started_at, context)}{ended}{f' – {told}' if told else ''}"


def _wording(context: CliContext) -> Wording:
    """Return how the reader is told: by names, or by ids where the registry has mistakes; an outage is told all the same."""
    now = clock.now()

    def instant(at: datetime) -> str:
        return _time(at, context)

    try:
        everything = read_registry(context.settings.registry_dir).at(None)
    except ConfigurationError:
        return Wording(translate=context.translate, lang=context.lang, now=now, instant=instant)
    return Wording.by_names(everything, context.lang, now=now, instant=instant)


def _time(at: datetime, context: CliContext) -> str:
    return format_datetime(at, "dd/MM/yyyy HH:mm:ss", tzinfo=HANOI, locale=context.lang)


def _duration(incident: Incident, context: CliContext) -> str:
    if incident.ended_at is None:
        return ""
    return format_timedelta(incident.ended_at - incident.started_at, threshold=2.0, locale=context.lang)
