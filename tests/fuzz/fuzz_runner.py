"""
Throws at the runner whatever headers, files, clocks and probes may hold, and demands a measurement that can be stored.

    .venv/bin/python tests/fuzz/fuzz_runner.py --minutes 60 --seed 1

Each round of examples has a seed of its own, counted up from the one given; a finding is told with its seed and the smallest
example that hypothesis finds. Nothing leaves this machine.
"""

import argparse
import asyncio
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import structlog
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from probes import runner as runner_module  # noqa: E402
from probes.evidence import EvidencePolicy  # noqa: E402
from probes.kind import Probe  # noqa: E402
from probes.manners import politeness, refusals, turns  # noqa: E402
from probes.manners.politeness import LONGEST_RETRY_AFTER_SECONDS, Politeness, _digest  # noqa: E402
from probes.opening import open_runner  # noqa: E402
from probes.runner import Runner  # noqa: E402
from probes.tools import Tools  # noqa: E402
from thuocdo.core import clock  # noqa: E402
from thuocdo.core.config import Settings  # noqa: E402
from thuocdo.core.kinds.kind import DefaultCadence, Engine, Kind  # noqa: E402
from thuocdo.core.model import Block, Job, Measurement, Observation, Outcome, Reason, Target, TargetRole  # noqa: E402
from thuocdo.core.profiles import PROFILES  # noqa: E402
from thuocdo.core.wire import measurement_from_json, measurement_to_json  # noqa: E402
from thuocdo.store import Store  # noqa: E402
from thuocdo.store.evidence import EvidenceStore  # noqa: E402

EXAMPLES = 400
HOST = "a.gov.test"
BROKEN = (
    *(ValueError, OSError, TimeoutError, RecursionError, MemoryError, UnicodeError, asyncio.CancelledError),
    *(ArithmeticError, AssertionError, LookupError, StopAsyncIteration, RuntimeError),
)
FIELDS = tuple(refusals.RefusalState.__dataclass_fields__)

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([10**400, -(10**400)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
headers = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="0123456789²³٣１一.-+eE_ ", max_size=30),
    st.integers(min_value=-(10**6), max_value=10**9).map(str),
    st.sampled_from(["9" * 400, "9" * 5000, "inf", "nan", "1e5", "0x10", "٣٤", "²", "-0", "", " ", "120 ", "0" * 9999]),
    st.datetimes().map(lambda at: format_datetime(at.replace(tzinfo=UTC), usegmt=True)),
    st.text(alphabet="MonTueFri, 0123456789:JanFebGMT+-UTC", max_size=40),
)
state_values = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), anything, max_size=8)
files = st.one_of(
    st.binary(max_size=60),
    state_values.map(lambda values: json.dumps(values).encode()),
    anything.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b"[" * 100_000, b"\xff\xfe", b"null", b"5", b'{"blocked_until": "x"}', b"9" * 5000, b"\0" * 4096]),
)
places = st.sampled_from(["file"] * 8 + ["folder", "pipe", "loop", "missing"])
steps = st.floats(min_value=-4e9, max_value=4e9) | st.sampled_from([0.0, -3600.0, 7200.0, 86400.0 * 400])
attributes = st.dictionaries(st.text(max_size=10) | st.just("final_host"), st.text(max_size=20) | anything, max_size=3)


@dataclass
class Case:
    """One example: what probe, portal, files and clocks do."""

    reason: Reason | None
    attributes: dict[str, object]
    retry_after: object
    breaks: type[BaseException] | None
    where: str
    garbage: object
    place: str
    content: bytes
    noted: bytes
    wall_steps: list[float]
    monotonic_steps: list[float]


cases = st.builds(
    Case,
    reason=st.none() | st.sampled_from(Reason) | st.just(Reason.BLOCKED),
    attributes=attributes,
    retry_after=headers | headers | anything,
    breaks=st.none() | st.none() | st.sampled_from(BROKEN),
    where=st.sampled_from(["probe", "robots", "line", "lag", "pressure"]),
    garbage=st.just(...) | st.just(...) | anything,
    place=places,
    content=files,
    noted=st.binary(max_size=32),
    wall_steps=st.lists(steps, max_size=3),
    monotonic_steps=st.lists(st.floats(min_value=-1e6, max_value=1e6), max_size=3),
)
raw_answers = st.builds(
    lambda status, fields, body: b"HTTP/1.1 " + status + b"\r\n" + b"".join(fields) + b"\r\n" + body,
    st.sampled_from([b"403 No", b"429 Slow", b"200 OK", b"503 Later"]) | st.binary(max_size=12),
    st.lists(
        st.builds(
            lambda name, value: name + b": " + value + b"\r\n",
            st.sampled_from([b"Retry-After", b"Content-Type", b"Content-Encoding", b"Server", b"Set-Cookie", b"Via"])
            | st.binary(max_size=7),  # never "Location": nothing may lead away from this machine
            headers.map(lambda text: text.encode(errors="surrogatepass")) | st.binary(max_size=40),
        ),
        max_size=4,
    ),
    st.binary(max_size=60),
)


class Faulty:
    """Stands for robots.txt, reference pages and monitor; breaks where the example says so."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def _at(self, where: str) -> None:
        if self._case.where == where and self._case.breaks is not None:
            raise self._case.breaks

    async def allows(self, target: Target) -> bool:
        self._at("robots")
        return True

    async def is_up(self) -> bool:
        self._at("line")
        return True

    async def is_served(self) -> bool:
        self._at("line")
        return True

    async def is_trusting(self) -> bool:
        self._at("line")
        return True

    def begin(self) -> float:
        self._at("line")
        return 0.0

    async def keep_looking(self) -> None:
        self._at("line")

    def was_away(self, since: float) -> bool:
        self._at("line")
        return False

    def worst_lag_seconds(self, since: float) -> float:
        self._at("lag")
        return 0.0

    def pressure_ratio(self, since: float) -> float:
        self._at("pressure")
        return 0.0

    async def probe(self, job: Job, tools: Tools) -> object:
        self._at("probe")
        if self._case.garbage is not ...:
            return self._case.garbage
        reason = self._case.reason
        facts = {**self._case.attributes, "retry_after": self._case.retry_after}
        return Observation(outcome=reason.outcome if reason else Outcome.OK, reason=reason, attributes=facts)


class Clocks:
    """Both clocks of this machine, stepped between looks."""

    def __init__(self, case: Case) -> None:
        self._wall, self._monotonic = list(case.wall_steps), list(case.monotonic_steps)
        self._wall_offset = self._monotonic_offset = 0.0

    def time(self) -> float:
        self._wall_offset += self._wall.pop() if self._wall else 0.0
        return time.time() + self._wall_offset

    def monotonic(self) -> float:
        self._monotonic_offset += self._monotonic.pop() if self._monotonic else 0.0
        return max(0.0, time.monotonic() + self._monotonic_offset)

    def now(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(max(self.time(), -5e9), 2e11))


def job_for(url: str) -> Job:
    """A due job of a home page at an address."""
    target = Target(id="p.home", role=TargetRole.HOMEPAGE, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE)
    return Job(
        target=target, kind="http", vantage_id="v", profile="desktop", scheduled_at=clock.now(), deadline_seconds=1.0
    )


def put(folder: Path, name: str, place: str, content: bytes) -> None:
    """Put a file, or what may stand in its place, into a folder."""
    path = folder / name
    if place == "file":
        path.write_bytes(content)
    elif place == "folder":
        path.mkdir()
    elif place == "pipe":
        os.mkfifo(path)
    elif place == "loop":
        path.symlink_to(path.name)


class Bench:
    """What all examples share: a loop, a store, a server that says what the example wants."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.Runner()
        self._store = Store.open(f"sqlite:///{folder}/thuocdo.sqlite")
        self._answer = b""
        self.examples = 0

    def close(self) -> None:
        """Close everything."""
        self._store.close()
        self._loop.close()

    def check(self, case: Case) -> None:
        """Run a job twice and ask for its refusal; every time a measurement that can be stored comes back."""
        self.examples += 1
        self._loop.run(self._check(case))

    async def _check(self, case: Case) -> None:
        folder = self._folder / "politeness"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        put(folder, _digest(HOST), case.place, case.content)
        put(folder, "turns", case.place if case.where == "lag" else "file", case.noted)
        faulty, clocks, waits = Faulty(case), Clocks(case), []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        kind = Kind(
            name="http",
            vi="",
            en="",
            help="",
            engine=Engine.HTTP,
            roles=frozenset(),
            values=(),
            ratios=(),
            deadline_seconds=1.0,
            cadence=DefaultCadence(every_seconds=60),
        )
        tools = Tools(
            http=None, robots=faulty, browser=None, evidence=None, evidence_policy=EvidencePolicy(0), journeys={},
            profiles=PROFILES, user_agent="", versions={},
        )  # fmt: skip
        with self._faked(clocks, sleep):
            polite = Politeness(folder)
            runner = Runner(
                kinds={"http": kind}, probes={"http": Probe(run=faulty.probe)}, tools=tools, connectivity=faulty,
                politeness=polite, monitor=faulty,
            )  # fmt: skip
            job = job_for(f"https://{HOST}/")
            taken = [await runner.run(job), await runner.run(job), await runner.refusal(job)]
            left_seconds = polite.blocked_seconds(HOST)
        assert all(isinstance(one, Measurement) for one in taken[:2])
        assert 0.0 <= left_seconds <= LONGEST_RETRY_AFTER_SECONDS
        assert all(0.0 <= seconds <= turns._LONGEST_WAIT_SECONDS + 1.0 for seconds in waits)
        self._keep([one for one in taken if one is not None])

    @contextmanager
    def _faked(self, clocks: Clocks, sleep: Callable[[float], object]) -> Iterator[None]:
        faked = SimpleNamespace(time=clocks.time, monotonic=clocks.monotonic, sleep=time.sleep)
        with (
            mock.patch.object(refusals, "time", faked),
            mock.patch.object(turns, "time", faked),
            mock.patch.object(runner_module, "time", faked),
            mock.patch.object(clock, "now", clocks.now),
            mock.patch.object(politeness, "asyncio", SimpleNamespace(sleep=sleep)),
        ):
            yield

    def _keep(self, taken: list[Measurement]) -> None:
        self._store.measurements.write(taken)
        assert all(measurement_from_json(measurement_to_json(one)).key == one.key for one in taken)

    def ask(self, answer: bytes) -> None:
        """Probe a server of ours that answers so, with the real probe."""
        self.examples += 1
        self._answer = answer
        self._loop.run(self._ask())

    async def _ask(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            line = await reader.readline()
            while (await reader.readline()) not in (b"\r\n", b""):
                pass
            lacking = b"HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n"
            writer.write(lacking if b"robots.txt" in line else self._answer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        data = self._folder / "data"
        shutil.rmtree(data / "politeness", ignore_errors=True)
        chosen = Settings(data_dir=data, vantage={"reference_urls": []})
        async with open_runner(chosen, EvidenceStore(chosen.evidence_dir), {Engine.HTTP}) as runner:
            taken = await runner.run(job_for(f"http://127.0.0.1:{port}/"))
        server.close()
        assert isinstance(taken, Measurement)
        self._keep([taken])


def fuzz(bench: Bench, number: int, examples: int) -> None:
    """Try so many examples of a seed; raises what hypothesis found, with the smallest example."""
    chosen = settings(
        max_examples=examples, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck)
    )
    seed(number)(chosen(given(cases)(bench.check)))()
    seed(number)(settings(chosen, max_examples=max(1, examples // 4))(given(raw_answers)(bench.ask)))()


def main() -> int:
    """Fuzz for so many minutes; exit code 1 with the first finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    given_ = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = Path(tempfile.mkdtemp(prefix="thuocdo-fuzz-"))
    end = time.monotonic() + given_.minutes * 60
    number, bench = given_.seed, Bench(folder)
    try:
        while time.monotonic() < end:
            fuzz(bench, number, EXAMPLES)
            number += 1
    except BaseException:
        print(f"FOUND with seed {number}, after {bench.examples} examples")
        raise
    finally:
        bench.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"nothing found: seeds {given_.seed}..{number - 1}, {bench.examples} examples")
    return 0


if __name__ == "__main__":
    sys.exit(main())
