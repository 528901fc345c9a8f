"""The one place where errors of databases and file systems become ours: where + what + what to do, never a password."""

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from thuocdo.core.errors import StoreError, StoreUnavailableError

_CORRUPT = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
_FORBIDDEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_GONE = "gone"
_FILES_OF_SQLITE = 5
"""The file, its journal, shared memory, the folder, and one to spare."""

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE}

# Source: PostgreSQL manual, appendix A. Connection, resources, shutdown and time-outs, lock, serialisation, ended while idle
# in a transaction, or because it took too long, trouble of its disk: all may pass.
_PASSING_CLASSES = ("08", "53", "57", "55P03", "40", "25P03", "25P04", "58")
_READ_ONLY = "25006"
# What server or libpq say when no connection can come of it for good; libpq gives no code for it.
_REFUSED_FOR_GOOD = (
    *("password", "authentication", "does not exist", "pg_hba.conf", "permission denied", "is not permitted to log in"),
    *("does not support SSL", "invalid port number", "could not parse network address", "private key file"),
)
_INVALID = re.compile(r"invalid (\w+ )?(value|connection option)")
_QUOTED = re.compile(r'"[^"]*"')


def describe(url: URL) -> str:
    """Return where the store is, as a person would name it, without the password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


@contextmanager
def wrapped(url: URL, doing: str) -> Iterator[None]:
    """
    Turn everything a database raises within the block into a StoreError.

    Args:
        url: which store.
        doing: what was attempted: "cannot be opened".
    """
    try:
        yield
    except DBAPIError as exc:
        error = _of_sqlite(exc, url, doing) if isinstance(exc.orig, sqlite3.Error) else _of_postgresql(exc, url, doing)
        raise error from exc
    except sqlite3.Error as exc:  # of a connection that no engine made
        raise _of_sqlite(DBAPIError("", {}, exc), url, doing) from exc
    except PoolTimeoutError as exc:
        raise StoreUnavailableError(
            _line(url, doing, "all connections are in use", "too much is asked at once; try again")
        ) from exc
    except UnicodeEncodeError:  # no letters for the name of the file: the command line says what to do
        raise
    except (SQLAlchemyError, ValidationError, ValueError, TypeError, KeyError) as exc:
        what = (str(exc) or repr(exc)).splitlines()[0]
        raise StoreError(
            _line(url, doing, what, "this is a fault of the program or of foreign data; please report it")
        ) from exc
    except OSError as exc:
        raise of_file(exc, describe(url), doing) from exc


def gone(path: Path) -> sqlite3.Error:
    """Return the error of a file that was there, and that nobody should make anew while this process lives."""
    error = sqlite3.OperationalError(f"{path.name} was there and is gone")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    error.sqlite_errorname = _GONE
    return error


def of_file(exc: OSError, where: str | Path, doing: str) -> StoreError:
    """Return the error for what a file system refused."""
    what = exc.strerror or str(exc)
    if exc.errno in _NO_SPACE:
        return StoreUnavailableError(f"{where}: {doing}: {what}; free space on that disk, what is stored is intact")
    return StoreError(
        f"{where}: {doing}: {what}; make folder and file writable for this user, or choose another data_dir"
    )


def _of_sqlite(exc: DBAPIError, url: URL, doing: str) -> StoreError:
    code = getattr(exc.orig, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary result code
    what = str(exc.orig)
    if code in _CORRUPT:
        remedy = "nothing was overwritten: restore the file from a copy, or move it aside and a new one is made"
        return StoreError(_line(url, doing, what, remedy))
    if getattr(exc.orig, "sqlite_errorname", "") == _GONE:
        remedy = "put it back, and what waits is stored; or start again, and a new one is made"
        return StoreUnavailableError(_line(url, doing, what, remedy))
    if code == sqlite3.SQLITE_NOMEM:
        return StoreUnavailableError(_line(url, doing, what, "free memory, or raise the limit of it; then try again"))
    if code == sqlite3.SQLITE_CANTOPEN and _is_for_lack_of_files(url):
        remedy = "too many files are open: raise the limit (ulimit -n, LimitNOFILE); what is stored is intact"
        return StoreUnavailableError(_line(url, doing, what, remedy))
    if code in _FORBIDDEN:
        remedy = "make folder and file writable for this user, or choose another data_dir"
        if _is_on_read_only_disk(url):
            remedy = (
                f"the disk is read-only, often after a fault of its own: look at dmesg and mount it anew; or {remedy}"
            )
            return StoreUnavailableError(_line(url, doing, what, remedy))
        return StoreError(_line(url, doing, what, remedy))
    if code in _LOCKED:
        return StoreUnavailableError(_line(url, doing, what, "another process holds the file; end it or try again"))
    if code in _FULL:
        return StoreUnavailableError(_line(url, doing, what, "free space on that disk, what is stored is intact"))
    return StoreError(_line(url, doing, what, "this is a fault of the program or of foreign data; please report it"))


def _is_for_lack_of_files(url: URL) -> bool:
    """Tell whether this process, or the machine, may open no file more just now; SQLite says of all reasons the same."""
    folder = Path(str(url.database)).parent
    try:
        with ExitStack() as opened:
            for _ in range(_FILES_OF_SQLITE):
                opened.callback(os.close, os.open(folder, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as exc:
        return exc.errno in (errno.EMFILE, errno.ENFILE)
    return False


def _is_on_read_only_disk(url: URL) -> bool:
    """Tell whether the file is there, on a disk that takes no writes: it did once, or there would be no file."""
    try:
        return bool(os.statvfs(str(url.database)).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _of_postgresql(exc: DBAPIError, url: URL, doing: str) -> StoreError:
    state = getattr(exc.orig, "sqlstate", None)
    what = " ".join(str(exc.orig).split())
    if state is None and _is_wrong(exc, _QUOTED.sub('""', what)):
        return StoreError(_line(url, doing, what, "check user, password, database name and options in store_url"))
    if state == _READ_ONLY:
        remedy = (
            "the server takes no writes just now: end its read-only mode (default_transaction_read_only), or point store_url "
            "at the primary; what waits is stored then"
        )
        return StoreUnavailableError(_line(url, doing, what, remedy))
    if state is None or state.startswith(_PASSING_CLASSES):
        return StoreUnavailableError(
            _line(url, doing, what, "check that the server runs and can be reached; then try again")
        )
    return StoreError(
        _line(url, doing, what, "this is a fault of the program or of the database's rights; please look there")
    )


def _is_wrong(exc: DBAPIError, what: str) -> bool:
    """Tell whether no connection can come of what was asked for until somebody changes it; what: without names of anything."""
    is_mistaken = isinstance(exc, ProgrammingError) or _INVALID.search(what) is not None
    return is_mistaken or any(sign in what for sign in _REFUSED_FOR_GOOD)


def _line(url: URL, doing: str, what: str, remedy: str) -> str:
    line = f"{describe(url)}: {doing}: {what}; {remedy}"
    return line.replace(str(url.password), "***") if url.password else line
