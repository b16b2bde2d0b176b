"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "audit_entry",
        sa.Column("entry_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("entry_hash", name=op.f("uq_audit_entry_entry_hash")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_audit_entry_previous_hash")),
    )
    op.create_table(
        "customer_copy",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("record", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("record_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("account_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("history", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("history_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_copy")),
    )
    op.create_table(
        "event",
        sa.Column("event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event")),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_sign_in_try")),
    )
    op.create_table(
        "user_account",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_table(
        "webhook_message",
        sa.Column("message_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_webhook_message")),
        sa.UniqueConstraint("provider", "event_key", name=op.f("uq_webhook_message_provider_event_key")),
    )
    op.create_table(
        "webhook_refusal",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "reason", name=op.f("pk_webhook_refusal")),
    )
    op.create_table(
        "call",
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("call_ref", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("matches", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("match_problem", sa.String(), nullable=True),
        sa.Column("recording", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("line_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_call_user_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call")),
        sa.UniqueConstraint("call_ref", name=op.f("uq_call_call_ref")),
    )
    op.create_index(
        "ix_call_not_ended", "call", ["state"], unique=False, postgresql_where=sa.text("state <> 'ended'")
    )
    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_session")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "payment_intent",
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("allocations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("receipt_email", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_payment_intent_currency_code")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_intent_amount_positive")),
        sa.ForeignKeyConstraint(["call_id"], ["call.call_id"], name=op.f("fk_payment_intent_call_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.user_id"], name=op.f("fk_payment_intent_user_id")
        ),
        sa.PrimaryKeyConstraint("intent_id", name=op.f("pk_payment_intent")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_intent_reference")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_payment_intent_user_id_key")),
    )
    op.create_index(op.f("ix_payment_intent_call_id"), "payment_intent", ["call_id"], unique=False)
    op.create_index(op.f("ix_payment_intent_customer_id"), "payment_intent", ["customer_id"], unique=False)
    op.create_index("ix_payment_intent_log", "payment_intent", ["created_at", "intent_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("charge_key", sa.String(), nullable=False),
        sa.Column(
            "provider_ids",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("card_brand", sa.String(), nullable=True),
        sa.Column("card_last4", sa.String(), nullable=True),
        sa.Column("authorization_code", sa.String(), nullable=True),
        sa.Column("decline", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("not_sent_reason", sa.String(), nullable=True),
        sa.Column("late_success", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("alarm", sa.String(), nullable=True),
        sa.Column("asked", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "card_last4 is null or card_last4 ~ '^[0-9]{4}$'", name=op.f("ck_attempt_last_four_only")
        ),
        sa.CheckConstraint(
            "state = 'open' or state = 'not_sent' or sent_at is not null", name=op.f("ck_attempt_sent_first")
        ),
        sa.CheckConstraint(
            "state in ('open','sending','approved','declined','pending','unknown','not_sent')",
            name=op.f("ck_attempt_state"),
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intent.intent_id"], name=op.f("fk_attempt_intent_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("charge_key", name=op.f("uq_attempt_charge_key")),
        sa.UniqueConstraint("intent_id", "key", name=op.f("uq_attempt_intent_id_key")),
        sa.UniqueConstraint("intent_id", "number", name=op.f("uq_attempt_intent_id_number")),
    )
    op.create_index(op.f("ix_attempt_intent_id"), "attempt", ["intent_id"], unique=False)
    op.create_index(
        "ix_attempt_live",
        "attempt",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state in ('open','sending','pending','unknown')"),
    )
    op.create_table(
        "write_back",
        sa.Column("write_back_id", sa.String(), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=True),
        sa.Column("call_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.call_id"], name=op.f("fk_write_back_call_id")),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intent.intent_id"], name=op.f("fk_write_back_intent_id")
        ),
        sa.PrimaryKeyConstraint("write_back_id", name=op.f("pk_write_back")),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_write_back_kind_reference")),
    )
    op.create_index(op.f("ix_write_back_intent_id"), "write_back", ["intent_id"], unique=False)
    op.create_table(
        "attempt_debt",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("debt", sa.String(), nullable=False),
        sa.Column("holding", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.attempt_id"], name=op.f("fk_attempt_debt_attempt_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "debt", name=op.f("pk_attempt_debt")),
    )
    op.create_index(
        "uq_attempt_debt_one_at_risk",
        "attempt_debt",
        ["debt"],
        unique=True,
        postgresql_where=sa.text("holding"),
    )
    op.create_table(
        "capture_session",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("call_ref", sa.String(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("commands", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("token_provider", sa.String(), nullable=True),
        sa.Column("recorder_paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorder_resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tones_masked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("secured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.attempt_id"], name=op.f("fk_capture_session_attempt_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_capture_session")),
        sa.UniqueConstraint("session_id", name=op.f("uq_capture_session_session_id")),
    )
    op.create_table(
        "payment_event",
        sa.Column("event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("evidence_key", sa.String(), nullable=True),
        sa.Column(
            "data",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.attempt_id"], name=op.f("fk_payment_event_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intent.intent_id"], name=op.f("fk_payment_event_intent_id")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_payment_event")),
        sa.UniqueConstraint("evidence_key", name=op.f("uq_payment_event_evidence_key")),
    )
    op.create_index(op.f("ix_payment_event_intent_id"), "payment_event", ["intent_id"], unique=False)
