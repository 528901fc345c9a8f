"""Objections of agencies: each is written with the entry of the log that says who did it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import Evidence, Objection, ObjectionKind, Retest, RoundLogEntry, RoundNote, Ruling
from thuocdo.core.wire import storable
from thuocdo.store.audit import RoundLog
from thuocdo.store.database import Database
from thuocdo.store.ranking_versions import RankingVersion, insert_versions
from thuocdo.store.schema import instant_of, microseconds_of, objections

_CHANGING = ("ruling", "ruling_reason", "decided_by", "decided_at", "leaves_out", "retests")


class Objections:
    """The objections of a database."""

    def __init__(self, database: Database, log: RoundLog) -> None:
        self._database = database
        self._log = log

    def of(self, round_id: str) -> list[Objection]:
        """Return the objections of a round, in order of their numbers."""
        statement = select(objections).where(objections.c.round_id == round_id).order_by(objections.c.number)
        return [_objection(row) for row in self._database.rows(statement)]

    def add(self, objection: Objection, note: RoundNote, *, seen: int) -> RoundLogEntry:
        """
        Store a new objection, whose number must follow that of the last one of its round, with the note of who entered it.

        Args:
            objection: the record.
            note: what the log says of it.
            seen: as of `RoundLog.append`.

        Raises:
            StoreUnavailableError: the number is taken, or somebody else did a step of this round meanwhile.
        """

        def write(connection: Connection) -> None:
            of_round = select(func.max(objections.c.number)).where(objections.c.round_id == objection.round_id)
            if (connection.execute(of_round).scalar() or 0) + 1 != objection.number:
                raise StoreUnavailableError(f"objection {objection.number}: its number was taken meanwhile; try again")
            connection.execute(objections.insert(), _row(objection))

        return self._log.append_with(note, seen=seen, also=write)[0]

    def amend(
        self,
        before: Objection,
        after: Objection,
        *notes: RoundNote,
        versions: Sequence[tuple[RankingVersion, bytes]] = (),
        seen: int,
    ) -> list[RoundLogEntry]:
        """
        Store what became of an objection (its decision, a re-test), with notes; what was claimed never changes.

        Args:
            before: the record as it is.
            after: as it is to be.
            notes: what the log says of it.
            versions: of the ranking, that follow from it.
            seen: as of `RoundLog.append`.

        Raises:
            StoreUnavailableError: it was changed meanwhile, or somebody else did a step of this round.
        """

        def write(connection: Connection) -> None:
            found = connection.execute(select(objections).where(*_key(before))).mappings().first()
            if found is None or _objection(found) != before:
                raise StoreUnavailableError(
                    f"objection {before.number}: it was changed meanwhile; look at `thuocdo objection list`, then try again"
                )
            changed = {name: value for name, value in _row(after).items() if name in _CHANGING}
            connection.execute(update(objections).where(*_key(before)).values(changed))
            insert_versions(connection, versions)

        return self._log.append_with(*notes, seen=seen, also=write)


def _key(objection: Objection) -> tuple[Any, ...]:
    return (objections.c.round_id == objection.round_id, objections.c.number == objection.number)


def _row(objection: Objection) -> dict[str, Any]:
    values: dict[str, Any] = storable(objection.values())
    instants = {"received_at": objection.received_at, "decided_at": objection.decided_at}
    retests = [
        {"target_id": one.target_id, "measured_as": one.measured_as, "at": microseconds_of(one.at), "by": one.by}
        for one in objection.retests
    ]
    return values | instants | {"retests": storable(retests)}


def _objection(row: Any) -> Objection:
    values = dict(row)
    return Objection(
        **values
        | {
            "kind": ObjectionKind(values["kind"]),
            "ruling": Ruling(values["ruling"]) if values["ruling"] else None,
            "evidence": tuple(Evidence(**one) for one in values["evidence"]),
            "retests": tuple(Retest(**one | {"at": instant_of(one["at"])}) for one in values["retests"]),
        }
    )
