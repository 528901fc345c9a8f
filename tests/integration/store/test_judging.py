"""One suite, both engines: what the store keeps of incidents, tallies and the judge."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from thuocdo.core.errors import StoreError
from thuocdo.core.model import (
    Acknowledgement,
    Conditions,
    Evidence,
    HourTally,
    Incident,
    IncidentAspect,
    IncidentPart,
    IncidentScope,
    IncidentState,
    Reading,
    Reason,
    StateChange,
)
from thuocdo.store import Store, database
from thuocdo.store.counting import MOST_APART, Apart


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
        parts=(
            IncidentPart(
                target_id="hue.home",
                aspect=IncidentAspect.CERTIFICATE,
                state=IncidentState.EXPIRING,
                worst=IncidentState.EXPIRING,
                started_at=at,
                confirmed_at=at + timedelta(minutes=2),
                since=at,
                detail="hết hạn",
            ),
        ),
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
    store.incidents.save(incident, None)  # once more: it is known already
    store.incidents.save(replace(incident, id="other", scope=IncidentScope.VANTAGE), None)
    assert store.incidents.count() == {
        IncidentScope.TARGET: 1,
        IncidentScope.FAMILY: 0,
        IncidentScope.VANTAGE: 1,
    }


def test_tallies_are_replaced_and_summed(store, at, make_measurement):
    hour = at.replace(minute=0, second=0, microsecond=0)
    first = HourTally(target_id="hue.home", vantage_id="local", hour=hour, ok=58, failed=1, inconclusive=1)
    later = replace(first, hour=hour + timedelta(hours=1), excluded=3)
    other = replace(first, vantage_id="hcm", ok=60, failed=0)
    # Sums are by the series there are: no tally is without one.
    store.measurements.write(
        [
            make_measurement(target_id="hue.home", vantage_id=name, kind=kind)
            for name in ("local", "hcm")
            for kind in ("http", "eform")
        ]
    )
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


def test_pages_of_incidents_follow_each_other_newest_first(store, incident, at):
    started = [at - timedelta(hours=hours) for hours in (0, 1, 1, 1, 2, 3)]
    made = [replace(incident, id=f"i{index}", started_at=when) for index, when in enumerate(started)]
    made[4] = replace(made[4], ended_at=at)
    for one in reversed(made):
        store.incidents.save(one, None)
    pages = [store.incidents.newest(2)]
    while pages[-1]:
        pages.append(store.incidents.newest(2, after=pages[-1][-1]))
    assert [[one.id for one in page] for page in pages] == [["i0", "i1"], ["i2", "i3"], ["i4", "i5"], []]
    assert [one.id for one in store.incidents.newest(9, only_ended=True, since=at)] == ["i4"]
    assert store.incidents.newest(9, only_ended=True, since=at + timedelta(seconds=1)) == []
    over = [replace(made[5], id=f"o{hours}", ended_at=at + timedelta(hours=hours)) for hours in (1, 2, 2, 3)]
    over[2] = replace(over[2], id="o2b")
    for one in over:
        store.incidents.save(one, None)
    page = store.incidents.newest(2, only_ended=True)
    assert [one.id for one in page] == ["o3", "o2"]
    page = store.incidents.newest(2, only_ended=True, after=page[-1])
    assert [one.id for one in page] == ["o2b", "o1"]
    assert [one.id for one in store.incidents.newest(2, only_ended=True, after=page[-1])] == ["i4"]
    assert store.incidents.ids()[:5] == [one.id for one in made[:5]]


def test_incidents_of_one_scope_are_asked_for_alone(store, incident, at):
    line = replace(incident, id="line", scope=IncidentScope.VANTAGE)
    for one in (incident, line):
        store.incidents.save(one, None)
    assert [one.id for one in store.incidents.all(at - timedelta(days=1), IncidentScope.VANTAGE)] == [line.id]


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


def test_what_arrived_is_read_by_its_number_whatever_its_instant(store, make_measurement, at):
    values = {"http": "total_seconds", "homepage": "lcp_seconds"}
    assert store.measurements.newest() == 0
    assert store.measurements.arrived(0, values, since=at) == (0, [])
    store.measurements.write([make_measurement(index) for index in range(5, 8)])
    mark, readings = store.measurements.arrived(0, values, since=at)
    assert (mark, len(readings)) == (store.measurements.newest(), 3)
    early = make_measurement(1, outcome=Reason.TIMEOUT.outcome, reason=Reason.TIMEOUT, detail="muộn", values={})
    page = make_measurement(3, kind="homepage", values={"lcp_seconds": 2.5})
    others = [
        make_measurement(2, kind="eform"),
        make_measurement(4, profile="mobile"),
        replace(early, key=replace(early.key, scheduled_at=at - timedelta(hours=1))),
    ]
    store.measurements.write([page, *others, early, make_measurement(5)])
    newest, readings = store.measurements.arrived(mark, values, since=at)
    assert newest == store.measurements.newest() > mark
    found = sorted(readings, key=lambda one: one.key.scheduled_at)
    assert [one.key for one in found] == [early.key, page.key]
    assert (found[0].detail, found[1].seconds) == ("muộn", 2.5)
    kinds = [
        store.measurements.readings(kind, value, since=at, until=at + timedelta(hours=1))
        for kind, value in values.items()
    ]
    assert [one for one in (*kinds[0], *kinds[1]) if one in found] == found
    assert store.measurements.arrived(newest, values, since=at) == (newest, [])
    assert store.measurements.arrived(newest + 9, values, since=at) == (newest, [])  # put back from a copy
    upto = store.measurements.readings("http", "total_seconds", since=at, until=at + timedelta(hours=1), up_to=mark)
    assert len([*upto]) == 3


def test_answers_are_counted_by_hour_but_for_those_whose_instant_matters(store, make_measurement):
    minute = timedelta(minutes=1)
    start = make_measurement().key.scheduled_at.replace(minute=58, second=0, microsecond=0)

    def probe(index, name, vantage="ha-noi", reason=None, **options):
        seen = {"outcome": reason.outcome, "reason": reason, "values": {}} if reason else {}
        return make_measurement(
            scheduled_at=start + index * minute, target_id=name, vantage_id=vantage, **seen, **options
        )

    store.measurements.write(
        [probe(index, name, vantage) for index in range(4) for name in ("a", "b") for vantage in ("ha-noi", "hue")]
        + [probe(0, "c", reason=Reason.TIMEOUT), probe(0, "d", profile="mobile"), probe(0, "e", kind="homepage")]
    )
    counting, apart = store.incidents.counting, Apart(targets=["a"], vantages=["hue"])
    newest = store.measurements.newest()
    assert counting.arrived(newest, 99, "http", apart) == (newest, [])
    up_to, counts = counting.arrived(0, 999, "http", apart)
    assert up_to == newest
    hour = start.replace(minute=0)

    def told(counts):
        return sorted((one.target_id, one.vantage_id, one.at, one.outcome.value, one.number) for one in counts)

    each = [
        *((name, "hue", start + index * minute, "ok", 1) for name in ("a", "b") for index in range(4)),
        *(("a", "ha-noi", start + index * minute, "ok", 1) for index in range(4)),
        *(("b", "ha-noi", hour + timedelta(hours=hours), "ok", 2) for hours in (0, 1)),
        ("c", "ha-noi", hour, "failed", 1),
    ]
    assert told(counts) == sorted(each)
    of_hours = [counting.of_hour(hour + timedelta(hours=n), newest, "http", apart) for n in (0, 1)]
    assert told([*of_hours[0], *of_hours[1]]) == sorted(each)
    assert sum(one.number for one in counting.of_hour(hour, 4, "http", Apart())) == 4
    assert sum(one.number for one in counting.arrived(0, 5, "http", Apart())[1]) == 5
    everybody = Apart(targets=[str(number) for number in range(MOST_APART + 1)])
    assert {one.at for one in counting.arrived(0, 999, "http", everybody)[1]} == {start + n * minute for n in range(4)}


def test_tallies_are_added_with_the_mark_or_not_at_all(store, make_measurement, at):
    counting = store.incidents.counting
    hour = at.replace(minute=0, second=0, microsecond=0)
    one = HourTally(target_id="hue.home", vantage_id="local", hour=hour, ok=2, failed=1)
    assert counting.mark() is None
    assert counting.next_hour() is None
    store.measurements.write([make_measurement()])
    mark = counting.begin("http", at - timedelta(days=3), at + timedelta(hours=2))
    assert mark == counting.begin("http", at, at) == counting.mark() == store.measurements.newest()
    assert counting.next_hour() == hour + timedelta(hours=2)
    assert counting.add([one], mark, mark + 5, at)
    assert not counting.add([one], mark, mark + 5, at)
    assert counting.add([replace(one, ok=0, excluded=4)], mark + 5, mark + 9, at)
    assert store.incidents.tallies(hour, hour + timedelta(hours=1)) == [replace(one, failed=2, excluded=4)]
    assert list(counting.hours_in_maintenance(hour)) == [hour]
    assert list(counting.hours_in_maintenance(hour + timedelta(hours=1))) == []
    anew = replace(one, ok=8, failed=0, inconclusive=2)
    assert not counting.replace([anew], mark)
    assert counting.replace([anew], mark + 9)
    assert counting.replace([replace(anew, ok=7)], mark + 9)  # of fewer measurements
    assert store.incidents.tallies(hour, hour + timedelta(hours=1)) == [anew]
    counting.save_next_hour(hour - timedelta(hours=1))
    assert counting.next_hour() is None


def test_who_took_notice_outlives_whatever_becomes_of_the_incident(store_url, incident, at):
    said = [
        Acknowledgement(incident_id=incident.id, at=at + timedelta(minutes=n), by=f"người {n}", note="\0")
        for n in (0, 1)
    ]
    with Store.open(store_url) as store:
        store.incidents.save(incident, change(incident, at))
        assert [store.incidents.acknowledge(one) for one in (*said, said[0])] == [True, True, True]
        assert not store.incidents.acknowledge(replace(said[0], incident_id="none"))
        ended = replace(incident, state=IncidentState.ENDED, ended_at=at + timedelta(hours=1))
        store.incidents.save(ended, change(ended, at + timedelta(hours=1)))  # as the judge does each time
    renamed = sqlalchemy.text("UPDATE incidents SET id = 'renamed' WHERE id = :old")
    engine = database.connect(database.parse(store_url))
    with database.writing(engine).begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM incident_changes"))
        connection.execute(renamed, {"old": incident.id})
    engine.dispose()
    with Store.open(store_url) as store:
        found = store.incidents.acknowledgements(["another", "renamed", *(str(n) for n in range(1200))])
        assert found == {"renamed": [replace(one, incident_id="renamed", note="\ufffd") for one in said]}
