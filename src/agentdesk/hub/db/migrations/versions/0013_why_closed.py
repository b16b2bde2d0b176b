"""Why we closed a card session, and when the provider said that its own is over."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0016"


def upgrade() -> None:
    """Apply."""
    op.add_column("capture_session", sa.Column("close_cause", sa.String()))
    op.add_column("capture_session", sa.Column("provider_closed_at", sa.DateTime(timezone=True)))
