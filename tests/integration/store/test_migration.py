"""A filled database of an older revision comes to the newest one with all that it holds, on both engines."""

import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, Column, DateTime, Double, MetaData, String, Table, insert, text
from sqlalchemy.dialects.postgresql import JSONB

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import Conditions, IncidentScope, PageKind, Reason
from thuocdo.core.wire import measurement_to_dict
from thuocdo.store import MeasurementQuery, Store, database
from thuocdo.store.schema import SERIES_KEY

AT = datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC)

_TEXTS = ("agency_id", "round_id", "outcome", "reason", "page_kind", "detail")
_JSONS = ("values", "attributes", "conditions", "findings", "tested", "not_testable", "evidence")
_JSON = JSON().with_variant(JSONB(), "postgresql")
_TABLES = MetaData()
_SERIES = Table("series", _TABLES, *(Column(name, String) for name in SERIES_KEY))
_MEASUREMENTS = Table(
    "measurements",
    _TABLES,
    *(Column(name, String) for name in (*SERIES_KEY, *_TEXTS)),
    *(Column(name, DateTime(timezone=True)) for name in ("scheduled_at", "started_at")),
    Column("duration_seconds", Double),
    Column("saturated", Boolean),
    *(Column(name, _JSON) for name in _JSONS),
)
_INCIDENTS = Table(
    "incidents",
    _TABLES,
    *(
        Column(name, String)
        for name in ("id", "scope", "subject_id", "agency_id", "state", "worst", "reason", "detail")
    ),
    *(Column(name, DateTime(timezone=True)) for name in ("started_at", "confirmed_at", "ended_at")),
    *(Column(name, _JSON) for name in ("target_ids", "measurements", "evidence")),
)


def make_old(url, revision):
    """An empty database of a revision."""
    engine = database.connect(database.parse(url))
    config = Config()
    config.set_main_option("script_location", "thuocdo.store:migrations")
    with database.writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def fill_old(url, measurements):
    """Write measurements as revisions 0001 and 0002 kept them."""
    engine = database.connect(database.parse(url))
    is_sqlite = engine.dialect.name == "sqlite"
    rows = []
    for measurement in measurements:
        key, whole = measurement.key, measurement_to_dict(measurement)
        kept = {"scheduled_at": key.scheduled_at, "started_at": measurement.started_at}
        rows.append(
            {
                **{name: getattr(key, name) for name in SERIES_KEY},
                **{n: at.astimezone(UTC).replace(tzinfo=None if is_sqlite else UTC) for n, at in kept.items()},
                **{name: whole[name] for name in ("agency_id", "round_id", "duration_seconds", "conditions")},
                **whole["observation"],
                "saturated": measurement.conditions.saturated,
            }
        )
    with database.writing(engine).begin() as connection:
        series = {tuple(row[name] for name in SERIES_KEY) for row in rows}
        connection.execute(insert(_SERIES), [dict(zip(SERIES_KEY, key, strict=True)) for key in sorted(series)])
        connection.execute(insert(_MEASUREMENTS), rows)
    engine.dispose()


@pytest.fixture
def various(make_measurement):
    """Measurements of several series with every column filled and empty."""
    made = []
    for number in range(60):
        at = AT + timedelta(hours=13 * number)
        changes = {"target_id": f"t{number % 3}.home", "agency_id": f"a{number % 3}", "scheduled_at": at}
        if number % 5 == 0:
            changes |= {"outcome": Reason.TIMEOUT.outcome, "reason": Reason.TIMEOUT, "detail": "quá hạn", "values": {}}
        else:
            changes |= {
                "page_kind": PageKind.PORTAL if number % 2 else None,
                "values": {"total_seconds": number / 7, "tls_seconds": 0.012},
                "attributes": {"hops": f"[{number}]", "address": "127.0.0.1"},
                "conditions": Conditions(
                    saturated=number % 6 == 1, in_flight=3, lateness_seconds=1 / 3, versions={"thuocdo": "1"}
                ),
            }
        started_at = at + timedelta(microseconds=number * 1_001)
        made.append(
            make_measurement(number, **changes, started_at=started_at, round_id="r" if number % 4 == 1 else None)
        )
    return made


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_what_a_filled_database_holds_is_all_there(store_url, various, revision):
    make_old(store_url, revision)
    fill_old(store_url, various)
    with Store.open(store_url) as store:
        assert list(store.measurements.find()) == various
        assert store.measurements.keys("r") == {one.key for one in various if one.round_id == "r"}
        assert list(store.measurements.find(MeasurementQuery(agency_id="a1"))) == various[1::3]
        assert store.measurements.write(various) == 0
        assert store.measurements.write([various[-1]]) == 0
        assert (store.incidents.all(), store.rankings.all()) == ([], [])


def test_incidents_of_before_are_counted_and_found_by_their_agency(store_url):
    make_old(store_url, "0002")
    engine = database.connect(database.parse(store_url))
    at = AT.replace(tzinfo=None if engine.dialect.name == "sqlite" else UTC)
    rows = [
        dict.fromkeys(("subject_id", "detail"), "")
        | {"id": f"i{number}", "scope": scope, "agency_id": agency_id, "state": "ended", "worst": "down"}
        | dict.fromkeys(("started_at", "confirmed_at", "ended_at"), at)
        | {name: [] for name in ("target_ids", "measurements", "evidence")}
        for number, (scope, agency_id) in enumerate([("target", "a"), ("target", "b"), ("family", "")])
    ]
    with database.writing(engine).begin() as connection:
        connection.execute(insert(_INCIDENTS), rows)
    engine.dispose()
    with Store.open(store_url) as store:
        assert store.incidents.count() == {
            IncidentScope.TARGET: 2,
            IncidentScope.FAMILY: 1,
            IncidentScope.VANTAGE: 0,
        }
        assert [one.id for one in store.incidents.newest(9)] == ["i0", "i1", "i2"]
        assert [one.id for one in store.incidents.newest(9, agency_id="a")] == ["i0", "i2"]
        assert [one.id for one in store.incidents.newest(9, agency_id="b", only_ended=True)] == ["i1", "i2"]
        assert [one.id for one in store.incidents.newest(1, agency_id="b")] == ["i1"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_measurement_comes_over_whole(tmp_path_factory, any_measurement, data):
    some = data.draw(st.lists(any_measurement, max_size=5, unique_by=lambda one: one.key))
    url = f"sqlite:///{tmp_path_factory.mktemp('old')}/thuocdo.sqlite"
    make_old(url, "0002")
    if some:
        fill_old(url, some)
    with Store.open(url) as store:
        assert {one.key: one for one in store.measurements.find()} == {one.key: one for one in some}


def test_killed_half_way_all_is_as_it_was(store_url, various, spawn):
    make_old(store_url, "0002")
    fill_old(store_url, various)
    migration = spawn([sys.executable, "-c", STOPS_HALF_WAY, store_url])
    assert migration.stdout.readline() == "half way\n", migration.communicate()
    os.kill(migration.pid, signal.SIGKILL)
    migration.wait()
    with Store.open(store_url) as store:
        assert list(store.measurements.find()) == various


STOPS_HALF_WAY = """
import sys, time
sys.path.insert(0, "")
import sqlalchemy
from sqlalchemy import event
from thuocdo.store import Store

def stop(connection, cursor, statement, parameters, context, executemany):
    if statement.startswith("INSERT INTO measurements"):
        print("half way", flush=True)
        time.sleep(600)

event.listen(sqlalchemy.engine.Engine, "after_cursor_execute", stop)
Store.open(sys.argv[1])
"""


def test_of_several_rounds_of_one_name_the_newest_keeps_it(store_url):
    """It was the one that was meant by it."""
    make_old(store_url, "0009")
    rows = [("a", "Đợt 1", 1), ("b", "Đợt 1", 3), ("c", "Đợt 1", 2), ("d", "Đợt 1", 3), ("e", "Đợt 2", 1)]
    engine = database.connect(database.parse(store_url))
    with database.writing(engine).begin() as connection:
        for name, label, day in rows:
            at = f"2026-11-0{day} 00:00:00.000000" + ("" if engine.dialect.name == "sqlite" else "+00")
            connection.execute(
                text(
                    "INSERT INTO rounds (id, label, started_at, planned, settings) VALUES (:id, :label, :at, 0, '{}')"
                ),
                {"id": name, "label": label, "at": at},
            )
    engine.dispose()
    with Store.open(store_url) as store:
        assert {one.id: one.label for one in store.rounds.all()} == {
            "a": "Đợt 1 (a)",
            "b": "Đợt 1 (b)",
            "c": "Đợt 1 (c)",
            "d": "Đợt 1",
            "e": "Đợt 2",
        }


def test_a_disk_too_small_for_the_new_form_is_told_before_anything_is_done(tmp_path, various, monkeypatch):
    url = f"sqlite:///{tmp_path}/thuocdo.sqlite"
    make_old(url, "0002")
    fill_old(url, various)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000})())
    with pytest.raises(StoreUnavailableError, match="free space on that disk, what is stored is intact"):
        Store.open(url)
    monkeypatch.undo()
    with sqlite3.connect(tmp_path / "thuocdo.sqlite") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0002",)
    with Store.open(url) as store:
        assert list(store.measurements.find()) == various


def test_months_of_postgresql_have_tables_of_their_own(store, store_url, various):
    if not store_url.startswith("postgresql"):
        pytest.skip("SQLite keeps all in one table")
    store.measurements.write(various)
    with store._database.reading() as connection:
        found = connection.execute(
            text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1")
        )
        assert list(found.scalars()) == ["measurements_2026_11", "measurements_2026_12"]
