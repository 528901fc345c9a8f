"""Reads a period from what is kept of everyday measuring: tallies of hours, roll-ups, incidents, announced maintenance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schedules.maintenance import MaintenanceWindow
from thuocdo.core.clock import hanoi_day
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Agency, Block, HourTally, Incident, Outcome, Reason, Target, TargetRole
from thuocdo.core.portals import Registry, RegistryFiles
from thuocdo.incidents.availability import AvailabilityReport, availability
from thuocdo.periods.alphabet import alphabetical
from thuocdo.periods.content import (
    AgencyPeriod,
    AnnouncedMaintenance,
    MeasuredTime,
    PeriodContent,
    PeriodIncident,
    TargetPeriod,
    added,
    most_frequent,
)
from thuocdo.periods.period import Period
from thuocdo.publication.issuing import IssuingBody
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.series_times import SeriesTime, series_times
from thuocdo.store import Store

BLOCKS = (Block.MINISTRY, Block.PROVINCE, Block.NATIONAL)
"""Whose agencies a report tells of: of thousands of communes no office could read one."""

_Times = Mapping[tuple[str, str, str], SeriesTime]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodSources:
    """
    What a period is told by, beside the store.

    registry: of all time. criteria: says which kinds of page have a time that counts. maintenance: all that was announced.
    objective: share of probes that must be ok. issuer: None = its places stay blank.
    """

    registry: RegistryFiles
    criteria: CriteriaSet
    maintenance: Sequence[MaintenanceWindow]
    objective: float
    issuer: IssuingBody | None = None
    synthetic: bool = False


def read_period(store: Store, period: Period, sources: PeriodSources, now: datetime) -> PeriodContent:
    """
    Return what a period came to, as far as it lies behind.

    Raises:
        StoreError: the store cannot be read.
    """
    until = min(period.end, now)
    last_day = min(date.fromordinal(period.after.toordinal() - 1), hanoi_day(now))
    first, last = sources.registry.at(period.first), sources.registry.at(max(last_day, period.first))
    agencies = {one.id: one for one in (*first.agencies.values(), *last.agencies.values()) if one.block in BLOCKS}
    targets = {one.id: one for one in (*first.probed_targets(), *last.probed_targets()) if one.agency_id in agencies}
    names = _Names(last, first)
    totals = store.incidents.tally_totals(period.start, until)
    reading = _Reading(
        tallies=_by_target(totals),
        before=_by_target(store.incidents.tally_totals(period.before.start, period.before.end)),
        times=_times(store, period.start, until, targets, sources.criteria),
        times_before=_times(store, period.before.start, period.before.end, targets, sources.criteria),
        reasons=_reasons(store, period.start, until, targets),
        incidents=_incidents(store, period.start, until, names),
    )
    measured = [one.hour for one in totals if one.target_id in targets]
    found = [
        _agency(agency, targets, reading, names, sources, (period.start, until), gone=agency.id not in last.agencies)
        for agency in agencies.values()
    ]
    order = {block: place for place, block in enumerate(BLOCKS)}
    return PeriodContent(
        period=period,
        made_at=now if now < period.end else period.end,
        is_over=period.is_over(now),
        measured_from=min(measured, default=None),
        agencies=tuple(
            sorted(
                (one for one in found if one.targets),
                key=lambda one: (order[one.agency.block], alphabetical(one.agency.name_vi), one.agency.id),
            )
        ),
        objective=sources.objective,
        issuer=sources.issuer,
        synthetic=sources.synthetic,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    tallies: Mapping[str, AvailabilityReport]
    before: Mapping[str, AvailabilityReport]
    times: _Times
    times_before: _Times
    reasons: Mapping[str, tuple[tuple[Reason, int], ...]]
    incidents: Mapping[str, tuple[PeriodIncident, ...]]


class _Names:
    """What targets and agencies are called, by the newest registry that knows them."""

    def __init__(self, *registries: Registry) -> None:
        self._registries = registries

    def target(self, target_id: str) -> str:
        """Return a target's name, its id where no registry knows it."""
        for registry in self._registries:
            if target_id in registry.targets:
                return registry.called(registry.targets[target_id], "vi")
        return target_id

    def agency(self, agency_id: str) -> str:
        """Return an agency's name, its id where no registry knows it."""
        for registry in self._registries:
            if agency_id in registry.agencies:
                return registry.agencies[agency_id].full_name("vi")
        return agency_id


def _agency(
    agency: Agency,
    targets: Mapping[str, Target],
    reading: _Reading,
    names: _Names,
    sources: PeriodSources,
    span: tuple[datetime, datetime],
    *,
    gone: bool,
) -> AgencyPeriod:
    mine = sorted((one for one in targets.values() if one.agency_id == agency.id), key=lambda one: one.id)
    homes = [one.id for one in mine if one.role is TargetRole.HOMEPAGE]
    nothing = AvailabilityReport()
    return AgencyPeriod(
        agency=agency,
        report=added(reading.tallies.get(name, nothing) for name in homes),
        before=added(reading.before.get(name, nothing) for name in homes),
        targets=tuple(
            TargetPeriod(
                target_id=one.id,
                called=names.target(one.id),
                report=reading.tallies.get(one.id, nothing),
                times=tuple(_times_of(one.id, reading)),
            )
            for one in mine
        ),
        incidents=reading.incidents.get(agency.id, ()),
        maintenance=tuple(_maintenance(sources.maintenance, mine, span)),
        reasons=reading.reasons.get(agency.id, ()),
        taken_over_by=names.agency(agency.successor_id) if gone and agency.successor_id else "",
    )


def _times_of(target_id: str, reading: _Reading) -> Iterator[MeasuredTime]:
    for (name, kind, profile), time in sorted(reading.times.items(), key=lambda one: one[0]):
        if name == target_id:
            before = reading.times_before.get((name, kind, profile))
            yield MeasuredTime(
                kind=kind,
                profile=profile,
                seconds=time.median,
                three_quarters=time.three_quarters,
                runs=time.runs,
                before=before.median if before else None,
            )


def _by_target(tallies: Iterable[HourTally]) -> Mapping[str, AvailabilityReport]:
    return {one.target_id: availability([one]) for one in tallies}


def _times(
    store: Store, since: datetime, until: datetime, targets: Mapping[str, Target], criteria: CriteriaSet
) -> _Times:
    """Return how long each target took, by kind and profile, of the kinds that load it in a browser."""
    main = {
        kind.name: kind.main_value.name
        for kind in all_kinds().values()
        if kind.engine is Engine.BROWSER and kind.main_value is not None and kind.timed
    }
    if since >= until:
        return {}
    groups = store.rollups.between(since, until, {kind: (value,) for kind, value in main.items()}, {})
    return series_times(groups, targets, main, criteria.page_kinds_ranked)


def _reasons(
    store: Store, since: datetime, until: datetime, targets: Mapping[str, Target]
) -> Mapping[str, tuple[tuple[Reason, int], ...]]:
    """Return how often probes of each agency did not succeed, by reason."""
    counts: dict[str, Counter[Reason]] = defaultdict(Counter)
    if since < until:
        for group in store.rollups.between(since, until, dict.fromkeys(all_kinds(), ()), {}):
            target = targets.get(group.key[0])
            if target is not None and group.ended.outcome != Outcome.OK.value and group.ended.reason:
                counts[target.agency_id][Reason(group.ended.reason)] += group.runs
    return {agency: most_frequent(some.items()) for agency, some in counts.items()}


def _incidents(
    store: Store, since: datetime, until: datetime, names: _Names
) -> Mapping[str, tuple[PeriodIncident, ...]]:
    found: dict[str, list[PeriodIncident]] = defaultdict(list)
    for one in store.incidents.all(since=since):
        if one.agency_id and one.started_at < until and (one.ended_at is None or one.ended_at > since):
            found[one.agency_id].append(_within(one, since, until, names))
    return {agency: tuple(sorted(some, key=lambda one: one.started_at)) for agency, some in found.items()}


def _within(incident: Incident, since: datetime, until: datetime, names: _Names) -> PeriodIncident:
    start, end = max(incident.started_at, since), min(incident.ended_at or until, until)
    return PeriodIncident(
        incident_id=incident.id,
        agency_id=incident.agency_id,
        worst=incident.worst,
        reason=incident.reason,
        started_at=incident.started_at,
        ended_at=incident.ended_at if incident.ended_at is not None and incident.ended_at <= until else None,
        within_from=start,
        length=max(end - start, timedelta()),
        is_longer=incident.started_at < since or incident.ended_at is None or incident.ended_at > until,
        targets=tuple(names.target(name) for name in incident.target_ids),
    )


def _maintenance(
    windows: Iterable[MaintenanceWindow], targets: Sequence[Target], span: tuple[datetime, datetime]
) -> Iterator[AnnouncedMaintenance]:
    """Yield the windows that concern any of some targets and lie in a span."""
    for window in windows:
        times = window.times(*span) if any(window.concerns(target) for target in targets) else []
        if times:
            yield AnnouncedMaintenance(
                times=len(times),
                since=times[0][0],
                until=times[-1][1],
                minutes=round((times[0][1] - times[0][0]).total_seconds() / 60),
                asked_by=window.asked_by,
                document=window.document,
            )
