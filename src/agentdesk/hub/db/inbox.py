"""The tables of what providers sent: messages that were taken, and how many were not."""

from datetime import datetime

from sqlalchemy import Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agentdesk.hub.db.base import Base


class WebhookMessage(Base):
    """A webhook as it came, scrubbed; unique by provider and event."""

    __tablename__ = "webhook_message"
    message_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    provider: Mapped[str]
    event_key: Mapped[str]
    kind: Mapped[str]
    target: Mapped[str]  # what the URL named: an attempt id, or empty
    body: Mapped[str]  # scrubbed of expiry, post code, holder, token and anything card-like
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime]  # in the transaction that stores it: none waits to be applied
    __table_args__ = (UniqueConstraint("provider", "event_key"),)


class WebhookRefusal(Base):
    """How many messages of a provider were refused, by reason; `duplicate`: seen before."""

    __tablename__ = "webhook_refusal"
    provider: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
