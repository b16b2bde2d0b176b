"""Defer a job in the transaction of the fact it follows: both happen, or neither."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from procrastinate import App, PsycopgConnector
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.ids import now

# Never opened: each defer brings its own connection.
_APP = App(connector=PsycopgConnector())


class Job(StrEnum):
    """Every job by the name it is stored under; jobs/tasks.py says what each does."""

    MATCH_CALL = "hub:match_call"
    CHECK_CAPTURE = "hub:check_capture"
    CANCEL_CAPTURE = "hub:cancel_capture"
    RESUME_RECORDER = "hub:resume_recorder"
    ASK_PROCESSOR = "hub:ask_processor"
    ASK_REFUND = "hub:ask_refund"
    OPEN_LINK = "hub:open_link"
    SEND_LINK = "hub:send_link"
    LOOK_AT_LINK = "hub:look_at_link"
    CLOSE_LINK = "hub:close_link"
    KEEP_CARD = "hub:keep_card"
    LET_CARD_GO = "hub:let_card_go"
    LOOK_AT_CARD = "hub:look_at_card"
    WRITE_BACK = "hub:write_back"
    SWEEP = "hub:sweep"
    CLEAN = "hub:clean"


async def defer(
    session: AsyncSession,
    job: Job,
    *,
    at: datetime | None = None,
    after_s: float | None = None,
    **arguments: str | int,
) -> None:
    """Add a job to the session's transaction, to run at once, at an instant or after some seconds."""
    due = now() + timedelta(seconds=after_s) if after_s is not None else at
    await defer_each(session, job, [arguments], at=due)


async def defer_each(
    session: AsyncSession,
    job: Job,
    arguments: Sequence[dict[str, Any]],
    *,
    at: datetime | None = None,
) -> None:
    """Add a job for each of these arguments to the session's transaction, in one round trip."""
    if not arguments:
        return
    raw = await (await session.connection()).get_raw_connection()
    task = _APP.configure_task(job, connection=raw.driver_connection, schedule_at=at)
    await task.batch_defer_async(*arguments)
