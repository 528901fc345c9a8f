"""`thuocdo rounds`: the measurement rounds there are."""

import json
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from thuocdo.cli.context import CliContext
from thuocdo.core.clock import HANOI, iso
from thuocdo.core.model import Round
from thuocdo.store import Store


def rounds(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """List the measurement rounds, the newest first; `--round` of other commands takes their names or ids."""
    context: CliContext = ctx.obj
    with Store.open(context.settings.store_url) as store:
        found = [(one, store.measurements.count(one.id)) for one in reversed(store.rounds.all())]
    if as_json:
        documents = [
            {
                "id": one.id,
                "label": one.label,
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
        context.console.print(_table(found, context))
    else:
        context.console.print(context.translate("No round has begun yet; `thuocdo round LABEL` measures one."))


def _table(found: list[tuple[Round, int]], context: CliContext) -> Table:
    translate = context.translate
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("Round", "Begun", "Ended", "Published"):
        table.add_column(translate(name))
    table.add_column(translate("Measurements"), justify="right")
    table.add_column(translate("Id"), no_wrap=True)
    for one, taken in found:
        ended = f"{one.ended_at.astimezone(HANOI):%d/%m/%Y %H:%M}" if one.ended_at else translate("not ended")
        begun = f"{one.started_at.astimezone(HANOI):%d/%m/%Y %H:%M}"
        published = f"{one.published_at.astimezone(HANOI):%d/%m/%Y} {one.published_by}" if one.published_at else "–"
        table.add_row(one.label, begun, ended, published.rstrip(), f"{taken} / {one.planned}", one.id)
    return table
