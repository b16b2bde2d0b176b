"""A token is never kept, not even for a moment; who paid a debt is found by the debt."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.drop_column("capture_session", "token")
    op.drop_column("capture_session", "token_provider")
    op.create_index(op.f("ix_attempt_debt_debt"), "attempt_debt", ["debt"])
