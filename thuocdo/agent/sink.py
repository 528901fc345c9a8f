"""Where an agent puts what it measured: the store, written by one thread, patient when the store cannot take data."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog

from thuocdo.errors import StoreError, StoreUnavailableError
from thuocdo.model import AgentState, Measurement
from thuocdo.store import Store

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
MOST_UNSAVED = 100_000
LAST_TRY_SECONDS = 5.0

log = structlog.get_logger()


class Sink:
    """
    Writes measurements as they come, several in one transaction when they come quickly.

    While the store cannot take data they are kept in memory and tried again; nothing that is stored is touched.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Measurement] = []
        self._came = asyncio.Event()
        self._all_stored = asyncio.Event()
        self._all_stored.set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._writer = asyncio.create_task(self._write_all())

    @property
    def unsaved(self) -> int:
        """Number of measurements not yet stored."""
        return len(self._waiting)

    def put(self, measurement: Measurement) -> None:
        """Take a measurement; it is written at once, by another thread."""
        if len(self._waiting) >= MOST_UNSAVED:
            lost = self._waiting.pop(0)
            log.error("memory for unsaved measurements is full; the oldest is lost", key=str(lost.key))
        self._waiting.append(measurement)
        self._all_stored.clear()
        self._came.set()

    async def save_state(self, state: AgentState) -> None:
        """Store the agent's sign of life; that the store is away is told by the measurements' own trouble."""
        try:
            await self._in_thread(self._store.save_agent_state, state)
        except StoreError as exc:
            log.debug("sign of life not stored", cause=str(exc))

    async def flush(self, stop: asyncio.Event) -> None:
        """Wait until everything that was put is stored, or stop is set."""
        stored, asked = asyncio.create_task(self._all_stored.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait([stored, asked], return_when=asyncio.FIRST_COMPLETED)
        stored.cancel()
        asked.cancel()

    async def close(self) -> None:
        """
        Write what is left and stop.

        Raises:
            StoreUnavailableError: measurements are left that the store did not take in the last seconds.
        """
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        try:
            async with asyncio.timeout(LAST_TRY_SECONDS):
                while self._waiting:
                    await self._write_batch()
        except (StoreUnavailableError, TimeoutError) as exc:
            raise StoreUnavailableError(
                f"{len(self._waiting)} measurements could not be stored ({exc}); all stored before are safe"
            ) from exc
        finally:
            self._thread.shutdown(wait=True)

    async def _write_all(self) -> None:
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            await self._came.wait()
            self._came.clear()
            try:
                while self._waiting:
                    await self._write_batch()
                pause_seconds = FIRST_PAUSE_SECONDS
            except StoreError as exc:
                log.error(  # noqa: TRY400 - the message says it all, a traceback would hide it
                    "the store takes no data; measurements are kept in memory", unsaved=self.unsaved, cause=str(exc)
                )
                self._came.set()
                await asyncio.sleep(pause_seconds)
                pause_seconds = min(LONGEST_PAUSE_SECONDS, pause_seconds * 2)

    async def _write_batch(self) -> None:
        batch = list(self._waiting)
        await self._in_thread(self._store.write, batch)
        del self._waiting[: len(batch)]
        if not self._waiting:
            self._all_stored.set()

    async def _in_thread(self, work: object, argument: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work, argument)  # type: ignore[arg-type]
