"""What a supervisor decided, alarms that can be closed, and finding what waits for a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

_OPEN = "(alarm is not null or late_success) and alarm_closed_at is null"


def upgrade() -> None:
    """Apply."""
    op.add_column("attempt", sa.Column("alarm_at", sa.DateTime(timezone=True)))
    op.add_column("attempt", sa.Column("alarm_closed_at", sa.DateTime(timezone=True)))
    op.add_column("attempt", sa.Column("decision", JSONB()))
    op.add_column(
        "attempt", sa.Column("to_confirm", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.execute(f"update attempt set alarm_at = coalesce(ended_at, started_at) where {_OPEN}")
    op.create_index("ix_attempt_alarm_open", "attempt", ["alarm_at"], postgresql_where=sa.text(_OPEN))
    not_done = sa.text("state <> 'done'")
    op.create_index("ix_write_back_not_done", "write_back", ["created_at"], postgresql_where=not_done)
