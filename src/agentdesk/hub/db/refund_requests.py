"""The table of refunds that wait for a supervisor."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agentdesk.hub.db.base import Base


class RefundRequest(Base):
    """A refund over the asker's limit. Nothing is sent for it: what a supervisor allows becomes a refund.

    One of a payment waits at a time. It holds no amount; whether it can go back is asked when it is allowed.
    """

    __tablename__ = "refund_request"
    request_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Identity())  # replicas' clocks differ: this tells the newest
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.intent_id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"))
    key: Mapped[str]
    amount_minor: Mapped[int]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.user_id"))
    allowed: Mapped[bool | None]
    why: Mapped[str | None]
    #: Decided by somebody else, and not put away by who asked.
    is_news: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    __table_args__ = (
        UniqueConstraint("intent_id", "key"),
        CheckConstraint("amount_minor > 0", "amount_positive"),
        CheckConstraint(
            "allowed is null or (decided_at is not null and decided_by is not null and why is not null)",
            "decided_with_a_reason",
        ),
        CheckConstraint("allowed is not true or decided_by <> user_id", "never_by_who_asked"),
        Index(
            "uq_refund_request_one_waits",
            "intent_id",
            unique=True,
            postgresql_where=text("allowed is null"),
        ),
    )
