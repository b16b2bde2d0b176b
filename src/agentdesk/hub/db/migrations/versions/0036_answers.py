"""What was said to a refund that somebody asked for is kept until they put it away."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Apply."""
    column: sa.Column[bool] = sa.Column("is_news", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("refund_request", column)
