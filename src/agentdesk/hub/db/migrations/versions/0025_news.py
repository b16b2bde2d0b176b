"""How a payment ended that its agent has out of sight is kept until they put it away."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Apply."""
    op.add_column("attempt", sa.Column("is_news", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_attempt_news", "attempt", ["intent_id"], postgresql_where=sa.text("is_news"))
