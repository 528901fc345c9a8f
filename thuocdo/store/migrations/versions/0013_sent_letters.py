"""Which letters with reports were sent to whom, so that none goes out twice."""

import sqlalchemy as sa
from alembic import op

from thuocdo.store.schema import Instant

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "sent_letters",
        *(sa.Column(name, sa.String, nullable=False) for name in ("matter", "subject_id", "address")),
        sa.Column("sent_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("matter", "subject_id", "address", name="pk_sent_letters"),
    )


def downgrade() -> None:
    """Refuse: what was sent is never forgotten by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
