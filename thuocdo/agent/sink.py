"""Where an agent puts what it measured and missed: the store, written by one thread, patient when it cannot take data."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import structlog

from thuocdo.agent.spool import Record, Spool
from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.core.model import AgentState, Measurement, MissedStarts
from thuocdo.core.stopping import Stop

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
MOST_UNSAVED = 100_000
LAST_TRY_SECONDS = 5.0

SLOW_SECONDS = 2.0
"""A store that takes longer may hang: what waits for it goes to the spool meanwhile."""

MOST_REFUSALS = 3
"""A row that was refused for good so often, while the store took others, is put aside: a round would wait for it for ever."""

Argument = TypeVar("Argument")

log = structlog.get_logger()


class _Takes(Protocol):
    """Where measurements go."""

    def write(self, batch: Sequence[Measurement]) -> int:
        """Store all or none; return how many were new."""
        ...


class _Counts(Protocol):
    """Where counts of missed starts go."""

    def write(self, batch: Sequence[MissedStarts]) -> None:
        """Store all or none."""
        ...


class _Keeps(Protocol):
    """Where signs of life go."""

    def save(self, state: AgentState) -> None:
        """Store one in place of the one before."""
        ...


class SinkStore(Protocol):
    """What a sink needs of a store."""

    @property
    def measurements(self) -> _Takes:
        """Takes measurements."""

    @property
    def missed(self) -> _Counts:
        """Takes counts of missed starts."""

    @property
    def agents(self) -> _Keeps:
        """Takes signs of life."""


class Sink:
    """
    Writes measurements and counts as they come, several in one transaction when they come quickly.

    While the store cannot take data they are kept in memory and in the spool, and tried again; nothing that is stored is touched.
    Where memory has no room for them, the spool alone has them.

    Args:
        store: open.
        spool: keeps what waits where this process is killed; what earlier ones left in it is stored first. None = only memory.
    """

    def __init__(self, store: SinkStore, spool: Spool | None = None) -> None:
        self._store = store
        self._spool = spool
        self._waiting: list[Record] = []
        self._being_written: list[Record] = []
        self._is_told = self._is_spooling = False
        self._is_spooled = True
        self._in_files: set[Hashable] = set()
        self._accepted = 0
        self._refusals: Counter[Hashable] = Counter()
        self._refused_at: dict[Hashable, int] = {}
        self._came = asyncio.Event()
        self._all_stored = asyncio.Event()
        self._is_more_left = False
        self._take_over()
        if self._waiting or self._is_more_left:
            log.info("measurements that an earlier process could not store are delivered now")
            self._came.set()
        else:
            self._all_stored.set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._writer = asyncio.create_task(self._write_all())

    @property
    def unsaved(self) -> int:
        """Number of measurements and counts not yet stored."""
        return len(self._being_written) + len(self._waiting)

    def put(self, record: Record) -> None:
        """Take a measurement or a count; it is written at once, by another thread."""
        if self._is_spooling:
            self._keep([record])
        self._waiting.append(record)
        self._limit()
        self._all_stored.clear()
        self._came.set()

    async def save_state(self, state: AgentState) -> None:
        """Store the agent's sign of life; that the store is away is told by the measurements' own trouble."""
        try:
            await self._in_thread(self._store.agents.save, state)
        except Exception as exc:  # noqa: BLE001 - no fault of a sign of life may end measuring
            log.debug("sign of life not stored", cause=str(exc))
        else:
            self._accepted += 1

    async def flush(self, stop: Stop) -> None:
        """Wait until everything that was put is stored, or stop is set."""
        await stop.race(self._all_stored.wait())

    async def close(self) -> None:
        """
        Write what is left and stop; what the store does not take stays in the spool for the next process.

        Raises:
            StoreUnavailableError: measurements are left that the store did not take in the last seconds, nor the spool.
        """
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        try:
            async with asyncio.timeout(LAST_TRY_SECONDS):
                while self.unsaved:
                    await self._write_batch()
            if self._spool:
                self._spool.clear()
        except (StoreError, TimeoutError) as exc:
            self._give_up(exc)
        finally:
            self._thread.shutdown(wait=False)  # a store that does not answer must not keep us from ending
            if self._spool:
                self._spool.close()

    def _give_up(self, exc: Exception) -> None:
        cause = str(exc) or "no answer in time"
        self._begin_spooling()
        if self._spool is None or not self._is_spooled:
            raise StoreUnavailableError(
                f"{self.unsaved} measurements could not be stored ({cause}); all stored before are safe"
            ) from exc
        log.warning(
            "measurements wait in the data folder; the next start stores them", unsaved=self.unsaved, cause=cause
        )

    async def _write_all(self) -> None:
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            await self._came.wait()
            self._came.clear()
            try:
                while self.unsaved or self._is_more_left:
                    await self._write_batch()
                self._come_back()
                pause_seconds = FIRST_PAUSE_SECONDS
            except StoreError as exc:
                log.error(  # noqa: TRY400 - the message says it all, a traceback would hide it
                    "the store takes no data; measurements are kept in memory", unsaved=self.unsaved, cause=str(exc)
                )
                self._is_told = True
                self._begin_spooling()
                self._came.set()
                await asyncio.sleep(pause_seconds)
                pause_seconds = min(LONGEST_PAUSE_SECONDS, pause_seconds * 2)

    def _come_back(self) -> None:
        if self._is_told:
            log.info("the store takes data again; everything that waited is stored")
        self._is_told = self._is_spooling = False
        self._is_spooled = True

    async def _write_batch(self) -> None:
        """Write all that waits; where a row is refused for good, it alone is left to wait and all others are stored."""
        self._being_written, self._waiting = self._unsaved(), []
        try:
            await self._patiently_written(self._being_written)
        except StoreUnavailableError:
            raise
        except StoreError:
            await self._write_each()
        else:
            self._being_written = []
        if self._spool and not self.unsaved:
            self._spool.clear()
            if self._is_more_left:
                self._take_over()
        if not self.unsaved and not self._is_more_left:
            self._all_stored.set()

    def _take_over(self) -> None:
        """Let the next of what was left behind wait."""
        if self._spool:
            self._waiting = self._spool.take_over()
            self._is_more_left = self._spool.has_more
            self._in_files = {_name(record) for record in self._waiting}

    async def _write_each(self) -> None:
        refused: list[Record] = []
        trouble: StoreError | None = None
        try:
            while self._being_written:
                one = self._being_written[0]
                try:
                    await self._patiently_written([one])
                except StoreUnavailableError:
                    raise
                except StoreError as exc:
                    refused.append(one)
                    trouble = exc
                if self._being_written and self._being_written[0] is one:
                    del self._being_written[0]
        except BaseException:  # who closes this cancels it: what was refused is not lost for that
            self._being_written += refused
            raise
        self._being_written = self._without_hopeless(refused, str(trouble))
        if trouble is not None and self._being_written:
            raise trouble

    def _without_hopeless(self, refused: Sequence[Record], cause: str) -> list[Record]:
        """Put aside what the store refuses again and again while it takes others, and return the rest."""
        for one in refused:
            self._refusals[one.key] += 1
            self._refused_at.setdefault(one.key, self._accepted)
        hopeless = [
            one
            for one in refused
            if self._refusals[one.key] >= MOST_REFUSALS and self._accepted > self._refused_at[one.key]
        ]
        if not hopeless or self._spool is None:
            return list(refused)
        try:
            file = self._spool.put_aside(hopeless)
        except (OSError, ValueError):
            return list(refused)
        log.error(
            "the store takes some measurements in no way; they are put aside, please report it",
            number=len(hopeless),
            file=str(file),
            cause=cause,
        )
        aside = {one.key for one in hopeless}
        for key in aside:
            del self._refusals[key], self._refused_at[key]
        return [one for one in refused if one.key not in aside]

    async def _patiently_written(self, batch: list[Record]) -> None:
        writing = self._in_thread(self._write, batch)
        if not (await asyncio.wait([writing], timeout=SLOW_SECONDS))[0]:
            self._begin_spooling()
        try:
            await writing
        except StoreError:
            raise
        except MemoryError as exc:
            raise StoreUnavailableError("no memory is left to write; free some") from exc
        except Exception as exc:
            raise StoreError(f"measurements cannot be written: {exc!r}; please report it") from exc
        self._accepted += 1

    def _write(self, batch: Sequence[Record]) -> None:
        measured = [one for one in batch if isinstance(one, Measurement)]
        missed = [one for one in batch if isinstance(one, MissedStarts)]
        if measured:
            self._store.measurements.write(measured)
        if missed:
            self._store.missed.write(missed)

    def _unsaved(self) -> list[Record]:
        return [*self._being_written, *self._waiting]

    def _limit(self) -> None:
        if self.unsaved <= MOST_UNSAVED:
            return
        if self._spool and self._is_spooling and self._is_spooled:
            log.warning("memory for unsaved measurements is full; they wait in the data folder", number=self.unsaved)
            self._spool.turn_over()
            self._is_more_left = True
            self._waiting = []
            return
        too_many = max(1, MOST_UNSAVED // 100)
        log.error("memory for unsaved measurements is full; the oldest are lost", number=too_many)
        # A new list: the thread may be writing the old one.
        lost, self._being_written = self._being_written[:too_many], self._being_written[too_many:]
        del self._waiting[: too_many - len(lost)]

    def _begin_spooling(self) -> None:
        if not self._is_spooling:
            self._is_spooling = True
            # What was taken over lies in its file already; kept twice, it would double with every process that dies.
            self._keep(one for one in self._unsaved() if _name(one) not in self._in_files)

    def _keep(self, records: Iterable[Record]) -> None:
        """Put records into the spool; where even that fails, memory has them still."""
        if self._spool is None or not self._is_spooled:
            return
        try:
            self._spool.keep(records)
        except (OSError, ValueError) as exc:
            self._is_spooled = False
            log.error("unsaved measurements are in memory only", cause=getattr(exc, "strerror", "") or str(exc))  # noqa: TRY400

    def _in_thread(self, work: Callable[[Argument], object], argument: Argument) -> asyncio.Future[object]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work, argument)


def _name(record: Record) -> Hashable:
    """Return what tells records apart: a count that has grown is another one."""
    return record.key if isinstance(record, Measurement) else record
