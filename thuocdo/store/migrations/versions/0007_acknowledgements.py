"""Who took notice of an incident, when, and what they said."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "incident_acknowledgements",
        sa.Column("incident_id", sa.String, nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "acknowledged_at", name="pk_incident_acknowledgements"),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name="fk_incident_acknowledgements_incidents",
            onupdate="CASCADE",
        ),
    )


def downgrade() -> None:
    """Refuse: what a person said is never dropped by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
