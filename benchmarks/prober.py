"""
Our own HTTP agent, in a process of its own that is set up as thuocdo.processes.agent sets it up; only the store is missing.

Jobs come through a pipe. `see` runs them through the agent's loop and gives back what was seen; `cost` tells what a way of
probing costs in CPU.
"""

import asyncio
import gc
import logging
import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, datetime, timedelta
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import structlog
import uvloop

from benchmarks.plain import PlainClient, without_stopwatches
from benchmarks.truth import PHASES, Seen
from probes.http import probe
from probes.opening import open_runner
from probes.runner import Runner
from thuocdo.agent.admission import Admission
from thuocdo.agent.jobs import of_round
from thuocdo.agent.loop import Agent
from thuocdo.agent.sink import Sink
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import AgentState, Block, Job, Mandate, Measurement, Outcome, Target, TargetRole
from thuocdo.core.setting_groups import BrowserSettings, VantageSettings
from thuocdo.core.stopping import Stop
from thuocdo.store.evidence import EvidenceStore

BLOCK_SECONDS = 0.1
"""For so long the loop is blocked in each second, where that is asked for."""

_VANTAGE = "bench"
_DEADLINE_SECONDS = 10.0
_START_SECONDS = 30.0

# Where every probe has a host of its own, no robots.txt is asked for, so that a number stands for one exchange.
_EXEMPT = Mandate(
    id="bench",
    portal_id="bench",
    granted_by="us",
    document="the server is ours",
    valid_from=date(2020, 1, 1),
    valid_to=date(2100, 1, 1),
    robots_exempt=True,
)


class Way(StrEnum):
    """A way of probing whose cost is asked for."""

    AGENT = "whole agent"  # admission, manners, deadline, monitor, probe
    RUNNER = "full probe"  # manners, deadline, monitor, probe
    PROBE = "http.probe alone"
    BARE = "our client without stop-watches"  # and without reading the certificate; it fetches and judges
    PLAIN = "plain aiohttp"  # fetches and judges


class Prober:
    """The agent's process as its parent sees it."""

    def __init__(self, connection: Connection, pid: int) -> None:
        self._connection = connection
        self.pid = pid

    def see(
        self, starts: Sequence[tuple[float, int, str]], *, blocked: bool = False, paced: bool = True
    ) -> dict[int, Seen]:
        """
        Probe through the agent's loop; return what was seen by number.

        Args:
            starts: seconds after now, number and address, in order of time.
            blocked: block the loop for BLOCK_SECONDS once a second, at a random moment of it.
            paced: starts keep the agent's distance; else all that are due start at once.
        """
        self._connection.send(("see", {"starts": starts, "blocked": blocked, "paced": paced}))
        return cast("dict[int, Seen]", self._reply())

    def cost(self, starts: Sequence[tuple[float, int, str]], way: Way) -> float:
        """Probe in some way; return the CPU seconds of the process while it did."""
        self._connection.send(("cost", {"starts": starts, "way": way}))
        return cast("float", self._reply())

    def _reply(self) -> object:
        reply = self._connection.recv()
        if isinstance(reply, Exception):
            raise reply
        return reply


@contextmanager
def prober(authority: Path, name_server: str) -> Iterator[Prober]:
    """
    Run our agent in a process of its own.

    Args:
        authority: PEM file of a certificate authority to trust besides the system's.
        name_server: address it asks for names.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as folder:
        process = context.Process(target=_serve, args=(theirs, Path(folder), authority, name_server), daemon=True)
        process.start()
        theirs.close()
        try:
            if not _is_ready(ours):
                raise RuntimeError("our own agent did not start; its message stands above")
            yield Prober(ours, process.pid or 0)
        finally:
            ours.close()
            process.join(5)
            process.kill()
            process.join()


def _is_ready(connection: Connection) -> bool:
    with suppress(EOFError):
        return connection.poll(_START_SECONDS) and connection.recv() == "ready"
    return False


def _serve(connection: Connection, folder: Path, authority: Path, name_server: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))  # as the command line does
    settings = Settings(
        data_dir=folder,
        ca_file=authority,
        vantage=VantageSettings(id=_VANTAGE, reference_urls=(), name_servers=(name_server,)),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_answer(connection, settings, authority))


async def _answer(connection: Connection, settings: Settings, authority: Path) -> None:
    async with (
        open_runner(settings, EvidenceStore(settings.evidence_dir), {Engine.HTTP}) as runner,
        PlainClient(authority, settings.vantage.name_servers[0], settings.user_agent) as plain,
    ):
        gc.freeze()  # as the agent does
        connection.send("ready")
        while True:
            try:
                question, arguments = await asyncio.to_thread(connection.recv)
            except EOFError:  # the parent is gone or done
                return
            try:
                if question == "see":
                    connection.send(await _see(runner, **arguments))
                else:
                    connection.send(await _cost(runner, plain, **arguments))
            except Exception as exc:  # noqa: BLE001 - the parent raises it
                connection.send(RuntimeError(f"{type(exc).__name__}: {exc}"))


class _Measurements:
    """Stands where the store's sink stands in an agent."""

    unsaved = 0

    def __init__(self) -> None:
        self.all: list[Measurement] = []

    def put(self, measurement: Measurement) -> None:
        self.all.append(measurement)

    async def save_state(self, state: AgentState) -> None:
        pass


async def _see(
    runner: Runner,
    starts: Sequence[tuple[float, int, str]],
    *,
    blocked: bool,
    paced: bool,
) -> dict[int, Seen]:
    blocking = asyncio.create_task(_block_each_second()) if blocked else None
    measurements = await _through_agent(runner, starts, _EXEMPT, paced=paced)
    if blocking:
        blocking.cancel()
    return {int(one.key.target_id.removeprefix("p")): _seen(one) for one in measurements}


async def _cost(runner: Runner, plain: PlainClient, starts: Sequence[tuple[float, int, str]], way: Way) -> float:
    before = time.process_time()
    if way is Way.AGENT:
        await _through_agent(runner, starts, None, paced=True)
    else:
        ways: Mapping[Way, Callable[[Job], Coroutine[Any, Any, object]]] = {
            Way.RUNNER: runner.run,
            Way.PROBE: lambda job: probe(job, runner.tools),
            Way.BARE: lambda job: probe(job, runner.tools),
            Way.PLAIN: plain.probe,
        }
        with without_stopwatches() if way is Way.BARE else nullcontext():
            await _through(ways[way], starts)
    return time.process_time() - before


async def _through(run: Callable[[Job], Coroutine[Any, Any, object]], starts: Sequence[tuple[float, int, str]]) -> None:
    began = time.monotonic()
    tasks = []
    for due, number, url in starts:
        await asyncio.sleep(max(0.0, began + due - time.monotonic()))
        tasks.append(asyncio.create_task(run(_job(number, url, clock.now(), mandate=None))))
    for answer in await asyncio.gather(*tasks):
        observation = answer.observation if isinstance(answer, Measurement) else answer
        if getattr(observation, "outcome", None) is not Outcome.OK:
            raise RuntimeError(f"a probe did not end ok: {observation}")


async def _through_agent(
    runner: Runner, starts: Sequence[tuple[float, int, str]], mandate: Mandate | None, *, paced: bool
) -> list[Measurement]:
    kept = _Measurements()
    admission = Admission.for_engine(Engine.HTTP, BrowserSettings())
    if not paced:
        admission = Admission(most_in_flight=len(starts), start_gap_seconds=0.0, busy_limit_ratio=None)
    stop = Stop()
    now = clock.now()
    due = of_round([_job(number, url, now + timedelta(seconds=after), mandate) for after, number, url in starts], stop)
    agent = Agent(engine=Engine.HTTP, vantage_id=_VANTAGE, runner=runner, sink=cast("Sink", kept), admission=admission)
    await agent.run(due, stop)
    return kept.all


def _job(number: int, url: str, scheduled_at: datetime, mandate: Mandate | None) -> Job:
    target = Target(
        id=f"p{number}",
        role=TargetRole.HOMEPAGE,
        url=url,
        agency_id="bench",
        portal_id="bench",
        block=Block.PROVINCE,
        mandate=mandate,
        networks=("127.0.0.0/8",),  # the name server of the benchmark says that all names are there
    )
    return Job(
        target=target,
        kind="http",
        vantage_id=_VANTAGE,
        profile="desktop",
        scheduled_at=scheduled_at,
        deadline_seconds=_DEADLINE_SECONDS,
    )


def _seen(measurement: Measurement) -> Seen:
    values = measurement.observation.values
    return Seen(
        succeeded=measurement.observation.outcome is Outcome.OK,
        phases={name: values[f"{name}_seconds"] for name in (*PHASES, "processing_raw") if f"{name}_seconds" in values},
        saturated=measurement.conditions.saturated,
    )


async def _block_each_second() -> None:
    moments = random.Random(1)  # the same moments in every run
    began = time.monotonic()
    second = 0
    with suppress(asyncio.CancelledError):
        while True:
            at = began + second + moments.uniform(0.0, 1.0 - BLOCK_SECONDS)
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            time.sleep(BLOCK_SECONDS)  # noqa: ASYNC251 - blocking the loop is what is wanted
            second += 1
