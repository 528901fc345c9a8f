"""Points that people gave."""

from datetime import datetime

from sqlalchemy import func, select

from thuocdo.core.model import Assessment
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.schema import assessments


class Assessments:
    """The assessments of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, assessment: Assessment) -> None:
        """Store what a person assessed; earlier entries stay as history, the same entry twice changes nothing."""
        values = {name: storable(getattr(assessment, name)) for name in assessments.c.keys()}  # noqa: SIM118 - no dict
        with self._database.transaction(f"assessment of '{assessment.agency_id}' cannot be written") as connection:
            connection.execute(self._database.insert_new(assessments), values)

    def all(self) -> list[Assessment]:
        """Return everything that people assessed, oldest first: the last per agency, criteria set and criterion counts."""
        order = [assessments.c[name] for name in ("entered_at", "agency_id", "criteria_set_id", "criterion_id")]
        return [Assessment(**row) for row in self._database.rows(select(assessments).order_by(*order))]

    def newest_at(self, until: datetime) -> dict[tuple[str, str | None], datetime]:
        """Return by criteria set and round when a person last entered something for it, not later than an instant."""
        column = assessments.c
        newest = (
            select(column.criteria_set_id, column.round_id, func.max(column.entered_at).label("at"))
            .where(column.entered_at <= until)
            .group_by(column.criteria_set_id, column.round_id)
        )
        return {(row["criteria_set_id"], row["round_id"]): row["at"] for row in self._database.rows(newest)}
