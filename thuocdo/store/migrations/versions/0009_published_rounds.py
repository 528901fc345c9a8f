"""Who published a round, and which round an assessment is for."""

import sqlalchemy as sa
from alembic import op

from thuocdo.store.schema import Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; every round that has ended was shown as the published one until now, and stays so."""
    op.add_column("rounds", sa.Column("published_at", Instant))
    op.add_column("rounds", sa.Column("published_by", sa.Text, nullable=False, server_default=""))
    op.add_column("assessments", sa.Column("round_id", sa.String))
    op.execute("UPDATE rounds SET published_at = ended_at")


def downgrade() -> None:
    """Refuse: what was published is never forgotten by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
