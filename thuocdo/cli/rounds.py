"""`thuocdo rounds`: the measurement rounds there are."""

import json
from collections.abc import Mapping
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.core.clock import HANOI, iso
from thuocdo.core.model import Round, RoundState
from thuocdo.rounds.people import rules_of
from thuocdo.rounds.states import shown_state
from thuocdo.store import Store


def rounds(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """List the measurement rounds, the newest first; `--round` of other commands takes their names or ids."""
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        found = [(one, store.measurements.count(one.id)) for one in reversed(store.rounds.all())]
        states = {one.id: _state(store, one) for one, _ in found}
    if as_json:
        documents = [
            {
                "id": one.id,
                "label": one.label,
                "state": states[one.id].value,
                "started_at": iso(one.started_at),
                "ended_at": iso(one.ended_at) if one.ended_at else None,
                "published_at": iso(one.published_at) if one.published_at else None,
                "published_by": one.published_by or None,
                "planned": one.planned,
                "measurements": taken,
                "criteria_set": one.settings.get("criteria_set"),
            }
            for one, taken in found
        ]
        typer.echo(json.dumps(documents, ensure_ascii=False, indent=2))
    elif found:
        context.console.print(_table(found, states, context))
    else:
        context.console.print(context.translate("No round has begun yet; `thuocdo round LABEL` measures one."))


def _state(store: Store, round_: Round) -> RoundState:
    is_planned = rules_of(round_) is not None
    return shown_state(round_, store.round_log.of(round_.id) if is_planned else (), is_planned=is_planned)


def _table(found: list[tuple[Round, int]], states: Mapping[str, RoundState], context: CliContext) -> Table:
    translate = context.translate
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("Round", "State", "Begun", "Ended", "Published"):
        table.add_column(translate(name))
    table.add_column(translate("Measurements"), justify="right")
    table.add_column(translate("Id"), no_wrap=True)
    for one, taken in found:
        ended = f"{one.ended_at.astimezone(HANOI):%d/%m/%Y %H:%M}" if one.ended_at else translate("not ended")
        begun = f"{one.started_at.astimezone(HANOI):%d/%m/%Y %H:%M}"
        published = f"{one.published_at.astimezone(HANOI):%d/%m/%Y} {one.published_by}" if one.published_at else "–"
        state = translate(f"round.state.{states[one.id].value}")
        table.add_row(one.label, state, begun, ended, published.rstrip(), f"{taken} / {one.planned}", one.id)
    return table
