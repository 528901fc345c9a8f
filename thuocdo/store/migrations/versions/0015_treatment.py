"""What was found about how portals treat our visits, and what people said to it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from thuocdo.store.schema import Instant

revision = "0015"
down_revision = "0014"

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "treatment_findings",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("target_id", "agency_id", "cause", "occasion")),
        *(sa.Column(name, Instant, nullable=False) for name in ("first_at", "last_at", "found_at")),
        *(sa.Column(name, JSON, nullable=False) for name in ("numbers", "evidence")),
        sa.UniqueConstraint("target_id", "cause", "occasion", name="uq_treatment_findings_key"),
    )
    op.create_table(
        "treatment_notes",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("finding", sa.Integer, nullable=False),
        sa.Column("at", Instant, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "reason")),
        sa.Column("state", sa.String),
    )


def downgrade() -> None:
    """Refuse: what people decided is never forgotten by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
