"""The table of saved cards: who agreed to what, and the processor's references of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from agentdesk.hub.db.base import Base, states


class SavedCard(Base):
    """A card that a caller agreed to have kept, beside the try it was keyed for.

    `words` are what was read to the caller, `wording` their version. The expiry is there only while the
    processor keeps the card, or may; the references (`token`, `customer_ref`) stay after it let the card go,
    so that what arrives there late can go again. `kept_at`: when we last learned that it is kept.
    """

    __tablename__ = "saved_card"
    card_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.attempt_id"), unique=True)
    state: Mapped[str]
    wording: Mapped[str]
    words: Mapped[str]
    agreed_by: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"))
    agreed_at: Mapped[datetime]
    provider: Mapped[str]
    customer_ref: Mapped[str | None]
    token: Mapped[str | None]
    live: Mapped[bool | None]
    brand: Mapped[str | None]
    last4: Mapped[str | None]
    exp_month: Mapped[int | None]
    exp_year: Mapped[int | None]
    kept_at: Mapped[datetime | None]
    why: Mapped[str | None]  # it is not kept (any more), in words
    withdrawn_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.user_id"))
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        states("agreed keeping kept letting_go not_kept gone"),
        CheckConstraint("last4 is null or last4 ~ '^[0-9]{4}$'", "last_four_only"),
        CheckConstraint("exp_month is null or token is not null", "expiry_beside_token"),
        CheckConstraint(
            "state <> 'kept' or (token is not null and customer_ref is not null and live is not null)",
            "kept_with_references",
        ),
        Index(
            "ix_saved_card_on_its_way",
            "state",
            postgresql_where=text("state in ('keeping', 'letting_go')"),
        ),
    )
