"""Where a supervisor is needed no more stands null, and not JSON's null that counts as a value."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Apply."""
    op.execute("update call set help = null where help = 'null'")
