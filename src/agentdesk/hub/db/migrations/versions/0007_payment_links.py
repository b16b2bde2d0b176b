"""Payment links: pages of the provider's on which customers pay by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0008"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "payment_link",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("sent_to", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("looks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.attempt_id"], name=op.f("fk_payment_link_attempt_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_payment_link")),
        sa.UniqueConstraint("message_id", name=op.f("uq_payment_link_message_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_link_session_id")),
    )
