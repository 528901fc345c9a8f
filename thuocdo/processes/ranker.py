"""
The ranker as a process: rolls up what was measured, and computes the rankings that may be shown, so that nobody waits for one.

It shares no process with a stop-watch, the judge or a page, and has the priority of all: who yields waits longer for a CPU, and
while somebody waits for one, what is timed is suspect. A ranking is stored whole or not at all, so it may be killed at any
moment: the next one computes what is not there.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import structlog

from thuocdo.agent.clock_steps import elapsed_seconds
from thuocdo.agent.folder_lock import try_lock
from thuocdo.agent.planned_rounds import RoundEnds
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.core.in_force import settings_in_force
from thuocdo.core.model import Round
from thuocdo.core.stopping import Stop
from thuocdo.processes.rolling import Rolling
from thuocdo.processes.signals import stop_on_signals
from thuocdo.score.basis import Basis, frozen_basis, read_basis
from thuocdo.score.kept import News, Wanted, due_since, first_readable, keep, kept, news, wanted
from thuocdo.score.published import published_ranking
from thuocdo.store import Store
from thuocdo.store.patience import open_when_there
from thuocdo.store.rankings import RankingHead

LOOK_SECONDS = 5.0
"""How long after its end a round's ranking is begun at the latest."""

_THREAD = "ranking"

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


def run_ranker(settings: Settings) -> None:
    """
    Keep rankings until a signal comes or the parent process is gone.

    Raises:
        ConfigurationError, StoreError: as keep_rankings.
    """

    async def work() -> None:
        await keep_rankings(settings, stop_on_signals())

    asyncio.run(work())
    if any(thread.name == _THREAD for thread in threading.enumerate()):
        # A ranking is under way: nothing of it is stored yet, and nobody who stops a service waits minutes for it.
        os._exit(0)


async def keep_rankings(settings: Settings, stop: Stop) -> None:
    """
    Compute what is due until stop is set; a store that is away is waited for.

    Raises:
        ConfigurationError: registry or criteria have mistakes at the start.
        StoreError: the store cannot be opened, and waiting will not mend that.
    """
    store = await open_when_there(settings.store_url, stop)
    if store is None:
        return
    lock: int | None = None
    try:
        ranker = Ranker(settings, store)
        lock = await _alone(settings.data_dir, stop)
        while not stop.is_set():
            await stop.race(_in_own_thread(lambda: ranker.once(stop)))
            await stop.sleep(LOOK_SECONDS)
    finally:
        if lock is not None:
            os.close(lock)
        store.close()


async def _alone(data_dir: Path, stop: Stop) -> int | None:
    """Wait until no other ranker is at work over this folder; return the lock, None where there can be none or stop was set."""
    is_told = False
    while not stop.is_set():
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            lock = try_lock(data_dir / "ranker.lock")
        except OSError:
            return None  # two of them would do the same work twice, and no harm
        if lock is not None:
            return lock
        if not is_told:
            log.info("another ranker is at work over this data folder; this one waits until it has ended")
        is_told = True
        await stop.sleep(LOOK_SECONDS)
    return None


async def _in_own_thread(work: Callable[[], Result]) -> Result:
    """Return what work gives in a thread that, unlike an executor's, nobody waits for when the process ends."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def tell(result: Result | None, fault: BaseException | None) -> None:
        if not done.done():
            done.set_exception(fault) if fault else done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, fault = None, None
        try:
            result = work()
        except BaseException as exc:  # noqa: BLE001 - it is raised where it is awaited
            fault = exc
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(tell, result, fault)

    threading.Thread(target=run, name=_THREAD, daemon=True).start()
    return await done


class Ranker:
    """
    What the process does each time.

    Args:
        settings: of this process.
        store: open.
        now: gives the present instant.
        elapsed: gives seconds that nobody can move.

    Raises:
        ConfigurationError: registry or criteria have mistakes.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        now: Callable[[], datetime] = clock.now,
        elapsed: Callable[[], float] = elapsed_seconds,
    ) -> None:
        self._settings = settings
        self._store = store
        self._now = now
        self._seen = self._files()
        self._basis = self._read_basis()
        self._readable: set[RankingHead] = set()
        self._strange: set[str | None] = set()
        self._rolling = Rolling(store, now)
        self._ends = RoundEnds(store, elapsed)

    def once(self, stop: Stop | None = None) -> int:
        """
        Compute all that is due, and return how many rankings that was; what the store cannot do now is done the next time.

        Planned rounds end when their time is over. What was measured is rolled up before, when it is time for that: then a
        ranking reads little else. What is shown first is asked for anew after each: a round may have ended while another was
        ranked.
        """
        computed = 0
        try:
            for ended in self._ends.once(self._now()):
                log.info("the last block of a planned round is over; the round has ended", round=ended.id)
            self._rolling.once(self._basis.criteria.values(), stop)
            while (stop is None or not stop.is_set()) and (due := self._first_due()) is not None:
                computed += self._compute(due)
        except StoreError as exc:
            log.warning("rankings could not be computed; the ranker tries again", cause=str(exc))
        return computed

    def _first_due(self) -> Wanted | None:
        """Return the first ranking that is due; None = there is none."""
        self._refresh()
        now = self._now()
        new = news(self._store, now)
        heads: dict[tuple[str, str | None], list[RankingHead]] = {}
        for head in self._store.rankings.all():
            heads.setdefault((head.criteria_set_id, head.round_id), []).append(head)
        return next(self._due(wanted(self._basis, self._store.rounds.all(), now), heads, new, now), None)

    def _due(
        self,
        asked: Iterable[Wanted],
        heads: dict[tuple[str, str | None], list[RankingHead]],
        new: News,
        now: datetime,
    ) -> Iterator[Wanted]:
        for one in asked:
            found, _ = first_readable(heads.get((one.criteria.id, one.round_id), ()), one, self._is_readable)
            if one.round_id not in self._strange and due_since(found, one, new, now) is not None:
                yield one

    def _compute(self, asked: Wanted) -> bool:
        """Compute and keep a ranking; tell whether it was."""
        now = self._now()
        files = self._store.rounds.files_of(asked.round.id) if asked.round else []
        try:
            basis = frozen_basis(files, self._basis)
        except ConfigurationError as exc:
            self._strange.add(asked.round_id)
            log.error(  # noqa: TRY400
                "a round froze files that this version cannot read, so it is not ranked; rank it with the one that measured it",
                round=asked.round_id,
                cause=str(exc),
            )
            return False
        shown = published_ranking(
            self._store,
            basis.registry_at,
            basis.criteria[asked.criteria.id],
            now=now,
            round_id=asked.round_id,
            until=None if asked.round else now,
        )
        if shown.round and shown.round.published_at is None and self._is_published(shown.round):
            return False  # while it was computed; what was published stays
        keep(self._store.rankings, shown.ranking, shown.registry)
        log.info(
            "ranking computed",
            round=asked.round_id or "last days",
            criteria_set=asked.criteria.id,
            measurements=shown.ranking.measurements,
            seconds=round((self._now() - now).total_seconds(), 1),
        )
        return True

    def _is_published(self, round_: Round) -> bool:
        found = self._store.rounds.get(round_.id)
        return found is not None and found.published_at is not None

    def _is_readable(self, head: RankingHead) -> bool:
        """Tell whether a kept ranking can be shown; each is looked into once."""
        if head not in self._readable and kept(self._store.rankings, head) is not None:
            self._readable.add(head)
        return head in self._readable

    def _refresh(self) -> None:
        """Take up what people have changed; with mistakes the old stays in force."""
        found = self._files()
        if found == self._seen:
            return
        self._seen = found
        try:
            self._basis = self._read_basis()
        except ConfigurationError as exc:
            log.warning(
                "registry or criteria have mistakes; for the ranker the old ones stay in force",
                problems=list(exc.problems),
            )

    def _read_basis(self) -> Basis:
        settings = settings_in_force(self._settings)
        return read_basis(settings.registry_dir, settings.criteria_dir, settings.criteria_set, self._now())

    def _files(self) -> list[tuple[str, int, int, int]]:
        """Return what tells changed files from unchanged ones, without a look into them."""
        settings = settings_in_force(self._settings)
        folders = (settings.registry_dir, settings.criteria_dir)
        return sorted(filter(None, (_state_of(file) for folder in folders for file in folder.glob("*.yaml"))))


def _state_of(file: Path) -> tuple[str, int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None  # gone just now
    return str(file), found.st_ino, found.st_size, found.st_mtime_ns
