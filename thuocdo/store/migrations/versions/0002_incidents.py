"""Incidents, their changes, the tallies of answers by hour, and how far they were judged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.String, nullable=False),
        *(
            sa.Column(name, sa.String, nullable=False)
            for name in ("scope", "subject_id", "agency_id", "state", "worst")
        ),
        sa.Column("reason", sa.String),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        *(sa.Column(name, JSON, nullable=False) for name in ("target_ids", "measurements", "evidence")),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_started_at", "incidents", ["started_at"])
    op.create_index("ix_incidents_ended_at", "incidents", ["ended_at"])
    op.create_table(
        "incident_changes",
        sa.Column("incident_id", sa.String, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "changed_at", "state", name="pk_incident_changes"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_changes_incidents"),
    )
    op.create_table(
        "hour_tallies",
        sa.Column("target_id", sa.String, nullable=False),
        sa.Column("vantage_id", sa.String, nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("ok", "failed", "inconclusive", "excluded")),
        sa.PrimaryKeyConstraint("target_id", "vantage_id", "hour", name="pk_hour_tallies"),
    )
    op.create_index("ix_hour_tallies_hour", "hour_tallies", ["hour"])
    op.create_table(
        "judgement",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("judged_at", INSTANT, nullable=False),
        sa.Column("memory_at", INSTANT),
        sa.Column("memory", JSON),
        sa.PrimaryKeyConstraint("name", name="pk_judgement"),
    )


def downgrade() -> None:
    """Refuse: incidents are never dropped by a program."""
    raise NotImplementedError("going back is done by restoring a copy of the database")
