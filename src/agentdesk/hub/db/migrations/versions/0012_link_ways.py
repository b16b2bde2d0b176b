"""Payment links by email and as a QR code; sending one again is keyed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    op.add_column("payment_link", sa.Column("way", sa.String(), server_default="text", nullable=False))
    rule = "way in ('text', 'email', 'qr')"
    op.create_check_constraint(op.f("ck_payment_link_way"), "payment_link", rule)
    op.add_column("payment_link", sa.Column("resend_key", sa.String()))
    op.execute("update procrastinate_jobs set task_name = 'hub:send_link' where task_name = 'hub:text_link'")
