"""
The store: one database, and what lies in it, by what it is for.

Synchronous and safe to use from several threads; agents call it in one. Every method raises StoreUnavailableError where the
store cannot answer just now (the caller keeps what it has and tries again), StoreError where a person must act.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from thuocdo.store.agents import Agents
from thuocdo.store.assessments import Assessments
from thuocdo.store.audit import RoundLog
from thuocdo.store.catalogue import Catalogue
from thuocdo.store.checkpoints import RoundCheckpoints
from thuocdo.store.database import Database
from thuocdo.store.declared import Declared
from thuocdo.store.incidents import Incidents
from thuocdo.store.measurements import Measurements
from thuocdo.store.missed import Missed
from thuocdo.store.objections import Objections
from thuocdo.store.ranking_versions import RankingVersions
from thuocdo.store.rankings import Rankings
from thuocdo.store.restoring import Restoring
from thuocdo.store.retention import Retention
from thuocdo.store.rollups import Rollups
from thuocdo.store.room import Room, give_back, room_of
from thuocdo.store.rounds import Rounds
from thuocdo.store.sent_letters import SentLetters
from thuocdo.store.treatment import Treatment

if TYPE_CHECKING:
    from thuocdo.store.archiving import Archiving


class Store:
    """One database of measurements; see `open`. A context manager that closes it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.measurements = Measurements(database)
        self.rollups = Rollups(database)
        self.missed = Missed(database)
        self.retention = Retention(database)
        self.restoring = Restoring(database)
        self.rounds = Rounds(database)
        self.rankings = Rankings(database)
        self.incidents = Incidents(database)
        self.agents = Agents(database)
        self.assessments = Assessments(database)
        self.round_checkpoints = RoundCheckpoints(database)
        self.sent_letters = SentLetters(database)
        self.catalogue = Catalogue(database)
        self.declared = Declared(database)
        self.treatment = Treatment(database)
        self.round_log = RoundLog(database)
        self.objections = Objections(database, self.round_log)
        self.ranking_versions = RankingVersions(database, self.round_log)

    @classmethod
    def open(cls, url: str) -> Self:
        """
        Open a store; tables are created or brought to the newest revision.

        Args:
            url: sqlite:////absolute/path or postgresql://user:password@host/database.

        Raises:
            StoreError: it cannot be opened; the message says where, why and what to do.
        """
        return cls(Database.open(url))

    @property
    def name(self) -> str:
        """Where it is, as a person would name it, without the password."""
        return self._database.name

    def room(self) -> Room:
        """Return what it takes on its disk."""
        return room_of(self._database)

    def give_back(self) -> Iterator[int]:
        """Give free room in a file of SQLite back to the disk, slice by slice; yield how many pages went."""
        return give_back(self._database)

    def archiving(self, folder: Path) -> "Archiving":
        """Return what writes into the archive of a folder and reads it; raises ConfigurationError where pyarrow is missing."""
        from thuocdo.store.archive import Archive
        from thuocdo.store.archiving import Archiving

        return Archiving(self._database, Archive(folder))

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
