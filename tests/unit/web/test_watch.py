from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from exporters.operations import WINDOWS
from schedules.cadence import load_schedule
from schedules.maintenance import MaintenanceWindow
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import (
    HourTally,
    Incident,
    IncidentPart,
    IncidentScope,
    IncidentState,
    MeasurementKey,
    Outcome,
    Reading,
    Reason,
)
from thuocdo.web.watch import Watch, windows

NOW = datetime(2026, 11, 30, 18, 20, tzinfo=UTC)  # the first of December in Hanoi


class Shelf:
    """A store that remembers what it was asked for."""

    def __init__(self):
        self.asked = []
        self.number = 7
        self.came = []
        self.lasts, self.stored, self.failed = [], [], []
        self.tallied = [HourTally(target_id="a.home", vantage_id="ha-noi", hour=NOW.replace(minute=0), ok=1)]

    def tallies(self, since, until):
        self.asked.append(("tallies", until - since))
        return self.tallied

    def readings(self, kind, value, *, since, until, outcome=None):
        self.asked.append((outcome or kind, until - since))
        key = MeasurementKey(target_id="a.home", kind=kind, vantage_id="ha-noi", profile="desktop", scheduled_at=since)
        if outcome:
            return [one for one in self.failed if since <= one.key.scheduled_at < until]
        return [Reading(key=key, agency_id="a", outcome=Outcome.OK, seconds=0.5)]

    def newest(self):
        return self.number

    def arrived(self, after, values, *, since):
        self.asked.append(("arrived", after))
        new, self.came = self.came, []
        self.number += len(new)
        return self.number, new

    def tally_totals(self, since=None):
        self.asked.append(("totals", since))
        return [
            HourTally(target_id="a.home", vantage_id="", hour=since, ok=995, failed=5, inconclusive=500, missed=500)
        ]

    @property
    def measurements(self):
        return self

    @property
    def incidents(self):
        return self

    def lasting(self):
        return self.lasts

    def all(self, since=None):
        return [one for one in self.stored if one.ended_at is None or since is None or one.ended_at >= since]

    def count(self):
        return {}

    def judged_at(self):
        return None


@pytest.fixture
def site():
    target = SimpleNamespace(id="a.home", agency_id="a", portal_id="a")
    return SimpleNamespace(
        store=Shelf(),
        now=NOW,
        latest=list,
        clock=lambda: NOW,
        settings=Settings(),
        in_force=SimpleNamespace(maintenance=(), read_at=NOW, schedule=load_schedule(Settings().schedule, all_kinds())),
        reload_succeeded=True,
        reload_problems=(),
        registry=SimpleNamespace(probed_targets=lambda: (target,)),
    )


def test_a_month_begins_at_midnight_in_hanoi():
    begins = windows(NOW)
    assert tuple(begins) == WINDOWS
    assert begins["month"] == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert begins["1d"] == datetime(2026, 11, 29, 19, tzinfo=UTC)
    assert begins["30d"] == datetime(2026, 10, 31, 19, tzinfo=UTC)


def test_a_scrape_reads_hours_of_tallies_and_minutes_of_readings_whatever_is_stored(site):
    watch = Watch(site)
    site.clock = lambda: NOW + timedelta(hours=5)
    for _ in range(3):
        watch.duty()
    longest = max(span for what, span in site.store.asked if what not in ("totals", "tallies", "arrived", "failed"))
    assert longest <= timedelta(minutes=2)
    assert [span for what, span in site.store.asked if what == "failed"] == [timedelta(hours=1)]
    assert max(span for what, span in site.store.asked if what == "tallies") <= timedelta(hours=3)


def test_sums_of_a_month_are_not_read_at_every_scrape(site):
    watch = Watch(site)
    for _ in range(3):
        watch.duty()
    assert [what for what, _ in site.store.asked].count("totals") == 3  # one per window, once


def test_counters_go_on_from_scrape_to_scrape(site):
    watch = Watch(site)
    assert watch.duty().judged == {}
    site.store.tallied = [
        HourTally(target_id="a.home", vantage_id="ha-noi", hour=NOW.replace(minute=0), ok=1, failed=2)
    ]
    assert watch.duty().judged == {"a.home": (0, 2, 0, 0)}
    assert watch.duty().judged == {"a.home": (0, 2, 0, 0)}


def test_availability_and_coverage_are_told_apart(site):
    [day, *_] = Watch(site).duty().availability
    assert (day.window, day.availability_ratio, day.coverage_ratio, day.missed_ratio) == ("1d", 0.995, 0.5, 0.25)


def test_targets_are_in_maintenance_while_a_window_that_concerns_them_holds(site):
    once = {"from_at": NOW - timedelta(hours=1), "to_at": NOW + timedelta(hours=1), "asked_by": "x"}
    site.in_force.maintenance = (MaintenanceWindow(agency_id="b", **once),)
    assert Watch(site).duty().in_maintenance == frozenset()
    site.in_force.maintenance += (MaintenanceWindow(agency_id="a", **once),)
    assert Watch(site).duty().in_maintenance == {"a.home"}


def incident(began, ended=None):
    return Incident(
        id="target-a.home",
        scope=IncidentScope.TARGET,
        subject_id="a.home",
        state=IncidentState.ENDED if ended is not None else IncidentState.DOWN,
        worst=IncidentState.DOWN,
        started_at=NOW + timedelta(minutes=began),
        confirmed_at=NOW + timedelta(minutes=began + 2),
        ended_at=None if ended is None else NOW + timedelta(minutes=ended),
        target_ids=("a.home",),
    )


def test_an_end_is_told_for_a_minute_from_when_it_became_known(site):
    watch = Watch(site)
    site.store.lasts = site.store.stored = [incident(-9)]
    assert watch.duty().ended == []
    site.store.lasts, site.store.stored = [], [incident(-9, ended=-4)]
    assert [one.id for one in watch.duty().ended] == ["target-a.home"]
    site.clock = lambda: NOW + timedelta(seconds=59)
    assert [one.id for one in watch.duty().ended] == ["target-a.home"]
    site.clock = lambda: NOW + timedelta(seconds=61)
    assert watch.duty().ended == []


def test_a_process_that_begins_tells_what_ended_lately_since_nobody_else_may_have(site):
    site.store.stored = [incident(-9, ended=-4), incident(-300, ended=-200)]
    watch = Watch(site)
    assert [one.ended_at for one in watch.duty().ended] == [NOW - timedelta(minutes=4)]


def test_an_incident_that_goes_on_after_all_is_not_told_as_ended(site):
    watch = Watch(site)
    site.store.lasts = [incident(-9)]
    watch.duty()
    site.store.lasts, site.store.stored = [], [incident(-9, ended=-4)]
    assert len(watch.duty().ended) == 1
    site.store.lasts = site.store.stored = [incident(-9)]
    assert watch.duty().ended == []


def test_a_part_that_is_fine_again_is_told_while_the_incident_goes_on_and_one_that_vanished_was_none(site):
    def part(name, ended=None):
        down, at = IncidentState.DOWN, NOW - timedelta(minutes=9)
        ended_at = None if ended is None else NOW + timedelta(minutes=ended)
        return IncidentPart(
            target_id=name, state=down, worst=down, started_at=at, confirmed_at=at, since=at, ended_at=ended_at
        )

    watch = Watch(site)
    site.store.lasts = [replace(incident(-9), parts=(part("a"), part("b"), part("c")))]
    assert watch.duty().ended_parts == []
    site.store.lasts = [replace(incident(-9), parts=(part("a", ended=-1), part("c")))]
    site.clock = lambda: NOW + timedelta(seconds=30)
    told = watch.duty()
    assert [(one.part.target_id, one.is_withdrawn) for one in told.ended_parts] == [("a", False), ("b", True)]
    assert told.ended == []
    site.clock = lambda: NOW + timedelta(seconds=80)
    assert len(watch.duty().ended_parts) == 2
    site.clock = lambda: NOW + timedelta(seconds=91)
    assert watch.duty().ended_parts == []
    site.store.lasts, site.store.stored = [], [replace(incident(-9, ended=0), parts=(part("a", -1), part("c", 0)))]
    told = watch.duty()
    assert [one.part.target_id for one in told.ended_parts] == ["c"]
    assert len(told.ended) == 1


def failed(minutes):
    at = NOW + timedelta(minutes=minutes)
    key = MeasurementKey(target_id="a.home", kind="http", vantage_id="ha-noi", profile="desktop", scheduled_at=at)
    return Reading(key=key, agency_id="a", outcome=Outcome.FAILED, reason=Reason.TIMEOUT)


def test_failures_are_waited_for_as_the_schedule_that_is_in_force_by_now_says(site):
    watch = Watch(site)
    site.store.failed = [failed(1)]
    slower = [replace(one, every_seconds=900) if one.kind == "http" else one for one in site.in_force.schedule.cadences]
    site.in_force.schedule = replace(site.in_force.schedule, cadences=tuple(slower))
    site.clock = lambda: NOW + timedelta(minutes=70)
    assert watch.duty().unexplained == {}
    site.clock = lambda: NOW + timedelta(minutes=80)
    assert watch.duty().unexplained == {"a.home": 1}


def test_failures_outside_of_incidents_are_counted_once_nothing_can_explain_them_any_more(site):
    watch = Watch(site)
    site.store.failed = [failed(minutes) for minutes in (1, 20, 21, 60)]
    site.store.stored = [incident(20, ended=22)]
    site.clock = lambda: NOW + timedelta(minutes=8)
    assert watch.duty().unexplained == {}
    site.clock = lambda: NOW + timedelta(minutes=40)
    assert watch.duty().unexplained == {"a.home": 1}
    site.clock = lambda: NOW + timedelta(minutes=90)
    assert watch.duty().unexplained == {"a.home": 2}
    assert watch.duty().unexplained == {"a.home": 2}
    window = {"from_at": NOW + timedelta(minutes=90), "to_at": NOW + timedelta(minutes=120), "asked_by": "x"}
    site.in_force.maintenance = (MaintenanceWindow(agency_id="a", **window),)
    site.store.failed = [failed(95)]
    site.clock = lambda: NOW + timedelta(minutes=130)
    assert watch.duty().unexplained == {"a.home": 2}


def test_verdicts_that_contradict_each_other_are_counted_from_what_arrives_since_the_process_began(site):
    def came(kind, minutes, reason=None):
        at = NOW + timedelta(minutes=minutes)
        key = MeasurementKey(target_id="a.home", kind=kind, vantage_id="ha-noi", profile="desktop", scheduled_at=at)
        return Reading(key=key, agency_id="a", outcome=reason.outcome if reason else Outcome.OK, reason=reason)

    watch = Watch(site)
    assert watch.duty().conflicts == {}
    site.store.came = [came("http", 1, Reason.TLS_ERROR), came("homepage", 2), came("http", 3, Reason.TLS_ERROR)]
    site.clock = lambda: NOW + timedelta(minutes=10)
    assert watch.duty().conflicts == {"a.home": 1}
    assert watch.duty().conflicts == {"a.home": 1}
    assert [after for what, after in site.store.asked if what == "arrived"] == [7, 7, 10]
