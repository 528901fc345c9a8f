"""The real programs of the drill: started, killed, frozen and started again, each with its output in a file of the folder."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from benchmarks.drill.files import ALERTMANAGER_PORT, PROMETHEUS_PORT
from benchmarks.drill.network import Portals
from benchmarks.processes import Group
from testbed.monitoring import alertmanager_command, prometheus_command

ROOT = Path(__file__).parents[2]
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
SHIPPED_RESEND_DELAY = "1m"
FAKETIME = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)
_STOP_SECONDS = 30.0


def thuocdo(folder: Path, *arguments: str | Path) -> list[str]:
    """Return a command line of `thuocdo` by the settings of a folder."""
    return [sys.executable, "-m", "thuocdo", "--config", str(folder / "thuocdo.yaml"), *map(str, arguments)]


class Programs:
    """
    What runs beside the portals; a context manager that leaves nothing behind.

    Args:
        folder: of the drill.
        portals: the other side of the line.

    Raises:
        SystemExit: a program is missing.
    """

    def __init__(self, folder: Path, portals: Portals) -> None:
        self._folder, self._portals = folder, portals
        self._found = {
            name: _found(name) for name in ("prometheus", "prometheus-alertmanager", "nginx", "promtool", "amtool")
        }
        self._stack = ExitStack()
        self._groups: dict[str, Group] = {}
        self._left: list[Group] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for group in (*self._groups.values(), *self._left):
            group.end()
        self._stack.close()

    def check_files(self) -> None:
        """Let Prometheus' and Alertmanager's own tools look at what they are to read; raises CalledProcessError."""
        for tool, what, file in (
            ("promtool", ("check", "config"), "prometheus.yml"),
            ("amtool", ("check-config",), "alertmanager.yml"),
        ):
            command = [self._found[tool], *what, str(self._folder / file)]
            subprocess.run(command, check=True, capture_output=True, text=True)

    def start_nginx(self) -> None:
        """Start nginx on the portals' side."""
        self._start(
            "nginx", self._portals.command(self._found["nginx"], "-c", self._folder / "nginx.conf", "-p", self._folder)
        )

    def start_service(self) -> None:
        """Start `thuocdo run`."""
        self._start("thuocdo", thuocdo(self._folder, "run"))

    def start_prometheus(self) -> None:
        """Start Prometheus."""
        program = self._found["prometheus"]
        command = prometheus_command(program, self._folder, PROMETHEUS_PORT, resend_delay=SHIPPED_RESEND_DELAY)
        self._start("prometheus", command)

    def start_alertmanager(self) -> None:
        """Start Alertmanager."""
        command = alertmanager_command(self._found["prometheus-alertmanager"], self._folder, ALERTMANAGER_PORT)
        self._start("alertmanager", command)

    def start_clock_agent(self) -> None:
        """Start an agent whose wall clock is what `set_clock` says; without libfaketime there is none, which its case tells."""
        library = next((one for one in FAKETIME if Path(one).exists()), None)
        if library is None:
            return
        self.set_clock(0)
        environment = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(self._folder / "clock" / "offset"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self._start("clock", thuocdo(self._folder / "clock", "agent", "http"), environment)

    def set_clock(self, ahead_seconds: int) -> None:
        """Set the clock of that agent so many seconds ahead."""
        file = self._folder / "clock" / "offset"
        beside = file.with_suffix(".new")
        beside.write_text(f"+{ahead_seconds}\n", encoding="ascii")
        beside.replace(file)

    def stop(self, name: str) -> None:
        """Ask a program to end, and wait."""
        process = self._groups[name].process
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        finally:
            self._groups.pop(name).end()

    def kill(self, name: str) -> None:
        """Kill a program by -9, and it alone; what it started is left to itself."""
        group = self._groups.pop(name)
        self._left.append(group)
        os.kill(group.process.pid, signal.SIGKILL)

    def signal_service(self, number: signal.Signals) -> None:
        """Send the supervisor a signal."""
        os.kill(self._groups["thuocdo"].process.pid, number)

    def child(self, *words: str) -> psutil.Process | None:
        """Return the process of the service whose command line ends so; None = there is none just now."""
        for process in psutil.Process(self._groups["thuocdo"].process.pid).children():
            try:
                if process.cmdline()[-len(words) :] == [*words]:
                    return process
            except psutil.NoSuchProcess:
                continue
        return None

    def _start(self, name: str, command: Sequence[str], environment: dict[str, str] | None = None) -> None:
        log = self._stack.enter_context((self._folder / f"{name}.log").open("ab"))
        env = {**os.environ, **(environment or {})}
        self._groups[name] = Group(command, env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log)


def answers(url: str) -> str | None:
    """Return what an address answers with 200; None = it does not."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode("utf-8", "replace")) if answer.status == 200 else None
    except (urllib.error.URLError, OSError):
        return None


def wait_until(what: str, condition: Callable[[], bool], seconds: float) -> None:
    """
    Wait for a condition.

    Raises:
        TimeoutError: it did not come true; the message says what.
    """
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError(f"{what} did not come true within {seconds:g} s")
        time.sleep(0.5)


def _found(program: str) -> str:
    path = shutil.which(program, path=PATH)
    if path is None:
        raise SystemExit(f"{program} is missing; run scripts/setup_tests.sh, or apt-get install it")
    return path
