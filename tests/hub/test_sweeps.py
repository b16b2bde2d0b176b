"""Sweeps: what was forgotten is followed again, once, by whichever replica is first; old things go."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureState
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.hub import calls, days, events, overdue
from agentdesk.hub.auth import open_session
from agentdesk.hub.db.tables import (
    Attempt,
    Call,
    CaptureSession,
    Event,
    SignInTry,
    User,
    UserSession,
    WriteBack,
)
from agentdesk.hub.jobs import sweeps
from agentdesk.hub.jobs.tasks import PERIODIC, WORK
from agentdesk.hub.jobs.worker import make_app, run
from tests.hub.till import Till
from tests.until import WITHIN_S

pytestmark = [pytest.mark.anyio, pytest.mark.allow_log("forgotten, followed again")]

LONG_AGO = timedelta(days=2)


async def forget(till: Till) -> None:
    """Lose every job."""
    async with till.hub.sessions.begin() as session:
        await session.execute(text("delete from procrastinate_jobs"))


async def sweep_twice(till: Till) -> None:
    """Sweep as two replicas would: the second finds that it was done."""
    await sweeps.sweep(till.hub)
    await sweeps.sweep(till.hub)


async def test_card_entry_that_no_desk_shows_any_more_is_closed_by_the_sweep(till: Till) -> None:
    attempt_id = await till.start(await till.intent())
    await till.change(CaptureSession, attempt_id, watched_at=now() - LONG_AGO)
    await sweep_twice(till)
    await till.work()
    assert (await till.attempt(attempt_id)).state == AttemptState.NOT_SENT


# ---------------------------------------------------------------- money
async def _lost_charge(till: Till, state: AttemptEvent | None) -> str:
    attempt_id = await till.sending()
    if state:
        await till.learn(attempt_id, state)
    await forget(till)
    await till.change(Attempt, attempt_id, sent_at=now() - LONG_AGO, next_ask_at=state and now() - LONG_AGO)
    return attempt_id


@pytest.mark.parametrize("state", [None, AttemptEvent.NO_ANSWER, AttemptEvent.PENDING])
async def test_charge_that_nobody_asks_about_is_asked_about_again(
    till: Till, state: AttemptEvent | None
) -> None:
    attempt_id = await _lost_charge(till, state)
    till.bank.known = [
        till.bank.says(AttemptEvent.APPROVED, attempt_id, Money(12336, "GBP"), seen_via="lookup")
    ]
    await sweep_twice(till)
    (job,) = await till.jobs("ask_processor")
    assert job["attempt_id"] == attempt_id
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED


async def test_outcome_whose_next_look_up_was_never_planned_is_asked_about_again(till: Till) -> None:
    attempt_id = await _lost_charge(till, AttemptEvent.NO_ANSWER)
    await till.change(Attempt, attempt_id, next_ask_at=None)
    await sweep_twice(till)
    assert len(await till.jobs("ask_processor")) == 1


async def test_what_is_on_time_is_left_alone(till: Till) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.NO_ANSWER)
    await till.submitted(invoice="8", minor=5000)
    await forget(till)
    await sweep_twice(till)
    assert await till.jobs("ask_processor") == await till.jobs("check_capture") == []


async def test_job_that_only_waits_for_a_worker_is_not_doubled(till: Till) -> None:
    attempt_id = await till.sending()
    await till.change(Attempt, attempt_id, sent_at=now() - LONG_AGO)
    async with till.hub.sessions.begin() as session:
        await session.execute(text("update procrastinate_jobs set scheduled_at = now()"))
    await sweep_twice(till)
    assert len(await till.jobs("ask_processor")) == 1


@pytest.mark.allow_log("a job failed and runs again|forgotten")
async def test_job_that_fails_and_waits_for_its_next_try_is_not_doubled(till: Till) -> None:
    attempt_id = await _lost_charge(till, AttemptEvent.NO_ANSWER)

    async def broken(query: Any) -> Any:
        raise RuntimeError("of ours")

    till.bank.find = broken  # type: ignore[method-assign]
    for _ in range(3):
        await sweeps.sweep(till.hub)
        await till.work()
        (job,) = await till.jobs("ask_processor")
        assert (job["attempt_id"], job["at"] > now()) == (attempt_id, True)


# ---------------------------------------------------------------- calls
async def _ringing(till: Till, **changes: Any) -> str:
    async with till.hub.sessions.begin() as session:
        call, _ = await calls._known_or_new(till.hub, session, f"CA{new_ulid()}", till.records.number, None)
        call_id = call.call_id
    await till.change(Call, call_id, **changes)
    return call_id


async def test_call_whose_screen_pop_was_lost_is_matched(till: Till) -> None:
    call_id = await _ringing(till, started_at=now() - timedelta(minutes=2))
    await forget(till)
    await sweep_twice(till)
    await till.work()
    assert (await till.row(Call, call_id)).customer_id == "cus_1"
    assert len([one for one in till.records.asked if one[0] == "find_by_phone"]) == 1


@pytest.mark.allow_log("whose end was never told|forgotten")
async def test_call_whose_end_was_never_told_is_over(till: Till) -> None:
    ringing = await _ringing(till, started_at=now() - LONG_AGO)
    talking, live = await till.call(), await till.call()
    attempt_id = await till.start(await till.intent(call_id=talking))
    await till.change(Call, talking, answered_at=now() - LONG_AGO)
    await sweep_twice(till)
    assert [(await till.row(Call, one)).state for one in (ringing, talking, live)] == [
        CallState.ENDED,
        CallState.WRAP_UP,
        CallState.CONNECTED,
    ]
    attempt = await till.attempt(attempt_id)
    assert attempt.capture
    assert attempt.capture.state is CaptureState.CANCELLING  # as where the caller hangs up
    assert (await till.rows(Event))[-1].kind in ("call", "payment")


# ---------------------------------------------------------------- write-backs
async def test_write_back_without_a_job_is_written(till: Till) -> None:
    await till.paid()
    await forget(till)
    for row in await till.rows(WriteBack):
        await till.change(WriteBack, row.write_back_id, created_at=now() - timedelta(minutes=2))
    await sweep_twice(till)
    assert len(await till.jobs("write_back")) == 2
    await till.work()
    assert {row.state for row in await till.rows(WriteBack)} == {"done"}
    assert [one[0] for one in till.ledger.asked].count("post_payment") == 1


@pytest.mark.allow_log("overdue")
async def test_write_back_that_waits_for_its_next_try_is_left_alone(till: Till) -> None:
    await till.paid()
    await forget(till)
    for row in await till.rows(WriteBack):
        later = now() + timedelta(minutes=5)
        await till.change(WriteBack, row.write_back_id, created_at=now() - LONG_AGO, next_try_at=later)
    await overdue.flag(till.hub)
    await sweep_twice(till)
    assert await till.jobs("write_back") == []


@pytest.mark.allow_log("overdue|forgotten")
@pytest.mark.parametrize("state", [WriteBackState.QUEUED, WriteBackState.PARKED])
async def test_write_back_that_is_overdue_raises_the_alarm_once(till: Till, state: WriteBackState) -> None:
    attempt_id = await till.paid()
    owed = next(row for row in await till.rows(WriteBack) if row.kind == "accounts")
    created = now() - timedelta(minutes=till.hub.settings.write_back_overdue_minutes, seconds=1)
    await till.change(WriteBack, owed.write_back_id, created_at=created, state=state)
    before = (await till.show(attempt_id)).version
    await sweep_twice(till)
    shown = await till.show(attempt_id)
    assert [one.kind for one in shown.write_backs if one.overdue_at] == ["accounts"]
    assert shown.version == before + 1  # its agent was told
    async with till.hub.sessions() as session:
        day = await days.agent_day(session, till.who, till.hub.settings)
    assert [one.intent_id for one in day.open_work] == [shown.intent_id]
    assert (await till.titles(attempt_id)).count("The accounts should have had this by now") == 1


@pytest.mark.allow_log("overdue|a part of the sweep broke|whose end was never told")
async def test_a_part_that_breaks_keeps_no_other_waiting(till: Till) -> None:
    await _ringing(till, started_at=now() - LONG_AGO)
    await till.paid()
    owed = await till.owed()
    await till.change(WriteBack, owed.write_back_id, created_at=now() - LONG_AGO)
    async with till.hub.sessions.begin() as session:
        broken = "create trigger broken before update on call for each row execute function "
        await session.execute(text(f"{broken}refuse_change('broken')"))
    await sweeps.sweep(till.hub)
    assert (await till.owed()).overdue_at


# ---------------------------------------------------------------- replicas
async def test_of_many_replicas_one_defers_each_sweep(till: Till) -> None:
    """Each worker plans the minute that has just begun as soon as it starts."""
    replicas = [asyncio.create_task(run(till.url, till.hub)) for _ in range(3)]
    wanted = text(
        "select count(*), max(attempts) from procrastinate_jobs where task_name = 'hub:sweep'"
        " and status = 'succeeded'"
    )

    async def done() -> tuple[int, int]:
        async with till.hub.sessions() as session:
            return tuple((await session.execute(wanted)).one())  # type: ignore[return-value]

    try:
        async with asyncio.timeout(WITHIN_S):
            while (await done())[0] == 0:
                await asyncio.wait(replicas, timeout=0.05)
        async with till.hub.sessions() as session:
            ticks = (
                await session.execute(
                    text(
                        "select defer_timestamp, count(*) from procrastinate_periodic_defers"
                        " where task_name = 'hub:sweep' group by 1"
                    )
                )
            ).all()
            jobs = await session.scalar(
                text("select count(*) from procrastinate_jobs where task_name = 'hub:sweep'")
            )
    finally:
        for one in replicas:
            one.cancel()
        await asyncio.gather(*replicas, return_exceptions=True)
    assert all(count == 1 for _, count in ticks)
    assert jobs in (1, 2)  # two where a minute begins just now, never three


def test_the_periodic_ones_have_their_work() -> None:
    assert set(PERIODIC) <= set(WORK)


# ---------------------------------------------------------------- cleaning
async def test_what_is_long_over_is_dropped_and_the_rest_is_kept(till: Till) -> None:
    await till.paid()
    async with till.hub.sessions.begin() as session:
        user = await session.get_one(User, till.who.user_id)
        for _ in range(2):
            await open_session(till.hub, session, user, "127.0.0.1")
        long_ago = now() - timedelta(days=30)
        session.add(SignInTry(username="x", failures=3, blocked_until=long_ago))
        session.add(SignInTry(username="y", failures=3, blocked_until=now()))
    over, live = await till.rows(UserSession)
    await till.change(UserSession, over.token_hash, expires_at=long_ago)
    first, *later = await till.rows(Event)
    await till.change(Event, first.event_id, at=now() - events.KEPT_FOR - timedelta(seconds=1))
    async with make_app(till.url).open_async() as queue:
        await sweeps.clean(till.hub, queue)
    assert [row.token_hash for row in await till.rows(UserSession)] == [live.token_hash]
    assert [row.username for row in await till.rows(SignInTry)] == ["y"]
    assert [row.event_id for row in await till.rows(Event)] == [row.event_id for row in later]
    assert len(await till.jobs("write_back")) == 2
