"""The caller check on the call, and the way to pay that a customer prefers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply."""
    op.add_column("call", sa.Column("caller_check", postgresql.JSONB()))
    op.create_table(
        "customer_preference",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_preference")),
    )
