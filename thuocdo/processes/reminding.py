"""Reminds agencies of windows for replies that close, where the settings ask for it: each place once."""

from datetime import datetime

import structlog

from thuocdo.core.config import Settings
from thuocdo.core.in_force import settings_in_force
from thuocdo.core.model import Round, RoundStep
from thuocdo.core.portals import read_registry
from thuocdo.rounds.reminders import due_reminders
from thuocdo.rounds.states import deadline_of, last_of
from thuocdo.rounds.steps import Proceedings
from thuocdo.rounds.working_days import WorkingCalendar, load_calendar
from thuocdo.score.published import day_of
from thuocdo.store import Store

log = structlog.get_logger(__name__)


class Reminding:
    """
    Sends what is due, in the name of whoever opened the window.

    Args:
        settings: of this process.
        store: open.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def once(self, now: datetime) -> int:
        """
        Send what is due, and return how many agencies were reminded.

        Raises:
            ConfigurationError: files or mail server are not as they should be.
            MailAwayError: the mail server is not there.
            StoreError: the store cannot be read or written.
        """
        if not self._settings.report.remind or self._settings.owners is None:
            return 0
        calendar = load_calendar(self._settings.calendar)
        return sum(self._remind(one, calendar, now) for one in self._store.rounds.all() if self._is_open(one, now))

    def _is_open(self, round_: Round, now: datetime) -> bool:
        deadline = deadline_of(self._store.round_log.of(round_.id))
        return deadline is not None and now <= deadline

    def _remind(self, round_: Round, calendar: WorkingCalendar, now: datetime) -> int:
        from thuocdo.periods.gathering import who_gets
        from thuocdo.post.reminding import send_reminders, sent_by_itself

        entries = self._store.round_log.of(round_.id)
        opened = last_of(entries, RoundStep.REPLY)
        proceedings = Proceedings(self._store, round_)
        due = list(due_reminders(entries, proceedings.silent_agencies(), calendar, now))
        if not due or opened is None:
            return 0
        owners, owner_of = who_gets(self._settings)
        registry = read_registry(settings_in_force(self._settings).registry_dir).at(day_of(round_, now))
        reminded = 0
        for one in due:
            done = send_reminders(self._store, round_, one, owners, owner_of, registry, now)
            reminded += len(done.told)
            if done.unreached:
                log.error(
                    "agencies were not reminded of a window for replies; it is tried again in an hour",
                    round=round_.label,
                    agencies=list(done.unreached),
                )
                continue
            if done.unknown:
                log.warning(
                    "nobody is named in the file of owners for agencies that are to be reminded",
                    round=round_.label,
                    agencies=list(done.unknown),
                )
            prepared = proceedings.prepare(
                RoundStep.REMIND, opened.note.by, now, subject=one.kind.value, reason=sent_by_itself()
            )
            proceedings.do(prepared)
        return reminded
