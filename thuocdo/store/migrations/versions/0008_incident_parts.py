"""Of which parts a portal's incident is made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; of incidents that were stored before, readers tell the one part that there was from the rest."""
    kind = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("incidents", sa.Column("parts", kind, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Refuse: what was judged is never dropped by a program."""
    raise NotImplementedError("going back is done by restoring a backup")
