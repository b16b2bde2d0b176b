"""Rehearsals: one goes on for a person at a time, and a score that was written never changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0017"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "rehearsal",
        sa.Column("rehearsal_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("exercise", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("played", postgresql.JSONB(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("audited", sa.BigInteger(), nullable=False),
        sa.Column("call_ref", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.user_id"], name=op.f("fk_rehearsal_user_id")),
        sa.PrimaryKeyConstraint("rehearsal_id", name=op.f("pk_rehearsal")),
        sa.UniqueConstraint("call_ref", name=op.f("uq_rehearsal_call_ref")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_rehearsal_user_id_key")),
    )
    op.create_index(op.f("ix_rehearsal_customer_id"), "rehearsal", ["customer_id"])
    op.create_index("ix_rehearsal_person", "rehearsal", ["user_id", "started_at"])
    op.create_index(
        "uq_rehearsal_one_goes_on",
        "rehearsal",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.execute(
        "create trigger rehearsal_score_never_changes before update of score on rehearsal "
        "for each row when (old.score is not null and old.score is distinct from new.score) "
        "execute function refuse_change('rehearsal.score never changes')"
    )
