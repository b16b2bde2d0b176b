"""Promises to pay: one stands for a customer at a time, and what was promised never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"

FIXED = ("amount_minor", "currency", "due_on", "reference")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "promise",
        sa.Column("promise_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promise_amount_positive")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_promise_currency_code")),
        sa.ForeignKeyConstraint(["call_id"], ["call.call_id"], name=op.f("fk_promise_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_promise_user_id")),
        sa.PrimaryKeyConstraint("promise_id", name=op.f("pk_promise")),
        sa.UniqueConstraint("reference", name=op.f("uq_promise_reference")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_promise_user_id_key")),
    )
    op.create_index(op.f("ix_promise_call_id"), "promise", ["call_id"])
    op.create_index(op.f("ix_promise_customer_id"), "promise", ["customer_id"])
    op.create_index(
        "uq_promise_one_stands",
        "promise",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at is null"),
    )
    for column in FIXED:
        op.execute(
            f"create trigger promise_{column}_never_changes before update of {column} on promise "
            f"for each row when (old.{column} is distinct from new.{column}) "
            f"execute function refuse_change('promise.{column} never changes')"
        )
