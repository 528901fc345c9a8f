"""Incidents of an agency are found without looking through those of all others."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the indexes."""
    op.create_index("ix_incidents_agency_id_started_at", "incidents", ["agency_id", "started_at"])
    op.create_index("ix_incidents_agency_id_ended_at", "incidents", ["agency_id", "ended_at"])


def downgrade() -> None:
    """Refuse, as all revisions do."""
    raise NotImplementedError("going back is done by restoring a copy of the database")
