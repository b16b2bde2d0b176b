"""Refunds: their keys, and that they never add up to more than was taken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0009"

#: The lock on the payment makes two replicas wait for each other. Evidence is never refused: only a new
#: refund is held against what is left.
WITHIN = """
create function refund_within_charge() returns trigger language plpgsql as $$
declare taken bigint; given bigint;
begin
    select amount_minor into taken from payment_intent where intent_id = new.intent_id for update;
    select coalesce(sum(amount_minor), 0) into given from refund
        where attempt_id = new.attempt_id and state not in ('failed', 'not_sent');
    if given + new.amount_minor > taken then
        raise exception 'refunds of a charge exceed it' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger refund_within_charge before insert on refund
    for each row execute function refund_within_charge()
"""
FIXED = ("amount_minor", "attempt_id", "refund_key", "reference")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "refund",
        sa.Column("refund_id", sa.String(), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("refund_key", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "provider_ids",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("alarm", sa.String(), nullable=True),
        sa.Column("asked", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount_positive")),
        sa.CheckConstraint(
            "state in ('sending','pending','done','failed','unknown','not_sent')",
            name=op.f("ck_refund_state"),
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.attempt_id"], name=op.f("fk_refund_attempt_id")),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intent.intent_id"], name=op.f("fk_refund_intent_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_refund_user_id")),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_refund")),
        sa.UniqueConstraint("intent_id", "key", name=op.f("uq_refund_intent_id_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_refund_reference")),
        sa.UniqueConstraint("refund_key", name=op.f("uq_refund_refund_key")),
    )
    op.create_index(op.f("ix_refund_intent_id"), "refund", ["intent_id"])
    op.create_index(op.f("ix_refund_attempt_id"), "refund", ["attempt_id"])
    op.add_column("write_back", sa.Column("refund_id", sa.String(), nullable=True))
    op.create_foreign_key(
        op.f("fk_write_back_refund_id"), "write_back", "refund", ["refund_id"], ["refund_id"]
    )
    op.get_bind().connection.cursor().execute(WITHIN)
    for column in FIXED:
        op.execute(
            f"create trigger refund_{column}_never_changes before update of {column} on refund for each row "
            f"when (old.{column} is distinct from new.{column}) "
            f"execute function refuse_change('refund.{column} never changes')"
        )
