"""What supervisors decide of a refund that no look-up can tell of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Apply."""
    op.add_column("refund", sa.Column("decision", postgresql.JSONB(), nullable=True))
    op.add_column(
        "refund", sa.Column("to_confirm", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
