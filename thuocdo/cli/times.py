"""`thuocdo times`: which home pages are faster than which, as far as that can be told."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.rank import known_round
from thuocdo.core import clock
from thuocdo.core.clock import hanoi_day
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Kind, Nature, all_kinds
from thuocdo.core.model import Block, Round, TargetRole
from thuocdo.core.portals import Registry, read_registry
from thuocdo.core.profiles import PLAIN_PROFILE, PROFILES
from thuocdo.core.yamlfile import nearest
from thuocdo.reports.comparing import SEED, asked_of_round, compared
from thuocdo.reports.method_changes import MethodChange, method_changes
from thuocdo.reports.terminal import FULL_COLUMNS
from thuocdo.reports.times import TimesAsked, TimesReport, changes_document, times_document, times_to_json
from thuocdo.score.changes import carried_to, changes
from thuocdo.score.criteria import CriteriaSet, load_criteria_set
from thuocdo.score.kept import kept_of_round
from thuocdo.score.published import day_of
from thuocdo.store import Store, block_floor

WEEK = 7
MOST_DAYS = 92


def times(
    ctx: typer.Context,
    block: Annotated[
        list[Block] | None,
        typer.Option(help="Only this block; may be given several times (default: those that are ranked)."),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="Kind of probe: `homepage` (a browser) or `http` (one answer).")
    ] = "homepage",
    profile: Annotated[str, typer.Option(help="Device profile.")] = PLAIN_PROFILE,
    days: Annotated[
        int | None, typer.Option(min=1, max=MOST_DAYS, help="Of how many days up to now (default: 7).")
    ] = None,
    round_id: Annotated[
        str | None, typer.Option("--round", help="This round's measurements (by name or id) instead of days.")
    ] = None,
    with_before: Annotated[
        bool,
        typer.Option(
            "--changes",
            help="Who became faster or slower, against as many days before; of a round, against the one before it.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
) -> None:
    """Compare how long home pages take: places that hold for all at once, and who may be said to be faster than whom."""
    context: CliContext = ctx.obj
    settings, now = context.settings, clock.now()
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    found = _kind(kind)
    if round_id and days is not None:
        raise ConfigurationError("--days: a round has its own days; leave --days or --round out")
    if profile not in PROFILES:
        raise ConfigurationError(f"--profile: no profile '{profile}'{nearest(profile, PROFILES) or _valid(PROFILES)}")
    files = read_registry(settings.registry_dir)
    documents, report = [], TimesReport(context.translate, is_narrow=context.console.width < FULL_COLUMNS)
    with Store.open(settings.store_url) as store:
        round_ = known_round(store, round_id) if round_id else None
        last_round = _round_before(store, round_) if round_ and with_before else None
        otherwise = _otherwise(store, criteria, last_round, round_) if round_ and last_round else ()
        registry = files.at(day_of(round_, now))
        for one in dict.fromkeys(block or criteria.blocks):
            asked = _asked(one, found, profile, round_, days or WEEK, now)
            told = compared(store, registry, criteria, asked, round_)
            if not with_before:
                documents.append(times_document(asked, told, registry))
                shown = report.shown(asked, told, registry)
            else:
                earlier = _asked(one, found, profile, last_round, days or WEEK, now if last_round else asked.since)
                of_then = files.at(hanoi_day(earlier.since))
                heirs = carried_to(files.at(None).agencies, registry.agencies)
                then = compared(store, of_then, criteria, earlier, last_round, heirs)
                turned = changes(then, told, _merged(heirs, of_then))
                known = replace(registry, agencies={**of_then.agencies, **registry.agencies})
                documents.append(changes_document(earlier, asked, turned, known, otherwise))
                shown = report.changed(earlier, asked, turned, known, otherwise)
            if not as_json:
                context.console.print(shown, "")
    if as_json:
        sys.stdout.write(times_to_json(documents, simulated=settings.simulated))
    elif settings.simulated:
        context.console.print(context.translate("ranking.simulated"), style="bold red")


def _merged(heirs: Mapping[str, str], of_then: Registry) -> dict[str, tuple[str, ...]]:
    """Return whom agencies have taken in since then, by id."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(of_then.agencies):
        if name in heirs:
            found[heirs[name]] = (*found.get(heirs[name], ()), name)
    return found


def _asked(block: Block, kind: Kind, profile: str, round_: Round | None, days: int, now: datetime) -> TimesAsked:
    if round_:
        return asked_of_round(round_, block, kind, profile, until=now)
    assert kind.main_value is not None, "kinds without one are refused"
    until = block_floor(now)
    return TimesAsked(
        block=block,
        kind=kind.name,
        value=kind.main_value.name,
        profile=profile,
        since=until - timedelta(days=days),
        until=until,
        seed=SEED,
    )


def _round_before(store: Store, round_: Round) -> Round:
    """
    Return the last round that ended before a round began.

    Raises:
        ConfigurationError: there is none.
    """
    ended = [
        one
        for one in store.rounds.all()
        if one.ended_at is not None and one.ended_at <= round_.started_at and one.id != round_.id
    ]
    if not ended:
        raise ConfigurationError(f"--changes: no round ended before '{round_.label}' began; leave --changes out")
    return ended[-1]


def _otherwise(store: Store, criteria: CriteriaSet, before: Round, round_: Round) -> tuple[MethodChange, ...]:
    """Return what was done otherwise in the round before; times of both are compared by this program's method all the same."""
    kept = [kept_of_round(store.rankings, criteria.id, one) for one in (before, round_)]
    return method_changes(before, round_, *(one.method_version if one else "" for one in kept))


def _kind(name: str) -> Kind:
    """Return a kind that measures how long home pages take."""
    known = {
        kind.name: kind
        for kind in all_kinds().values()
        if TargetRole.HOMEPAGE in kind.roles and kind.main_value and kind.main_value.nature is Nature.DURATION
    }
    if name not in known:
        raise ConfigurationError(f"--kind: '{name}' is no time of home pages{nearest(name, known) or _valid(known)}")
    return known[name]


def _valid(names: Iterable[str]) -> str:
    return f"; valid are {', '.join(sorted(names))}"
