"""The job queue: jobs commit with their fact, run by any worker, and again after what nobody expected."""

import logging

import pytest
from sqlalchemy import text

from agentdesk.domain.capture import CaptureState
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.hub.db.tables import WriteBack
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.jobs.tasks import WORK
from agentdesk.hub.jobs.worker import DEAD_AFTER_S, make_app, rescue
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


def test_every_job_has_its_work(database_url: str) -> None:
    assert set(WORK) == set(Job)
    assert set(Job) <= set(make_app(database_url).tasks)


async def test_worker_that_starts_again_in_the_same_process_still_knows_every_job(till: Till) -> None:
    await till.work()
    await till.paid()
    await till.work()
    assert {row.state for row in await till.rows(WriteBack)} == {"done"}


async def test_job_of_a_transaction_that_fails_does_not_exist(till: Till) -> None:
    with pytest.raises(RuntimeError):
        async with till.hub.sessions.begin() as session:
            await defer(session, Job.MATCH_CALL, call_id="call_1")
            raise RuntimeError
    assert await till.jobs("match_call") == []


@pytest.mark.allow_log("Error|Exception|retry")
async def test_job_runs_again_after_what_it_did_not_expect(till: Till) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.NO_ANSWER)
    till.bank.fails["find"] = RuntimeError("not an answer of a vendor")
    async with till.hub.sessions.begin() as session:
        await defer(session, Job.ASK_PROCESSOR, attempt_id=attempt_id)
    await till.work()
    assert till.bank.asked.count(("find", attempt_id)) == 2
    assert (await till.attempt(attempt_id)).state == AttemptState.UNKNOWN


@pytest.mark.allow_log("a job failed and runs again")
async def test_a_job_that_fails_says_so_each_time_and_where_only_once(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.NO_ANSWER)
    async with till.hub.sessions.begin() as session:
        await defer(session, Job.ASK_PROCESSOR, attempt_id=attempt_id)

    async def surprise() -> None:
        till.bank.meanwhile["find"] = surprise
        till.bank.fails["find"] = RuntimeError("a surprise")

    await surprise()
    with caplog.at_level("WARNING", "procrastinate"):  # as the hub has it
        await till.work()  # once, and once more at once
    told = [str(record.msg) for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 2
    for words in told:
        assert "a job failed and runs again" in words
        assert "RuntimeError('a surprise')" in words
        assert attempt_id in words
    assert ["'exc_info': RuntimeError" in words for words in told] == [True, False]


async def test_jobs_twice_do_no_more_than_once(till: Till) -> None:
    attempt_id = await till.paid()
    async with till.hub.sessions.begin() as session:
        for job in (Job.CHECK_CAPTURE, Job.CANCEL_CAPTURE, Job.ASK_PROCESSOR):
            for _ in range(2):
                await defer(session, job, attempt_id=attempt_id)
        for row in await till.rows(WriteBack):
            await defer(session, Job.WRITE_BACK, write_back_id=row.write_back_id)
    await till.work()
    assert [one for one in till.ledger.asked if one[0] == "post_payment"] == [
        ("post_payment", (await till.show(attempt_id)).reference)
    ]
    attempt = await till.attempt(attempt_id)
    assert attempt.capture
    assert (attempt.state, attempt.capture.state) == (AttemptState.APPROVED, CaptureState.SPENT)


@pytest.mark.allow_log("jobs of a dead worker run again")
async def test_job_of_a_worker_that_was_killed_runs_again_and_that_of_a_live_one_does_not(till: Till) -> None:
    await till.paid()
    async with make_app(till.url).open_async() as app:
        dead, alive = [await app.job_manager.register_worker() for _ in range(2)]
        lost, running = [await app.job_manager.fetch_job(queues=None, worker_id=one) for one in (dead, alive)]
        assert lost
        assert running
        async with till.hub.sessions.begin() as session:
            silent = "update procrastinate_workers set last_heartbeat = now() - :s * interval '1 second'"
            await session.execute(text(f"{silent} where id = :id"), {"s": DEAD_AFTER_S + 1, "id": dead})
        assert (await rescue(app), await rescue(app)) == (1, 0)
    await till.due()
    await till.work()
    async with till.hub.sessions() as session:
        states = dict((await session.execute(text("select id, status from procrastinate_jobs"))).all())
    assert (states[lost.id], states[running.id]) == ("succeeded", "doing")


@pytest.mark.allow_log("jobs of a dead worker run again")
async def test_a_sweep_that_died_while_the_next_one_waited_holds_up_nobody(till: Till) -> None:
    async with make_app(till.url).open_async() as app:
        sweep = app.tasks[Job.SWEEP].configure(lock=Job.SWEEP, queueing_lock=Job.SWEEP)
        first = await sweep.defer_async(timestamp=1)
        dead = await app.job_manager.register_worker()
        assert await app.job_manager.fetch_job(queues=None, worker_id=dead)
        waiting = await sweep.defer_async(timestamp=2)
        attempt_id = await till.paid()
        lost = await app.job_manager.fetch_job(queues=None, worker_id=dead)
        assert lost
        async with till.hub.sessions.begin() as session:
            silent = "update procrastinate_workers set last_heartbeat = now() - :s * interval '1 second'"
            await session.execute(text(silent), {"s": DEAD_AFTER_S + 1})
        await rescue(app)
    await till.due()
    await till.work()
    async with till.hub.sessions() as session:
        states = dict((await session.execute(text("select id, status from procrastinate_jobs"))).all())
    assert (states[first], states[waiting], states[lost.id]) == ("failed", "succeeded", "succeeded")
    assert {row.state for row in await till.rows(WriteBack)} == {"done"}, attempt_id
