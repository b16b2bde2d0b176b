"""Promises that were never meant are withdrawn, with a reason."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0023"


def upgrade() -> None:
    """Apply."""
    op.add_column("promise", sa.Column("withdrawn_by", sa.String(), nullable=True))
    op.add_column("promise", sa.Column("why_withdrawn", sa.String(), nullable=True))
    op.create_foreign_key(
        op.f("fk_promise_withdrawn_by"), "promise", "user_account", ["withdrawn_by"], ["user_id"]
    )
    op.create_check_constraint(
        op.f("ck_promise_withdrawn_by_somebody"),
        "promise",
        "why_withdrawn is null or (withdrawn_by is not null and replaced_at is not null)",
    )
    for column in ("withdrawn_by", "why_withdrawn"):
        op.execute(
            f"create trigger promise_{column}_never_changes before update of {column} on promise "
            f"for each row when (old.{column} is not null and old.{column} is distinct from new.{column}) "
            f"execute function refuse_change('promise.{column} never changes')"
        )
