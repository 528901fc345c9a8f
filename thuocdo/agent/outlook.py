"""What a planned round comes to before it is opened: whom it visits how often, what it takes of machines, what it will tell."""

import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schedules.cadence import load_schedule
from schedules.drawing import Draw, entries_of
from schedules.phases import Entry
from schedules.plan import Planner
from schedules.round_plan import RoundPlan
from thuocdo.core.clock import hanoi_day
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Block, Target, TargetRole
from thuocdo.core.portals import load_registry
from thuocdo.core.profiles import PLAIN_PROFILE, PROFILES
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.expected import ASSUMED, ASSUMED_BETWEEN, Expected, between_of, expected
from thuocdo.score.noise import Noise
from thuocdo.score.typical_times import TypicalTimes, typical_times
from thuocdo.store import Store, block_floor

PAGE_CPU_SECONDS = 0.75
"""CPU of one visit to a page of a megabyte (docs/benchmarks.md, visit cost: 0.74 on 2 cores of an AMD EPYC)."""

LOOKED_BACK = timedelta(days=14)
"""From which the noise of portals is estimated."""

_SEEDS = ("00" * 32, "5e" * 32, "a7" * 32)
"""Only numbers of visits are told of a plan, never an instant: those follow from the round's own seed, which places others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockOutlook:
    """
    What a round will tell of one block of agencies.

    agencies: compared. portals, without_eform: measured, and those of them that have no form in the registry. noise: of loads
    there, as the store has it, else as assumed. is_assumed: whether it is.
    """

    block: Block
    agencies: int
    portals: int
    without_eform: int
    noise: Noise
    is_assumed: bool
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """
    What a plan comes to.

    runs: of each kind, on all targets in all blocks. visits_an_hour: pages that one vantage point loads in the busiest hour of a
    day of the round, everyday ones among them. machines: like this one that it takes there. unplaced: runs on the first day for
    which no instant is polite. added: runs of a day that come on top of everyday ones.
    """

    plan: RoundPlan
    targets: int
    agencies: int
    runs: Mapping[str, int]
    runs_of_a_portal: int
    visits_an_hour: int
    machines: int
    unplaced: int
    added: int
    blocks: tuple[BlockOutlook, ...]


def outlook(settings: Settings, store: Store | None, plan: RoundPlan, now: datetime) -> Outlook:
    """
    Look at a plan.

    Args:
        settings: in force.
        store: where noise is estimated from; None = there is none, it is assumed.
        plan: of the round.
        now: the present instant.

    Raises:
        ConfigurationError: registry, schedule or criteria set have mistakes.
    """
    planner, entries, _ = _first_day(settings, plan, _SEEDS[0])
    targets = {entry.target.id: entry.target for entry in entries}
    hours = _visits_by_hour(planner, plan)
    runs: Counter[str] = Counter()
    for entry in entries:
        runs[entry.cadence.kind] += plan.loads[entry.cadence.kind] * len(plan.blocks) * len(plan.vantage_ids)
    busiest = max(hours.values(), default=0)
    an_hour = 3600 * (os.cpu_count() or 1) * settings.browser.cpu_share / PAGE_CPU_SECONDS
    return Outlook(
        plan=plan,
        targets=len(targets),
        agencies=len({one.agency_id for one in targets.values()}),
        runs=dict(runs),
        runs_of_a_portal=math.ceil(sum(runs.values()) / max(len({one.portal_id for one in targets.values()}), 1)),
        visits_an_hour=busiest,
        machines=max(1, math.ceil(busiest / an_hour)),
        unplaced=unplaced_runs(settings, plan),
        added=sum(run.instead_of_ms is None for run in planner.drawn),
        blocks=tuple(
            _of_block(settings, store, plan, block, list(targets.values()), now)
            for block in Block
            if block in plan.ranked
        ),
    )


def unplaced_runs(settings: Settings, plan: RoundPlan) -> int:
    """Return how many runs of a plan's first day find no instant that is polite, at worst; raises as `outlook`."""
    return max(_first_day(settings, plan, seed)[2] for seed in _SEEDS)


def _first_day(settings: Settings, plan: RoundPlan, seed: str) -> tuple[Planner, list[Entry], int]:
    """Return the plan of the first day, all that the round measures, and how many runs found no instant."""
    kinds = all_kinds()
    registry = load_registry(settings.registry_dir, at=plan.first_day)
    schedule = load_schedule(settings.schedule, kinds)
    entries = entries_of(plan, registry.targets.values(), schedule, kinds)
    draw = Draw(round_id=plan.id, seed=seed, plan=plan, frozen=registry.targets, schedule=schedule)
    planner = Planner(registry.probed_targets(), schedule, kinds, "", draws=[draw], all_kinds=kinds, day=plan.first_day)
    blocks = sum(hanoi_day(block.start) == plan.first_day for block in plan.blocks)
    wanted = sum(plan.loads[entry.cadence.kind] for entry in entries) * blocks
    return planner, entries, wanted - len(planner.drawn)


def _visits_by_hour(planner: Planner, plan: RoundPlan) -> Mapping[int, int]:
    """Return how many pages are loaded in each hour of the first day."""
    kinds, found = all_kinds(), Counter[int]()
    midnight = plan.begins_at.replace(hour=0, minute=0)
    for hour in range(24):
        start = midnight + timedelta(hours=hour)
        due = planner.due(start, start + timedelta(hours=1))
        found[hour] = sum(kinds[job.kind].engine is Engine.BROWSER for job in due)
    return found


def _of_block(
    settings: Settings,
    store: Store | None,
    plan: RoundPlan,
    block: Block,
    targets: list[Target],
    now: datetime,
) -> BlockOutlook:
    here = [one for one in targets if one.block is block]
    homes = [one for one in here if one.role is TargetRole.HOMEPAGE]
    forms = {one.portal_id for one in here if one.role is TargetRole.EFORM}
    agencies = len({one.agency_id for one in homes})
    seen = _seen(settings, store, homes, now) if store is not None else None
    noise = seen.noise if seen is not None and seen.noise is not None else ASSUMED
    is_assumed = noise is ASSUMED
    between = ASSUMED_BETWEEN if is_assumed or seen is None else between_of(seen.estimates)
    return BlockOutlook(
        block=block,
        agencies=agencies,
        portals=len({one.portal_id for one in here}),
        without_eform=len({one.portal_id for one in homes} - forms),
        noise=noise,
        is_assumed=is_assumed,
        expected=expected(max(agencies, 2), plan.days, len(plan.starts), noise, between, seed=1),
    )


def _seen(settings: Settings, store: Store, homes: list[Target], now: datetime) -> TypicalTimes:
    kind = all_kinds()["homepage"]
    assert kind.main_value is not None
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    until = block_floor(now)
    groups = store.rollups.by_block(until - LOOKED_BACK, until, {kind.name: (kind.main_value.name,)})
    return typical_times(
        groups,
        homes,
        value=kind.main_value.name,
        profile=PLAIN_PROFILE,
        page_kinds=criteria.page_kinds_ranked,
        longest_seconds=PROFILES[PLAIN_PROFILE].deadline_seconds(kind.deadline_seconds),
        seed=1,
    )
