"""One suite, both engines: what the store keeps of incidents, tallies and the judge."""

from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.errors import StoreError
from thuocdo.core.model import (
    Conditions,
    Evidence,
    HourTally,
    Incident,
    IncidentScope,
    IncidentState,
    Reading,
    Reason,
    StateChange,
)


@pytest.fixture
def at(make_measurement):
    return make_measurement().started_at


@pytest.fixture
def incident(make_measurement, at):
    return Incident(
        id="target/hue.home/1",
        scope=IncidentScope.TARGET,
        subject_id="hue.home",
        agency_id="hue",
        state=IncidentState.DOWN,
        worst=IncidentState.DOWN,
        reason=Reason.TIMEOUT,
        detail="không trả lời sau 10 giây\0",
        started_at=at,
        confirmed_at=at + timedelta(minutes=2),
        target_ids=("hue.home",),
        measurements=(make_measurement().key,),
        evidence=(Evidence(kind="headers", sha256="0" * 64, media_type="text/plain", size_bytes=5),),
    )


def change(incident, at):
    return StateChange(incident_id=incident.id, changed_at=at, state=incident.state, reason=incident.reason)


def test_an_incident_comes_back_whole_and_replaces_what_was_known(store, incident, at):
    store.incidents.save(incident, change(incident, at))
    kept = replace(incident, detail="không trả lời sau 10 giây\ufffd")  # no database keeps NUL
    assert store.incidents.lasting() == store.incidents.all() == [kept]
    assert store.incidents.get(incident.id) == kept
    ended = replace(kept, state=IncidentState.ENDED, ended_at=at + timedelta(hours=1))
    store.incidents.save(ended, change(ended, at + timedelta(hours=1)))
    assert store.incidents.lasting() == []
    assert store.incidents.all() == [ended]
    assert store.incidents.changes(incident.id) == [change(incident, at), change(ended, at + timedelta(hours=1))]


def test_the_same_change_twice_is_one(store, incident, at):
    for _ in range(2):
        store.incidents.save(incident, change(incident, at))
    assert store.incidents.changes(incident.id) == [change(incident, at)]


def test_a_row_without_a_change_adds_none(store, incident):
    store.incidents.save(incident, None)
    assert store.incidents.changes(incident.id) == []


def test_a_change_that_cannot_be_stored_leaves_the_incident_unstored(store, incident, at):
    with pytest.raises(StoreError):
        store.incidents.save(incident, change(replace(incident, id="another"), at))
    assert store.incidents.all() == []


def test_incidents_are_newest_first_and_since_leaves_out_those_that_had_ended(store, incident, at):
    old = replace(incident, id="old", started_at=at - timedelta(days=9), ended_at=at - timedelta(days=8))
    lasting = replace(incident, id="lasting", started_at=at - timedelta(days=7))
    for one in (old, incident, lasting):
        store.incidents.save(one, None)
    assert [one.id for one in store.incidents.all()] == [incident.id, "lasting", "old"]
    assert [one.id for one in store.incidents.all(since=at - timedelta(days=1))] == [incident.id, "lasting"]
    assert [one.id for one in store.incidents.lasting()] == [incident.id, "lasting"]


def test_counts_are_by_scope_and_name_those_without_any(store, incident):
    store.incidents.save(incident, None)
    store.incidents.save(replace(incident, id="other", scope=IncidentScope.VANTAGE), None)
    assert store.incidents.count() == {
        IncidentScope.TARGET: 1,
        IncidentScope.FAMILY: 0,
        IncidentScope.VANTAGE: 1,
    }


def test_tallies_are_replaced_and_summed(store, at):
    hour = at.replace(minute=0, second=0, microsecond=0)
    first = HourTally(target_id="hue.home", vantage_id="local", hour=hour, ok=58, failed=1, inconclusive=1)
    later = replace(first, hour=hour + timedelta(hours=1), excluded=3)
    other = replace(first, vantage_id="hcm", ok=60, failed=0)
    store.incidents.save_tallies([first, later, other])
    store.incidents.save_tallies([replace(first, ok=59)])
    store.incidents.save_tallies([])
    first = replace(first, ok=59)
    assert store.incidents.tallies(hour, hour + timedelta(hours=2)) == [other, first, later]
    assert store.incidents.tallies(hour, hour + timedelta(hours=1)) == [other, first]
    assert store.incidents.tally_totals() == [
        HourTally(target_id="hue.home", vantage_id="", hour=hour, ok=177, failed=2, inconclusive=3, excluded=3)
    ]
    assert store.incidents.tally_totals(later.hour) == [replace(later, vantage_id="")]


def test_the_judge_keeps_its_hour_and_its_memory_apart(store, at):
    assert (store.incidents.judged_at(), store.incidents.judge_memory()) == (None, None)
    store.incidents.save_judged_at(at)
    assert (store.incidents.judged_at(), store.incidents.judge_memory()) == (at, None)
    store.incidents.save_judge_memory(at, at - timedelta(minutes=15), {"lines": [1, 2.5, "ế"]})
    later = at + timedelta(seconds=10)
    store.incidents.save_judged_at(later)
    assert store.incidents.judged_at() == later
    assert store.incidents.judge_memory() == (at - timedelta(minutes=15), {"lines": [1, 2.5, "ế"]})


def test_readings_hold_the_one_time_and_only_where_it_can_be_trusted(store, make_measurement, at):
    evidence = (Evidence(kind="headers", sha256="0" * 64, media_type="text/plain", size_bytes=5),)
    failed = make_measurement(
        1, outcome=Reason.TIMEOUT.outcome, reason=Reason.TIMEOUT, detail="muộn", evidence=evidence, values={}
    )
    busy = make_measurement(2, conditions=Conditions(saturated=True))
    store.measurements.write(
        [busy, failed, make_measurement(0), make_measurement(3, kind="homepage"), make_measurement(9)]
    )
    until = at + timedelta(seconds=9)
    ok, late, untimed = store.measurements.readings("http", "total_seconds", since=at, until=until)
    assert (ok.seconds, ok.key) == (0.25, make_measurement(0).key)
    assert late == Reading(
        key=failed.key,
        agency_id="da-nang-2025",
        outcome=Reason.TIMEOUT.outcome,
        reason=Reason.TIMEOUT,
        detail="muộn",
        evidence=evidence,
    )
    assert (untimed.key, untimed.seconds) == (busy.key, None)
    assert store.measurements.seconds(ok.key, "total_seconds", since=at, until=until) == [0.25]
    assert list(store.measurements.readings("http", "total_seconds", since=at, until=until, profile="mobile")) == []
