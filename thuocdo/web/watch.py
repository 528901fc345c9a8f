"""What `/metrics` tells those on duty, gathered from the store; what is counted up is kept from scrape to scrape."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from exporters.counting import JudgedProbes, ResponseTimes, histograms
from exporters.operations import OperationsSnapshot, WindowAvailability
from thuocdo.core.model import HourTally
from thuocdo.incidents.availability import availability, error_budget_remaining_ratio, month_of
from thuocdo.incidents.conflicts import COMPARED, LONGEST_ARRIVAL, ConflictCounter
from thuocdo.web.site import Cache, Site


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
            (site.in_force.read_at, site.reload_succeeded),
        )

    def duty(self) -> OperationsSnapshot:
        """Return what is known now; only what came since the last call is read of what is counted up."""
        site, now = self._site, self._site.clock()
        with self._lock:
            self._count(now)
            judged, responses = self._judged.by_target(), self._responses.by_series()
            exemplars = self._responses.exemplars()
            conflicts = dict(self._conflicts.by_target())
        # Tallies of hours move slowly, and nobody is woken by these sums.
        availability, budgets = self._availability.get("", None, lambda: self._sums(now))
        return OperationsSnapshot(
            incidents=site.store.incidents.lasting(),
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
            conflicts=conflicts,
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
