"""
Lets old evidence go, now and then.

It belongs beside the supervisor: a look at 100,000 files takes a second of Python, which must not share a process with a
stop-watch.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from thuocdo.agent.clock_steps import ClockSteps
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import StoreError
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore, Expired

EVERY_SECONDS = 3600.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def expiring_evidence(settings: Settings) -> AsyncIterator[None]:
    """Let old evidence go at once and then every hour, as long as the block runs; trouble is told, never raised."""
    task = asyncio.create_task(_regularly(settings))
    try:
        yield
    finally:
        task.cancel()
        # A look that is under way in its thread ends by itself; what it has begun is safe at every step.
        await asyncio.gather(task, return_exceptions=True)


async def _regularly(settings: Settings) -> None:
    steps, known_steps = ClockSteps(), 0
    while True:
        try:
            if known_steps == (known_steps := steps.look()):
                await asyncio.to_thread(expire_evidence, settings)
            # Else a clock that jumped far ahead would make everything old at once; in an hour somebody may have put it right.
        except StoreError as exc:
            log.error("old evidence could not be let go; it is tried again in an hour", cause=str(exc))  # noqa: TRY400
        except Exception:  # whatever it is, the disk would fill up if nobody looked again
            log.exception("old evidence could not be let go; it is tried again in an hour, please report it")
        await asyncio.sleep(EVERY_SECONDS)


def expire_evidence(settings: Settings) -> Expired:
    """
    Let go what the settings no longer keep, but nothing that an assessment, an incident or a round rests on.

    Raises:
        StoreError: folder or store cannot be read or written.

    """
    limits = settings.evidence
    with Store.open(settings.store_url) as store:
        keep = store.measurements.protected_evidence()
    expired = EvidenceStore(settings.evidence_dir).expire(
        clock.now(), keep_days=limits.keep_days, keep_gigabytes=limits.keep_gigabytes, keep=keep
    )
    if expired.files:
        log.info("old evidence expired", files=expired.files, megabytes=round(expired.size_bytes / 1e6))
    if expired.kept_bytes > limits.keep_gigabytes * 1e9:
        log.warning(
            "the evidence of rounds, incidents and assessments alone takes more than evidence.keep_gigabytes; all other goes "
            "after an hour: give it more room",
            kept_gigabytes=round(expired.kept_bytes / 1e9, 1),
        )
    return expired
