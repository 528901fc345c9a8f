"""One suite, both engines: what a store promises."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from thuocdo.core.errors import StoreError
from thuocdo.core.model import (
    AgentState,
    Assessment,
    Evidence,
    Finding,
    FindingNode,
    FindingOutcome,
    PageKind,
    Reason,
    Round,
    RoundFile,
)
from thuocdo.store import MeasurementQuery, Store, database
from thuocdo.store.query import RECORD
from thuocdo.store.schema import SCHEMA_REVISION, metadata


def test_a_measurement_comes_back_whole(store, make_measurement):
    finding = Finding(
        rule="color-contrast",
        layer="axe",
        outcome=FindingOutcome.FAILED,
        impact="serious",
        help="Độ tương phản",
        wcag=("1.4.3",),
        count=2,
        nodes=(FindingNode(selector="#a", snippet="<p id=a>", message="2.1"),),
    )
    measurement = make_measurement(
        kind="accessibility",
        outcome=Reason.HTTP_ERROR.outcome,
        reason=Reason.HTTP_ERROR,
        detail="status 503, 'được' \" \\u0000 %s",
        page_kind=PageKind.PORTAL,
        values={"score": 61.00000000000001, "tiny": 5e-324, "huge": 1.7976931348623157e308},
        attributes={"final_host": "dichvucong.example"},
        findings=(finding,),
        tested=("a", "b"),
        not_testable=("c",),
        evidence=(Evidence(kind="screenshot", sha256="0" * 64, media_type="image/png", size_bytes=5),),
        round_id="r1",
    )
    assert store.measurements.write([measurement]) == 1
    assert list(store.measurements.find()) == [measurement]
    assert store.measurements.latest() == [measurement]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_measurement_comes_back_whole(store, any_measurement, data):
    measurement = data.draw(any_measurement)
    if store.measurements.write([measurement]) == 0:
        return  # a key that an earlier example had: what is stored stays
    kept = {
        found.key: found for found in store.measurements.find(MeasurementQuery(target_id=measurement.key.target_id))
    }
    assert kept[measurement.key] == measurement


def test_text_with_nul_and_lone_surrogates_does_not_block_a_batch(store, make_measurement):
    assert (
        store.measurements.write(
            [make_measurement(0), make_measurement(1, detail="a\0b\ud800", attributes={"title": "\0"})]
        )
        == 2
    )
    [_, kept] = store.measurements.find()
    assert (kept.observation.detail, kept.observation.attributes) == ("a\ufffdb\ufffd", {"title": "\ufffd"})


def test_writing_twice_changes_nothing(store, make_measurement):
    first = make_measurement(0, duration_seconds=1.0)
    assert store.measurements.write([first, make_measurement(1), make_measurement(1)]) == 2
    assert store.measurements.write([make_measurement(0, duration_seconds=9.0), make_measurement(2)]) == 1
    assert store.measurements.write([]) == 0
    assert store.measurements.count() == 3
    assert next(store.measurements.find()) == first


def test_instants_come_back_in_utc_to_the_microsecond_and_sort_as_time_does(store, make_measurement):
    hanoi = timezone(timedelta(hours=7))
    # In local text order, the second would come first.
    instants = [datetime(2026, 1, 1, 6, 59, 59, 999999, hanoi), datetime(2026, 1, 1, 0, 0, tzinfo=UTC)]
    store.measurements.write([make_measurement(scheduled_at=at, started_at=at) for at in reversed(instants)])
    found = [measurement.key.scheduled_at for measurement in store.measurements.find()]
    assert found == instants
    assert {at.tzinfo for at in found} == {UTC}
    assert found[0].isoformat() == "2025-12-31T23:59:59.999999+00:00"
    assert store.measurements.newest_at() == instants[1]


def test_queries_filter_by_every_field_and_by_a_half_open_window(store, make_measurement):
    many = [
        make_measurement(0),
        make_measurement(1, target_id="hue.home", agency_id="hue"),
        make_measurement(2, kind="homepage", round_id="r1"),
        make_measurement(3),
    ]
    store.measurements.write(many)

    def ask(**wanted):
        return [many.index(found) for found in store.measurements.find(MeasurementQuery(**wanted))]

    at = [measurement.key.scheduled_at for measurement in many]
    assert ask() == [0, 1, 2, 3]
    assert ask(target_id="hue.home") == ask(agency_id="hue") == [1]
    assert ask(kind="homepage") == ask(round_id="r1") == [2]
    assert ask(since=at[1], until=at[3]) == [1, 2]
    assert ask(newest_first=True, limit=2) == [3, 2]
    assert ask(agency_id="nobody") == []


def test_a_record_holds_what_a_table_shows_of_the_measurement(store, make_measurement, as_record):
    store.measurements.write([make_measurement(number, round_id="r1" if number % 2 else None) for number in range(7)])
    for query in (MeasurementQuery(round_id="r1"), MeasurementQuery(newest_first=True, limit=3)):
        expected = [as_record(measurement) for measurement in store.measurements.find(query)]
        assert expected
        assert [dict(record) for record in store.measurements.records(query)] == expected
        assert set(expected[0]) == set(RECORD)


def test_many_rows_stream_in_order(store, make_measurement):
    store.measurements.write([make_measurement(number) for number in range(1201)])  # more than two fetches
    numbers = [measurement.key.scheduled_at for measurement in store.measurements.find()]
    assert numbers == sorted(numbers)
    assert len(numbers) == 1201


def test_latest_is_the_newest_of_every_series(store, make_measurement):
    names = [
        {},
        {"kind": "homepage"},
        {"kind": "homepage", "profile": "mobile"},
        {"vantage_id": "hcm"},
        {"target_id": "hue.home"},
    ]
    store.measurements.write([make_measurement(number, **name) for name in names for number in (5, 9, 7)])
    latest = store.measurements.latest()
    assert len(latest) == len(names)
    assert {found.key.scheduled_at for found in latest} == {make_measurement(9).key.scheduled_at}


def test_keys_and_counts_by_round(store, make_measurement):
    batch = [make_measurement(number, round_id="r1" if number < 2 else None) for number in range(5)]
    store.measurements.write(batch)
    assert store.measurements.keys("r1") == {measurement.key for measurement in batch[:2]}
    assert store.measurements.keys() == {measurement.key for measurement in batch}
    assert (store.measurements.count("r1"), store.measurements.count(), store.measurements.count("r2")) == (2, 5, 0)


def test_an_empty_store_answers(store):
    assert (
        store.measurements.latest(),
        store.measurements.keys(),
        store.measurements.count(),
        store.measurements.newest_at(),
        store.rounds.all(),
    ) == ([], set(), 0, None, [])


def test_rounds_begin_once_and_end(store, make_measurement):
    at = make_measurement().started_at
    begun = Round(id="r1", label="Đợt 1", started_at=at, planned=204, settings={"criteria": "survey-2023"})
    store.rounds.begin(begun)
    store.rounds.begin(Round(id="r1", label="another", started_at=at + timedelta(1)))
    store.rounds.begin(Round(id="r0", label="earlier", started_at=at - timedelta(1)))
    assert store.rounds.get("r1") == begun
    assert [found.id for found in store.rounds.all()] == ["r0", "r1"]
    store.rounds.end("r1", at + timedelta(minutes=4))
    assert store.rounds.get("r1").ended_at == at + timedelta(minutes=4)
    assert store.rounds.get("r2") is None
    with pytest.raises(StoreError, match="round 'r2' is not known"):
        store.rounds.end("r2", at)


def test_a_round_keeps_its_files_and_its_name(store, make_measurement):
    at = make_measurement().started_at
    files = [RoundFile(path="schedule.yaml", body=bytes(range(256)) * 400), RoundFile(path="registry/a.yaml", body=b"")]
    begun = Round(id="r1", label="Đợt 1", started_at=at, seed="5e" * 32)
    store.rounds.begin(begun, files)
    store.rounds.begin(begun, [RoundFile(path="schedule.yaml", body=b"another")])
    assert store.rounds.get("r1").seed == "5e" * 32
    assert store.rounds.files_of("r1") == files[::-1]
    assert store.rounds.files_of("r2") == []
    with pytest.raises(StoreError, match="round 'r2' cannot be begun"):
        store.rounds.begin(Round(id="r2", label="Đợt 1", started_at=at), files)
    assert store.rounds.files_of("r2") == []
    store.rounds.change("r1", planned=7, settings={"days": "9"})
    assert (store.rounds.get("r1").planned, store.rounds.get("r1").settings) == (7, {"days": "9"})
    store.rounds.end("r1", at)
    with pytest.raises(StoreError, match="is not known, or has ended"):
        store.rounds.change("r1", planned=8, settings={})


def test_an_agents_state_replaces_the_one_before(store, make_measurement):
    at = make_measurement().started_at
    first = AgentState(agent="http", vantage_id="local", pid=1, seen_at=at, started_at=at)
    second = AgentState(
        agent="http", vantage_id="local", pid=2, seen_at=at + timedelta(1), started_at=at, probes_total=7
    )
    other = AgentState(agent="browser", vantage_id="local", pid=3, seen_at=at, started_at=at)
    for state in (first, other, second):
        store.agents.save(state)
    assert store.agents.all() == [other, second]


def test_a_round_is_published_once_and_only_after_its_end(store, make_measurement):
    at = make_measurement().started_at
    store.rounds.begin(Round(id="r", label="Đợt 1", started_at=at, planned=4))
    assert not store.rounds.publish("r", at, "Lan")
    assert store.rounds.get("r").published_at is None
    store.rounds.end("r", at + timedelta(1))
    assert store.rounds.publish("r", at + timedelta(2), "Lan")
    assert not store.rounds.publish("r", at + timedelta(3), "Minh")
    assert not store.rounds.publish("nowhere", at, "Lan")
    found = store.rounds.get("r")
    assert (found.published_at, found.published_by) == (at + timedelta(2), "Lan")


def test_assessments_keep_their_history(store, make_measurement):
    at = make_measurement().started_at
    common = {"agency_id": "hue", "criteria_set_id": "qd473-2024", "criterion_id": "functions", "entered_by": "Lan"}
    first = Assessment(**common, points=40.0, entered_at=at, evidence_sha256="0" * 64, note="theo biên bản")
    second = Assessment(**common, points=42.5, entered_at=at + timedelta(1), evidence_sha256="1" * 64)
    for assessment in (second, first, first):
        store.assessments.save(assessment)
    assert store.assessments.all() == [first, second]
    of_round = replace(first, round_id="r1", entered_at=at + timedelta(2))
    store.assessments.save(of_round)
    assert store.assessments.all() == [first, second, of_round]
    assert store.assessments.newest_at(until=at) == {("qd473-2024", None): at}
    assert store.assessments.newest_at(until=at + timedelta(9)) == {
        ("qd473-2024", None): at + timedelta(1),
        ("qd473-2024", "r1"): at + timedelta(2),
    }
    assert store.assessments.newest_at(until=at - timedelta(1)) == {}


def test_the_migrated_tables_are_those_of_the_schema(store, store_url):
    engine = database.connect(database.parse(store_url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == SCHEMA_REVISION
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_tables_of_a_newer_program_are_refused(store, store_url):
    engine = database.connect(database.parse(store_url))
    with database.writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="update thuocdo, or choose another store_url"):
        Store.open(store_url)


OPEN_AND_WRITE = """
import sys
sys.path.insert(0, "")
from datetime import UTC, datetime, timedelta
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Outcome
from thuocdo.store import Store

def measurement(number):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    key = MeasurementKey(target_id=f"t{number % 7}", kind="http", vantage_id="v", profile="p", scheduled_at=at)
    return Measurement(key=key, agency_id="a", started_at=at, duration_seconds=1.0,
                       observation=Observation(outcome=Outcome.OK), conditions=Conditions())

sys.stdin.readline()
store = Store.open(sys.argv[1])
numbers = list(range(400))
if int(sys.argv[2]) % 2:
    numbers.reverse()
print(sum(store.measurements.write([measurement(n) for n in numbers[i:i + 20]]) for i in range(0, 400, 20)))
"""


def test_processes_that_open_an_empty_database_and_write_the_same_keys_all_succeed(store_url, spawn):
    writers = [spawn([sys.executable, "-c", OPEN_AND_WRITE, store_url, str(number)]) for number in range(3)]
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    results = [writer.communicate(timeout=300) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], results
    assert sum(int(out) for out, _ in results) == 400
    store = Store.open(store_url)
    assert store.measurements.count() == 400
    assert len(store.measurements.latest()) == 7
    store.close()


WRITE_FOR_EVER = (
    OPEN_AND_WRITE.split("sys.stdin")[0]
    + """
store = Store.open(sys.argv[1])
done = 0
while True:
    store.measurements.write([measurement(done * 10 + n) for n in range(10)])
    done += 1
    print(done, flush=True)
"""
)


@pytest.mark.parametrize("batches", [1, 5, 23])
def test_kill_minus_nine_of_a_writer_loses_at_most_the_batch_in_flight(store_url, spawn, batches):
    writer = spawn([sys.executable, "-c", WRITE_FOR_EVER, store_url])
    while int(writer.stdout.readline()) < batches:
        pass
    writer.kill()
    # Not communicate(), which passes by the lines that readline() has already taken from the pipe.
    reported = batches + len(writer.stdout.read().split())
    store = Store.open(store_url)
    assert store.measurements.count() % 10 == 0  # a batch is there whole or not at all
    assert reported <= store.measurements.count() // 10 <= reported + 1
    assert store.measurements.write([]) == 0
    store.close()
