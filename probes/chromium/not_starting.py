"""Why a browser does not start, and what to do."""

import errno
import os
import tempfile
from pathlib import Path

from probes.chromium.executable import BROWSER_VARIABLE, driver_trouble
from probes.chromium.memory import MEBIBYTE

LAUNCH_SECONDS = 20.0  # measured: 0.3 to 0.6 s; a busy machine needs more

LEAST_ROOM_MEBIBYTES, LEAST_FILES = 16, 100
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.ENOENT})
_NO_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_NO_PROCESSES = frozenset({errno.EAGAIN, errno.ENOMEM})


def why_not(executable: Path, exc: BaseException) -> str:
    """Say why a browser does not start and what to do."""
    if "from the driver" in str(exc) and (trouble := driver_trouble()):
        return f"the browser {executable} cannot be led: {trouble}"
    number = exc.errno if isinstance(exc, OSError) else None
    why = f"not within {LAUNCH_SECONDS:g} s" if isinstance(exc, TimeoutError) else _first_line(exc)
    return f"the browser {executable} does not start ({why}); {_remedy(executable, number, str(exc))}"


def _is_full() -> bool:
    """Whether the folder for temporary files has hardly any room; Chromium does not say so, it only does not come up."""
    try:
        room = os.statvfs(
            os.environ.get("TMPDIR") or tempfile.gettempdir()
        )  # Python looks for another one, Chromium not
    except OSError:  # there is none that can be written
        return True
    no_names = room.f_files > 0 and room.f_favail < LEAST_FILES
    return no_names or room.f_bavail * room.f_frsize < LEAST_ROOM_MEBIBYTES * MEBIBYTE


def _remedy(executable: Path, number: int | None, told: str) -> str:
    if number in _NO_ROOM or _is_full() or "ENOSPC" in told or "EROFS" in told or "EACCES" in told:
        return f"make room in {os.environ.get('TMPDIR', 'the folder for temporary files')} (TMPDIR) and let this user write there"
    if number in _NO_FILES or "EMFILE" in told:
        return "let this process open more files, some 1024 (`ulimit -n`, LimitNOFILE= of systemd)"
    if number in _NO_PROCESSES or "EAGAIN" in told:
        return "let this user start more processes (`ulimit -u`, TasksMax= of systemd) and look for free memory"
    if "X server" in told or "ozone" in told:
        return "a window needs a screen (DISPLAY); leave --headed out"
    if "No usable sandbox" in told:
        return (
            "this system lets only root have a sandbox: allow user namespaces for everybody "
            "(`sysctl kernel.apparmor_restrict_unprivileged_userns=0`, `sysctl user.max_user_namespaces=10000`), "
            "or install Debian's chromium-sandbox"
        )
    return f"run `{executable} --version` as this user, or name another one in {BROWSER_VARIABLE}"


def _first_line(exc: BaseException) -> str:
    return (str(exc) or type(exc).__name__).strip().splitlines()[0]
