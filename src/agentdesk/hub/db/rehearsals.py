"""The table of rehearsals."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agentdesk.hub.db.base import Base


class Rehearsal(Base):
    """An exercise of one person; one goes on at a time. `score` None and `ended_at` set: it was left.

    `played` is who rings and what they want. Of the audit log counts what comes after `audited`.
    """

    __tablename__ = "rehearsal"
    rehearsal_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"))
    key: Mapped[str]
    exercise: Mapped[str]
    customer_id: Mapped[str] = mapped_column(index=True)
    number: Mapped[str | None]  # rung from; None: withheld
    played: Mapped[dict[str, Any]]
    address: Mapped[str]
    audited: Mapped[int]
    call_ref: Mapped[str | None] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    score: Mapped[list[dict[str, Any]] | None]
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_rehearsal_person", "user_id", "started_at"),
        Index("uq_rehearsal_one_goes_on", "user_id", unique=True, postgresql_where=text("ended_at is null")),
    )
