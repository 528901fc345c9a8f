"""What a PostgreSQL can be set to, or do to us: other letters, limits of a role, sessions that are ended."""

import psycopg
import pytest

from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.store import Store


@pytest.fixture
def admin(postgresql_server):
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        yield connection


@pytest.fixture
def limited(postgresql_url, admin):
    """Return a maker of an address of the same database for a role with a limit."""
    Store.open(postgresql_url).close()

    def make(limit):
        admin.execute(f"CREATE ROLE limited LOGIN {limit if limit.startswith('CONNECTION') else ''}")
        admin.execute("GRANT pg_read_all_data TO limited")
        if not limit.startswith("CONNECTION"):
            admin.execute(f"ALTER ROLE limited SET {limit}")
        return postgresql_url.replace("thuocdo:not-a-secret", "limited:not-a-secret")

    yield make
    admin.execute("DROP ROLE limited")


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "WIN1258"])
def test_a_database_without_all_letters_is_refused_before_anything_is_measured(postgresql_server, admin, encoding):
    name = f"of_{encoding.lower()}"
    admin.execute(f"CREATE DATABASE \"{name}\" ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    with pytest.raises(StoreError, match=rf"{encoding}.*ENCODING 'UTF8'") as caught:
        Store.open(f"{postgresql_server}/{name}")
    assert not isinstance(caught.value, StoreUnavailableError)


def test_whatever_letters_the_surroundings_ask_for_ours_arrive(postgresql_url, make_measurement, monkeypatch):
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    store = Store.open(postgresql_url)
    store.measurements.write([make_measurement(detail="Thừa Thiên Huế 💥")])
    assert store.measurements.latest()[0].observation.detail == "Thừa Thiên Huế 💥"
    store.close()


def test_a_session_that_is_ended_is_unavailability_and_the_next_one_works(postgresql_url, admin, make_measurement):
    store = Store.open(postgresql_url)
    store.measurements.write([make_measurement(n) for n in range(1_200)])
    rows = store.measurements.find()
    next(rows)
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'")
    with pytest.raises(StoreUnavailableError):
        list(rows)
    assert store.measurements.count() == 1_200
    store.close()


def test_no_connection_left_for_a_role_is_unavailability(limited):
    with pytest.raises(StoreUnavailableError, match="too many connections"):
        Store.open(limited("CONNECTION LIMIT 0"))


@pytest.mark.parametrize("limit", ["statement_timeout = '2s'", "idle_in_transaction_session_timeout = '2s'"])
def test_limits_of_a_role_are_unavailability(limited, admin, limit):
    store = Store.open(limited(limit))

    def take_too_long():
        with store._database.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
            admin.execute("SELECT pg_sleep(3)")
            connection.exec_driver_sql("SELECT pg_sleep(3)")

    with pytest.raises(StoreUnavailableError) as caught:
        take_too_long()
    assert "not-a-secret" not in str(caught.value)
    store.close()
