"""Refunds that wait for a supervisor, and agents who may refund."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "refund_request",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("allowed", sa.Boolean(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_request_amount_positive")),
        sa.CheckConstraint(
            "allowed is null or (decided_at is not null and decided_by is not null and why is not null)",
            name=op.f("ck_refund_request_decided_with_a_reason"),
        ),
        sa.CheckConstraint(
            "allowed is not true or decided_by <> user_id",
            name=op.f("ck_refund_request_never_by_who_asked"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.user_id"], name=op.f("fk_refund_request_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intent.intent_id"], name=op.f("fk_refund_request_intent_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.user_id"], name=op.f("fk_refund_request_user_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_refund_request")),
        sa.UniqueConstraint("intent_id", "key", name=op.f("uq_refund_request_intent_id_key")),
    )
    op.create_index(op.f("ix_refund_request_intent_id"), "refund_request", ["intent_id"])
    op.create_index(
        "uq_refund_request_one_waits",
        "refund_request",
        ["intent_id"],
        unique=True,
        postgresql_where=sa.text("allowed is null"),
    )
    for column in ("amount_minor", "intent_id", "user_id"):
        op.execute(
            f"create trigger refund_request_{column}_never_changes before update of {column} "
            f"on refund_request for each row when (old.{column} is distinct from new.{column}) "
            f"execute function refuse_change('refund_request.{column} never changes')"
        )
    op.add_column(
        "user_account",
        sa.Column("may_refund", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
