"""What a round froze besides names of files: the files themselves and its seed; and no two rounds of one name."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """
    Add the column, the table and the index.

    Names were not unique once. Of several rounds of one name the newest was meant wherever it was called by name, and still is;
    the others get their id behind it.
    """
    op.add_column("rounds", sa.Column("seed", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "round_files",
        sa.Column("round_id", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "path", name="pk_round_files"),
    )
    op.execute(
        "UPDATE rounds SET label = label || ' (' || id || ')' WHERE EXISTS (SELECT 1 FROM rounds AS other "
        "WHERE other.label = rounds.label AND (other.started_at > rounds.started_at "
        "OR (other.started_at = rounds.started_at AND other.id > rounds.id)))"
    )
    op.create_index("ux_rounds_label", "rounds", ["label"], unique=True)


def downgrade() -> None:
    """Refuse: what a round was measured by is never dropped by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
