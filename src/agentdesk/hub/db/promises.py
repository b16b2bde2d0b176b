"""The table of promises to pay."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agentdesk.hub.db.base import Base


class Promise(Base):
    """What a customer promised to pay by a day of the business; one stands for a customer at a time.

    One that is withdrawn is replaced, too, at that instant: it stands no more.
    """

    __tablename__ = "promise"
    promise_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"), index=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    due_on: Mapped[date]
    made_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.user_id"))
    why_withdrawn: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint("amount_minor > 0", "amount_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", "currency_code"),
        CheckConstraint(
            "why_withdrawn is null or (withdrawn_by is not null and replaced_at is not null)",
            "withdrawn_by_somebody",
        ),
        Index(
            "uq_promise_one_stands", "customer_id", unique=True, postgresql_where=text("replaced_at is null")
        ),
    )
