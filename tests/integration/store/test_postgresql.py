"""What only a server can do to us."""

import pytest
from sqlalchemy import text

from thuocdo.errors import StoreError, StoreUnavailableError
from thuocdo.store import Store, database


def test_a_lost_connection_is_made_again(postgresql_url, make_measurement):
    store = Store.open(postgresql_url)
    store.write([make_measurement(0)])
    terminate_others(postgresql_url)
    assert store.write([make_measurement(1)]) == 1
    assert store.count() == 2
    store.close()


def test_a_connection_lost_while_reading_is_unavailable(postgresql_url, make_measurement):
    store = Store.open(postgresql_url)
    store.write([make_measurement(number) for number in range(1200)])
    reader = store.measurements()
    next(reader)
    terminate_others(postgresql_url)
    with pytest.raises(StoreUnavailableError, match="measurements cannot be read"):
        list(reader)
    assert store.count() == 1200
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
    with pytest.raises(StoreError, match="check user, password and database name") as caught:
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
