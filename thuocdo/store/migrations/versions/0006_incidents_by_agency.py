"""Incidents of an agency are found, and all are counted, without looking through every incident there ever was."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the indexes, and count what there is."""
    op.create_index("ix_incidents_agency_id_started_at", "incidents", ["agency_id", "started_at"])
    op.create_index("ix_incidents_agency_id_ended_at", "incidents", ["agency_id", "ended_at"])
    op.execute(
        "INSERT INTO progress (name, number, at) "
        "SELECT 'incidents confirmed:' || scope, count(*), max(confirmed_at) FROM incidents GROUP BY scope"
    )


def downgrade() -> None:
    """Refuse, as all revisions do."""
    raise NotImplementedError("going back is done by restoring a copy of the database")
