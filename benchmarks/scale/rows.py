"""
The measurements of a made-up fleet: due when the product's own planner says, made of real ones (templates.jsonl).

A slice of time gives the same measurements whenever it is asked for, so that a store may be filled a day at a time, and what
comes after the last day be written while something is measured.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale.fleet import VANTAGE
from benchmarks.scale.tempers import SEED, Temper, temper_of
from benchmarks.scale.templates import Template, load_templates
from schedules.cadence import load_schedule
from schedules.plan import Planner
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import Engine, Kind, Nature, all_kinds, answering_kind
from thuocdo.core.model import Conditions, Evidence, Job, Measurement, Observation, Outcome
from thuocdo.core.portals import load_registry

LONG_SLICE, SHORT_SLICE = timedelta(hours=1), timedelta(minutes=5)
"""So much is made at once: of few targets more, else every slice would be a handful of measurements; of many less, for memory."""

FEW_TARGETS = 500

EVIDENCE_EVERY = 20
"""As the product does (EvidenceSettings.every): each so many browser probes of a target take all evidence."""

RELEASE = timedelta(days=30)
"""The prober is updated so often: versions repeat, and not for ever."""

RENEWAL = timedelta(days=90)
"""Certificates are renewed so often."""

DISTANCE: Mapping[str, Mapping[str, float]] = {
    "http": {
        "resolve_seconds": 0.012,
        "connect_seconds": 0.021,
        "tls_seconds": 0.045,
        "processing_seconds": 0.021,
        "processing_raw_seconds": 0.021,
        "transfer_seconds": 0.033,
        "total_seconds": 0.132,
    }
}
"""The templates are of loopback, which is no distance: so many seconds are added, as a portal within the country shows them."""

SATURATED = {Engine.HTTP: 0.0005, Engine.BROWSER: 0.01}
"""Share of runs that a busy machine spoils."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinning:
    """
    Which http measurements are left out: before full_since all but one in one_in of each target, evenly in time.

    Each that is kept stands for one_in. The other kinds are few and always whole.
    """

    one_in: int = 1
    full_since: datetime | None = None


class Rows:
    """
    Measurements of a fleet.

    Args:
        settings: with the registry and the schedule of the fleet.
        on: an instant of the day whose registry is measured.
        thinning: what is left out.
        seed: the same seed gives the same measurements.
    """

    def __init__(self, settings: Settings, on: datetime, thinning: Thinning | None = None, seed: int = SEED) -> None:
        self._kinds = {name: kind for name, kind in all_kinds().items() if not kind.needs_mandate}
        self._templates = load_templates()
        missing = sorted(set(self._kinds) - set(self._templates))
        if missing:
            raise ValueError(f"templates.jsonl has nothing of {', '.join(missing)}: see benchmarks/scale/templates.py")
        self.targets = load_registry(settings.registry_dir, at=on.date()).probed_targets()
        self.thinning = thinning or Thinning()
        schedule = load_schedule(settings.schedule, all_kinds())
        self._planner = Planner(self.targets, schedule, set(self._kinds), vantage_id=VANTAGE)
        self._answers = answering_kind().name
        self._answers_every = timedelta(
            seconds=next(one.every_seconds for one in schedule.cadences if one.kind == self._answers)
        )
        self._seed = seed
        self._slice_length = LONG_SLICE if len(self.targets) < FEW_TARGETS else SHORT_SLICE

    def between(self, since: datetime, until: datetime) -> Iterator[Sequence[Measurement]]:
        """Yield the measurements with since <= scheduled_at < until, a slice of time at a time, in order."""
        length = self._slice_length
        number = (since - EPOCH) // length
        while (start := EPOCH + number * length) < until:
            rows = self._slice(start, number)
            is_whole = since <= start and start + length <= until
            yield rows if is_whole else [one for one in rows if since <= one.key.scheduled_at < until]
            number += 1

    def weight(self, kind: str, target_id: str, at: datetime) -> int:
        """Return for how many a measurement stands, 0 = it is left out."""
        one_in, full_since = self.thinning.one_in, self.thinning.full_since
        if one_in == 1 or kind != self._answers or (full_since is not None and at >= full_since):
            return 1
        number = (at - EPOCH) // self._answers_every
        return one_in if (number + crc32(target_id.encode())) % one_in == 0 else 0

    def temper(self, portal_id: str) -> Temper:
        """Return how a portal behaves."""
        return temper_of(portal_id, self._seed)

    def _slice(self, start: datetime, number: int) -> list[Measurement]:
        rng = np.random.default_rng([self._seed, number])
        jobs = self._planner.due(start, start + self._slice_length)
        # Drawn for all, those that are left out included: however much is left out, the rest ends in the same way.
        chances = rng.random(len(jobs)).tolist()
        groups: dict[tuple[str, Template], list[tuple[Job, Temper]]] = defaultdict(list)
        for job, chance in zip(jobs, chances, strict=True):
            if self.weight(job.kind, job.target.id, job.scheduled_at):
                temper = self.temper(job.target.portal_id)
                reason = temper.conclusion(job.scheduled_at, chance)
                known = self._templates[job.kind]
                template = known.ok(temper.page_kind) if reason is None else known.ended(reason)
                groups[job.kind, template].append((job, temper))
        made = [
            one
            for (kind, template), group in groups.items()
            for one in _varied(self._kinds[kind], template, group, rng)
        ]
        made.sort(key=lambda one: one.key.scheduled_at)
        return made


def _varied(
    kind: Kind, template: Template, group: Sequence[tuple[Job, Temper]], rng: np.random.Generator
) -> Iterator[Measurement]:
    """Yield a measurement for each job: what the template saw, with the numbers of the job's own portal and moment."""
    number, real, seen = len(group), template.real, template.real.observation
    tempers = [temper for _, temper in group]
    spread, speed, weight = (
        np.asarray([getattr(one, name) for one in tempers]) for name in ("spread", "speed", "weight")
    )
    pace = speed * np.exp(rng.normal(0.0, 1.0, number) * spread)
    expiry = _expiries(group)
    columns = [
        _changed(
            _nature(kind, name),
            value + DISTANCE.get(kind.name, {}).get(name, 0.0),
            pace=pace,
            weight=weight,
            expiry=expiry,
            rng=rng,
        )
        for name, value in seen.values.items()
    ]
    measured = np.column_stack(columns).tolist() if columns else [()] * number
    lags, lateness = (_microseconds(rng.exponential(mean, number)) for mean in (0.002, 0.004))
    pressures = _microseconds(rng.beta(1.5, 8.0, number))
    lasted = _microseconds(real.duration_seconds * pace)
    in_flight = rng.integers(1, 5, number).tolist()
    saturated = (rng.random(number) < (SATURATED[kind.engine] if kind.timed else 0.0)).tolist()
    in_full = (rng.random(number) * EVIDENCE_EVERY < 1.0).tolist()
    for i, (job, temper) in enumerate(group):
        host, at = _host(job.target.url), job.scheduled_at
        has_evidence = bool(seen.evidence) and (in_full[i] or seen.outcome is not Outcome.OK)
        yield Measurement(
            key=job.key,
            agency_id=job.target.agency_id,
            started_at=at + timedelta(seconds=lateness[i]),
            duration_seconds=lasted[i],
            observation=Observation(
                outcome=seen.outcome,
                reason=seen.reason,
                detail=template.detail(host, temper.address),
                page_kind=seen.page_kind,
                values=dict(zip(seen.values, measured[i], strict=True)),
                attributes=template.attributes(host, temper.address, has_evidence=has_evidence),
                findings=seen.findings,
                tested=seen.tested,
                not_testable=seen.not_testable,
                evidence=tuple(_anew(piece, rng) for piece in seen.evidence) if has_evidence else (),
            ),
            conditions=Conditions(
                loop_lag_seconds=lags[i],
                cpu_pressure_ratio=pressures[i],
                in_flight=in_flight[i],
                lateness_seconds=lateness[i],
                saturated=saturated[i],
                versions=template.versions((at - EPOCH) // RELEASE),
            ),
        )


@cache
def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _nature(kind: Kind, name: str) -> Nature | None:
    return next((value.nature for value in kind.values if value.name == name), None)


def _changed(
    nature: Nature | None, value: float, *, pace: Numbers, weight: Numbers, expiry: Numbers, rng: np.random.Generator
) -> Numbers:
    """Return one value of a template as it varies over runs: times with the pace, sizes with the portal's weight."""
    number = len(pace)
    if nature is Nature.DURATION:
        return np.round(value * pace * np.exp(rng.normal(0.0, 0.05, number)), 6)
    if nature is Nature.SIZE:
        return np.round(value * weight * (1.0 + rng.normal(0.0, 0.005, number)))
    if nature is Nature.INSTANT:
        return expiry
    if nature in (Nature.SCORE, Nature.INDEX):
        return np.round(value * (1.0 + 0.02 * rng.random(number)), 6).clip(max=100.0)
    return np.full(number, value)


def _expiries(group: Sequence[tuple[Job, Temper]]) -> Numbers:
    """Return when each portal's certificate expires, in seconds since 1970: 30 days after it is next renewed."""
    renewal, days = RENEWAL.total_seconds(), 86_400.0
    offsets = np.asarray([crc32(temper.portal_id.encode()) % int(renewal) for _, temper in group], dtype=float)
    at = np.asarray([job.scheduled_at.timestamp() for job, _ in group])
    expiries: Numbers = np.ceil((at - offsets) / renewal) * renewal + offsets + 30 * days
    return expiries


def _microseconds(seconds: Numbers) -> list[float]:
    rounded: list[float] = np.round(seconds, 6).tolist()
    return rounded


def _anew(piece: Evidence, rng: np.random.Generator) -> Evidence:
    """Return a piece as another visit would leave it: of its own content, and of about the same size."""
    size = int(piece.size_bytes * rng.uniform(0.8, 1.2))
    return Evidence(kind=piece.kind, sha256=rng.bytes(32).hex(), media_type=piece.media_type, size_bytes=size)
