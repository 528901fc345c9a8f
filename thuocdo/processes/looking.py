"""Looks, once a day, whether pages were other ones while a round was measured."""

from datetime import date, datetime

from thuocdo.core.clock import hanoi_day
from thuocdo.core.config import Settings
from thuocdo.core.in_force import settings_in_force
from thuocdo.core.portals import read_registry
from thuocdo.store import Store


class Looking:
    """
    Looks at rounds that ended a few days ago.

    Args:
        settings: of this process.
        store: open.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._looked_on: date | None = None

    def once(self, now: datetime) -> int:
        """
        Look where it was not done today, and return how much was found that was not known.

        Raises:
            ConfigurationError: the registry has mistakes.
            StoreError: the store cannot be read or written.
        """
        today = hanoi_day(now)
        if today == self._looked_on:
            return 0
        from thuocdo.treatment.looking import due_rounds, look_at_rounds

        due = due_rounds(self._store.rounds.all(), today)
        found = 0
        if due:
            registry = read_registry(settings_in_force(self._settings).registry_dir).at(None)
            found = sum(map(self._store.treatment.add, look_at_rounds(self._store, registry, due, now)))
        self._looked_on = today
        return found
