"""
A database as a whole: copied out while others write into it, and put back in one transaction.

SQLite copies itself by its own online backup; PostgreSQL by pg_dump and psql, which see, and change, one instant. Nothing here
brings tables to a newer revision: whoever opens the store afterwards does.
"""

import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, delete, inspect, select, text

from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.store.database import BUSY_TIMEOUT_SECONDS, connect, parse, writing
from thuocdo.store.failures import describe, wrapped
from thuocdo.store.guards import GUARD
from thuocdo.store.schema import (
    agent_states,
    assessments,
    incidents,
    measurements,
    metadata,
    objections,
    progress,
    rollups,
    round_log,
    rounds,
)

NAMES = {"sqlite": "thuocdo.sqlite", "postgresql": "thuocdo.sql"}
"""What the copy of each engine is called."""

PUT_BACK = "put back:"
"""Of `progress`, with the name of a restore: that the store is what this restore put here, written in the same transaction."""

LOCK_WAIT_SECONDS = 60

RESTORE_LOCK = 0x7468756F63646272
"""The advisory lock of the transaction that puts a copy back: whoever comes after a crash waits until it has ended."""
_CLIENT = "install PostgreSQL's client of the server's version or newer (Debian: apt-get install postgresql-client)"
_PR_SET_PDEATHSIG = 1
_KEPT = (measurements, rollups, incidents, rounds, assessments, objections, round_log)

# Whatever of ours is there, of whichever revision: what the copy lacks must not be left, or the next revision would meet it.
_DROP = """
SELECT pg_advisory_xact_lock({lock});
DO $$ DECLARE found record; BEGIN
FOR found IN SELECT c.oid::regclass AS name FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND pg_table_is_visible(c.oid) AND c.relname IN ({names})
LOOP EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', found.name); END LOOP; END $$;
"""
_MARK = """
RESET search_path;
INSERT INTO progress (name, number, at) VALUES ('{name}', 0, now());
"""


class Copies:
    """
    The database of an address; it need not exist.

    Args:
        address: sqlite:////absolute/path or postgresql://user:password@host/database.

    Raises:
        StoreError: it is no address; every method: the database cannot be read or written.
    """

    def __init__(self, address: str) -> None:
        self._url = parse(address)
        self.engine = self._url.get_backend_name()

    @property
    def name(self) -> str:
        """Where it is, as a person would name it, without the password."""
        return describe(self._url)

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None = a server's."""
        return Path(str(self._url.database)) if self.engine == "sqlite" else None

    def revision(self) -> str | None:
        """Return the revision of its tables; None where there are none."""
        with self._reading() as connection:
            if connection is None or not inspect(connection).has_table("alembic_version"):
                return None
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())

    def is_empty(self) -> bool:
        """Tell whether nothing is in it that was measured, found or entered by a person."""
        with self._reading() as connection:
            if connection is None:
                return True
            there = set(inspect(connection).get_table_names())
            return not any(
                connection.execute(select(text("1")).select_from(table).limit(1)).first()
                for table in _KEPT
                if table.name in there
            )

    def agents_since(self, instant: datetime) -> list[tuple[str, str]]:
        """Return vantage point and name of the agents that gave a sign of life after an instant."""
        column = agent_states.c
        with self._reading() as connection:
            if connection is None or not inspect(connection).has_table(agent_states.name):
                return []
            found = connection.execute(select(column.vantage_id, column.agent).where(column.seen_at > instant))
            return [(row.vantage_id, row.agent) for row in found]

    def copy_out(self, file: Path) -> None:
        """Write a copy as of one instant into a file that is made; whoever writes meanwhile is not held up."""
        if self.engine == "sqlite":
            with (
                wrapped(self._url, "cannot be copied"),
                closing(self._opened()) as source,
                closing(_made(file)) as copy,
            ):
                source.backup(copy)  # all in one step: a step at a time begins anew with everything that is written
                copy.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file
            return
        tables = [f"--table={name}" for name in (*metadata.tables, "alembic_version", f"{measurements.name}_*")]
        self._run(
            "pg_dump",
            *("--format=plain", "--encoding=UTF8", "--no-owner", "--no-privileges", "--no-tablespaces"),
            *("--no-comments", "--no-security-labels", f"--lock-wait-timeout={LOCK_WAIT_SECONDS * 1000}"),
            *(*tables, f"--file={file}"),
        )

    def copy_in(self, file: Path, restore: str) -> None:
        """
        Put a copy in the place of everything that is here: whole or not at all, whenever this process is killed.

        Args:
            file: a copy of this engine that `check` found good; it is changed.
            restore: name of the restore (letters and digits), by which `is_put_back` knows it again.
        """
        mark = PUT_BACK + restore
        if self.engine == "sqlite":
            with wrapped(self._url, "cannot be put back"):
                assert self.file is not None
                self.file.parent.mkdir(parents=True, exist_ok=True)
                with closing(sqlite3.connect(file)) as copy:
                    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
                    copy.execute("INSERT INTO progress (name, number, at) VALUES (?, 0, ?)", (mark, now))
                    copy.commit()
                    with closing(sqlite3.connect(self.file, timeout=BUSY_TIMEOUT_SECONDS)) as place:
                        place.execute("PRAGMA synchronous=FULL")
                        copy.backup(place)
            return
        known = ", ".join(f"'{name}'" for name in (*metadata.tables, "alembic_version"))
        before, after = file.with_name("before.sql"), file.with_name("after.sql")
        before.write_text(_DROP.format(names=known, lock=RESTORE_LOCK) + GUARD, encoding="utf-8")
        after.write_text(_MARK.format(name=mark), encoding="utf-8")
        self._run(
            "psql",
            *("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction"),
            *(f"--file={one}" for one in (before, file, after)),
        )

    def is_put_back(self, restore: str) -> bool:
        """Tell whether it is what a restore put here."""
        with self._reading() as connection:
            if connection is None:
                return False
            if self.engine == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": RESTORE_LOCK})
            if not inspect(connection).has_table(progress.name):
                return False
            mark = select(progress.c.name).where(progress.c.name == PUT_BACK + restore)
            return connection.execute(mark).scalar() is not None

    def forget(self, restore: str) -> None:
        """Take the mark of a restore away."""
        with self._engine() as engine, writing(engine).begin() as connection:
            connection.execute(delete(progress).where(progress.c.name == PUT_BACK + restore))

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """Give a connection; None where there is no file, which is not made."""
        if self.file is not None and not self.file.exists():
            yield None
            return
        with self._engine() as engine, engine.connect() as connection:
            yield connection

    @contextmanager
    def _engine(self) -> Iterator[Any]:
        with wrapped(self._url, "cannot be read"):
            engine = connect(self._url)
            try:
                yield engine
            finally:
                engine.dispose()

    def _opened(self) -> sqlite3.Connection:
        assert self.file is not None
        if not self.file.exists():
            raise StoreError(f"{self.file}: there is no store to back up; check data_dir or store_url")
        return sqlite3.connect(self.file, timeout=BUSY_TIMEOUT_SECONDS)

    def _run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL's; the password goes by the environment, which only this user can see."""
        address = self._url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        command = [_found(program), "--no-password", f"--dbname={address}", *arguments]
        environment = os.environ | {"PGOPTIONS": f"-c lock_timeout={LOCK_WAIT_SECONDS}s", "PGCLIENTENCODING": "UTF8"}
        if self._url.password is not None:
            environment["PGPASSWORD"] = str(self._url.password)
        done = subprocess.run(  # noqa: S603
            command,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            errors="replace",
            preexec_fn=_die_with_us(),
        )
        if done.returncode == 0:
            return
        said = " ".join(done.stderr.split())[:500] or f"exit code {done.returncode}"
        line = f"{self.name}: {program} says: {_without_password(said, self._url)}"
        if "server version" in said or "restrict" in said:
            raise StoreError(f"{line}; {_CLIENT}")
        if "could not connect" in said or "connection to server" in said or "lock timeout" in said:
            raise StoreUnavailableError(
                f"{line}; check that the server runs, and end who holds its tables; then try again"
            )
        raise StoreError(f"{line}; nothing was changed")


def check(engine: str, file: Path) -> None:
    """
    Look whether a copy can be put back at all.

    Raises:
        StoreError: it is spoilt.
    """
    if engine == "postgresql":
        _found("psql")  # now, and not when everything else is done
        return
    url = URL.create("sqlite", database=str(file))
    with wrapped(url, "is no good copy"), closing(sqlite3.connect(file)) as copy:
        found: Sequence[str] = copy.execute("PRAGMA quick_check(1)").fetchone()
        if found[0] != "ok":
            raise StoreError(f"{file.name}: the copy of the database is spoilt ({found[0]}); take another backup")


def _made(file: Path) -> sqlite3.Connection:
    copy = sqlite3.connect(file)
    copy.execute("PRAGMA synchronous=OFF")  # it is synchronised as a whole, by whoever keeps it
    return copy


def _found(program: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = shutil.which(program) or (str(newest[-1]) if newest else None)
    if found is None:
        raise StoreError(f"{program} is not installed, and a store on PostgreSQL needs it here; {_CLIENT}")
    return found


def _die_with_us() -> Callable[[], None]:
    """Return what has a child killed when this process is: it would go on alone, and commit when nobody expects it any more."""
    library = ctypes.CDLL(None)

    def ask() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    return ask


def _without_password(said: str, url: URL) -> str:
    return said.replace(str(url.password), "***") if url.password else said
