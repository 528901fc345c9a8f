"""
How exact the phases of an HTTP probe are, ours and blackbox_exporter's in turn, against a server that writes down what it does.

The error of a probe is what it says minus what the server did (benchmarks/delays.py), so that neither the server's nor the
machine's lateness on the server's side counts. TTFB is resolve + connect + TLS + processing. blackbox_exporter counts its own
arithmetic (verifying the certificate) into TLS and ours does not, so the error is also given without TLS. Our probes go through
the whole agent but its store; both tools are asked at the same, evenly spread times.
"""

import argparse
import itertools
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from trustme import KeyType

from benchmarks.blackbox import Blackbox, blackbox
from benchmarks.certificates import make_certificates
from benchmarks.delays import ADDRESS, DOMAIN, Delays, DelayServer, delay_server, url_of
from benchmarks.http_versions import PEER, versions
from benchmarks.prober import BLOCK_SECONDS, Prober, prober
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from benchmarks.truth import (
    ALIKE_PHASES,
    PHASES,
    TTFB_PHASES,
    Seen,
    Truth,
    median_difference,
    p95_of_sizes,
    percentile,
    phase_errors,
)

OURS = "ours"
LEAST_ANSWERED_RATIO = 0.98
PHASE_DELAYS = Delays(resolve=0.020, tls=0.060, processing=0.100, transfer=0.040)
IN_FLIGHT = (10, 25, 50)
IN_FLIGHT_STARTS_PER_SECOND = 100
PACED_STARTS_PER_SECOND = 200
BLOCKED_MEAN_SECONDS = 0.25  # longer than a block, so that a tenth of all answers comes in while the loop is blocked
BURST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one tool: what it saw, and what the server did."""

    seen: Mapping[int, Seen]
    truths: Mapping[int, Truth]

    def errors(self, phases: Sequence[str] = TTFB_PHASES) -> list[float]:
        """Return the errors of a sum of phases, in seconds."""
        return phase_errors(self.seen, self.truths, phases)

    def p95(self, phases: Sequence[str] = TTFB_PHASES) -> float:
        """Return the 95th percentile of the size of the error, in milliseconds."""
        return p95_of_sizes(self.errors(phases)) * 1000

    def uncorrected(self) -> "Run":
        """Return what would have been seen without the kernel's stamp on the answer's first byte."""
        raw = {
            number: replace(one, phases={**one.phases, "processing": one.phases.get("processing_raw", 0.0)})
            for number, one in self.seen.items()
        }
        return replace(self, seen=raw)


@dataclass(slots=True, kw_only=True)
class Bench:
    """The server and both tools."""

    server: DelayServer
    ours: Prober
    theirs: Blackbox
    late_seconds: list[float] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def run_ours(self, offsets: Sequence[float], delays: Sequence[float] | None = None, **how: bool) -> Run:
        """Probe with our agent; see _starts for the offsets and delays, Prober.see for how."""
        starts = self._starts(offsets, delays)
        return self._checked(OURS, self.ours.see(starts, **how))

    def run_theirs(self, offsets: Sequence[float], delays: Sequence[float] | None = None) -> Run:
        """Probe with blackbox_exporter."""
        starts = self._starts(offsets, delays)
        seen = self.theirs.ask([(due, url) for due, _, url in starts])
        return self._checked(PEER, dict(zip((number for _, number, _ in starts), seen, strict=True)))

    def _starts(self, offsets: Sequence[float], delays: Sequence[float] | None) -> list[tuple[float, int, str]]:
        """Return seconds after now, number and address of probes; delays: of the answer, in seconds, None = the server's own."""
        numbers = [next(self._numbers) for _ in offsets]
        each: Sequence[float | None] = delays or [None] * len(offsets)
        return [
            (due, number, url_of(number, processing_seconds=delay))
            for due, number, delay in zip(offsets, numbers, each, strict=True)
        ]

    def _checked(self, tool: str, seen: dict[int, Seen]) -> Run:
        truths = self.server.truths()
        self.late_seconds += [one.late_seconds for one in truths.values()]
        run = Run(seen=seen, truths=truths)
        if len(run.errors()) < LEAST_ANSWERED_RATIO * len(seen):
            raise RuntimeError(f"{tool}: only {len(run.errors())} of {len(seen)} probes got an answer")
        return run


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of both tools in turn")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one run of one tool")
    arguments = parser.parse_args()
    print(heading("Exactness of the HTTP phases", versions()))
    figures = []
    with _bench(PHASE_DELAYS) as bench:
        figures += _phases(bench, arguments.rounds, arguments.seconds)
    with _bench(Delays(processing=0.050)) as bench:
        figures += _in_flight(bench, arguments.rounds, arguments.seconds)
        figures += _paced(bench, arguments.rounds, arguments.seconds)
        figures += _blocked(bench, arguments.rounds, arguments.seconds)
        figures += _burst(bench, arguments.rounds)
    publish("http_exactness", figures)


@contextmanager
def _bench(delays: Delays) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as name:
        certificates = make_certificates(
            Path(name), DOMAIN, key=KeyType.ECDSA, intermediate=False
        )  # cheap for the server
        with (
            delay_server(delays, certificates.server) as server,
            blackbox(certificates, ADDRESS) as theirs,
            prober(certificates.authority, ADDRESS) as ours,
        ):
            bench = Bench(server=server, ours=ours, theirs=theirs)
            bench.run_ours(_evenly(50, 1.0))  # both warm up: certificate stores, caches
            bench.run_theirs(_evenly(50, 1.0))
            bench.late_seconds.clear()
            yield bench
            late = percentile(bench.late_seconds, 0.95) * 1000
            print(f"The server itself was late by {late:.1f} ms (p95); that is part of the truth, not of the errors.\n")


def _evenly(per_second: float, seconds: float) -> list[float]:
    return [number / per_second for number in range(round(per_second * seconds))]


def _spread(mean_seconds: float, count: int) -> list[float]:
    """Return delays of half to one and a half of a mean, the same in every run."""
    return [mean_seconds * (0.5 + number * 37 % 100 / 100) for number in range(count)]


def _in_turn(
    bench: Bench, rounds: int, offsets: Sequence[float], delays: Sequence[float] | None = None
) -> dict[str, list[Run]]:
    """Return the runs of both tools, A B A B."""
    runs: dict[str, list[Run]] = {OURS: [], PEER: []}
    for _ in range(rounds):
        runs[OURS].append(bench.run_ours(offsets, delays))
        runs[PEER].append(bench.run_theirs(offsets, delays))
    return runs


def _median(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    return statistics.median(value(run) for run in runs)


def _phases(bench: Bench, rounds: int, seconds: float) -> list[Figure]:
    runs = _in_turn(bench, rounds, _evenly(50, seconds))
    print(f"Each phase, delays {_told(PHASE_DELAYS)}, 50 starts a second: error in ms, medians of {rounds} rounds.\n")
    rows = {phase: [_typical_and_p95(runs[tool], phase) for tool in (OURS, PEER)] for phase in PHASES}
    columns = ["phase", "ours, median", "ours, p95", f"{PEER}, median", f"{PEER}, p95"]
    print(table(columns, [(phase, *ours, *theirs) for phase, (ours, theirs) in rows.items()]))
    return [Figure(figure=f"p95 error of {phase}, ms", value=ours[1], must=2.0) for phase, (ours, _) in rows.items()]


def _told(delays: Delays) -> str:
    return ", ".join(f"{name} {seconds * 1000:g} ms" for name, seconds in asdict(delays).items())


def _typical_and_p95(runs: Sequence[Run], phase: str) -> tuple[float, float]:
    typical = _median(runs, lambda run: statistics.median(run.errors([phase])) * 1000)
    return typical, _median(runs, lambda run: run.p95([phase]))


def _in_flight(bench: Bench, rounds: int, seconds: float) -> list[Figure]:
    rows = []
    for in_flight in IN_FLIGHT:
        offsets = _evenly(IN_FLIGHT_STARTS_PER_SECOND, seconds)
        mean = in_flight / IN_FLIGHT_STARTS_PER_SECOND
        delays = [
            mean * (0.5 + number * 37 % 100 / 100) for number in range(len(offsets))
        ]  # half to one and a half of it
        runs = _in_turn(bench, rounds, offsets, delays)
        ours, theirs = ([run.p95() for run in runs[tool]] for tool in (OURS, PEER))
        alike = [[run.p95(ALIKE_PHASES) for run in runs[tool]] for tool in (OURS, PEER)]
        rows.append(
            (
                in_flight,
                statistics.median(ours),
                statistics.median(theirs),
                median_difference(ours, theirs),
                median_difference(*alike),
            )
        )
    print(
        f"TTFB, {IN_FLIGHT_STARTS_PER_SECOND} starts a second, delays of 50 ms and more: p95 error in ms, {rounds} rounds.\n"
    )
    print(table(["in flight", OURS, PEER, "ours minus theirs", "the same without TLS"], rows))
    worst = max(row[3] for row in rows)
    what = f"p95 TTFB error with 10-50 in flight: ours minus {PEER}'s, ms, worst of {len(rows)}"
    return [
        Figure(figure=what, value=worst, must=1.0, aim=0.0),
        Figure(figure="the same without TLS, whose time the two define differently", value=max(row[4] for row in rows)),
    ]


def _paced(bench: Bench, rounds: int, seconds: float) -> list[Figure]:
    offsets = _evenly(PACED_STARTS_PER_SECOND, seconds)
    runs = _in_turn(bench, rounds, offsets)
    print(f"TTFB, {PACED_STARTS_PER_SECOND} starts a second in one process: error in ms.\n")
    print(_tools(runs))
    p95 = _median(runs[OURS], Run.p95)
    return [
        Figure(
            figure=f"p95 TTFB error, paced {PACED_STARTS_PER_SECOND} starts a second, ms", value=p95, must=2.0, aim=1.0
        )
    ]


def _blocked(bench: Bench, rounds: int, seconds: float) -> list[Figure]:
    offsets = _evenly(50, 2 * seconds)
    delays = _spread(BLOCKED_MEAN_SECONDS, len(offsets))
    runs = [bench.run_ours(offsets, delays, blocked=True) for _ in range(rounds)]
    print(f"TTFB, 50 starts a second, our loop blocked for {BLOCK_SECONDS * 1000:g} ms each second: error in ms.\n")
    print(_tools({OURS: runs, "ours, uncorrected": [run.uncorrected() for run in runs]}))
    saturated = _median(runs, lambda run: sum(one.saturated for one in run.seen.values()) / len(run.seen))
    what = f"p95 TTFB error with {BLOCK_SECONDS * 1000:g} ms blocks of the loop each second, ms"
    return [
        Figure(figure=what, value=_median(runs, Run.p95), must=5.0, aim=2.0),
        Figure(figure="share of those probes that say themselves that they were saturated", value=saturated),
    ]


def _burst(bench: Bench, rounds: int) -> list[Figure]:
    runs: dict[str, list[Run]] = {OURS: [], PEER: []}
    for _ in range(rounds):
        runs[OURS].append(bench.run_ours([0.0] * BURST, paced=False))
        runs[PEER].append(bench.run_theirs([0.0] * BURST))
    print(f"TTFB, a burst of {BURST} starts at once (ours behind its gate, without the agent's pace): error in ms.\n")
    print(_tools(runs))
    return [
        Figure(figure=f"p95 TTFB error in a burst of {BURST}, {tool}, ms", value=_median(runs[tool], Run.p95))
        for tool in runs
    ]


def _tools(runs: Mapping[str, Sequence[Run]]) -> str:
    rows = [
        (
            tool,
            _median(of_tool, lambda run: statistics.median(run.errors()) * 1000),
            _median(of_tool, Run.p95),
            min(run.p95() for run in of_tool),
            max(run.p95() for run in of_tool),
            _median(of_tool, lambda run: run.p95(ALIKE_PHASES)),
        )
        for tool, of_tool in runs.items()
    ]
    return table(["tool", "median", "p95", "least p95", "most p95", "p95 without TLS"], rows)


if __name__ == "__main__":
    main()
