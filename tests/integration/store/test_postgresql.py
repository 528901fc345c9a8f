"""What only a server can do to us."""

import threading

import psycopg
import pytest
from sqlalchemy import text

from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.store import MeasurementQuery, Store, database


def test_a_lost_connection_is_made_again(postgresql_url, make_measurement):
    store = Store.open(postgresql_url)
    store.measurements.write([make_measurement(0)])
    terminate_others(postgresql_url)
    assert store.measurements.write([make_measurement(1)]) == 1
    assert store.measurements.count() == 2
    store.close()


def test_a_connection_lost_while_reading_is_unavailable(postgresql_url, make_measurement):
    store = Store.open(postgresql_url)
    store.measurements.write([make_measurement(number) for number in range(1200)])
    reader = store.measurements.find()
    next(reader)
    terminate_others(postgresql_url)
    with pytest.raises(StoreUnavailableError, match="measurements cannot be read"):
        list(reader)
    assert store.measurements.count() == 1200
    store.close()


def terminate_others(url):
    engine = database.connect(database.parse(url))
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_an_unknown_database_is_a_store_error_without_the_password(postgresql_server):
    with pytest.raises(StoreError, match="check user, password, database name") as caught:
        Store.open(f"{postgresql_server}/nowhere")
    assert not isinstance(caught.value, StoreUnavailableError)
    assert "not-a-secret" not in str(caught.value)


def test_a_short_address_uses_our_driver(postgresql_url):
    Store.open(postgresql_url.replace("postgresql://", "postgres://")).close()


def test_a_database_we_may_not_write_is_a_store_error(postgresql_url):
    engine = database.connect(database.parse(postgresql_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE reader LOGIN"))
    engine.dispose()
    with pytest.raises(StoreError, match="permission denied") as caught:
        Store.open(postgresql_url.replace("thuocdo:", "reader:"))
    assert not isinstance(caught.value, StoreUnavailableError)


@pytest.fixture
def locked(postgresql_url):
    """Hold a lock on the measurements, as a report or a migration may, until the test gives it back."""
    Store.open(postgresql_url).close()
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("LOCK TABLE measurements IN ACCESS EXCLUSIVE MODE")
        yield connection


def test_who_waits_too_long_for_a_lock_is_told_so_and_tries_again(
    postgresql_url, locked, make_measurement, monkeypatch
):
    monkeypatch.setattr(database, "LOCK_TIMEOUT_SECONDS", 1)
    store = Store.open(postgresql_url)
    for work in (
        lambda: store.measurements.write([make_measurement()]),
        store.measurements.count,
        lambda: list(store.measurements.find(MeasurementQuery(kind="http"))),
    ):
        with pytest.raises(StoreUnavailableError, match="lock timeout"):
            work()
    locked.rollback()
    assert store.measurements.write([make_measurement()]) == 1
    store.close()


def test_a_statement_that_writes_never_hangs_for_ever(postgresql_url, make_measurement, monkeypatch):
    monkeypatch.setattr(database, "WRITE_TIMEOUT_SECONDS", 1)
    store = Store.open(postgresql_url)
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$"
        )
        connection.execute("CREATE TRIGGER slow BEFORE INSERT ON measurements FOR EACH ROW EXECUTE FUNCTION slow()")
        with pytest.raises(StoreUnavailableError, match="statement timeout"):
            store.measurements.write([make_measurement()])
        connection.execute("DROP TRIGGER slow ON measurements")
    assert store.measurements.write([make_measurement()]) == 1
    store.close()


def test_a_server_turned_read_only_is_unavailable_with_a_remedy_and_loses_nothing(postgresql_url, make_measurement):
    store = Store.open(postgresql_url)
    store.measurements.write([make_measurement(0)])
    set_read_only(postgresql_url, "on")
    with pytest.raises(StoreUnavailableError, match="point store_url at the primary"):
        store.measurements.write([make_measurement(1)])
    assert store.measurements.count() == 1
    Store.open(postgresql_url).close()  # nothing to migrate: reading needs no more
    set_read_only(postgresql_url, "off")
    assert store.measurements.write([make_measurement(1)]) == 1
    store.close()


def set_read_only(url, value):
    name = url.rsplit("/", 1)[1]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
    terminate_others(url)


def test_a_server_that_stops_while_another_writes_is_unavailable_and_met_again(own_postgresql, make_measurement):
    own_postgresql.start()
    url = f"{own_postgresql.url}/postgres"
    store = Store.open(url)
    own_postgresql.stop()
    with pytest.raises(StoreUnavailableError, match="check that the server runs"):
        store.measurements.write([make_measurement()])
    with pytest.raises(StoreUnavailableError):
        Store.open(url)
    own_postgresql.start()
    assert store.measurements.write([make_measurement()]) == 1
    store.close()


def test_many_that_open_a_new_store_at_once_wait_for_each_other(postgresql_url):
    faults = []

    def open_one():
        try:
            Store.open(postgresql_url).close()
        except StoreError as exc:
            faults.append(exc)

    threads = [threading.Thread(target=open_one) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
