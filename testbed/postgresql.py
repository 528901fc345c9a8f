"""A real PostgreSQL of one's own, for tests and benchmarks."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


class PostgreSQL:
    """
    A private PostgreSQL that may be stopped and started; fsync is off.

    Args:
        programs: the folder of initdb and pg_ctl, see find_programs.
    """

    url: str
    """Its address, without a database."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # PostgreSQL refuses to run as root; the socket's path must be short.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="tdpg-", dir="/tmp"))
        if self._user:
            os.chown(self._folder, pwd.getpwnam(self._user).pw_uid, -1)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"postgresql://thuocdo:not-a-secret@127.0.0.1:{self._port}"
        self._run("initdb", "-U", "thuocdo", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-F -p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self._folder / "log"), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; immediate is as if it was killed."""
        self._run("pg_ctl", "-m", mode, "stop")

    def remove(self) -> None:
        """Stop it if it runs, and remove its files."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._log.unlink(missing_ok=True)

    @property
    def _log(self) -> Path:
        return self._folder.parent / f"{self._folder.name}.log"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder / "data"), *arguments]
        # Output to a file: the server inherits it, and would keep a pipe open for ever.
        with self._log.open("ab") as log:
            subprocess.run(command, user=self._user, cwd=self._folder, check=True, stdout=log, stderr=log, timeout=60)


def find_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs on this machine, None where there is none."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return newest[-1].parent if newest else Path(on_path).resolve().parent if on_path else None
