"""The table of payment plans."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agentdesk.hub.db.base import Base, states


class PaymentPlan(Base):
    """A debt that is taken from a saved card in instalments; one stands for a customer at a time.

    `invoices` are what is paid, as in a payment's allocations; `instalments` what is taken when. What was
    agreed never changes: `skipped` says which instalments are left out, and why. What became of the others
    is told from their payments. `live`: of real money. `words` are what was read to the caller.
    `paused_by` None: it is not paused, or the hub did that, and a person has to decide what next.
    """

    __tablename__ = "payment_plan"
    plan_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"))
    customer_id: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"))
    card_id: Mapped[str] = mapped_column(index=True)  # no foreign key: payments name plans, cards payments
    live: Mapped[bool]
    state: Mapped[str]
    why: Mapped[str | None]  # it is paused or over, in words
    total_minor: Mapped[int]
    currency: Mapped[str]
    rhythm: Mapped[str]
    invoices: Mapped[list[dict[str, Any]]]
    instalments: Mapped[list[dict[str, Any]]]
    skipped: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'::jsonb"))
    receipt_email: Mapped[str | None]
    wording: Mapped[str]
    words: Mapped[str]
    made_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.user_id"))
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        states("active paused done cancelled"),
        CheckConstraint("total_minor > 0", "total_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", "currency_code"),
        CheckConstraint("state = 'active' or why is not null", "not_active_for_a_reason"),
        CheckConstraint("(state = 'paused') = (paused_at is not null)", "paused_since"),
        CheckConstraint("(state in ('done', 'cancelled')) = (ended_at is not null)", "ended_since"),
        Index(
            "uq_payment_plan_one_stands",
            "customer_id",
            unique=True,
            postgresql_where=text("state in ('active', 'paused')"),
        ),
    )
