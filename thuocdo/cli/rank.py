"""`thuocdo rank`: score what is stored and print the ranking."""

import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.incidents import in_hanoi
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Block, Round
from thuocdo.core.portals import load_registry
from thuocdo.core.yamlfile import nearest
from thuocdo.reports.ranking import ranking_rows, ranking_to_csv, ranking_to_json
from thuocdo.reports.terminal import print_ranking
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.ranking import build_ranking, published_round
from thuocdo.store import Store


class Format(StrEnum):
    """How the ranking is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def rank(
    ctx: typer.Context,
    criteria: Annotated[str | None, typer.Option(help="Id of the criteria set (default: the settings').")] = None,
    block: Annotated[list[Block] | None, typer.Option(help="Only this block; may be given several times.")] = None,
    round_id: Annotated[
        str | None, typer.Option("--round", help="This round's measurements (default: the latest that ended).")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="From this time on, Hanoi time (default without a round: the last 30 days).")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="table, json or csv.")] = Format.TABLE,
) -> None:
    """Rank ministries and provinces by stored measurements."""
    context: CliContext = ctx.obj
    settings = context.settings
    criteria_set = load_criteria_set(settings.criteria_dir, criteria or settings.criteria_set)
    now = clock.now()
    store = Store.open(settings.store_url)
    try:
        found = chosen_round(store, round_id, windowed=since is not None)
        registry = load_registry(
            settings.registry_dir, at=(found.started_at if found else now).astimezone(clock.HANOI).date()
        )
        start = in_hanoi(since) if since else None
        ranking = build_ranking(
            store, registry, criteria_set, round_id=found.id if found else None, since=start, now=now
        )
    finally:
        store.close()
    blocks = block or tuple(Block)
    rows = ranking_rows(ranking, registry, context.translate, blocks)
    if format_ is Format.TABLE:
        print_ranking(
            context.console, ranking, registry, context.translate, blocks=blocks, simulated=settings.simulated
        )
    elif format_ is Format.CSV:
        sys.stdout.write(ranking_to_csv(rows, simulated=settings.simulated))
    else:
        sys.stdout.write(ranking_to_json(ranking, rows, simulated=settings.simulated))


def chosen_round(store: Store, round_id: str | None, *, windowed: bool) -> Round | None:
    """Return the round to rank: the one asked for, else the published one; None where a window of time was asked for."""
    if round_id:
        return find_round(store, round_id)
    return None if windowed else published_round(store.rounds())


def find_round(store: Store, round_id: str) -> Round:
    """
    Return a round by its id.

    Raises:
        ConfigurationError: the store knows no such round; the message names the nearest and all there are.
    """
    found = store.round(round_id)
    if found is None:
        ids = [one.id for one in store.rounds()]
        known = ", ".join(ids) or "none yet; `thuocdo round LABEL` measures one"
        raise ConfigurationError(f"--round: no round '{round_id}'{nearest(round_id, ids)} (there are: {known})")
    return found
