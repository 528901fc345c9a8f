"""What is too old goes in slices, on both engines; what somebody may still ask for stays, and nobody waits for it."""

import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import Evidence, Incident, IncidentScope, IncidentState, Outcome, Reason
from thuocdo.store import MeasurementQuery, Store, months
from thuocdo.store.room import give_back
from thuocdo.store.schema import facts, rollups, series

pytestmark = pytest.mark.turns(share=0.5)

NOW = datetime(2026, 11, 29, 5, tzinfo=UTC)
OLD = datetime(2026, 9, 30, 20, tzinfo=UTC)
"""The first of October in Hanoi, and still September in UTC."""

NAMES = {"http": ("total_seconds",), "homepage": ("load_seconds",)}
DAYS = 35


@pytest.fixture
def some(make_measurement):
    """Measurements of two kinds, `number` of them from an instant on, ten minutes apart."""

    def make(number, since, **changes):
        made = []
        for index in range(number):
            at = since + timedelta(minutes=10 * index)
            kind = changes.get("kind", ["http", "homepage"][index % 2])
            made.append(make_measurement(index, **{**changes, "kind": kind, "scheduled_at": at, "started_at": at}))
        return made

    return make


def write(store, made, *, rolled=True):
    store.measurements.write(made)
    while rolled and store.rollups.roll(NAMES, NOW):
        pass


def let_go(store, days=DAYS, **options):
    cut = store.retention.cut(NOW, days)
    gone = list(store.retention.let_go_measurements(cut, NOW, **options))
    return gone, list(store.retention.let_go_facts(cut))


def keys(store):
    return {one.key for one in store.measurements.find()}


def test_the_cut_is_the_beginning_of_a_day_in_hanoi(store):
    assert store.retention.cut(NOW, 35) == datetime(2026, 10, 24, 17, tzinfo=UTC)
    assert store.retention.cut(datetime(2026, 11, 29, 18, tzinfo=UTC), 35) == datetime(2026, 10, 25, 17, tzinfo=UTC)


def test_old_measurements_go_in_slices_and_young_ones_stay(store, some):
    old, young = some(100, datetime(2026, 10, 20, tzinfo=UTC)), some(30, NOW - timedelta(days=1))
    write(store, old + young)
    assert store.retention.gone_before() is None
    gone, _ = let_go(store, most=30)
    assert keys(store) == {one.key for one in young}
    assert sum(one.rows for one in gone) == 100
    assert max(one.rows for one in gone) <= 30
    assert len(gone) >= 4
    assert store.retention.gone_before() == store.retention.cut(NOW, DAYS)
    assert let_go(store) == ([], [])


def test_the_oldest_go_first(store, some):
    old = some(60, datetime(2026, 10, 20, tzinfo=UTC))
    write(store, old)
    going = store.retention.let_go_measurements(store.retention.cut(NOW, DAYS), NOW, most=10)
    next(going)
    # Its day begins at midnight in Hanoi: what is left of this day and kind is younger than what went.
    left = [one.key.scheduled_at for one in store.measurements.find(MeasurementQuery(kind="http"))]
    assert min(left) == old[20].key.scheduled_at
    going.close()


def test_a_writer_writes_between_two_slices_and_none_is_held_up(store, store_url, some, make_measurement):
    write(store, some(100, datetime(2026, 10, 20, tzinfo=UTC)))
    with Store.open(store_url) as agent:
        for number, _ in enumerate(store.retention.let_go_measurements(store.retention.cut(NOW, DAYS), NOW, most=10)):
            assert agent.measurements.write([make_measurement(5000 + number)]) == 1
    assert store.measurements.count() == number + 1


def test_what_is_not_rolled_up_stays(store, some):
    old = some(40, datetime(2026, 10, 20, tzinfo=UTC))
    write(store, old, rolled=False)
    cut = store.retention.cut(NOW, DAYS)
    assert let_go(store) == ([], [])
    assert store.retention.is_held_back(cut)
    store.rollups.roll(NAMES, NOW, most=25)
    assert sum(one.rows for one in let_go(store)[0]) == 25
    assert store.retention.is_held_back(cut)
    store.rollups.roll(NAMES, NOW)
    assert sum(one.rows for one in let_go(store)[0]) == 15
    assert not store.retention.is_held_back(cut)


def test_what_the_judge_has_not_counted_stays(store, some):
    old = some(40, datetime(2026, 10, 20, tzinfo=UTC))
    write(store, old)
    store.incidents.save_judged_at(datetime(2026, 10, 21, tzinfo=UTC))
    assert let_go(store)[0] == []
    store.incidents.save_judged_at(NOW)
    assert sum(one.rows for one in let_go(store)[0]) == 40


def incident(named, evidence=()):
    return Incident(
        id="i1",
        scope=IncidentScope.TARGET,
        subject_id="da-nang-2025.home",
        state=IncidentState.ENDED,
        worst=IncidentState.DOWN,
        started_at=named[0].key.scheduled_at,
        confirmed_at=named[-1].key.scheduled_at,
        ended_at=named[-1].key.scheduled_at,
        measurements=tuple(one.key for one in named),
        evidence=evidence,
    )


def test_what_came_late_stays_until_it_is_in_the_tally_of_its_hour(store, some):
    old, young = some(20, OLD), some(3, NOW - timedelta(hours=4))
    write(store, [*old, *young])
    counting = store.incidents.counting
    counting.begin("http", NOW - timedelta(days=32), NOW)  # goes through the past first
    assert let_go(store)[0] == []
    while (hour := counting.next_hour()) is not None:
        counting.save_next_hour(hour - timedelta(hours=1))
    late = some(5, OLD + timedelta(days=1))
    write(store, late)
    let_go(store)
    assert keys(store) == {one.key for one in (*late, *young)}


def test_rounds_and_what_incidents_name_stay_with_their_facts_and_evidence(store, some):
    old = some(40, datetime(2026, 10, 20, tzinfo=UTC), attributes={"server": "old"})
    of_round = some(20, datetime(2026, 10, 21, tzinfo=UTC), round_id="2026-10", attributes={"server": "of the round"})
    pinned = [old[3], old[4], old[30]]
    piece = Evidence(kind="har", sha256="a" * 64, media_type="application/json", size_bytes=1)
    write(store, old + of_round)
    store.incidents.save(incident(pinned, (piece,)), None)
    before = {one.key: one for one in store.measurements.find()}
    let_go(store, most=7)
    let_go(store, most=7)
    stay = {one.key for one in (*pinned, *of_round)}
    assert {one.key: one for one in store.measurements.find()} == {key: before[key] for key in stay}
    assert store.measurements.protected_evidence() == {"a" * 64}


def test_facts_that_nothing_names_go_and_series_stay(store, some):
    old = [one for n in range(5) for one in some(4, OLD + timedelta(days=n), attributes={"server": f"s{n}"})]
    lasting = some(4, OLD, target_id="t.home", attributes={"server": "lasting"})
    young = some(4, NOW - timedelta(days=1), target_id="t.home", attributes={"server": "lasting"})
    write(store, old)
    write(store, lasting)
    write(store, young)
    numbers = select(func.count()).select_from(series)
    with store._database.reading() as connection:
        all_series = connection.execute(numbers).scalar()
    _, gone = let_go(store)
    # Two kinds each, which name their values alike.
    assert sum(one.rows for one in gone) == 5
    with store._database.reading() as connection:
        assert connection.execute(select(facts.c.body)).scalars().all() == [next(iter(bodies(connection)))]
        assert connection.execute(numbers).scalar() == all_series
    assert len(list(store.measurements.find())) == 4


def bodies(connection):
    return [body for body in connection.execute(select(facts.c.body)).scalars() if "lasting" in body]


def test_facts_that_come_back_while_they_go_are_not_lost(store, store_url, some):
    """A late measurement names the facts again between the look at what is named and the deleting."""
    write(store, some(4, OLD, attributes={"server": "s"}))
    cut = store.retention.cut(NOW, DAYS)
    list(store.retention.let_go_measurements(cut, NOW))
    late = some(1, OLD + timedelta(hours=1, minutes=1), attributes={"server": "s"})
    transaction = store._database.transaction

    def writing_meanwhile(doing):
        store._database.transaction = transaction
        with Store.open(store_url) as agent:
            agent.measurements.write(late)
        return transaction(doing)

    store._database.transaction = writing_meanwhile
    assert list(store.retention.let_go_facts(cut)) == []
    assert [one.observation.attributes for one in store.measurements.find()] == [{"server": "s"}]


def test_roll_ups_go_when_they_are_too_old_themselves(store, some):
    write(store, [*some(300, NOW - timedelta(days=50)), *some(300, NOW - timedelta(days=10))])
    gone = list(store.retention.let_go_rollups(NOW, 20, most=1))
    assert {one.what for one in gone} == {"rollups"}
    assert {one.rows for one in gone} == {1}
    with store._database.reading() as connection:
        days = connection.execute(select(func.min(rollups.c.day))).scalar()
    assert (
        days >= (NOW - timedelta(days=20, hours=-7)).date().toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    )


def test_a_whole_month_goes_at_once_on_postgresql(postgresql_url, some):
    with Store.open(postgresql_url) as store:
        write(store, [*some(200, datetime(2026, 9, 3, tzinfo=UTC)), *some(10, datetime(2026, 10, 3, tzinfo=UTC))])
        gone, _ = let_go(store)
        assert [(one.what, one.rows) for one in gone] == [("month", 200), ("measurements", 5), ("measurements", 5)]
        with store._database.reading() as connection:
            assert [month.name for month in months.tables(connection)] == ["measurements_2026_10"]
        assert store.measurements.write(some(1, datetime(2026, 9, 5, 0, 1, tzinfo=UTC))) == 1


@pytest.mark.parametrize("why", ["round", "incident", "not rolled up"])
def test_a_month_of_which_something_stays_goes_in_slices(postgresql_url, some, why):
    with Store.open(postgresql_url) as store:
        old = some(20, datetime(2026, 9, 3, tzinfo=UTC))
        write(store, old)
        extra = some(1, datetime(2026, 9, 9, tzinfo=UTC), round_id="r" if why == "round" else None)
        write(store, extra, rolled=why != "not rolled up")
        if why == "incident":
            store.incidents.save(incident(extra), None)
        gone, _ = let_go(store)
        assert {one.what for one in gone} == {"measurements"}
        assert keys(store) == {extra[0].key}


def many(some, targets):
    return [one for target in targets for one in some(2000, datetime(2026, 9, 3, tzinfo=UTC), target_id=target)]


def long_month(store, some):
    """September, of which one measurement stays since an incident names it; return it."""
    extra = some(1, datetime(2026, 9, 9, 0, 3, tzinfo=UTC))
    write(store, [*many(some, "abc"), *extra])
    store.incidents.save(incident(extra), None)
    return extra[0]


def test_the_room_of_an_old_month_comes_back_although_something_of_it_stays(postgresql_url, some):
    with Store.open(postgresql_url) as store:
        stays = long_month(store, some)
        before = store.room().bytes
        let_go(store)
        assert store.room().bytes < before / 2
        assert [one.key for one in store.measurements.find()] == [stays.key]
        with store._database.reading() as connection:
            assert [month.name for month in months.tables(connection)] == ["measurements_2026_09"]
        assert store.measurements.write([stays]) == 0  # its key is as unique as it was
        # What comes late is written as before, is rolled up, goes again, and so does its room.
        write(store, many(some, "def"))
        let_go(store)
        assert store.room().bytes < before / 2
        assert [one.key for one in store.measurements.find()] == [stays.key]


def test_what_came_while_a_month_was_copied_is_not_lost(postgresql_url, some, monkeypatch):
    put_in_place, late = months.put_in_place, some(1, datetime(2026, 9, 5, 0, 1, tzinfo=UTC))
    with Store.open(postgresql_url) as store, Store.open(postgresql_url) as agent:
        stays = long_month(store, some)

        def after_somebody_wrote(connection, month):
            agent.measurements.write(late)
            return put_in_place(connection, month)

        monkeypatch.setattr(months, "put_in_place", after_somebody_wrote)
        let_go(store)
        assert keys(store) == {stays.key, late[0].key}
        with store._database.reading() as connection:
            left = connection.execute(text("SELECT count(*) FROM pg_class WHERE relname LIKE '%anew%'")).scalar()
        assert left == 0
        monkeypatch.undo()
        before = store.room().bytes
        let_go(store)
        assert store.room().bytes < before / 2


def test_a_month_that_somebody_reads_keeps_its_room_until_the_next_time(postgresql_url, some, monkeypatch):
    monkeypatch.setattr(months, "LONGEST_WAIT_SECONDS", 0.05)
    with Store.open(postgresql_url) as store, Store.open(postgresql_url) as reader:
        stays = long_month(store, some)
        before = store.room().bytes
        with reader._database.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM measurements")).scalar() == 6001
            let_go(store)
        assert store.room().bytes > before / 2
        let_go(store)
        assert store.room().bytes < before / 2
        assert keys(store) == {stays.key}


def test_a_month_that_somebody_reads_is_not_waited_for(postgresql_url, some, monkeypatch):
    monkeypatch.setattr(months, "LONGEST_WAIT_SECONDS", 0.05)
    with Store.open(postgresql_url) as store, Store.open(postgresql_url) as reader:
        write(store, some(20, datetime(2026, 9, 3, tzinfo=UTC)))
        with reader._database.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM measurements")).scalar() == 20
            gone, _ = let_go(store)
        assert {one.what for one in gone} == {"measurements"}
        assert store.measurements.count() == 0
        assert let_go(store)[0][0].what == "month"  # its empty table, now that nobody reads it


def test_free_pages_go_back_to_the_disk(tmp_path, some):
    path = tmp_path / "thuocdo.sqlite"
    with Store.open(f"sqlite:///{path}") as store:
        write(store, some(800, OLD, detail="x" * 3000 + str(OLD), outcome=Outcome.FAILED, reason=Reason.TIMEOUT))
        assert store.room().gives_back
        let_go(store)
        free = store.room().free_bytes
        assert free > 20 * 4096
        slices = list(give_back(store._database, most=10, left=5))
        assert max(slices) == 10
        assert store.room().free_bytes == 5 * 4096
        assert sum(slices) == free // 4096 - 5
        whole = store.room().bytes + 5 * 4096
    assert path.stat().st_size == whole
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_of_earlier_days_keeps_its_pages_and_says_so(tmp_path, some):
    path = tmp_path / "thuocdo.sqlite"
    with Store.open(f"sqlite:///{path}") as store:
        write(store, some(400, OLD))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA auto_vacuum=NONE")
        connection.execute("VACUUM")
    with Store.open(f"sqlite:///{path}") as store:
        assert not store.room().gives_back
        let_go(store)
        assert list(store.give_back()) == []
        assert store.room().free_bytes > 0
    with sqlite3.connect(path) as connection:  # what docs/operations.md says
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("VACUUM")
    with Store.open(f"sqlite:///{path}") as store:
        assert store.room().gives_back
        assert store.room().free_bytes == 0


KILLED = """
import sys
from datetime import datetime, timedelta
from thuocdo.store import Store
store = Store.open(sys.argv[1])
now = datetime.fromisoformat(sys.argv[2])
cut = store.retention.cut(now, 35)
for slice in store.retention.let_go_measurements(cut, now, most=10):
    print(slice.rows, flush=True)
    sys.stdin.readline()
"""


def test_killed_between_or_within_slices_nothing_is_lost_and_the_next_goes_on(store, store_url, some, spawn):
    begin = datetime(2026, 10, 20, tzinfo=UTC)
    old, young = some(100, begin), some(30, NOW - timedelta(days=1))
    write(store, old + young)
    told = store.rollups.between(begin, NOW + timedelta(days=1), NAMES)
    runs = sum(group.runs for group in told)
    for pause in (2, 5):
        process = spawn([sys.executable, "-c", KILLED, store_url, NOW.isoformat()])
        for _ in range(pause):
            assert int(process.stdout.readline()) <= 10
            process.stdin.write("\n")
            process.stdin.flush()
        os.kill(process.pid, signal.SIGKILL)  # at whatever it does in its next slice
        process.wait()
        left = keys(store)
        assert {one.key for one in young} <= left
        assert len(left) < 130
        assert sum(group.runs for group in store.rollups.between(begin, NOW + timedelta(days=1), NAMES)) == runs
    let_go(store)
    assert keys(store) == {one.key for one in young}
    assert sum(group.runs for group in store.rollups.between(begin, NOW + timedelta(days=1), NAMES)) == runs


def write_and_let_go(store, made):
    for _ in range(50):  # the journal may have room for some
        let_go(store, most=200)
        write(store, made, rolled=False)


def test_a_full_disk_keeps_what_is_there_and_the_next_goes_on(tiny_disk, some):
    folder = tiny_disk("2m")
    with Store.open(f"sqlite:///{folder}/thuocdo.sqlite") as store:
        write(store, some(1500, OLD))
        fill = folder / "other"
        with pytest.raises(OSError, match="No space left"):
            fill.write_bytes(b"x" * 4_000_000)
        before = store.measurements.count()
        with pytest.raises(StoreUnavailableError, match="free space"):
            write_and_let_go(store, some(200, OLD))
        left = store.measurements.count()
        assert 0 < left <= before + 200
        fill.unlink()
        while store.rollups.roll(NAMES, NOW):
            pass
        let_go(store)
        assert store.measurements.count() == 0


def test_a_server_that_goes_away_in_between_is_unavailable_and_the_next_goes_on(own_postgresql, some):
    own_postgresql.start()
    import psycopg

    with psycopg.connect(f"{own_postgresql.url}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE kept")
    with Store.open(f"{own_postgresql.url}/kept") as store:
        write(store, some(100, datetime(2026, 10, 20, tzinfo=UTC)))
        going = store.retention.let_go_measurements(store.retention.cut(NOW, DAYS), NOW, most=10)
        next(going)
        left = store.measurements.count()
        own_postgresql.stop()
        with pytest.raises(StoreUnavailableError):
            next(going)
        own_postgresql.start()
        assert store.measurements.count() == left
        let_go(store)
        assert store.measurements.count() == 0
