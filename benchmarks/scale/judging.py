"""The judge at work by a clock that is given: whole hours of looks in as much time as they take."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from unittest.mock import patch

from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.processes import judge
from thuocdo.store import Store


class VirtualJudge:
    """
    A judge that looks when it is told to; see virtual_judge.

    Args:
        settings, store: of the judge.
        now: when it starts.
    """

    def __init__(self, settings: Settings, store: Store, now: datetime) -> None:
        self.now = now
        self._store = store
        self._settings = settings
        self._work: judge.Work | None = None

    def look(self, now: datetime) -> None:
        """
        Look once, at an instant that is not before the last one; the first time the judge is started before.

        Raises:
            RuntimeError: it could not, which a judge logs and tries again.
        """
        if self._work is None:
            self._work = judge.Work(self._settings, self._store)
        self.now = now
        self._work.once()
        if self._store.incidents.judged_at() != now:
            raise RuntimeError("the judge could not look; its log says why")


@contextmanager
def virtual_judge(settings: Settings, store: Store, now: datetime) -> Iterator[VirtualJudge]:
    """Give a judge to whom as much time passes as lies between its looks."""
    given = VirtualJudge(settings, store, now)
    passing = SimpleNamespace(monotonic=lambda: given.now.timestamp())
    with patch.object(clock, "now", lambda: given.now), patch.object(judge, "time", passing):
        yield given
