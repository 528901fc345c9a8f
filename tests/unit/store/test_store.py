"""What needs SQLite only and is quick; the suite for both engines is tests/integration/store."""

import errno
import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError as DBAPIOperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.core.model import IncidentScope
from thuocdo.store import MeasurementQuery, Store, database
from thuocdo.store.counting import Apart, select_arrived_counts, select_hour_counts
from thuocdo.store.failures import wrapped
from thuocdo.store.judging import (
    select_arrived_readings,
    select_incidents,
    select_lasting,
    select_page_of_incidents,
    select_readings,
    select_seconds,
    select_tallies,
    select_tally_totals,
)
from thuocdo.store.missed import select_by_hour, select_sums, select_totals
from thuocdo.store.query import select_keys, select_latest, select_measurements
from thuocdo.store.schema import SCHEMA_REVISION

START = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new folder" / "thuocdo.sqlite"


@pytest.fixture
def store(path):
    opened = Store.open(f"sqlite:///{path}")
    yield opened
    opened.close()


def plan(path, statement):
    """What SQLite says it will do, without any statistics: the hardest case for its planner."""
    sql = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True}))
    with sqlite3.connect(path) as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", ("x",) * sql.count("?"))]


def test_latest_searches_an_index_and_never_scans_the_measurements(store, path):
    steps = plan(path, select_latest())
    assert any(step.startswith("SCAN series") for step in steps)
    assert not [step for step in steps if step.startswith(("SCAN measurements", "SCAN other"))]


@pytest.mark.parametrize(
    ("wanted", "found", "index", "number"),
    [
        ({"agency_id": "a"}, ([1, 2, 3], []), "sqlite_autoindex_measurements_1", 3),
        ({"target_id": "t"}, ([1], []), "sqlite_autoindex_measurements_1", 1),
        ({"kind": "k"}, ([], []), "ix_measurements_kind", 1),
        ({"round_id": "r"}, ([], []), "ix_measurements_round_id", 1),
        ({}, ([], ["http", "homepage"]), "ix_measurements_kind", 2),
    ],
)
@pytest.mark.parametrize("newest_first", [True, False])
def test_every_question_is_a_merge_of_ranges_of_one_index(store, path, wanted, found, index, number, newest_first):
    query = MeasurementQuery(**wanted, limit=1, newest_first=newest_first)
    steps = plan(path, select_measurements(query, *found))
    searched = [step for step in steps if step.startswith("SEARCH measurements ")]
    assert len(searched) == number
    assert all(f"INDEX {index}" in step for step in searched)
    assert not [step for step in steps if step.startswith("SCAN")]
    # Nothing is sorted but what lies at one instant.
    assert all("LAST TERM" in step or "RIGHT PART" in step for step in steps if "TEMP B-TREE" in step), steps


def test_keys_of_a_round_use_its_index(store, path):
    assert any("INDEX ix_measurements_round_id" in step for step in plan(path, select_keys("r")))


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (select_readings("http", "desktop", START, START), "ix_measurements_kind"),
        (select_seconds(("t", "http", "v", "p"), START, START), "sqlite_autoindex_measurements_1"),
        (select_lasting(), "ix_incidents_ended_at (ended_at=?)"),
        (select_incidents(since=START), "ix_incidents_ended_at (ended_at=?)"),
        (select_incidents(since=START), "ix_incidents_ended_at (ended_at>?)"),
        (select_incidents(since=START, scope=IncidentScope.VANTAGE), "ix_incidents_ended_at (ended_at>?)"),
        (select_page_of_incidents(9, START, None, only_ended=True), "ix_incidents_ended_at (ended_at>?)"),
        (select_page_of_incidents(9, None, None, only_ended=False), "ix_incidents_started_at"),
        (select_tallies(START, START), "ix_hour_tallies_hour"),
        (select_by_hour(START, START, "http", "desktop"), "ix_missed_starts_hour"),
        (select_sums(START, START, "http", "desktop"), "ix_missed_starts_hour"),
        (select_totals(START, START), "ix_missed_starts_hour"),
        (select_totals(START, START, target_id="t"), "sqlite_autoindex_missed_starts_1"),
        (select_tally_totals(START), "sqlite_autoindex_hour_tallies_1 (target_id=? AND vantage_id=? AND hour>?)"),
        (select_hour_counts("http", START, START, 9, Apart(targets=["t"])), "ix_measurements_kind"),
    ],
)
def test_what_judging_asks_has_its_index(store, path, statement, index):
    assert any(f"INDEX {index}" in step for step in plan(path, statement)), plan(path, statement)


@pytest.mark.parametrize(
    "statement", [select_arrived_readings(5, 9), select_arrived_counts(5, 9, Apart(targets=["t"]))]
)
def test_what_arrived_is_one_range_of_numbers_and_no_more(store, path, statement):
    [searched] = [step for step in plan(path, statement) if "measurements" in step and "TEMP" not in step]
    assert searched == "SEARCH measurements USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"


def test_the_same_statement_compiles_for_postgresql():
    assert "max(other.scheduled_at)" in str(select_latest().compile(dialect=postgresql.dialect()))


def test_the_file_is_in_wal_mode(store, path):
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_reopening_keeps_what_was_written(store, path, make_measurement):
    store.measurements.write([make_measurement()])
    store.close()
    again = Store.open(f"sqlite:///{path}")
    assert again.measurements.count() == 1
    again.close()


def test_a_reader_half_way_does_not_stop_a_writer(store, make_measurement):
    store.measurements.write([make_measurement(number) for number in range(3)])
    reader = store.measurements.find(MeasurementQuery())
    next(reader)
    assert store.measurements.write([make_measurement(9)]) == 1
    assert len(list(reader)) == 2


def test_an_abandoned_reader_gives_its_connection_back(store, make_measurement):
    store.measurements.write([make_measurement(number) for number in range(3)])
    for _ in range(40):  # more than the pool holds
        next(store.measurements.find(MeasurementQuery()))


def test_a_naive_instant_is_refused(store, make_measurement):
    with pytest.raises(StoreError, match="no time zone"):
        store.measurements.write([make_measurement(scheduled_at=make_measurement().started_at.replace(tzinfo=None))])


def test_one_bad_row_leaves_the_whole_batch_unwritten(store, make_measurement):
    with pytest.raises(StoreError):
        store.measurements.write([make_measurement(0), make_measurement(1, agency_id=None)])
    assert store.measurements.count() == 0


def test_a_file_that_is_no_database_is_named_and_left_alone(path):
    path.parent.mkdir()
    content = b"this was never a database, " * 500
    path.write_bytes(content)
    with pytest.raises(StoreError, match="file is not a database; nothing was overwritten: restore") as caught:
        Store.open(f"sqlite:///{path}")
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_a_torn_file_is_corrupt_and_left_alone(store, path, make_measurement):
    store.measurements.write([make_measurement(number, detail="x" * 500) for number in range(200)])
    store.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 200_000)
    damaged = path.read_bytes()
    with pytest.raises(StoreError, match="malformed; nothing was overwritten"):
        Store.open(f"sqlite:///{path}").measurements.count()
    assert path.read_bytes() == damaged


def test_a_file_from_a_newer_program_is_refused(store, path):
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=f"revision 9999, this program knows up to {SCHEMA_REVISION}; update thuocdo"):
        Store.open(f"sqlite:///{path}")


def test_a_locked_file_is_unavailable(store, path, make_measurement, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.05)
    hasty = Store.open(f"sqlite:///{path}")
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="1 measurements cannot be written: database is locked"):
        hasty.measurements.write([make_measurement()])
    assert hasty.measurements.count() == 0
    other.rollback()
    assert hasty.measurements.write([make_measurement()]) == 1
    other.close()
    hasty.close()


def test_a_folder_that_is_a_file_is_a_store_error(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match=r"data/thuocdo.sqlite: cannot be opened: File exists"):
        Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("thuocdo.sqlite", "no database address"),
        ("postgresql://me:secret@host:port/x", "no database address"),
        ("mysql://me:secret@host/x", "'mysql' is not supported"),
        ("sqlite://", "in-memory"),
        ("sqlite:///:memory:", "in-memory"),
        ("sqlite:///file::memory:?cache=shared&uri=true", "neither options nor a host"),
        ("sqlite:///file:x", "neither options nor a host"),
        ("sqlite:////tmp/x.sqlite?timeout=secret", "neither options nor a host"),
        ("sqlite:////tmp/x.sqlite?mode=ro", "neither options nor a host"),
        ("sqlite://me:secret@host/x.sqlite", "neither options nor a host"),
        ("sqlite:////dev/null", "is no file that can hold a database"),
        ("sqlite:////dev/full", "is no file that can hold a database"),
        ("sqlite:////tmp", "is no file that can hold a database"),
        ("postgresql://me:secret@host:0/x", "0 is no port"),
        ("postgresql://me:secret@host:99999/x", "99999 is no port"),
        ("postgresql://me:secret@127.0.0.1/x?foo=bar", "options in store_url"),
        ("postgresql://me:secret@127.0.0.1/x?sslmode=maybe", "options in store_url"),
        ("postgresql://me:secret@127.0.0.1/x?connect_timeout=soon", "options in store_url"),
        ("postgresql://me:secret@127.0.0.1/x?port=99999", "options in store_url"),
        ("postgresql://me:secret@127.0.0.1/x?target_session_attrs=best", "options in store_url"),
    ],
)
def test_an_address_we_cannot_use_is_refused_without_its_password(address, message):
    with pytest.raises(StoreError, match=message) as caught:
        Store.open(address)
    assert "secret" not in str(caught.value)


def test_refused_connection_is_unavailable_and_hides_the_password(free_port):
    with pytest.raises(StoreUnavailableError, match="check that the server runs") as caught:
        Store.open(f"postgresql://me:s3cret@127.0.0.1:{free_port}/thuocdo")
    assert "s3cret" not in str(caught.value)
    assert f"127.0.0.1:{free_port}/thuocdo: cannot be opened" in str(caught.value)


@pytest.fixture
def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]  # bound, not listening: connections are refused


def test_two_batches_with_the_same_keys_count_once(store, make_measurement):
    batch = [make_measurement(number) for number in range(10)]
    assert store.measurements.write([*batch, *batch[:3]]) == 10
    assert store.measurements.write([*batch, make_measurement(10)]) == 1
    assert store.measurements.newest_at() == make_measurement().key.scheduled_at + timedelta(seconds=10)


class _Refused(psycopg.OperationalError):
    """An error as psycopg raises it; sqlstate: None where libpq gives none."""

    def __init__(self, text, sqlstate=None):
        super().__init__(text)
        self.sqlstate = sqlstate


POSTGRESQL = make_url("postgresql+psycopg://me:s3cret@password.example/authentication")


@pytest.mark.parametrize(
    ("text", "sqlstate"),
    [
        ("terminating connection due to idle-in-transaction timeout", "25P03"),
        ("terminating connection due to transaction timeout", "25P04"),
        ("canceling statement due to statement timeout", "57014"),
        ("canceling statement due to lock timeout", "55P03"),
        ("terminating connection due to administrator command", "57P01"),
        ("could not extend file: No space left on device", "53100"),
        ("could not read block 7: Input/output error", "58030"),
        ("cannot execute INSERT in a read-only transaction", "25006"),
        ("deadlock detected", "40P01"),
        ('connection to server at "password.example", port 5432 failed: timeout expired', None),
        ('connection failed: FATAL:  database "does not exist" is not currently accepting connections', None),
        ("FATAL:  sorry, too many clients already", None),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", None),
        ('FATAL:  too many connections for role "permission denied"', None),
        ("FATAL:  the database system is starting up", None),
        ("FATAL:  the database system is in recovery mode", None),
        ("server closed the connection unexpectedly", None),
        ("the connection is closed", None),
        ('could not translate host name "password.example" to address: Temporary failure in name resolution', None),
    ],
)
def test_what_may_pass_is_waited_for(text, sqlstate):
    with pytest.raises(StoreUnavailableError) as caught, wrapped(POSTGRESQL, "cannot be read"):
        raise DBAPIOperationalError("SELECT 1", {}, _Refused(text, sqlstate))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sqlstate"),
    [
        ('FATAL:  password authentication failed for user "me"', None),
        ('FATAL:  database "x" does not exist', None),
        ('FATAL:  role "me" does not exist', None),
        ('FATAL:  role "me" is not permitted to log in', None),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4"', None),
        ('FATAL:  permission denied for database "x"', None),
        ("server does not support SSL, but SSL was required", None),
        ('invalid port number: "99999"', None),
        ('invalid sslmode value: "maybe"', None),
        ('invalid integer value "soon" for connection option "connect_timeout"', None),
        ("permission denied for table measurements", "42501"),
        ("value too long", "22001"),
    ],
)
def test_what_somebody_must_change_is_not_waited_for(text, sqlstate):
    with pytest.raises(StoreError) as caught, wrapped(POSTGRESQL, "cannot be read"):
        raise DBAPIOperationalError("SELECT 1", {}, _Refused(text, sqlstate))
    assert not isinstance(caught.value, StoreUnavailableError)


def test_a_row_of_another_version_is_a_store_error(store, make_measurement):
    store.measurements.write([make_measurement()])
    with store._database.transaction("test") as connection:
        connection.exec_driver_sql("UPDATE measurements SET outcome = 'splendid'")
    for read in (store.measurements.latest, lambda: list(store.measurements.find())):
        with pytest.raises(StoreError, match="foreign data"):
            read()
    with pytest.raises(StoreError):
        list(
            store.measurements.readings(
                "http", "total_seconds", since=START - timedelta(days=9_000), until=START + timedelta(days=9_000)
            )
        )


def test_what_is_scheduled_later_than_asked_for_is_not_the_latest(store, make_measurement):
    first, last = make_measurement(0), make_measurement(10)
    first, last = (replace(one, key=replace(one.key, target_id="same")) for one in (first, last))
    last = replace(last, key=replace(last.key, scheduled_at=first.key.scheduled_at + timedelta(days=400)))
    store.measurements.write([first, last])
    until = first.key.scheduled_at + timedelta(minutes=5)
    assert store.measurements.latest() == [last]
    assert store.measurements.latest(until) == [first]


def test_a_process_without_free_descriptors_waits(store, path, monkeypatch):
    def too_many(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "open", too_many)
    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    with (
        pytest.raises(StoreUnavailableError, match="ulimit -n"),
        wrapped(make_url(f"sqlite:///{path}"), "cannot be read"),
    ):
        raise DBAPIOperationalError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL]
)
def test_what_sqlite_cannot_do_just_now_is_waited_for(path, code):
    error = sqlite3.OperationalError("trouble")
    error.sqlite_errorcode = code
    with pytest.raises(StoreUnavailableError), wrapped(make_url(f"sqlite:///{path}"), "cannot be read"):
        raise DBAPIOperationalError("SELECT 1", {}, error)


def test_more_questions_than_connections_are_told_to_come_again(path):
    with (
        pytest.raises(StoreUnavailableError, match="try again"),
        wrapped(make_url(f"sqlite:///{path}"), "cannot be read"),
    ):
        raise PoolTimeoutError("QueuePool limit of size 5 overflow 10 reached")


def test_what_was_opened_on_a_read_only_disk_is_opened_anew(store, make_measurement):
    with store._database.reading() as connection:
        connection.exec_driver_sql(
            "PRAGMA query_only = ON"
        )  # as is whatever is opened on such a disk, for as long as it is open
    with pytest.raises(StoreError, match="readonly"):
        store.measurements.write([make_measurement()])
    assert store.measurements.write([make_measurement()]) == 1


def moved(path, to):
    """Take a database away, as somebody does who keeps or restores a copy."""
    to.mkdir()
    for file in list(path.parent.iterdir()):
        file.rename(to / file.name)


def test_a_file_that_is_gone_is_waited_for_and_not_made_anew(store, path, tmp_path, make_measurement):
    store.measurements.write([make_measurement(0)])
    moved(path, tmp_path / "elsewhere")
    for ask in (
        lambda: store.measurements.write([make_measurement(1)]),
        store.measurements.latest,
        store.measurements.count,
    ):
        with pytest.raises(StoreUnavailableError, match="was there and is gone; put it back"):
            ask()
    assert not path.exists()
    path.parent.rmdir()
    (tmp_path / "elsewhere").rename(path.parent)
    assert store.measurements.write([make_measurement(1)]) == 1
    assert store.measurements.count() == 2


def test_a_file_that_is_replaced_by_a_copy_is_the_one_that_is_written(store, path, tmp_path, make_measurement):
    store.measurements.write([make_measurement(0)])
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / "copy") as copy:
        source.backup(copy)
    moved(path, tmp_path / "elsewhere")
    (tmp_path / "copy").rename(path)
    assert store.measurements.write([make_measurement(1)]) == 1
    other = Store.open(f"sqlite:///{path}")
    assert other.measurements.count() == 2
    other.close()
