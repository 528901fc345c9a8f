"""
Our own home-page probe as the agent runs it, in a process of its own (see benchmarks.worker).

Orders: `{"urls": […], "paced": false}` visits one after the other; paced, as many at once as the agent's admission lets start.
A run that was saturated is taken again, as in a round, and the time that takes counts.
"""

import asyncio
import gc
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.worker import answer_orders
from probes.opening import open_runner
from probes.runner import Runner
from thuocdo.agent.admission import Admission
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Block, Job, Measurement, Target, TargetRole
from thuocdo.core.setting_groups import BrowserSettings, VantageSettings
from thuocdo.core.stopping import Stop
from thuocdo.store.evidence import EvidenceStore

MOST_RETAKES = 1.0  # a series is given up after twice the planned runs, as in a round


async def _main(folder: Path) -> None:
    # Default settings, but nobody outside this machine is asked whether our line is up.
    settings = Settings(data_dir=folder / "data", vantage=VantageSettings(reference_urls=()))
    async with open_runner(settings, EvidenceStore(settings.evidence_dir), {Engine.BROWSER}) as runner:
        gc.freeze()

        async def answer(order: Mapping[str, Any]) -> Mapping[str, Any]:
            start = time.monotonic()
            visit = _paced if order["paced"] else _one_by_one
            measurements = await visit(runner, order["urls"], settings.browser)
            seconds = time.monotonic() - start
            return {
                "seconds": seconds,
                "runs": [_told(one) for one in measurements],
                "versions": dict(runner.tools.versions),
                "evidence_every": settings.evidence.every,
            }

        await answer_orders(answer)


async def _one_by_one(runner: Runner, urls: Sequence[str], _: BrowserSettings) -> list[Measurement]:
    done = []
    wanted = deque(urls)
    while wanted:
        url = wanted.popleft()
        measurement = await runner.run(_job(url))
        done.append(measurement)
        if measurement.conditions.saturated and _may_be_taken_again(done, urls):
            wanted.append(url)
    return done


async def _paced(runner: Runner, urls: Sequence[str], browser: BrowserSettings) -> list[Measurement]:
    admission = Admission.for_engine(Engine.BROWSER, browser)
    stop = Stop()
    done: list[Measurement] = []
    wanted = deque(urls)
    running: set[asyncio.Task[None]] = set()

    async def probe(url: str) -> None:
        try:
            measurement = await runner.run(_job(url), in_flight=len(running))
        finally:
            admission.leave()
        done.append(measurement)
        if measurement.conditions.saturated and _may_be_taken_again(done, urls):
            wanted.append(url)

    while wanted or running:
        if not wanted:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            running = {task for task in running if not task.done()}
            continue
        await admission.wait(stop)
        running.add(asyncio.create_task(probe(wanted.popleft())))
        running = {task for task in running if not task.done()}
    return done


def _may_be_taken_again(done: Sequence[Measurement], urls: Sequence[str]) -> bool:
    return sum(one.conditions.saturated for one in done) <= MOST_RETAKES * len(urls)


def _job(url: str) -> Job:
    target = Target(
        id=f"bench{url[url.rindex('/') :].replace('/', '.')}",
        role=TargetRole.HOMEPAGE,
        url=url,
        agency_id="bench",
        portal_id="bench",
        block=Block.PROVINCE,
    )
    return Job(
        target=target,
        kind="homepage",
        vantage_id="bench",
        profile="desktop",
        scheduled_at=clock.now(),
        deadline_seconds=all_kinds()["homepage"].deadline_seconds,
    )


def _told(measurement: Measurement) -> dict[str, Any]:
    seen = measurement.observation
    return {
        "page": measurement.key.target_id.removeprefix("bench."),
        "outcome": str(seen.outcome),
        "detail": f"{seen.reason}: {seen.detail}" if seen.reason else "",
        "values": dict(seen.values),
        "evidence": len(seen.evidence),
        "saturated": measurement.conditions.saturated,
        "pressure": measurement.conditions.cpu_pressure_ratio,
    }


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(_main(Path(sys.argv[1])))
