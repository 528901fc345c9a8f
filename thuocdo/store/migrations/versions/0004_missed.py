"""Missed starts by series and hour, and their share in the tallies of hours."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table, and add the column; of hours that were counted before nothing is known to have been missed."""
    op.create_table(
        "missed_starts",
        *(sa.Column(name, sa.String, nullable=False) for name in ("target_id", "kind", "vantage_id", "profile")),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("counted_by", sa.String, nullable=False),
        sa.Column("agency_id", sa.String, nullable=False),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "target_id", "kind", "vantage_id", "profile", "hour", "counted_by", name="pk_missed_starts"
        ),
    )
    op.create_index("ix_missed_starts_hour", "missed_starts", ["hour"])
    op.add_column("hour_tallies", sa.Column("missed", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Refuse: what was counted is never dropped by a program."""
    raise NotImplementedError("going back is done by restoring a copy of the database")
