"""What was charged in another currency than agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0011"


def upgrade() -> None:
    """Apply."""
    op.add_column("attempt", sa.Column("charged_currency", sa.String))
    op.create_check_constraint(
        op.f("ck_attempt_charged_currency_of_an_amount"),
        "attempt",
        "charged_currency is null or (charged_minor is not null and charged_currency ~ '^[A-Z]{3}$')",
    )
