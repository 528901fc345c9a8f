"""A control: measures by a plan that the centre drew, into a store of its own."""

import asyncio

import uvloop

from probes.opening import open_runner
from thuocdo.agent import jobs
from thuocdo.agent.admission import Admission
from thuocdo.agent.loop import Agent
from thuocdo.agent.sink import Sink
from thuocdo.agent.spool import Spool
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import Job
from thuocdo.processes.file_limit import probes_within, raise_file_limit
from thuocdo.processes.signals import stop_on_signals
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore


def run_control(settings: Settings, due: list[Job]) -> None:
    """
    Measure until the plan is over, or a signal comes.

    Raises:
        StoreError: the store cannot be opened.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_measure(settings, due))


async def _measure(settings: Settings, due: list[Job]) -> None:
    stop = stop_on_signals()
    engine = Engine.BROWSER
    with Store.open(settings.store_url) as store:
        sink = Sink(store, Spool(settings.data_dir / "spool", engine.value))
        try:
            async with open_runner(settings, EvidenceStore(settings.evidence_dir), {engine}) as runner:
                agent = Agent(
                    engine=engine,
                    vantage_id=settings.vantage.id,
                    runner=runner,
                    sink=sink,
                    admission=Admission.for_engine(engine, settings.browser, probes_within(raise_file_limit())),
                )
                await agent.run(jobs.of_round(due, stop), stop)
        finally:
            await sink.close()
