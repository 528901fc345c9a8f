"""
Keeps the store within its limits: old measurements go, roll-ups after them, and free room goes back to the disk. And closes the
days of planned rounds with checkpoints, sends the reports of periods on their day, reminds agencies of windows that close,
takes up what agencies declare, and looks at rounds that are over.

A process of its own, at the lowest priority: it shares nothing with a stop-watch, and may be killed at any moment.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog

from thuocdo.agent.clock_offset import clock_offset_seconds
from thuocdo.agent.clock_steps import ClockSteps
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import StoreError, ThuocdoError
from thuocdo.core.stopping import Stop
from thuocdo.processes.looking import Looking
from thuocdo.processes.reminding import Reminding
from thuocdo.processes.sending import SendingReports
from thuocdo.processes.signals import stop_on_signals
from thuocdo.processes.taking_in import TakingIn, take_in
from thuocdo.sealing.daily import keys_folder, make_checkpoints
from thuocdo.store import Store
from thuocdo.store.patience import open_when_there

EVERY_SECONDS = 3600.0
PAUSE_SECONDS = 0.2
"""Between two slices: about as long as a slice takes, so that writers have the store to themselves half of the time at least."""

_LOWEST_PRIORITY = 19

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Kept:
    """
    What one look did so far.

    measurements, rollups, facts: that went. archived: measurements that were archived before. pages: of SQLite's file, given
    back. is_held_back: measurements stay although they are too old, for want of roll-ups.
    """

    measurements: int = 0
    rollups: int = 0
    facts: int = 0
    archived: int = 0
    pages: int = 0
    is_held_back: bool = False


def run_keep(settings: Settings) -> None:
    """Keep the store within its limits until a signal comes or the parent process is gone; raises as keep_going."""
    os.nice(_LOWEST_PRIORITY)

    async def work() -> None:
        await keep_going(settings, stop_on_signals())

    asyncio.run(work())


async def keep_going(settings: Settings, stop: Stop) -> None:
    """
    Look at once and then every hour, until stop is set; a store that is away is waited for.

    Raises:
        ConfigurationError: archive_dir is set, and pyarrow is not installed.
        StoreError: the store cannot be opened, and waiting will not mend that.
    """
    store = await open_when_there(settings.store_url, stop)
    if store is None:
        return
    steps, known_steps = ClockSteps(), 0
    with store:
        keeping, sending, looking = Keeping(settings, store), SendingReports(settings, store), Looking(settings, store)
        reminding = Reminding(settings, store)
        taking = asyncio.create_task(take_in(TakingIn(settings, store), stop))
        while not stop.is_set():
            if known_steps == (known_steps := steps.look()):
                await asyncio.to_thread(_close_days, settings, store)
                await asyncio.to_thread(_send_reports, sending)
                await asyncio.to_thread(_remind, reminding)
                await asyncio.to_thread(_look_for_treatment, looking)
                await _look(keeping, stop)
            # Else a clock that jumped far ahead would make everything old at once; in an hour somebody may have put it right.
            await stop.sleep(EVERY_SECONDS)
        await taking


def _close_days(settings: Settings, store: Store) -> None:
    """Make the checkpoints of planned rounds whose day has ended; trouble is told, and tried again in an hour."""
    try:
        made = make_checkpoints(store, keys_folder(settings.data_dir), clock.now(), clock_offset_seconds())
    except ThuocdoError as exc:
        log.error("a planned round has no checkpoint of its day; it is tried again in an hour", cause=str(exc))  # noqa: TRY400
        return
    if made:
        log.info("the day of a planned round is closed by checkpoints", number=made)


def _send_reports(sending: SendingReports) -> None:
    """Send the reports whose day has come."""
    sent = _tried(
        sending.once,
        "reports of periods were not sent; it is tried again in an hour",
        "reports of periods were not sent; it is tried again in an hour, please report it",
    )
    if sent:
        log.info("reports of periods went out", letters=sent)


def _remind(reminding: Reminding) -> None:
    """Remind agencies of windows that close."""
    reminded = _tried(
        reminding.once,
        "agencies were not reminded of a window for replies; it is tried again in an hour",
        "agencies were not reminded of a window for replies; please report it",
    )
    if reminded:
        log.info("agencies were reminded of a window for replies", agencies=reminded)


def _look_for_treatment(looking: Looking) -> None:
    """Look whether pages were other ones in rounds that are over."""
    found = _tried(
        looking.once,
        "rounds were not looked at for special treatment; it is tried again in an hour",
        "rounds were not looked at for special treatment; please report it",
    )
    if found:
        log.warning(
            "pages were other ones while a round was measured; `thuocdo findings list` tells which", number=found
        )


def _tried(once: Callable[[datetime], int], known: str, unknown: str) -> int:
    """Do a piece of work, and return what it gave; trouble is told, and tried again in an hour."""
    try:
        return once(clock.now())
    except ThuocdoError as exc:
        log.error(known, cause=str(exc))  # noqa: TRY400
    except Exception:  # whatever it works on holds, the store is kept within its limits
        log.exception(unknown)
    return 0


async def _look(keeping: "Keeping", stop: Stop) -> None:
    """Let go of what is too old, with a pause after each slice; trouble is told, never raised."""
    kept = Kept()
    slices = keeping.slices(clock.now(), kept)
    try:
        while not stop.is_set() and await asyncio.to_thread(next, slices, None) is not None:
            await stop.sleep(PAUSE_SECONDS)
    except StoreError as exc:
        log.error("old measurements could not be let go; it is tried again in an hour", cause=str(exc))  # noqa: TRY400
    except Exception:  # whatever it is, the disk would fill up if nobody looked again
        log.exception("old measurements could not be let go; it is tried again in an hour, please report it")
    if kept != Kept(is_held_back=kept.is_held_back):
        log.info(
            "what is too old went; rankings are told from roll-ups",
            measurements=kept.measurements,
            archived=kept.archived,
            rollups=kept.rollups,
            pages_given_back=kept.pages,
        )
    if kept.is_held_back:
        log.warning(
            "measurements that are too old stay, because they are not in the roll-ups yet; look whether the process that makes "
            "roll-ups runs and what it says"
        )


class Keeping:
    """
    The work, slice by slice.

    Args:
        settings: of this process.
        store: open.

    Raises:
        ConfigurationError: archive_dir is set, and pyarrow is not installed.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._limits = settings.keep
        self._store = store
        self._archiving = store.archiving(settings.archive_dir) if settings.archive_dir else None

    def slices(self, now: datetime, kept: Kept) -> Iterator[Kept]:
        """
        Let go of what is too old; yields after each transaction, so that whoever waits to write comes in between.

        Args:
            now: the present instant.
            kept: counts what is done, and is what is yielded.

        Raises:
            StoreError: store or archive cannot be read or written; what was done before is done.
        """
        retention = self._store.retention
        cut = retention.cut(now, self._limits.raw_days)

        def archive(day: int, kind: str) -> None:
            written = self._archiving.write_day(day, kind) if self._archiving else None
            kept.archived += written.rows if written else 0

        kept.is_held_back = retention.is_held_back(cut)
        for gone in retention.let_go_measurements(cut, now, before_day=archive if self._archiving else None):
            kept.measurements += gone.rows
            yield kept
        for gone in retention.let_go_facts(cut):
            kept.facts += gone.rows
            yield kept
        for gone in retention.let_go_rollups(now, self._limits.rollup_days):
            kept.rollups += gone.rows
            yield kept
        for pages in self._store.give_back():
            kept.pages += pages
            yield kept
