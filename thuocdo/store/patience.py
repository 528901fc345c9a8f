"""Waits for a store that is away: at the start of a process, and for a piece of work that can wait."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.stopping import Stop
from thuocdo.store.store import Store

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


async def open_when_there(url: str, stop: Stop, waits: Callable[[], None] | None = None) -> Store | None:
    """
    Open a store, and wait for it as long as it is away; it is told once that it is, and once that it is back.

    Args:
        url: of the database.
        stop: ends the waiting.
        waits: told when the waiting begins.

    Returns:
        The store; None where stop was set before there was one.

    Raises:
        StoreError: it cannot be opened, and waiting will not mend that.
    """
    return await when_there(lambda: Store.open(url), stop, waits)


async def when_there(work: Callable[[], Result], stop: Stop, waits: Callable[[], None] | None = None) -> Result | None:
    """
    Do work in a thread, again and again until the store that it needs is there.

    Returns:
        What the work returned; None where stop was set before it succeeded.

    Raises:
        StoreError: waiting will not mend it.
    """
    pause_seconds = FIRST_PAUSE_SECONDS
    is_away = False
    while True:
        try:
            done = await asyncio.to_thread(work)
        except StoreUnavailableError as exc:
            if not is_away:
                log.error("the store is away; it is waited for", cause=str(exc))  # noqa: TRY400 - the message says it all
                if waits is not None:
                    waits()
            is_away = True
        else:
            if is_away:
                log.info("the store is back")
            return done
        await stop.sleep(pause_seconds)
        if stop.is_set():
            return None
        pause_seconds = min(LONGEST_PAUSE_SECONDS, pause_seconds * 2)
