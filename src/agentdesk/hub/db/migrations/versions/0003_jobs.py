"""The job queue's own tables and functions, as procrastinate 3.10 ships them.

A later procrastinate with another schema brings its own steps: add them as a step of ours.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())  # many statements at once
