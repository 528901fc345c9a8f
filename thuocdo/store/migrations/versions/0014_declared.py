"""What agencies declare of themselves, file by file, and the tokens by which they bring it."""

import sqlalchemy as sa
from alembic import op

from thuocdo.store.schema import Instant

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "declared_files",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("agency_id", "digest")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "entered_by")),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("indicators_version", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("agency_id", "digest", name="uq_declared_files_agency_digest"),
    )
    op.create_table(
        "intake_tokens",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("agency_id", sa.String, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "made_by")),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("withdrawn_at", Instant),
    )


def downgrade() -> None:
    """Refuse: what agencies said is never forgotten by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
