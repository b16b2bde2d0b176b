"""One debt split over two cards: what both pay, and which payment is the first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0013"


def upgrade() -> None:
    """Apply."""
    whole = sa.Column("whole", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"))
    op.add_column("payment_intent", whole)
    first = sa.Column("split_of", sa.String, sa.ForeignKey("payment_intent.intent_id"))
    op.add_column("payment_intent", first)
    op.create_index("ix_payment_intent_split_of", "payment_intent", ["split_of"])
    op.create_check_constraint(
        "split_of_a_whole", "payment_intent", "split_of is null or whole <> '[]'::jsonb"
    )
    for column in ("whole", "split_of"):
        op.execute(
            f"create trigger payment_intent_{column}_never_changes before update of {column} "
            f"on payment_intent for each row when (old.{column} is distinct from new.{column}) "
            f"execute function refuse_change('payment_intent.{column} never changes')"
        )
