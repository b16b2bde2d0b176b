"""Since when a call is not recorded, for the supervisors: the recorder did not start again."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Apply."""
    op.add_column("call", sa.Column("unrecorded_since", sa.DateTime(timezone=True)))
    op.create_index(
        op.f("ix_call_unrecorded"),
        "call",
        ["unrecorded_since"],
        postgresql_where=sa.text("unrecorded_since is not null"),
    )
