"""A write-back that is overdue, the line it stands in; no message is stored that was not applied."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.add_column("write_back", sa.Column("overdue_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_write_back_line",
        "write_back",
        ["customer_id", "kind", "created_at"],
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.execute("update webhook_message set applied_at = received_at where applied_at is null")
    op.alter_column("webhook_message", "applied_at", nullable=False)
