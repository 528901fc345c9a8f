"""
What a process and all its descendants cost, and how to end them: a control group where the kernel has one, else sampling.

A group counts what sampling misses, children that came and went between two looks; and it ends all members at once, also those
that a browser's launcher has cut loose.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import psutil

_ROOTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
_SAMPLE_SECONDS = 0.05


class Group:
    """
    A process with all its descendants, as one thing that has cost so much CPU; use as a context manager, which ends them all.

    Args:
        arguments: of the command. env: whole environment; None = ours. cwd: where it runs. stdin, stdout, stderr: as of Popen.
    """

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: int | IO[Any] = subprocess.DEVNULL,
        stdout: int | IO[Any] = subprocess.DEVNULL,
        stderr: int | IO[Any] = subprocess.DEVNULL,
    ) -> None:
        self._folder = _make_folder()
        # A shell joins the group before it becomes the command, so that nothing is started outside of it.
        join = ["sh", "-c", f'echo 0 > "{self._folder}/cgroup.procs" && exec "$@"', "sh"] if self._folder else []
        self.process = subprocess.Popen(
            [*join, *map(str, arguments)],
            env=env,
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
            start_new_session=True,  # Ctrl-C is ours: we end the group
        )
        self._sampler = None if self._folder else _Sampler(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def counts_exactly(self) -> bool:
        """Whether the kernel counts; else it is sampled, and what lived for less than a sample is missed."""
        return self._folder is not None

    def cpu_seconds(self) -> float:
        """Return user and system time of all members since the start, those that have ended included."""
        if self._sampler:
            return self._sampler.cpu_seconds()
        assert self._folder is not None
        lines = (self._folder / "cpu.stat").read_text(encoding="ascii").splitlines()
        return int(dict(line.split() for line in lines)["usage_usec"]) / 1e6

    def end(self) -> None:
        """Kill all members; nothing is left behind."""
        family = _family(self.process.pid)
        if self._folder:
            (self._folder / "cgroup.kill").write_text("1", encoding="ascii")
        if self._sampler:
            self._sampler.stop()
            family += self._sampler.members()
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        self.process.wait()
        if self._folder:
            _remove_when_empty(self._folder)


def heed_termination() -> None:
    """End on SIGTERM as on Ctrl-C: by an exception, so that every group is ended and every folder removed on the way out."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


class _Sampler:
    """Looks at a process tree again and again; remembers the last CPU times of everyone it has met."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen: dict[psutil.Process, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def cpu_seconds(self) -> float:
        self._look()
        with self._lock:
            return sum(self._seen.values())

    def members(self) -> list[psutil.Process]:
        return list(self._seen)

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            self._look()

    def _look(self) -> None:
        for process in _family(self._pid):
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                with self._lock:
                    self._seen[process] = times.user + times.system


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _make_folder() -> Path | None:
    """Make a control group of version 2 for one command, or return None where we may not."""
    for root in _ROOTS:
        # Version 1 has files of other names; cgroup.kill is as young as Linux 5.14.
        if (root / "cgroup.procs").exists() and (root / "cgroup.controllers").exists():
            with suppress(OSError):
                folder = Path(tempfile.mkdtemp(prefix="thuocdo-bench-", dir=root))
                if (folder / "cgroup.kill").exists() and os.access(folder / "cgroup.procs", os.W_OK):
                    return folder
                folder.rmdir()
    return None


def _remove_when_empty(folder: Path) -> None:
    """Remove a group whose members are dying; the kernel refuses until the last one is gone."""
    events = folder / "cgroup.events"
    for _ in range(500):
        if "populated 0" in events.read_text(encoding="ascii"):
            break
        threading.Event().wait(0.01)
    with suppress(OSError):
        folder.rmdir()
