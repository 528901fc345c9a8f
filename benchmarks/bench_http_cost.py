"""
What one full HTTP probe costs in CPU: ours, blackbox_exporter and a plain aiohttp probe in turn against the same nginx.

A fresh connection each time: DNS, TCP, TLS 1.3 with verification, a GET, 5 KB. CPU is that of the probing process alone, by the
kernel's clock of that process; servers and the client that asks blackbox_exporter are not counted.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from trustme import KeyType

from benchmarks.blackbox import Blackbox, blackbox, required_program
from benchmarks.certificates import make_certificates
from benchmarks.delays import ADDRESS as NAME_SERVER
from benchmarks.delays import DOMAIN, Delays, delay_server
from benchmarks.http_versions import PEER, versions
from benchmarks.prober import Prober, Way, prober
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from benchmarks.truth import median_ratio
from benchmarks.webserver import PAGE_BYTES, nginx

STARTS_PER_SECOND = 200  # the agent's own pace
HOSTS = 300  # none is asked twice within 0.5 s
TARGET_ADDRESS = "127.0.0.78"


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of all ways of probing in turn")
    parser.add_argument("--probes", type=int, default=400, help="probes of each way in a round")
    arguments = parser.parse_args()
    print(heading("Cost of an HTTP probe", versions() | {"nginx": _nginx_version()}))
    rounds = _measure(arguments.rounds, arguments.probes)
    print(
        f"CPU seconds per 1,000 probes, {STARTS_PER_SECOND} starts a second, {PAGE_BYTES} bytes over TLS 1.3 (RSA 2048, one "
        f"intermediate), {arguments.probes} probes a round, medians of {arguments.rounds} rounds in turn.\n"
    )
    rows = [
        (name, statistics.median(costs), min(costs), max(costs), median_ratio(costs, rounds[PEER]))
        for name, costs in rounds.items()
    ]
    print(table(["probe", "CPU-s", "least", "most", f"÷ {PEER}"], rows))
    plain, bare = (median_ratio(rounds[Way.PROBE], rounds[way]) for way in (Way.PLAIN, Way.BARE))
    publish(
        "http_cost",
        [
            Figure(
                figure="CPU per full HTTP probe ÷ blackbox_exporter's, same target",
                value=median_ratio(rounds[Way.RUNNER], rounds[PEER]),
                must=1.0,
                aim=0.75,
            ),
            Figure(figure="CPU with phases and certificate ÷ a plain aiohttp probe", value=plain, must=1.10, aim=1.05),
            Figure(figure="CPU with phases and certificate ÷ the same client without", value=bare, must=1.10, aim=1.05),
            Figure(figure="CPU seconds per 1,000 full HTTP probes", value=statistics.median(rounds[Way.RUNNER])),
        ],
    )


def _measure(rounds: int, probes: int) -> dict[str, list[float]]:
    """Return CPU seconds per 1,000 probes by way of probing, one for each round."""
    costs: dict[str, list[float]] = {name: [] for name in (PEER, *Way)}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thuocdo-bench-")))
        certificates = make_certificates(folder, DOMAIN, key=KeyType.RSA, intermediate=True)  # as most portals have it
        stack.enter_context(nginx(TARGET_ADDRESS, certificates.server))
        stack.enter_context(delay_server(Delays(), certificates.server, answer_with=TARGET_ADDRESS))
        theirs = stack.enter_context(blackbox(certificates, NAME_SERVER))
        ours = stack.enter_context(prober(certificates.authority, NAME_SERVER))
        for number in range(-1, rounds):  # the first round warms up: robots.txt, certificate stores, caches
            for name in costs:
                spent = _spent(name, ours, theirs, probes)
                if number >= 0:
                    costs[name].append(spent / probes * 1000)
    return costs


def _spent(name: str, ours: Prober, theirs: Blackbox, probes: int) -> float:
    """Return the CPU seconds of the probing process for some probes."""
    starts = [(n / STARTS_PER_SECOND, f"https://h{n % HOSTS}.{DOMAIN}/") for n in range(probes)]
    time.sleep(0.6)  # the hosts of the round before keep their distance
    if name in list(Way):
        return ours.cost([(due, n, url) for n, (due, url) in enumerate(starts)], Way(name))
    before = theirs.cpu_seconds()
    seen = theirs.ask(starts)
    spent = theirs.cpu_seconds() - before
    if not all(one.succeeded for one in seen):
        raise RuntimeError(f"{PEER}: {sum(not one.succeeded for one in seen)} of {probes} probes failed")
    return spent


def _nginx_version() -> str:
    said = subprocess.run([required_program("nginx", "nginx-light"), "-v"], capture_output=True, text=True, check=False)
    return said.stderr.strip().rpartition("/")[2]


if __name__ == "__main__":
    main()
