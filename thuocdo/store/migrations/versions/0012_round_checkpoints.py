"""How far the chains of a round's records were at the end of each day, as the machine signed it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "round_checkpoints",
        *(sa.Column(name, sa.String, nullable=False) for name in ("round_id", "agent", "day")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("checkpoint", "signature")),
        sa.PrimaryKeyConstraint("round_id", "agent", "day", name="pk_round_checkpoints"),
    )


def downgrade() -> None:
    """Refuse: what was signed is never forgotten by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
