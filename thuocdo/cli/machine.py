"""What this machine lacks, told in a line with its remedy instead of a traceback."""

import errno
import resource
import sys
from collections.abc import Iterator

_NO_MEMORY = (
    "no memory is left for this process: end something else, or raise its limit (ulimit -v, MemoryMax); then try again"
)
_NOT_LOADED = ("failed to map segment", "cannot allocate memory", "out of memory")
"""What the loader says of a library for which there is no room."""

LEAST_ADDRESS_SPACE = 384 * 2**20
"""With less, numpy's library ends the process itself where it is loaded, and says nothing that helps."""

_NO_FILES = "too many files are open: raise the limit (ulimit -n, LimitNOFILE); then try again"
_NO_SPACE = "no space is left on the disk: free some; what is stored is intact"


def machine_fault(exc: BaseException) -> tuple[int, str] | None:
    """
    Return exit code and message for an exception that tells of this machine, not of the program; None for all others.

    Exit code 3: it may be over when it is tried again; 2: a person must change something first.
    """
    for one in _causes(exc):
        if isinstance(one, MemoryError) or (isinstance(one, RuntimeError) and "can't start new thread" in str(one)):
            return 3, _NO_MEMORY
        if isinstance(one, ImportError) and any(sign in str(one) for sign in _NOT_LOADED):
            return 3, _NO_MEMORY
        if isinstance(one, UnicodeEncodeError):
            return 2, _no_letters(one)
        if isinstance(one, OSError):
            return _of_system(one)
    return None


def too_little_memory() -> str | None:
    """Return what is wrong where this process may use so little memory that it cannot even be loaded; None = enough."""
    granted, _ = resource.getrlimit(resource.RLIMIT_AS)
    if granted == resource.RLIM_INFINITY or granted >= LEAST_ADDRESS_SPACE:
        return None
    return (
        f"this process may use {granted // 2**20} MB of address space, and needs {LEAST_ADDRESS_SPACE // 2**20} at least "
        "(a browser far more): raise the limit (ulimit -v, LimitAS)"
    )


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """Yield an exception, those within it, and what they came from."""
    seen: list[BaseException] = []
    waiting = [exc]
    while waiting:
        one = waiting.pop(0)
        if any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        waiting += [other for other in (one.__cause__, one.__context__) if other is not None]


def _of_system(exc: OSError) -> tuple[int, str] | None:
    where = f"{exc.filename}: " if exc.filename else ""
    if exc.errno == errno.ENOMEM:
        return 3, _NO_MEMORY
    if exc.errno in (errno.EMFILE, errno.ENFILE):
        return 3, f"{where}{_NO_FILES}"
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return 3, f"{where}{_NO_SPACE}"
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "give this user the right to it, or choose another place (data_dir)"
        return 2, f"{where}{exc.strerror}; {remedy}"
    return None


def _no_letters(exc: UnicodeEncodeError) -> str:
    names = sys.getfilesystemencoding()
    shown = exc.object[exc.start : exc.end].encode("ascii", errors="backslashreplace").decode()
    return (
        f"letters such as {shown} can be neither named nor written here (file names are {names}, texts {exc.encoding}): "
        "set LC_ALL=C.UTF-8 or PYTHONUTF8=1, then try again"
    )
