"""What rounds go through after they were measured: a log that only grows, objections, versions of rankings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from thuocdo.store.guards import guarded
from thuocdo.store.schema import Instant

revision = "0011"
down_revision = "0010"

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Create the tables, and have the engine refuse changes of those that only grow."""
    op.create_table(
        "round_log",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("round_id", "step")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "subject", "reason")),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("previous", "hash")),
        sa.PrimaryKeyConstraint("number", name="pk_round_log"),
    )
    op.create_index("ix_round_log_round_id", "round_log", ["round_id"])
    op.create_table(
        "objections",
        sa.Column("round_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("kind", "agency_id")),
        sa.Column("target_id", sa.String),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("taken_by", sa.Text, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("ruling", sa.String),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("ruling_reason", "decided_by")),
        sa.Column("decided_at", Instant),
        sa.Column("leaves_out", sa.Boolean, nullable=False),
        sa.Column("retests", JSON, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "number", name="pk_objections"),
    )
    op.create_table(
        "ranking_versions",
        *(sa.Column(name, sa.String, nullable=False) for name in ("round_id", "criteria_set_id")),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("computed_at", Instant, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("registry_digest", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "criteria_set_id", "version", name="pk_ranking_versions"),
    )
    for statement in guarded(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: what people did with a round is never forgotten by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
