"""
Browser probes of any kind as the agent runs them, in a process of its own (see benchmarks.worker).

An order is `{"kind": "eform", "target": {…}, "visits": 5}`, the target in the words of `Target`. It uses nothing but
what has long been there, so that an older tree can run it too, by its path.
"""

import asyncio
import gc
import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.worker import answer_orders
from probes.opening import open_runner
from thuocdo.store.evidence import EvidenceStore


def there(*names: str) -> Any:
    """Return the first of these modules that the running tree has: many have moved since (docs/moved.md)."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(" or ".join(names))


clock = there("thuocdo.core.clock", "thuocdo.clock")
config = there("thuocdo.core.config", "thuocdo.config")
kinds = there("thuocdo.core.kinds.kind", "probes.kind")
model = there("thuocdo.core.model", "thuocdo.model")


async def _main(folder: Path) -> None:
    # Default settings, but nobody outside this machine is asked whether our line is up.
    settings = config.Settings(data_dir=folder / "data", vantage=config.VantageSettings(reference_urls=()))
    async with open_runner(settings, EvidenceStore(settings.evidence_dir), {kinds.Engine.BROWSER}) as runner:
        gc.freeze()

        async def answer(order: Mapping[str, Any]) -> Mapping[str, Any]:
            runs = [await runner.run(_job(order)) for _ in range(order["visits"])]
            return {
                "runs": [
                    {
                        "outcome": str(one.observation.outcome),
                        "detail": one.observation.detail,
                        "values": dict(one.observation.values),
                    }
                    for one in runs
                ],
                "versions": dict(runner.tools.versions),
            }

        await answer_orders(answer)


def _job(order: Mapping[str, Any]) -> Any:
    role = model.TargetRole.EFORM if order["kind"] == "eform" else model.TargetRole.HOMEPAGE
    target = model.Target(
        id="bench", role=role, agency_id="bench", portal_id="bench", block=model.Block.PROVINCE, **order["target"]
    )
    return model.Job(
        target=target,
        kind=order["kind"],
        vantage_id="bench",
        profile="desktop",
        scheduled_at=clock.now(),
        deadline_seconds=kinds.all_kinds()[order["kind"]].deadline_seconds,
    )


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(_main(Path(sys.argv[1])))
