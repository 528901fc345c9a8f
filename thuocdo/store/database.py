"""Opens a database: the engine with its settings, and the schema brought to the newest revision."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import SQLITE_CANTOPEN, SQLITE_IOERR, SQLITE_PERM, SQLITE_READONLY
from sqlite3 import Connection as SqliteConnection
from typing import Any, Self

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    Table,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from thuocdo.core.errors import StoreError
from thuocdo.store.failures import describe, gone, wrapped
from thuocdo.store.schema import SCHEMA_REVISION

BUSY_TIMEOUT_SECONDS = 10
CONNECT_TIMEOUT_SECONDS = 10

LOCK_TIMEOUT_SECONDS = 10
WRITE_TIMEOUT_SECONDS = 60
"""What a server may take for one statement that writes; reports read as long as they need."""

DEAD_AFTER_SECONDS = 30
"""A server that was cut off does not say good-bye: what is sent to it is acknowledged in this time, or the line is given up."""

MIGRATION_LOCK = 0x7468756F63646F  # "thuocdo": the advisory lock that serialises migrations on PostgreSQL
_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_BEGIN = "sqlite_begin"
_OF_THE_DISK = {SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PERM}


class Database:
    """An open database, which the stores share; see `open`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = writing(engine)
        is_postgresql = engine.dialect.name == "postgresql"  # SQLite's transactions see one instant anyway
        self._steady = engine.execution_options(isolation_level="REPEATABLE READ") if is_postgresql else engine

    @classmethod
    def open(cls, address: str) -> Self:
        """
        Open a database; tables are created or brought to the newest revision.

        Args:
            address: sqlite:////absolute/path or postgresql://user:password@host/database.

        Raises:
            StoreError: it cannot be opened; the message says where, why and what to do.
        """
        url = parse(address)
        with wrapped(url, "cannot be opened"):
            engine = connect(url)
            try:
                migrate(engine)
            except BaseException:
                engine.dispose()
                raise
            return cls(engine)

    def close(self) -> None:
        """Close all connections."""
        with wrapped(self._engine.url, "cannot be closed"):
            self._engine.dispose()

    @property
    def name(self) -> str:
        """Where it is, as a person would name it, without the password."""
        return describe(self._engine.url)

    @contextmanager
    def reading(self, doing: str = "cannot be read") -> Iterator[Connection]:
        """Give a connection to read by; doing: what a StoreError says was attempted."""
        with wrapped(self._engine.url, doing), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self, doing: str = "cannot be read") -> Iterator[Connection]:
        """Give a connection to read by that sees the database as it is at its first question, whatever is written meanwhile."""
        with wrapped(self._engine.url, doing), self._steady.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self, doing: str) -> Iterator[Connection]:
        """Give a connection whose writing is all or none; doing: what a StoreError says was attempted."""
        with wrapped(self._engine.url, doing), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def told(self, doing: str) -> Iterator[None]:
        """Tell what goes wrong in the block as a StoreError, as if the database had refused it; doing: what was attempted."""
        with wrapped(self._engine.url, doing):
            yield

    def rows(self, statement: Any) -> Sequence[Any]:
        """Return all rows that a statement gives, as mappings."""
        with self.reading() as connection:
            return connection.execute(statement).mappings().all()

    def insert_new(self, table: Table, key: Iterable[str] | None = None) -> Any:
        """Return the statement that inserts rows and leaves those whose key is there as they are; key: None = the primary one."""
        columns = list(table.primary_key.columns) if key is None else list(key)
        return self._insert(table).on_conflict_do_nothing(index_elements=columns)

    def insert_or_replace(self, table: Table, names: Iterable[str] | None = None) -> Any:
        """Return the statement that inserts rows in place of those with the same key; names: only these columns are replaced."""
        insert = self._insert(table)
        key = [column.name for column in table.primary_key.columns]
        replaced = [name for name in (names or table.c.keys()) if name not in key]
        return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in replaced})

    def insert_or_grow(self, table: Table, name: str) -> Any:
        """Return the statement that inserts rows; where the key is there, the column `name` becomes the larger of both."""
        insert = self._insert(table)
        return insert.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: insert.excluded[name]},
            where=insert.excluded[name] > table.c[name],
        )

    @staticmethod
    def add_numbered(connection: Connection, table: Table, row: Mapping[str, Any], key: Iterable[str] = ()) -> bool:
        """
        Insert a row under the next number of its table, within a transaction that writes.

        Args:
            connection: of the transaction.
            table: with a column `number`.
            row: without it.
            key: columns that tell rows apart; where one is there already, nothing changes and this is False. Empty = it is new.
        """
        same = [table.c[name] == row[name] for name in key]
        if same and connection.execute(select(table.c.number).where(*same)).first() is not None:
            return False
        last = connection.execute(select(func.max(table.c.number))).scalar() or 0
        connection.execute(table.insert(), {**row, "number": last + 1})
        return True

    def _insert(self, table: Table) -> Any:
        return (sqlite if self._engine.dialect.name == "sqlite" else postgresql).insert(table)


def parse(address: str) -> URL:
    """
    Return the URL of a store, with the driver we use.

    Raises:
        StoreError: it is no address of SQLite or PostgreSQL. The address is not shown: it may hold a password.
    """
    hint = "give sqlite:////folder/thuocdo.sqlite or postgresql://user@host/database"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StoreError(f"store_url: this is no database address; {hint}") from None
    name = url.drivername.split("+")[0]
    if name not in _DRIVERS:
        raise StoreError(f"store_url: database '{name}' is not supported; {hint}")
    if name == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError(f"store_url: an in-memory database keeps nothing; {hint}")
    if name == "sqlite" and (url.query or url.host or str(url.database).startswith("file:")):
        raise StoreError(f"store_url: a file of SQLite has neither options nor a host; {hint}")
    if url.port is not None and not 0 < url.port < 65536:
        raise StoreError(f"store_url: {url.port} is no port; {hint}")
    return url.set(drivername=_DRIVERS[name])


def connect(url: URL) -> Engine:
    """Return the engine of a store; its folder is made where it is missing. No connection is opened yet."""
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise StoreError(f"{path}: is no file that can hold a database; choose another store_url")
        engine = create_engine(
            url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_SECONDS}
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "handle_error", _open_anew)
        _watch(engine, path)
        return engine
    # pre_ping: a server that was restarted meanwhile is met with a new connection instead of an error.
    line = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "tcp_user_timeout": DEAD_AFTER_SECONDS * 1000,
        "keepalives_idle": DEAD_AFTER_SECONDS // 2,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
    chosen = {name: value for name, value in line.items() if name not in url.query} | {"client_encoding": "utf8"}
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=chosen)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def writing(engine: Engine) -> Engine:
    """
    Return the same engine (and pool) for transactions that write.

    On SQLite these take the write lock at once: a transaction that reads first and then wants to write cannot wait for
    another writer, it fails.
    """
    return engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})


def migrate(engine: Engine) -> None:
    """
    Create the tables, or bring them to the newest revision, in one transaction.

    Processes that come at the same time wait for the first one.

    Raises:
        StoreError: the tables were made by a newer version of this program.
    """
    with engine.connect() as connection:
        _refuse_other_letters(connection)
        if _revision(connection) == SCHEMA_REVISION:
            return
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        if _revision(connection) != SCHEMA_REVISION:
            _upgrade(connection, describe(engine.url))


def _refuse_other_letters(connection: Connection) -> None:
    """Refuse a database that has no place for all letters: it would take most measurements, and some never."""
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        raise StoreError(
            f"{describe(connection.engine.url)}: its texts are {encoding}, which lacks letters of Vietnamese; make a database "
            "with ENCODING 'UTF8' TEMPLATE template0"
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, where: str) -> None:
    # Alembic is needed once per database: it is not loaded at every start.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", "thuocdo.store:migrations")
    revision = _revision(connection)
    try:
        if revision is not None:
            ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError as exc:
        raise StoreError(
            f"{where}: its tables have revision {revision}, this program knows up to {SCHEMA_REVISION}; "
            "update thuocdo, or choose another store_url"
        ) from exc
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _set_up_sqlite(connection: SqliteConnection, _record: Any) -> None:
    # Python's own transaction handling is off: SQLAlchemy's "begin" event below does it, DDL included.
    connection.isolation_level = None
    if connection.execute("PRAGMA page_count").fetchone() == (0,):
        # So that what retention frees goes back to the disk: possible before anything is written there, the next line included.
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _watch(engine: Engine, path: Path) -> None:
    """
    Leave a file that was moved or replaced under us.

    SQLite would go on writing into what has no name any more, or make an empty file in its place.
    """
    known: list[Any] = []

    def note(_connection: Any, record: ConnectionPoolEntry) -> None:
        known[:] = [_identity(path)]
        record.info["file"] = known[0]

    def refuse_a_new_one(*_: Any) -> None:
        if known and _identity(path) is None:
            raise gone(path)

    def compare(_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError

    event.listen(engine, "connect", note)
    event.listen(engine, "do_connect", refuse_a_new_one)
    event.listen(engine, "checkout", compare)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what a file is whatever its name; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _open_anew(context: ExceptionContext) -> None:
    """
    Let a file be opened anew after trouble of its disk.

    What was opened while the disk was read-only stays read-only, long after somebody mounted it anew; and so does whatever this
    process opens, as long as any such connection is open: they share their memory.
    """
    if getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK:
        context.is_disconnect = True
        cursor = getattr(context.execution_context, "cursor", None)
        if cursor is not None:
            cursor.close()  # SQLite closes no connection before its last statement
        if context.engine is not None:
            context.engine.dispose()


def _begin_postgresql(connection: Connection) -> None:
    # Within the transaction, not at the connection: poolers between us and the server keep no settings of a session.
    limits = f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"
    if _BEGIN in connection.get_execution_options():
        limits += f"; SET LOCAL statement_timeout = '{WRITE_TIMEOUT_SECONDS}s'"
    connection.exec_driver_sql(limits)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))
