"""
Rounds: a bounded campaign whose settings are frozen when it begins, so that any process can work on it and go on after a crash.

The plan is not stored: it follows from the frozen settings, and what is already stored is left out of it.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from probes.kind import all_kinds
from schedules.cadence import load_schedule
from schedules.plan import plan_round
from thuocdo import clock
from thuocdo.config import Settings
from thuocdo.errors import ConfigurationError
from thuocdo.model import Job, Round
from thuocdo.portals import load_registry
from thuocdo.score.criteria import load_criteria_set
from thuocdo.store import Store

LEAD_SECONDS = 2.0
"""Time between the start of a round and its first probe, for the processes to come up."""


def begin_round(settings: Settings, store: Store, *, label: str, runs: Mapping[str, int] | None) -> Round:
    """
    Freeze the settings of a new round and store it; a round of the same label that has not ended is taken up again.

    Raises:
        ConfigurationError: registry, schedule or criteria set have mistakes, or have changed since the round began.
    """
    open_round = next((r for r in store.rounds() if r.label == label and r.ended_at is None), None)
    if open_round is not None:
        _check_unchanged(open_round, settings)
        return open_round
    now = clock.now()
    begun = Round(
        id=f"{now.astimezone(clock.HANOI):%Y%m%dT%H%M%S}-{hashlib.sha256(label.encode()).hexdigest()[:6]}",
        label=label,
        started_at=now,
        settings=_frozen(settings, now, runs),
    )
    begun = Round(
        id=begun.id,
        label=label,
        started_at=now,
        planned=len(_plan(settings, begun)),
        settings=begun.settings,
    )
    if not begun.planned:
        raise ConfigurationError(
            f"{settings.registry_dir}: no target is probed on {now:%Y-%m-%d}; "
            "confirm targets (confirmed: true) or check the dates"
        )
    store.begin_round(begun)
    return begun


def remaining_jobs(settings: Settings, store: Store, round_id: str, kinds: Collection[str]) -> list[Job]:
    """Return the jobs of a round that have no stored measurement yet, for the given kinds, in order."""
    begun = store.round(round_id)
    if begun is None:
        known = ", ".join(r.id for r in store.rounds()) or "none"
        raise ConfigurationError(f"round '{round_id}' is not in the store; known rounds: {known}")
    _check_unchanged(begun, settings)
    stored = store.keys(round_id)
    return [job for job in _plan(settings, begun) if job.kind in kinds and job.key not in stored]


def _plan(settings: Settings, begun: Round) -> list[Job]:
    day = begun.started_at.astimezone(clock.HANOI).date()
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
        "runs": json.dumps(dict(runs or {}), sort_keys=True),
    }


def _digests(settings: Settings, at: datetime) -> dict[str, str]:
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    return {
        "registry_digest": load_registry(settings.registry_dir, at=at.astimezone(clock.HANOI).date()).digest,
        "schedule_digest": hashlib.sha256(settings.schedule.read_bytes()).hexdigest(),
        "criteria_set": criteria.id,
        "criteria_digest": criteria.digest,
    }


def _check_unchanged(begun: Round, settings: Settings) -> None:
    present = _digests(settings, begun.started_at)
    changed = [name for name, value in present.items() if begun.settings.get(name) != value]
    if changed:
        raise ConfigurationError(
            f"round '{begun.label}': {', '.join(changed)} changed since it began; "
            "put the files back to go on with it, or begin a round of another label"
        )
