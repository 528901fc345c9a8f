"""
A network of the drill's own, which leads nowhere: the prober's side and the portals' side, and a line between them that is cut.

It needs root, `unshare`, `nsenter` and `ip`. Names are asked of the drill's name server alone, whoever asks.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from testbed.drill.places import NAME_SERVER, NETWORK

INSIDE = "DRILL_INSIDE"
TOOLS = ("unshare", "nsenter", "ip", "mount")
HERE, THERE = "10.65.0.1", "10.65.0.2"

_PORTALS_SIDE = f'ip link set lo up && ip route add local {NETWORK} dev lo && exec "$@"'
_ANSWER_SECONDS = 30.0


def enter() -> None:
    """
    Start this program over in namespaces of its own, unless it is there already.

    Raises:
        SystemExit: it is not allowed, or a tool is missing.
    """
    if os.environ.get(INSIDE):
        return
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        raise SystemExit(
            f"a network of its own needs root and {', '.join(missing or TOOLS)}; apt-get install iproute2 util-linux"
        )
    os.environ[INSIDE] = "1"
    isolation = ["unshare", "--net", "--mount", "--propagation", "private"]
    os.execvp("unshare", [*isolation, *sys.orig_argv])


def settle(folder: Path) -> None:
    """Bring up loopback, and have every program ask the drill's name server and no other."""
    if not os.environ.get(INSIDE):
        raise RuntimeError("not in a network of its own; call `enter` first")
    _ip("link", "set", "lo", "up")
    file = folder / "resolv.conf"
    file.write_text(f"nameserver {NAME_SERVER}\noptions timeout:2 attempts:1\n", encoding="ascii")
    subprocess.run(["mount", "--bind", file, Path("/etc/resolv.conf").resolve()], check=True)


class Portals:
    """
    The portals' side, with the line that leads there; a context manager.

    Args:
        folder: with places.json; the authority's certificate comes there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        command = [
            "unshare",
            "--net",
            "sh",
            "-c",
            _PORTALS_SIDE,
            "sh",
            sys.executable,
            "-m",
            "testbed.drill",
            str(self._folder),
        ]
        with (self._folder / "portals.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1
            )
        try:
            self._answer()
            _ip("link", "add", "here", "type", "veth", "peer", "name", "there")
            _ip("link", "set", "there", "netns", str(self._process.pid))
            _ip("addr", "add", f"{HERE}/30", "dev", "here")
            _ip("link", "set", "here", "up")
            self._inside("ip", "addr", "add", f"{THERE}/30", "dev", "there")
            self.mend_line()
            _ip("route", "add", NETWORK, "via", THERE)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def befall(self, portal: str, trouble: str) -> None:
        """Let something be wrong with a portal from now on, or nothing any more."""
        self._say(f"{portal} {trouble}")

    def requests(self, portal: str) -> int:
        """Return how often a portal's pages were asked for."""
        return int(self._say(f"{portal} ?"))

    def cut_line(self) -> None:
        """Cut the prober's line to all portals, name servers and reference pages."""
        self._inside("ip", "link", "set", "there", "down")

    def mend_line(self) -> None:
        """Put it back."""
        self._inside("ip", "link", "set", "there", "up")

    def command(self, *arguments: str | Path) -> Sequence[str]:
        """Return the command line that runs another program on the portals' side."""
        return ["nsenter", f"--target={self._process.pid}", "--net", *map(str, arguments)]

    def _inside(self, *arguments: str) -> None:
        subprocess.run(self.command(*arguments), check=True)

    def _say(self, line: str) -> str:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the portals ended; see {self._folder / 'portals.log'}")
        return line.strip()

    def _end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
