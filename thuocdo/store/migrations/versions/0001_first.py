"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

# Written out, not taken from schema.py: a revision says what was, whatever the tables become.
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
SERIES_KEY = ("target_id", "kind", "vantage_id", "profile")


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "series",
        *(sa.Column(name, sa.String, nullable=False) for name in SERIES_KEY),
        sa.PrimaryKeyConstraint(*SERIES_KEY, name="pk_series"),
    )
    op.create_table(
        "measurements",
        *(sa.Column(name, sa.String, nullable=False) for name in SERIES_KEY),
        sa.Column("scheduled_at", INSTANT, nullable=False),
        sa.Column("agency_id", sa.String, nullable=False),
        sa.Column("round_id", sa.String),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("duration_seconds", sa.Double, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("page_kind", sa.String),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("saturated", sa.Boolean, nullable=False),
        *(
            sa.Column(name, JSON, nullable=False)
            for name in ("values", "attributes", "conditions", "findings", "tested", "not_testable", "evidence")
        ),
        sa.PrimaryKeyConstraint(*SERIES_KEY, "scheduled_at", name="pk_measurements"),
        sa.ForeignKeyConstraint(SERIES_KEY, [f"series.{name}" for name in SERIES_KEY], name="fk_measurements_series"),
    )
    op.create_index("ix_measurements_scheduled_at", "measurements", ["scheduled_at"])
    op.create_index("ix_measurements_agency_id", "measurements", ["agency_id", "scheduled_at"])
    has_round = sa.text("round_id IS NOT NULL")
    op.create_index(
        "ix_measurements_round_id",
        "measurements",
        ["round_id", "scheduled_at"],
        sqlite_where=has_round,
        postgresql_where=has_round,
    )
    op.create_table(
        "rounds",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("planned", sa.BigInteger, nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
    )
    op.create_table(
        "agent_states",
        sa.Column("vantage_id", sa.String, nullable=False),
        sa.Column("agent", sa.String, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("state", JSON, nullable=False),
        sa.PrimaryKeyConstraint("vantage_id", "agent", name="pk_agent_states"),
    )
    op.create_table(
        "assessments",
        sa.Column("agency_id", sa.String, nullable=False),
        sa.Column("criteria_set_id", sa.String, nullable=False),
        sa.Column("criterion_id", sa.String, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("points", sa.Double, nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("evidence_sha256", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "criteria_set_id", "criterion_id", "entered_at", name="pk_assessments"),
    )


def downgrade() -> None:
    """Refuse: measurements are never dropped by a program."""
    raise NotImplementedError("going back is done by restoring a copy of the database")
