"""Whether an attempt is of real money; those from before are as the hub is that looks at them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0019"


def upgrade() -> None:
    """Apply."""
    op.add_column("attempt", sa.Column("live", sa.Boolean(), nullable=True))
