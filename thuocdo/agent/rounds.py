"""
Rounds: a bounded campaign whose settings are frozen when it begins, so that any process can work on it and go on after a crash.

The plan is not stored: it follows from the frozen settings, and what is already stored is left out of it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from schedules.cadence import load_schedule
from schedules.phases import browser_interval_seconds
from schedules.plan import plan_round
from thuocdo.agent.again import is_taken_again
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.frozen import files_digest, frozen_files
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Conditions, Job, Measurement, MeasurementKey, Observation, Reason, Round
from thuocdo.core.portals import load_registry
from thuocdo.score.criteria import load_criteria_set
from thuocdo.store import MeasurementQuery, Store

PLAN = "2"
"""Which way of planning rounds this is; another one gives other instants, which are part of a measurement's key."""

LEAD_SECONDS = 2.0
"""Time between the start of a round and its first probe, for the processes to come up."""


Series = tuple[str, str, str]
"""Target, kind and profile: what a round measures several times."""


def begin_round(settings: Settings, store: Store, *, label: str, runs: Mapping[str, int] | None) -> Round:
    """
    Freeze the settings of a new round and store it; a round of the same label that has not ended is taken up again.

    Raises:
        ConfigurationError: registry, schedule or criteria set have mistakes, or have changed since the round began; or a round of
            this label has ended: a round is called by its label, so that no two may share one.
    """
    of_label = [one for one in store.rounds.all() if label in (one.label, one.id)]
    open_round = next((one for one in of_label if one.ended_at is None), None)
    if of_label and open_round is None:
        raise ConfigurationError(
            f"LABEL: round '{label}' has ended; give the new one another name (`thuocdo rounds` lists all)"
        )
    if open_round is not None and open_round.is_planned:
        raise ConfigurationError(
            f"LABEL: round '{label}' is a planned one, which `thuocdo run` measures; give the short one another name"
        )
    if open_round is not None:
        _check_unchanged(open_round, settings)
        return open_round
    now = clock.now()
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule)
    begun = Round(
        id=f"{now.astimezone(clock.HANOI):%Y%m%dT%H%M%S}-{hashlib.sha256(label.encode()).hexdigest()[:6]}",
        label=label,
        started_at=now,
        settings={**_frozen(settings, now, runs), "files_digest": files_digest(files)},
    )
    begun = replace(begun, planned=len(plan_of(settings, begun)))
    if not begun.planned:
        raise ConfigurationError(
            f"{settings.registry_dir}: no target is probed on {now:%Y-%m-%d}; "
            "confirm targets (confirmed: true) or check the dates"
        )
    store.rounds.begin(begun, files)
    return begun


def remaining_jobs(settings: Settings, store: Store, round_id: str, kinds: Collection[str]) -> list[Job]:
    """Return the jobs of a round that have no stored measurement yet, for the given kinds, in order."""
    begun = _known_round(store, round_id)
    _check_unchanged(begun, settings)
    stored = store.measurements.keys(round_id)
    return [job for job in plan_of(settings, begun) if job.kind in kinds and job.key not in stored]


def retakes(settings: Settings, store: Store, round_id: str, kinds: Collection[str], now: datetime) -> list[Job]:
    """
    Return one more job for every series of a round that lacks a run for something at us; empty = all is well.

    A series (target, kind, profile) is given up after twice the planned runs: this machine is then too slow for the round, or its
    line too bad, which coverage and the number of runs show. Browser visits of a target keep their distance.
    """
    begun = _known_round(store, round_id)
    planned = [job for job in plan_of(settings, begun) if job.kind in kinds]
    wanted = Counter(_series(job.key) for job in planned)
    taken: Counter[Series] = Counter()
    good: Counter[Series] = Counter()
    last_visit: dict[str, datetime] = {}
    for kind in sorted(kinds):
        for one in store.measurements.find(MeasurementQuery(round_id=round_id, kind=kind)):
            taken[_series(one.key)] += 1
            good[_series(one.key)] += not one.is_lost_by_us
            if all_kinds()[kind].engine is Engine.BROWSER:
                last_visit[one.key.target_id] = max(one.started_at, last_visit.get(one.key.target_id, one.started_at))
    again = {
        series: job
        for series, job in ((_series(job.key), job) for job in planned)
        if taken[series] and is_taken_again(wanted=wanted[series], taken=taken[series], good=good[series])
    }
    return sorted(
        (replace(job, scheduled_at=_polite_instant(job, last_visit, now)) for job in again.values()),
        key=lambda job: job.scheduled_at,
    )


def given_up(job: Job, detail: str) -> Measurement:
    """Return the measurement of a job that could not be measured; detail: why, for people."""
    return Measurement(
        key=job.key,
        agency_id=job.target.agency_id,
        started_at=clock.now(),
        duration_seconds=0.0,
        observation=Observation.ended(Reason.INTERNAL_ERROR, detail),
        conditions=Conditions(),
        round_id=job.round_id,
    )


def _polite_instant(job: Job, last_visit: Mapping[str, datetime], now: datetime) -> datetime:
    """Return when a job may be taken again: now, or when the browser may come back to its target."""
    if job.target.id not in last_visit:
        return now
    # Nobody visited it in the future: the clock was moved back since.
    last = min(now, last_visit[job.target.id])
    return max(now, last + timedelta(seconds=browser_interval_seconds(job.target)))


def _series(key: MeasurementKey) -> Series:
    return (key.target_id, key.kind, key.profile)


def _known_round(store: Store, round_id: str) -> Round:
    begun = store.rounds.get(round_id)
    if begun is None:
        known = ", ".join(r.id for r in store.rounds.all()) or "none"
        raise ConfigurationError(f"round '{round_id}' is not in the store; known rounds: {known}")
    return begun


def plan_of(settings: Settings, begun: Round) -> list[Job]:
    """Return all jobs of a round, in order; the settings are those that it froze."""
    day = clock.hanoi_day(begun.started_at)
    kinds = all_kinds()
    return plan_round(
        load_registry(settings.registry_dir, at=day).probed_targets(),
        load_schedule(settings.schedule, kinds),
        kinds,
        vantage_id=begun.settings["vantage"],
        round_id=begun.id,
        starts_at=begun.started_at + timedelta(seconds=LEAD_SECONDS),
        runs=json.loads(begun.settings["runs"]) or None,
    )


def _frozen(settings: Settings, now: datetime, runs: Mapping[str, int] | None) -> dict[str, str]:
    return {
        **_digests(settings, now),
        "vantage": settings.vantage.id,
        "runs": json.dumps(dict(runs or load_schedule(settings.schedule, all_kinds()).runs), sort_keys=True),
    }


def _digests(settings: Settings, at: datetime) -> dict[str, str]:
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    return {
        "registry_digest": load_registry(settings.registry_dir, at=clock.hanoi_day(at)).digest,
        "schedule_digest": hashlib.sha256(settings.schedule.read_bytes()).hexdigest(),
        "criteria_set": criteria.id,
        "criteria_digest": criteria.digest,
        "plan": PLAN,
    }


def _check_unchanged(begun: Round, settings: Settings) -> None:
    present = _digests(settings, begun.started_at)
    changed = [name for name, value in present.items() if begun.settings.get(name) != value]
    if "plan" in changed:  # instants of another plan are other measurements: nothing that is stored would count
        raise ConfigurationError(
            f"round '{begun.label}' was begun by a version that plans rounds in another way; "
            "finish it with that version, or begin a round of another label"
        )
    if changed:
        raise ConfigurationError(
            f"round '{begun.label}': {', '.join(changed)} changed since it began; "
            "put the files back to go on with it, or begin a round of another label"
        )
