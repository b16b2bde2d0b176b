"""When the agent's desk last told that it shows a card entry: one that nobody looks at is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Apply."""
    op.add_column("capture_session", sa.Column("watched_at", sa.DateTime(timezone=True)))
