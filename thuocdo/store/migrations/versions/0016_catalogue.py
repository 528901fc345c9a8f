"""Lists of procedures as they were on a day, and what agencies say to what differs."""

import sqlalchemy as sa
from alembic import op

from thuocdo.store.schema import Instant

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "catalogue_snapshots",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("owner", "kind", "taken_on", "digest")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "entered_by")),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("declared_total", sa.Integer),
        sa.Column("is_truncated", sa.Boolean, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("owner", "kind", "taken_on", "digest", name="uq_catalogue_snapshots_key"),
    )
    op.create_table(
        "catalogue_explanations",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("owner", "kind", "code")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("text", "entered_by")),
        sa.Column("at", Instant, nullable=False),
    )


def downgrade() -> None:
    """Refuse: what was on a list is never forgotten by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
