"""
A planned round of a week without the week: made-up measurements, by a real plan, in a real store.

For the demo, which has minutes, and for tests. What it makes up it takes from what was measured: each portal's own runs, as much
longer or shorter as loads differ from day to day and hour to hour. Only a store of simulated figures is given one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from schedules.cadence import load_schedule
from schedules.drawing import DrawnRun, Series
from schedules.opened import draw_of
from schedules.phases import EPOCH
from schedules.plan import Planner
from schedules.round_plan import RoundPlan
from thuocdo.agent.planned_rounds import end_round, open_round
from thuocdo.core.clock import hanoi_day
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Nature, all_kinds
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Round, RoundFile
from thuocdo.core.portals import load_registry
from thuocdo.score.noise import SPIKE, Noise
from thuocdo.store import Store

BATCH = 500


def made_up_round(
    settings: Settings,
    store: Store,
    plan: RoundPlan,
    files: Sequence[RoundFile],
    seen: Iterable[Measurement],
    noise: Noise,
) -> Round:
    """
    Open a planned round whose days are over, fill it, and end it.

    Args:
        settings: in force; of simulated figures.
        store: open.
        plan: of days that are over.
        files: that the round freezes.
        seen: see `fill`.
        noise: see `fill`.

    Raises:
        ConfigurationError: the figures are not simulated, or the round cannot be opened.
    """
    opened = open_round(settings, store, plan, files, plan.begins_at - timedelta(days=1))
    fill(settings, store, opened, seen, noise)
    end_round(store, opened)
    found = store.rounds.get(opened.id)
    assert found is not None, "it was opened"
    return found


def fill(settings: Settings, store: Store, round_: Round, seen: Iterable[Measurement], noise: Noise) -> None:
    """
    Write made-up measurements of all that a planned round wants, at the instants that are drawn for it.

    Args:
        settings: in force; of simulated figures.
        store: open.
        round_: that was opened.
        seen: what was measured of these targets; a series of which nothing was is left out.
        noise: of each portal's loads.

    Raises:
        ConfigurationError: the figures are not simulated.
    """
    if not settings.simulated:
        raise ConfigurationError("simulated: a made-up round stands only beside simulated figures; set simulated: true")
    runs: Mapping[Series, list[Measurement]] = defaultdict(list)
    for one in seen:
        if not one.is_lost_by_us:
            runs[(one.key.target_id, one.key.kind, one.key.profile)].append(one)
    # Of the round's own seed, so that what is made up can be made up again.
    generator = np.random.Generator(np.random.PCG64(int(round_.seed[:12], 16)))
    draw = draw_of(round_, store.rounds.files_of(round_.id))
    kinds, vantage_id = all_kinds(), draw.plan.vantage_ids[0]
    schedule = load_schedule(settings.schedule, kinds)
    for day in sorted({hanoi_day(block.start) for block in draw.plan.blocks}):
        targets = load_registry(settings.registry_dir, at=day).probed_targets()
        planner = Planner(targets, schedule, kinds, vantage_id, draws=[draw], all_kinds=kinds, day=day)
        of_day = {series: noise.day * generator.standard_normal() for series in sorted(runs)}
        made = [
            _made_up(run, runs[run.series], of_day[run.series], noise, vantage_id, generator)
            for run in planner.drawn
            if run.series in of_day
        ]
        for start in range(0, len(made), BATCH):
            store.measurements.write(made[start : start + BATCH])


def _made_up(
    run: DrawnRun,
    seen: Sequence[Measurement],
    of_day: float,
    noise: Noise,
    vantage_id: str,
    generator: np.random.Generator,
) -> Measurement:
    """Return one run, after one that was seen."""
    one = seen[int(generator.integers(len(seen)))]
    longer = of_day + np.hypot(noise.hour, noise.run) * generator.standard_normal()
    longer += SPIKE * (generator.random() < noise.spikes)
    at: datetime = EPOCH + timedelta(milliseconds=run.at_ms)
    return replace(
        one,
        key=MeasurementKey(
            target_id=run.entry.target.id,
            kind=run.entry.cadence.kind,
            vantage_id=vantage_id,
            profile=run.entry.profile,
            scheduled_at=at,
        ),
        agency_id=run.entry.target.agency_id,
        started_at=at,
        observation=replace(
            one.observation,
            values=_longer(run.entry.cadence.kind, one.observation.values, float(np.exp(longer))),
            evidence=(),
        ),
        conditions=Conditions(versions=one.conditions.versions),
        round_id=run.round_id,
    )


def _longer(kind: str, values: Mapping[str, float], factor: float) -> dict[str, float]:
    """Return values with their durations so many times as long; no load is longer than its deadline, or it would have failed."""
    declared, longest = all_kinds()[kind], all_kinds()[kind].deadline_seconds
    durations = {value.name for value in declared.values if value.nature is Nature.DURATION}
    return {
        name: round(min(value * factor, longest), 6) if name in durations else value for name, value in values.items()
    }
