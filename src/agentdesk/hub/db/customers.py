"""The tables of what is kept of a customer: copies of what outside systems hold, and what agents noted."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from agentdesk.hub.db.base import Base


class CustomerCopy(Base):
    """The last copy of a customer's record and account, for when the outside systems do not answer."""

    __tablename__ = "customer_copy"
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[dict[str, Any]]
    record_at: Mapped[datetime]
    account: Mapped[dict[str, Any] | None]
    account_at: Mapped[datetime | None]
    history: Mapped[list[dict[str, Any]] | None]
    history_at: Mapped[datetime | None]


class CustomerPreference(Base):
    """The way to pay that an agent noted for a customer; who and when is in the audit log."""

    __tablename__ = "customer_preference"
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str]
