"""Payments stopped because they may be the same as one before, and what a supervisor said."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "duplicate_stop",
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("allowed", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "allowed is null or (asked_at is not null and decided_at is not null and decided_by is not null"
            " and reason is not null and reason <> '')",
            name=op.f("ck_duplicate_stop_decided_with_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.attempt_id"], name=op.f("fk_duplicate_stop_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.user_id"], name=op.f("fk_duplicate_stop_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intent.intent_id"], name=op.f("fk_duplicate_stop_intent_id")
        ),
        sa.PrimaryKeyConstraint("stop_id", name=op.f("pk_duplicate_stop")),
    )
    op.create_index(op.f("ix_duplicate_stop_attempt_id"), "duplicate_stop", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_duplicate_stop_intent_id"), "duplicate_stop", ["intent_id"], unique=False)
