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
from thuocdo.core.portals import Registry, read_registry
from thuocdo.core.yamlfile import nearest
from thuocdo.reports.ranking import communes_of_province, ranking_rows, ranking_to_csv, ranking_to_json
from thuocdo.reports.terminal import print_ranking
from thuocdo.score.criteria import CriteriaSet, load_criteria_set
from thuocdo.score.kept import kept_of_round
from thuocdo.score.published import (
    Published,
    UnknownRoundError,
    chosen_round,
    day_of,
    published_ranking,
    with_every_agency,
)
from thuocdo.store import Store

COMMUNE_SET = "website-2025-communes"
"""The shipped criteria set that ranks communes."""


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
        str | None,
        typer.Option("--round", help="This round's measurements (by name or id; default: the published one)."),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="From this time on, Hanoi time (default without a round: the last 30 days).")
    ] = None,
    province: Annotated[
        str | None, typer.Option(help="Only the communes of this province, by their places in it (id of the province).")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="table, json or csv.")] = Format.TABLE,
) -> None:
    """Rank ministries, provinces and communes by stored measurements."""
    context: CliContext = ctx.obj
    settings = context.settings
    criteria_set = load_criteria_set(settings.criteria_dir, criteria or settings.criteria_set)
    with Store.open(settings.store_url) as store:
        shown = shown_ranking(context, store, criteria_set, round_id=round_id, since=since)
    ranking, registry = shown.ranking, shown.registry
    if province is not None:
        _check_province(province, registry, criteria_set)
    blocks = block or tuple(Block)
    if province is not None:
        ranking = communes_of_province(ranking, registry, province)
    rows = ranking_rows(ranking, registry, context.translate, blocks)
    if format_ is Format.TABLE:
        print_ranking(
            context.console,
            ranking,
            registry,
            context.translate,
            blocks=blocks,
            province_id=province or "",
            simulated=settings.simulated,
        )
    elif format_ is Format.CSV:
        sys.stdout.write(ranking_to_csv(rows, simulated=settings.simulated))
    else:
        sys.stdout.write(ranking_to_json(ranking, rows, simulated=settings.simulated))


def _check_province(province_id: str, registry: Registry, criteria: CriteriaSet) -> None:
    """Refuse a province that is none, one whose communes nobody wrote down, and a set that ranks no communes."""
    provinces = [agency.id for agency in registry.agencies.values() if agency.block is Block.PROVINCE]
    if province_id not in provinces:
        hint = nearest(province_id, provinces) or "; `thuocdo portals list --block province` shows all"
        raise ConfigurationError(f"--province: no province '{province_id}'{hint}")
    if not registry.communes_of(province_id):
        raise ConfigurationError(
            f"--province: the registry holds no commune of '{province_id}'; `thuocdo portals import-communes` brings them in"
        )
    if Block.COMMUNE not in criteria.blocks:
        raise ConfigurationError(
            f"--province: criteria set '{criteria.id}' ranks no communes; give one that does (--criteria {COMMUNE_SET})"
        )


def shown_ranking(
    context: CliContext,
    store: Store,
    criteria: CriteriaSet,
    *,
    round_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Published:
    """
    Return the ranking that is asked for on the command line; that of a round that has ended as it is kept.

    Args:
        context: of the command.
        store: open.
        criteria: the criteria set.
        round_id: name or id; None = the published one.
        since, until: as clocks in Hanoi show them.

    Raises:
        ConfigurationError: there is no such round; the message names the nearest and all there are.
    """
    files = read_registry(context.settings.registry_dir)
    if since is None and until is None:
        round_ = known_round(store, round_id) if round_id else chosen_round(store.rounds, None)
        ranking = kept_of_round(store.rankings, criteria.id, round_) if round_ else None
        if round_ and ranking:
            registry = with_every_agency(files.at(day_of(round_, clock.now())), ranking, files.at(None).agencies)
            return Published(ranking=ranking, registry=registry, round=round_)
    try:
        return published_ranking(
            store,
            files.at,
            criteria,
            now=clock.now(),
            round_id=round_id,
            since=in_hanoi(since) if since else None,
            until=in_hanoi(until) if until else None,
        )
    except UnknownRoundError as exc:
        raise _unknown_round(exc) from exc


def known_round(store: Store, name: str) -> Round:
    """
    Return the round of a name or id.

    Raises:
        ConfigurationError: there is none; the message names the nearest and all there are.
    """
    try:
        found = chosen_round(store.rounds, name)
    except UnknownRoundError as exc:
        raise _unknown_round(exc) from exc
    assert found is not None, "a name was given"
    return found


def _unknown_round(error: UnknownRoundError) -> ConfigurationError:
    known = ", ".join(error.known) or "none yet; `thuocdo round LABEL` measures one"
    hint = nearest(error.asked, error.known)
    return ConfigurationError(f"--round: no round '{error.asked}'{hint} (there are: {known})")
