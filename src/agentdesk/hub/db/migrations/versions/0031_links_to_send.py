"""Which payment links are yet to be sent, for the sweep that follows forgotten ones."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "payment_link", sa.Column("to_send", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
