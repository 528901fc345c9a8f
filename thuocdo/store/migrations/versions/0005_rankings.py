"""Rankings as they were computed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
KEY = ("round_id", "criteria_set_id", "criteria_digest", "registry_digest", "method_version")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "rankings",
        *(sa.Column(name, sa.String, nullable=False) for name in KEY),
        sa.Column("computed_at", INSTANT, nullable=False),
        sa.Column("first_at", INSTANT),
        sa.Column("last_at", INSTANT),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="pk_rankings"),
    )


def downgrade() -> None:
    """Refuse: what was published is never dropped by a program."""
    raise NotImplementedError("going back is done by restoring a copy of the database")
