"""Sends the reports of periods on their working day, to each mailbox once."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from thuocdo.core.config import Settings
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.periods.period import Period, PeriodKind, last_over
from thuocdo.rounds.working_days import load_calendar
from thuocdo.store import Store

if TYPE_CHECKING:
    from thuocdo.publication.packing import PrintsPages

_MOMENT = timedelta(seconds=1)

log = structlog.get_logger(__name__)


class SendingReports:
    """
    Sends what is due; a report that all have is not looked into again.

    Args:
        settings: of this process.
        store: open.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._done: set[Period] = set()

    def once(self, now: datetime) -> int:
        """
        Send what is due, and return how many letters went out.

        Raises:
            ConfigurationError: files or mail server are not as they should be.
            MailAwayError: the mail server is not there.
            StoreError: the store cannot be read or written.
        """
        sent = 0
        for period in due_periods(self._settings, now):
            if period not in self._done:
                went_out, is_done = _sent(self._settings, self._store, period, now)
                sent += went_out
                self._done |= {period} if is_done else set()
        return sent


def due_periods(settings: Settings, now: datetime) -> list[Period]:
    """Return the periods whose report goes out by itself about now."""
    from thuocdo.periods.sending import (
        is_due,  # documents take a while to import, and there is nothing to send most of the time
    )

    wanted = {
        PeriodKind.MONTH: settings.report.monthly_on_working_day,
        PeriodKind.QUARTER: settings.report.quarterly_on_working_day,
    }
    if settings.owners is None or not any(wanted.values()):
        return []
    calendar, found = load_calendar(settings.calendar), []
    for kind, days in wanted.items():
        period = last_over(kind, now)
        # The day that a deadline counts from does not count itself, and the first day after a period does.
        if days and is_due(period, days, calendar.deadline(period.end - _MOMENT, days), now):
            found.append(period)
    return found


def _sent(settings: Settings, store: Store, period: Period, now: datetime) -> tuple[int, bool]:
    """Return how many letters went out, and whether everybody has one."""
    from thuocdo.periods.gathering import period_sources, who_gets
    from thuocdo.periods.reading import read_period
    from thuocdo.periods.sending import recipients, send_report, unsent

    owners, owner_of = who_gets(settings)
    content = read_period(store, period, period_sources(settings), now)
    left = unsent(store, period, recipients(owners, owner_of, content))
    if not left:
        return 0, True
    with _printer(settings) as printer:
        failed = send_report(store, owners, content, left, printer, now)
    return len(left) - len(failed), not failed


def _printer(settings: Settings) -> "AbstractContextManager[PrintsPages | None]":
    """Give what prints PDF files; None where no browser starts."""
    from probes.chromium.printing import printer_if_any

    def say(error: BrowserUnavailableError) -> None:
        log.warning("reports go out without PDF files", cause=str(error))

    return printer_if_any(settings.browser, say)
