"""What `/metrics` tells those on duty, gathered from the store; what is counted up is kept from scrape to scrape."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from exporters.counting import JudgedProbes, ResponseTimes, histograms
from exporters.incidents import EndedPart
from exporters.operations import OperationsSnapshot, WindowAvailability
from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import Block, HourTally, Incident, IncidentPart, Outcome, Reading
from thuocdo.core.model.incident import WITHDRAWN
from thuocdo.core.reloading import mistake_of
from thuocdo.incidents.availability import availability, error_budget_remaining_ratio, month_of
from thuocdo.incidents.conflicts import COMPARED, LONGEST_ARRIVAL, ConflictCounter
from thuocdo.incidents.rules import gap_of
from thuocdo.incidents.unexplained import UnexplainedFailures, delay
from thuocdo.web.mistakes import without_folders
from thuocdo.web.site import Cache, Site

ENDING_TOLD = timedelta(minutes=1)
"""Several scrapes, and evaluations of rules after them."""

ENDED_LATELY = timedelta(hours=1)
"""An incident ends at the first good probe of those that end it: seldom longer ago than this."""


class Watch:
    """
    Gathers for one web process.

    Args:
        site: what is shown.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._responses = ResponseTimes(site.clock())
        self._judged = JudgedProbes()
        self._conflicts = ConflictCounter()
        self._unexplained = UnexplainedFailures(site.clock() - delay(_gap(site)))
        self._endings = Endings()
        self._newest: int | None = None
        self._availability: Cache[str, tuple[list[WindowAvailability], dict[str, float]]] = Cache()

    def moved(self) -> object:
        """
        Return what is equal as long as `duty` would have nothing new to tell, at little cost.

        Incidents and tallies are stored by the judge, and readings move the newest instant; one that came late does not.
        """
        site, now = self._site, self._site.clock()
        return (
            site.store.measurements.newest_at(),
            site.store.incidents.judged_at(),
            self._in_maintenance(now),
            self._availability.get("", None, lambda: self._sums(now)),
            (site.in_force.read_at, site.reload_problems),
        )

    def duty(self) -> OperationsSnapshot:
        """Return what is known now; only what came since the last call is read of what is counted up."""
        site, now = self._site, self._site.clock()
        with self._lock:
            self._count(now)
            judged, responses = self._judged.by_target(), self._responses.by_series()
            exemplars = self._responses.exemplars()
            conflicts = dict(self._conflicts.by_target())
            unexplained = self._unexplained.by_target()
            lasting = site.store.incidents.lasting()
            ended, ended_parts = self._endings.take(lasting, site.store.incidents.all, now)
        # Tallies of hours move slowly, and nobody is woken by these sums.
        availability, budgets = self._availability.get("", None, lambda: self._sums(now))
        return OperationsSnapshot(
            incidents=lasting,
            ended=ended,
            ended_parts=ended_parts,
            confirmed=site.store.incidents.count(),
            judged_at=site.store.incidents.judged_at(),
            in_maintenance=self._in_maintenance(now),
            judged=judged,
            responses=responses,
            exemplars=exemplars,
            availability=availability,
            budgets=budgets,
            objective_ratio=site.settings.incidents.objective,
            reloaded_at=site.in_force.read_at,
            reload_succeeded=site.reload_succeeded,
            mistakes=[mistake_of(one) for one in without_folders(site.reload_problems, site.settings)],
            conflicts=conflicts,
            unexplained=unexplained,
        )

    def _count(self, now: datetime) -> None:
        store = self._site.store
        self._judged.take(store.incidents.tallies(self._judged.since(now), now))
        for kind, value in histograms().items():
            self._responses.take(
                kind, store.measurements.readings(kind, value.name, since=self._responses.since(now), until=now)
            )
        self._responses.show(self._site.latest())
        self._responses.forget(now)
        if self._newest is None:
            self._newest = store.measurements.newest()  # what was there before the process began is not counted
        since = now - LONGEST_ARRIVAL
        self._newest, arrived = store.measurements.arrived(self._newest, COMPARED, since=since)
        self._conflicts.take(arrived, now)
        self._unexplained.take(self._failures, store.incidents.all, self._is_excluded, now - delay(_gap(self._site)))

    def _failures(self, since: datetime, until: datetime) -> Iterable[Reading]:
        return self._site.store.measurements.readings(
            answering_kind().name, "", since=since, until=until, outcome=Outcome.FAILED
        )

    def _is_excluded(self, reading: Reading) -> bool:
        held = [window for window in self._site.in_force.maintenance if window.holds(reading.key.scheduled_at)]
        of_it = [one for one in self._site.registry.probed_targets() if one.id == reading.key.target_id] if held else []
        return any(window.concerns(target) for window in held for target in of_it)

    def _in_maintenance(self, now: datetime) -> frozenset[str]:
        held = [window for window in self._site.in_force.maintenance if window.holds(now)]
        targets = self._site.registry.probed_targets() if held else ()
        return frozenset(target.id for target in targets if any(window.concerns(target) for window in held))

    def _sums(self, now: datetime) -> tuple[list[WindowAvailability], dict[str, float]]:
        sums = {window: self._site.store.incidents.tally_totals(since) for window, since in windows(now).items()}
        told = [_told(tally, window) for window, tallies in sums.items() for tally in tallies]
        objective = self._site.settings.incidents.objective
        budgets = {
            tally.target_id: error_budget_remaining_ratio([tally], objective=objective, now=now)
            for tally in sums["month"]
        }
        return told, {target: left for target, left in budgets.items() if left is not None}


class Endings:
    """
    The incidents, and parts of them, of which it has just become known that they are over, told for ENDING_TOLD.

    When one ended lies some probes before that, so only who looked before can tell what is new. At the first look all that ended
    lately counts as new: rules take an ending only where the alert of that very target still stands.
    """

    def __init__(self) -> None:
        self._lasted: dict[str, Incident] | None = None
        self._known: dict[str, tuple[datetime, Incident]] = {}
        self._known_parts: dict[_PartName, tuple[datetime, EndedPart]] = {}

    def take(
        self, lasting: Sequence[Incident], all_since: Callable[[datetime], Sequence[Incident]], now: datetime
    ) -> tuple[list[Incident], list[EndedPart]]:
        """Return them. lasting: those that last. all_since: gives those that had not ended by an instant."""
        current = {one.id: one for one in lasting}
        gone = None if self._lasted is None else self._lasted.keys() - current
        over = {one.id: one for one in all_since(now - ENDED_LATELY) if one.ended_at} if gone is None or gone else {}
        for name, one in over.items():
            if gone is None or name in gone:
                self._known[name] = (now, one)
        for incident, part, is_withdrawn in self._parts_over(current, over, now):
            ended = EndedPart(incident=incident, part=part, is_withdrawn=is_withdrawn)
            self._known_parts[_part_name(incident, part)] = (now, ended)
        self._lasted = current
        self._known = {
            name: (seen_at, one)
            for name, (seen_at, one) in self._known.items()
            if now - seen_at <= ENDING_TOLD and name not in current
        }
        still = {_part_name(one, part) for one in lasting for part in one.lasting_parts}
        self._known_parts = {
            name: (seen_at, one)
            for name, (seen_at, one) in self._known_parts.items()
            if now - seen_at <= ENDING_TOLD and name not in still
        }
        return [one for _, one in self._known.values()], [one for _, one in self._known_parts.values()]

    def _parts_over(
        self, lasting: Mapping[str, Incident], over: Mapping[str, Incident], now: datetime
    ) -> Iterable[tuple[Incident, IncidentPart, bool]]:
        """Yield incident and part of those that are over since the last look, and whether late results took them back."""
        if self._lasted is None:
            for incident in (*lasting.values(), *over.values()):
                for part in incident.portal_parts:
                    if part.ended_at is not None and part.ended_at >= now - ENDED_LATELY:
                        yield incident, part, incident.detail == WITHDRAWN
            return
        for name, before in self._lasted.items():
            current = lasting.get(name) or over.get(name)
            if current is before or current is None:
                continue
            known = {_part_name(current, part): part for part in current.portal_parts}
            for part in before.lasting_parts:
                after = known.get(_part_name(before, part))
                if after is None or after.ended_at is not None:
                    yield current, after or part, after is None or current.detail == WITHDRAWN


_PartName = tuple[str, str, str]


def _part_name(incident: Incident, part: IncidentPart) -> _PartName:
    """Return by what a part is known: of one target and aspect no two last at once."""
    return incident.id, part.target_id, part.aspect


def _gap(site: Site) -> timedelta:
    """Return the longest gap of judging among the blocks of which failures are counted."""
    cadences = site.in_force.schedule.cadences
    every = [
        one.every_seconds
        for one in cadences
        if one.kind == answering_kind().name and set(one.blocks) != {Block.COMMUNE}
    ]
    return gap_of(max(every, default=0.0))


def windows(now: datetime) -> Mapping[str, datetime]:
    """Return the beginning of each window that availability is told of, in whole hours."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return {"1d": hour - timedelta(hours=23), "30d": hour - timedelta(days=30, hours=-1), "month": month_of(now)[0]}


def _told(tally: HourTally, window: str) -> WindowAvailability:
    report = availability([tally])
    return WindowAvailability(
        target_id=tally.target_id,
        window=window,
        availability_ratio=report.availability_ratio,
        coverage_ratio=report.coverage_ratio,
        missed_ratio=report.missed_ratio,
    )
