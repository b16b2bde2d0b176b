"""Payment plans: one stands for a customer at a time, and no instalment is taken by two payments.

Switch plans on once no hub of the release before this one runs: it does not pause a plan that was not paid.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"

FIXED = (
    *("card_id", "currency", "customer_id", "instalments", "invoices", "live", "reference", "rhythm"),
    *("total_minor", "wording", "words"),
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "payment_plan",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("card_id", sa.String(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String()),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rhythm", sa.String(), nullable=False),
        sa.Column("invoices", JSONB(), nullable=False),
        sa.Column("instalments", JSONB(), nullable=False),
        sa.Column("skipped", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("receipt_email", sa.String()),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.Column("paused_by", sa.String()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        *_rules(),
    )
    op.create_index(op.f("ix_payment_plan_customer_id"), "payment_plan", ["customer_id"])
    op.create_index(op.f("ix_payment_plan_card_id"), "payment_plan", ["card_id"])
    op.create_index(
        "uq_payment_plan_one_stands",
        "payment_plan",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state in ('active', 'paused')"),
    )
    _of_payments()
    for column in FIXED:
        _never_changes("payment_plan", column)
    for column in ("plan_id", "instalment"):
        _never_changes("payment_intent", column)


def _rules() -> list[sa.Constraint]:
    name = op.f
    return [
        sa.CheckConstraint(
            "state in ('active', 'paused', 'done', 'cancelled')", name=name("ck_payment_plan_state")
        ),
        sa.CheckConstraint("total_minor > 0", name=name("ck_payment_plan_total_positive")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=name("ck_payment_plan_currency_code")),
        sa.CheckConstraint(
            "state = 'active' or why is not null", name=name("ck_payment_plan_not_active_for_a_reason")
        ),
        sa.CheckConstraint(
            "(state = 'paused') = (paused_at is not null)", name=name("ck_payment_plan_paused_since")
        ),
        sa.CheckConstraint(
            "(state in ('done', 'cancelled')) = (ended_at is not null)",
            name=name("ck_payment_plan_ended_since"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.call_id"], name=name("fk_payment_plan_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=name("fk_payment_plan_user_id")),
        sa.ForeignKeyConstraint(
            ["paused_by"], ["user_account.user_id"], name=name("fk_payment_plan_paused_by")
        ),
        sa.PrimaryKeyConstraint("plan_id", name=name("pk_payment_plan")),
        sa.UniqueConstraint("reference", name=name("uq_payment_plan_reference")),
        sa.UniqueConstraint("user_id", "key", name=name("uq_payment_plan_user_id_key")),
    ]


def _of_payments() -> None:
    op.add_column("payment_intent", sa.Column("plan_id", sa.String()))
    op.add_column("payment_intent", sa.Column("instalment", sa.BigInteger()))
    op.create_foreign_key(
        op.f("fk_payment_intent_plan_id"), "payment_intent", "payment_plan", ["plan_id"], ["plan_id"]
    )
    op.create_check_constraint(
        op.f("ck_payment_intent_instalment_of_a_plan"),
        "payment_intent",
        "(plan_id is null) = (instalment is null)",
    )
    op.create_index(
        "uq_payment_intent_instalment",
        "payment_intent",
        ["plan_id", "instalment"],
        unique=True,
        postgresql_where=sa.text("plan_id is not null"),
    )


def _never_changes(table: str, column: str) -> None:
    op.execute(
        f"create trigger {table}_{column}_never_changes before update of {column} on {table} "
        f"for each row when (old.{column} is distinct from new.{column}) "
        f"execute function refuse_change('{table}.{column} never changes')"
    )
