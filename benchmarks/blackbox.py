"""
blackbox_exporter beside us: started with its cheapest set-up that verifies certificates, asked as Prometheus asks it.

Its own mount namespace gives it our name server in /etc/resolv.conf and our authority among the system's: Go reads those once per
process, while a `ca_file` in its configuration would be read again for every probe (many times the cost).
"""

import asyncio
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from benchmarks.certificates import SYSTEM_BUNDLE, Certificates
from benchmarks.processes import Group
from benchmarks.truth import Seen

PROGRAM = "prometheus-blackbox-exporter"
ADDRESS = "127.0.0.79:9115"

_CONFIGURATION = """\
modules:
  http:
    prober: http
    timeout: 10s
    http:
      preferred_ip_protocol: ip4
      ip_protocol_fallback: false
"""
_NAMESPACE = """\
mount --bind "$1/resolv.conf" "$(readlink -f /etc/resolv.conf)" &&
mount --bind "$2" "$3" &&
exec "$4" --config.file="$1/blackbox.yml" --web.listen-address="$5"
"""
_PHASE = re.compile(r'^probe_http_duration_seconds\{phase="(\w+)"\} (\S+)$', re.MULTILINE)
_SUCCESS = re.compile(r"^probe_success 1$", re.MULTILINE)
_START_SECONDS = 10.0


class Blackbox:
    """A running blackbox_exporter."""

    def __init__(self, pid: int) -> None:
        self._clock = (~pid << 3) | 2  # the CPU clock of another process: <linux/posix-timers.h>, CPUCLOCK_SCHED

    def cpu_seconds(self) -> float:
        """Return user and system time of all its threads since the start."""
        return time.clock_gettime(self._clock)

    def ask(self, starts: Sequence[tuple[float, str]]) -> list[Seen]:
        """
        Ask it to probe each address at its time, over connections that stay open, as a Prometheus server does.

        Args:
            starts: seconds after now and address, in order of time.
        """
        return asyncio.run(_ask_all(starts))


@contextmanager
def blackbox(certificates: Certificates, name_server: str) -> Iterator[Blackbox]:
    """
    Run a blackbox_exporter that asks one name server and trusts one more authority.

    Raises:
        SystemExit: a program is missing.
        RuntimeError: it does not answer.
    """
    program = required_program(PROGRAM, PROGRAM)
    required_program("unshare", "util-linux")
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as name:
        folder = Path(name)
        (folder / "resolv.conf").write_text(f"nameserver {name_server}\n", encoding="ascii")
        (folder / "blackbox.yml").write_text(_CONFIGURATION, encoding="ascii")
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _NAMESPACE, "sh"]
        with Group([*command, folder, certificates.bundle, SYSTEM_BUNDLE, program, ADDRESS]) as group:
            asyncio.run(_answers(group.process))
            yield Blackbox(group.process.pid)


def required_program(name: str, package: str) -> str:
    """Return the path of a program; ends the benchmark with a line that names its Debian package where it is missing."""
    found = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin")
    if not found:
        raise SystemExit(
            f"benchmark: {name} is missing: run scripts/setup_bench.sh as root (apt-get install {package})"
        )
    return found


def version() -> str:
    """Return the version of the installed blackbox_exporter."""
    command = [required_program(PROGRAM, PROGRAM), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"version (\S+?),? ", said.stdout + said.stderr)
    return found.group(1) if found else "?"


def seen_in(metrics: str) -> Seen:
    """Return what a probe's metrics say."""
    phases = {name: float(value) for name, value in _PHASE.findall(metrics)}
    return Seen(succeeded=bool(_SUCCESS.search(metrics)), phases=phases)


async def _answers(process: subprocess.Popen[str]) -> None:
    give_up = time.monotonic() + _START_SECONDS
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < give_up and process.poll() is None:
            try:
                async with session.get(f"http://{ADDRESS}/-/healthy"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
    raise RuntimeError(f"{PROGRAM} did not start at {ADDRESS}; it needs root (for its mount namespace) and a free port")


async def _ask_all(starts: Sequence[tuple[float, str]]) -> list[Seen]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(url: str) -> str:
            query = {"module": "http", "target": url}
            async with session.get(f"http://{ADDRESS}/probe", params=query) as answer:
                return await answer.text()

        began = time.monotonic()
        tasks = []
        for due, url in starts:
            await asyncio.sleep(max(0.0, began + due - time.monotonic()))
            tasks.append(asyncio.create_task(ask(url)))
        return [seen_in(text) for text in await asyncio.gather(*tasks)]
