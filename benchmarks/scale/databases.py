"""New databases for stores, on SQLite and on a PostgreSQL of our own, and how large they are on disk."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg

from testbed.postgresql import PostgreSQL, find_programs

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
ENGINES = (SQLITE, POSTGRESQL)


class Databases(Protocol):
    """A place for databases."""

    def make(self, name: str) -> str:
        """Return the address of a new, empty database."""
        ...

    def size(self, name: str) -> int:
        """Return its size on disk in bytes, once everything that waited in memory or in a log was written."""
        ...

    def settle(self, name: str) -> None:
        """Let it do what it does by itself when it has time: without statistics a server guesses its plans."""
        ...

    def drop(self, name: str) -> None:
        """Remove it."""
        ...


class _Files:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> str:
        return f"sqlite:///{self._file(name)}"

    def size(self, name: str) -> int:
        import sqlite3

        with sqlite3.connect(self._file(name)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self._file(name).stat().st_size

    def settle(self, name: str) -> None:
        self.size(name)

    def drop(self, name: str) -> None:
        for file in self._folder.glob(f"{name}.sqlite*"):
            file.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite"


class _Server:
    def __init__(self, url: str) -> None:
        self._url = url

    def make(self, name: str) -> str:
        self._run(f"CREATE DATABASE {name}")
        return f"{self._url}/{name}"

    def size(self, name: str) -> int:
        self._run("CHECKPOINT")
        with psycopg.connect(f"{self._url}/{name}") as connection:
            found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert found is not None
        return int(found[0])

    def settle(self, name: str) -> None:
        self._run("VACUUM ANALYZE", name)

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(f"{self._url}/{database}", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def databases(engine: str, folder: Path) -> Iterator[Databases]:
    """
    Give a place for databases of one engine, which is removed afterwards with all of them.

    Args:
        engine: one of ENGINES.
        folder: for the files of SQLite; a PostgreSQL of our own lies in /tmp.

    Raises:
        RuntimeError: this machine has no PostgreSQL.
    """
    if engine == SQLITE:
        place = folder / "sqlite"
        place.mkdir()
        try:
            yield _Files(place)
        finally:
            shutil.rmtree(place)
        return
    programs = find_programs()
    if programs is None:
        raise RuntimeError("there is no PostgreSQL: apt-get install postgresql, or leave it out (--engine sqlite)")
    server = PostgreSQL(programs)
    try:
        server.start()
        yield _Server(server.url)
    finally:
        server.remove()
