"""Incidents, the tallies of hours, and what judging remembers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from thuocdo.core.model import Acknowledgement, HourTally, Incident, IncidentScope, StateChange
from thuocdo.core.wire import storable
from thuocdo.store import judging
from thuocdo.store.database import Database
from thuocdo.store.schema import (
    hour_tallies,
    incident_acknowledgements,
    incident_changes,
    incidents,
    judgement,
    progress,
)
from thuocdo.store.tallies import Tallies

_JUDGE = "incidents"

IDS_AT_ONCE = 500
"""Of so many incidents one question asks what was said of them."""

CONFIRMED = "incidents confirmed:"
"""Of `progress`, with a scope: number = how many incidents were ever confirmed; counting them takes longer each year."""


class Incidents:
    """The incidents of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.counting = Tallies(database)

    def save(self, incident: Incident, change: StateChange | None) -> None:
        """Store an incident in place of what was known of it, and its change of state if there is one: both or neither."""
        with self._database.transaction(f"incident '{incident.id}' cannot be written") as connection:
            row = judging.row_of_incident(incident)
            known = connection.execute(select(incidents.c.id).where(incidents.c.id == row["id"])).scalar()
            connection.execute(self._database.insert_or_replace(incidents), row)
            if known is None:
                self._count_one(connection, incident)
            if change is not None:
                connection.execute(self._database.insert_new(incident_changes), judging.row_of_change(change))

    def lasting(self) -> list[Incident]:
        """Return the incidents that have not ended, newest first."""
        return [judging.incident_of(row) for row in self._database.rows(judging.select_lasting())]

    def all(self, since: datetime | None = None, scope: IncidentScope | None = None) -> list[Incident]:
        """Return all incidents, newest first; since: only those that had not ended by then; scope: only of this one."""
        rows = self._database.rows(judging.select_incidents(since=since, scope=scope))
        return _newest_first(judging.incident_of(row) for row in rows)

    def newest(
        self,
        most: int,
        *,
        since: datetime | None = None,
        only_ended: bool = False,
        after: Incident | None = None,
        agency_id: str = "",
    ) -> list[Incident]:
        """
        Return some incidents, newest first: a page of them.

        Args:
            most: so many.
            since: only those that had not ended by then.
            only_ended: only those that are over, and the newest are those that ended last.
            after: the last one of the page before.
            agency_id: only those of this agency's targets, and those that are of no one agency.
        """
        found = [
            judging.incident_of(row)
            for own in ((agency_id, "") if agency_id else (None,))
            for row in self._database.rows(
                judging.select_page_of_incidents(most, since, after, only_ended=only_ended, agency_id=own)
            )
        ]
        return (_newest_first(found, only_ended=only_ended) if agency_id else found)[:most]

    def ids(self) -> list[str]:
        """Return the ids of all incidents, newest first."""
        statement = select(incidents.c.id).order_by(incidents.c.started_at.desc(), incidents.c.id)
        return [row["id"] for row in self._database.rows(statement)]

    def get(self, incident_id: str) -> Incident | None:
        """Return one incident, or None where there is none of this id."""
        found = self._database.rows(select(incidents).where(incidents.c.id == incident_id))
        return judging.incident_of(found[0]) if found else None

    def changes(self, incident_id: str) -> list[StateChange]:
        """Return an incident's changes of state, oldest first."""
        return [judging.change_of(row) for row in self._database.rows(judging.select_changes(incident_id))]

    def acknowledge(self, acknowledgement: Acknowledgement) -> bool:
        """Store that a person took notice, beside what was said before; False where there is no such incident."""
        name = acknowledgement.incident_id
        with self._database.transaction(f"that somebody took notice of '{name}' cannot be written") as connection:
            if connection.execute(select(incidents.c.id).where(incidents.c.id == name)).scalar() is None:
                return False
            row = judging.row_of_acknowledgement(acknowledgement)
            connection.execute(self._database.insert_new(incident_acknowledgements), row)
        return True

    def acknowledgements(self, incident_ids: Iterable[str]) -> Mapping[str, list[Acknowledgement]]:
        """Return who took notice of these incidents, oldest first, by incident; nothing of those that nobody did of."""
        wanted, found = list(incident_ids), defaultdict[str, list[Acknowledgement]](list)
        for first in range(0, len(wanted), IDS_AT_ONCE):
            statement = judging.select_acknowledgements(wanted[first : first + IDS_AT_ONCE])
            for row in self._database.rows(statement):
                found[row["incident_id"]].append(judging.acknowledgement_of(row))
        return dict(found)

    def count(self) -> dict[IncidentScope, int]:
        """Return how many incidents were ever confirmed, by scope."""
        statement = select(progress.c.name, progress.c.number).where(progress.c.name.startswith(CONFIRMED))
        counted = {row["name"].removeprefix(CONFIRMED): row["number"] for row in self._database.rows(statement)}
        return {scope: counted.get(scope, 0) for scope in IncidentScope}

    def _count_one(self, connection: Connection, incident: Incident) -> None:
        name = CONFIRMED + incident.scope
        more = progress.update().where(progress.c.name == name)
        if not connection.execute(more.values(number=progress.c.number + 1, at=incident.confirmed_at)).rowcount:
            connection.execute(progress.insert(), {"name": name, "number": 1, "at": incident.confirmed_at})

    def save_tallies(self, tallies: Iterable[HourTally]) -> None:
        """Store tallies in place of those of the same target, vantage point and hour."""
        rows = [asdict(tally) for tally in sorted(tallies, key=lambda one: (one.target_id, one.vantage_id, one.hour))]
        if not rows:
            return
        with self._database.transaction(f"{len(rows)} tallies cannot be written") as connection:
            connection.execute(self._database.insert_or_replace(hour_tallies), rows)

    def tallies(self, since: datetime, until: datetime) -> list[HourTally]:
        """Return the tallies with since <= hour < until, by target, vantage point and hour."""
        return [judging.tally_of(row) for row in self._database.rows(judging.select_tallies(since, until))]

    def tally_totals(self, since: datetime | None = None, until: datetime | None = None) -> list[HourTally]:
        """
        Return the sums of each target over all vantage points; hour: its first one, vantage_id: empty.

        since, until: only tallies with since <= hour < until; None = of all time.
        """
        return [judging.tally_of(row) for row in self._database.rows(judging.select_tally_totals(since, until))]

    def judged_at(self) -> datetime | None:
        """Return when incidents were last judged, or None."""
        found = self._database.rows(select(judgement.c.judged_at).where(judgement.c.name == _JUDGE))
        return found[0]["judged_at"] if found else None

    def save_judged_at(self, judged_at: datetime) -> None:
        """Store that incidents were judged just now."""
        self._save_judgement({"judged_at": judged_at})

    def judge_memory(self) -> tuple[datetime, Mapping[str, Any]] | None:
        """Return what judging remembered, and up to which instant of the measurements; None where there is nothing."""
        found = self._database.rows(
            select(judgement).where(judgement.c.name == _JUDGE, judgement.c.memory.is_not(None))
        )
        return (found[0]["memory_at"], found[0]["memory"]) if found else None

    def save_judge_memory(self, judged_at: datetime, memory_at: datetime, memory: Mapping[str, Any]) -> None:
        """Store what judging must remember of all measurements before memory_at, as JSON values."""
        self._save_judgement({"judged_at": judged_at, "memory_at": memory_at, "memory": storable(memory)})

    def _save_judgement(self, values: Mapping[str, Any]) -> None:
        with self._database.transaction("the state of judging cannot be written") as connection:
            connection.execute(self._database.insert_or_replace(judgement, values), {"name": _JUDGE, **values})


def _newest_first(found: Iterable[Incident], *, only_ended: bool = False) -> list[Incident]:
    """Return incidents by their start, or by their end where all are over, the last first; then by their id."""
    by_id = sorted(found, key=lambda one: one.id)
    return sorted(by_id, key=lambda one: (one.ended_at if only_ended else None) or one.started_at, reverse=True)
