"""Saved cards: the caller's consent, and the processor's references while it keeps the card."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0018"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "saved_card",
        sa.Column("card_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("customer_ref", sa.String()),
        sa.Column("token", sa.String()),
        sa.Column("live", sa.Boolean()),
        sa.Column("brand", sa.String()),
        sa.Column("last4", sa.String()),
        sa.Column("exp_month", sa.BigInteger()),
        sa.Column("exp_year", sa.BigInteger()),
        sa.Column("kept_at", sa.DateTime(timezone=True)),
        sa.Column("why", sa.String()),
        sa.Column("withdrawn_by", sa.String()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        *_rules(),
    )
    op.create_index(op.f("ix_saved_card_customer_id"), "saved_card", ["customer_id"])
    op.create_index(
        "ix_saved_card_on_its_way",
        "saved_card",
        ["state"],
        postgresql_where=sa.text("state in ('keeping', 'letting_go')"),
    )
    op.add_column("attempt", sa.Column("saved_card_id", sa.String()))
    op.create_index(op.f("ix_attempt_saved_card_id"), "attempt", ["saved_card_id"])


def _rules() -> list[sa.Constraint]:
    words = ", ".join(f"'{state}'" for state in "agreed keeping kept letting_go not_kept gone".split())
    references = "token is not null and customer_ref is not null and live is not null"
    name = op.f
    return [
        sa.CheckConstraint(f"state in ({words})", name=name("ck_saved_card_state")),
        sa.CheckConstraint(
            "last4 is null or last4 ~ '^[0-9]{4}$'", name=name("ck_saved_card_last_four_only")
        ),
        sa.CheckConstraint(
            "exp_month is null or token is not null", name=name("ck_saved_card_expiry_beside_token")
        ),
        sa.CheckConstraint(
            f"state <> 'kept' or ({references})", name=name("ck_saved_card_kept_with_references")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.attempt_id"], name=name("fk_saved_card_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by"], ["user_account.user_id"], name=name("fk_saved_card_agreed_by")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["user_account.user_id"], name=name("fk_saved_card_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("card_id", name=name("pk_saved_card")),
        sa.UniqueConstraint("attempt_id", name=name("uq_saved_card_attempt_id")),
    ]
