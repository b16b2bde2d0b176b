"""Write-backs: owed with the fact, written once, tried again, parked for a person, replayed."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from agentdesk.adapters.base import (
    Misconfigured,
    NeedsDecision,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from agentdesk.domain.ids import now
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub import days, write_backs
from agentdesk.hub.db.tables import Attempt, WriteBack
from agentdesk.hub.jobs.worker import make_app
from tests.hub.till import Till
from tests.until import WITHIN_S

pytestmark = pytest.mark.anyio
ACCOUNTS, RECORD = WriteBackKind.ACCOUNTS, WriteBackKind.CUSTOMER_RECORD


async def test_payment_is_posted_to_its_invoices_under_our_reference(till: Till) -> None:
    attempt_id = await till.paid()
    row = await till.perform()
    assert (row.state, row.detail, row.tries) == (WriteBackState.DONE, "Posted to INV-7, entry 41", 1)
    shown = await till.show(attempt_id)
    posted = till.ledger.booked[shown.reference]
    assert (posted.amount.minor, posted.processor_reference) == (12336, f"pi_{attempt_id}")
    assert [(part.invoice_id, part.amount.minor) for part in posted.allocations] == [("7", 12336)]
    assert "Posted to INV-7, entry 41" in await till.titles(attempt_id)


async def test_payment_is_posted_on_the_business_day(till: Till) -> None:
    attempt_id = await till.paid()
    at = (await till.row(Attempt, attempt_id)).ended_at.replace(hour=23, minute=30)
    await till.change(Attempt, attempt_id, ended_at=at)
    object.__setattr__(till.hub, "settings", till.hub.settings.model_copy(update={"time_zone": "Asia/Tokyo"}))
    await till.perform()
    (posted,) = till.ledger.booked.values()
    assert posted.taken_on == at.astimezone(till.hub.settings.zone).date() != at.date()


async def test_customer_record_says_what_was_paid_with_which_card(till: Till) -> None:
    await till.paid()
    await till.perform(RECORD)
    (activity,) = till.records.logged.values()
    assert activity.subject == "Card payment £123.36"
    assert "Visa ending 4242" in activity.body
    assert "Priya Nair" in activity.body


@pytest.mark.allow_log("write-back not done")
@pytest.mark.parametrize(
    "error",
    [
        NotSent("does not answer"),
        OutcomeUnknown("broke off"),
        RateLimited(),
        Misconfigured("the sign-in is refused"),
    ],
)
async def test_what_may_pass_is_tried_again_later(till: Till, error: Exception) -> None:
    await till.paid()
    till.ledger.fails["post_payment"] = error
    row = await till.perform()
    assert (row.state, row.tries) == (WriteBackState.QUEUED, 1)
    assert row.next_try_at
    assert row.detail.startswith("The accounts: ")
    mine = [one for one in await till.jobs("write_back") if one["write_back_id"] == row.write_back_id]
    assert len(mine) == 2  # the first, which the test ran by hand, and the next
    assert (await till.perform()).state == WriteBackState.DONE


@pytest.mark.allow_log("write-back not done")
async def test_each_wait_is_twice_the_one_before_give_or_take_a_quarter(till: Till) -> None:
    waits: list[float] = []
    await till.paid()
    for tries in (0, 0, 0, 0, 1, 4, 9, 15):
        till.ledger.fails["post_payment"] = NotSent("does not answer")
        await till.change(WriteBack, (await till.owed()).write_back_id, tries=tries)
        at = now()
        row = await till.perform()
        assert row.next_try_at
        waits.append((row.next_try_at - at).total_seconds())
        usual = min(900, 2 ** (tries + 1))
        assert 0.75 * usual <= waits[-1] <= 1.25 * usual + 5  # and what this machine takes
    assert len(set(waits[:4])) == 4  # two hubs do not come back together


# ---------------------------------------------------------------- order
async def _two_payments(till: Till) -> tuple[WriteBack, WriteBack]:
    """Return the postings of two payments of one customer, in the order they were owed."""
    await till.paid()
    await till.paid(invoice="8", minor=5000)
    first, second = [row for row in await till.rows(WriteBack) if row.kind == ACCOUNTS]
    return first, second


def _posted(till: Till) -> list[str]:
    return [one[1] for one in till.ledger.asked if one[0] == "post_payment"]


@pytest.mark.allow_log("write-back not done")
async def test_what_waits_is_not_overtaken_by_what_was_owed_later(till: Till) -> None:
    first, second = await _two_payments(till)
    till.ledger.fails["post_payment"] = NotSent("does not answer")
    await write_backs.perform(till.hub, first.write_back_id)
    await write_backs.perform(till.hub, second.write_back_id)
    assert _posted(till) == [first.reference]
    await till.work()  # the notes go on
    assert len(till.records.logged) == 2
    await write_backs.perform(till.hub, first.write_back_id)
    await till.work()
    assert _posted(till) == [first.reference, first.reference, second.reference]
    assert {row.state for row in await till.rows(WriteBack)} == {"done"}


async def test_what_is_parked_holds_nobody_back(till: Till) -> None:
    first, second = await _two_payments(till)
    till.ledger.fails["post_payment"] = NeedsDecision("more than is open")
    await till.work()
    assert _posted(till) == [first.reference, second.reference]
    assert [(await till.row(WriteBack, one.write_back_id)).state for one in (first, second)] == [
        "parked",
        "done",
    ]


@pytest.mark.allow_log("write-back not done")
async def test_other_customers_are_not_held_back(till: Till) -> None:
    first, second = await _two_payments(till)
    await till.change(WriteBack, second.write_back_id, customer_id="cus_2")
    till.ledger.fails["post_payment"] = NotSent("does not answer")
    await write_backs.perform(till.hub, first.write_back_id)
    await write_backs.perform(till.hub, second.write_back_id)
    assert _posted(till) == [first.reference, second.reference]


@pytest.mark.allow_log("waits for one")
async def test_payments_of_one_customer_are_posted_one_at_a_time_and_in_order(till: Till) -> None:
    first, second = await _two_payments(till)
    beside: list[list[str]] = []

    async def others_have_their_turn() -> None:
        async with asyncio.timeout(WITHIN_S):
            while any(one["write_back_id"] == second.write_back_id for one in await till.jobs("write_back")):
                await asyncio.sleep(0)
        beside.append(_posted(till))

    till.ledger.meanwhile["post_payment"] = others_have_their_turn
    async with make_app(till.url).open_async() as app:
        await app.run_worker_async(
            wait=False, concurrency=5, additional_context={"hub": till.hub}, install_signal_handlers=False
        )
    await till.work()
    assert beside == [[first.reference]]
    assert _posted(till) == [first.reference, second.reference]


async def _in_a_long_back_off(till: Till, **more: Any) -> WriteBack:
    """Return the posting of one more payment, which will not be tried again in this test."""
    await till.paid(**more)
    row = [one for one in await till.rows(WriteBack) if one.kind == ACCOUNTS][-1]
    await till.change(WriteBack, row.write_back_id, tries=write_backs.MAX_TRIES - 5)
    till.ledger.fails["post_payment"] = NotSent("does not answer")
    await till.work()
    return row


@pytest.mark.allow_log("write-back not done")
async def test_back_off_of_a_posting_holds_no_note_back(till: Till) -> None:
    first = await _in_a_long_back_off(till)
    await till.paid(invoice="8", minor=5000)
    await till.work()
    assert len(till.records.logged) == 2
    assert _posted(till) == [first.reference]


@pytest.mark.allow_log("write-back not done")
async def test_replay_does_not_wait_for_the_back_off_of_what_was_owed_later(till: Till) -> None:
    await till.paid()
    till.ledger.fails["post_payment"] = NeedsDecision("more than is open")
    await till.work()
    first = await till.owed()
    second = await _in_a_long_back_off(till, invoice="8", minor=5000)
    async with till.hub.sessions.begin() as session:
        await write_backs.replay(session, till.who, first.write_back_id)
    await till.work()
    assert (await till.row(WriteBack, first.write_back_id)).state == WriteBackState.DONE
    assert (await till.row(WriteBack, second.write_back_id)).state == WriteBackState.QUEUED


@pytest.mark.allow_log("waits for one")
async def test_replay_is_not_posted_beside_what_was_owed_later(till: Till) -> None:
    first, second = await _two_payments(till)
    till.ledger.fails["post_payment"] = NeedsDecision("more than is open")
    await write_backs.perform(till.hub, first.write_back_id)
    till.ledger.asked.clear()
    beside: list[list[str]] = []

    async def replayed() -> None:
        async with till.hub.sessions.begin() as session:
            await write_backs.replay(session, till.who, first.write_back_id)
        await write_backs.perform(till.hub, first.write_back_id)
        beside.append(_posted(till))

    till.ledger.meanwhile["post_payment"] = replayed
    await write_backs.perform(till.hub, second.write_back_id)
    assert beside == [[second.reference]]
    await till.due()
    await till.work()
    assert _posted(till) == [second.reference, first.reference]


@pytest.mark.allow_log("write-back not done")
async def test_posting_whose_answer_was_lost_is_found_and_not_posted_again(till: Till) -> None:
    attempt_id = await till.paid()
    till.ledger.fails["post_payment_answer"] = OutcomeUnknown("broke off")
    assert (await till.perform()).state == WriteBackState.QUEUED
    assert (await till.perform()).state == WriteBackState.DONE
    assert list(till.ledger.booked) == [(await till.show(attempt_id)).reference]
    assert till.ledger.open["7"] == 0


@pytest.mark.parametrize("error", [NeedsDecision("more than is open"), Rejected("no such invoice")])
async def test_what_the_other_side_refuses_is_parked_for_a_person(till: Till, error: Exception) -> None:
    attempt_id = await till.paid()
    till.ledger.fails["post_payment"] = error
    row = await till.perform()
    assert row.state == WriteBackState.PARKED
    assert "A supervisor will look" in row.detail
    assert "A write-back is parked" in await till.titles(attempt_id)
    async with till.hub.sessions() as session:
        day = await days.agent_day(session, till.who, till.hub.settings)
    assert [one.intent_id for one in day.open_work] == [(await till.show(attempt_id)).intent_id]


@pytest.mark.allow_log("write-back not done")
async def test_what_never_passes_is_parked_after_its_tries(till: Till) -> None:
    await till.paid()
    row = await till.owed()
    await till.change(WriteBack, row.write_back_id, tries=write_backs.MAX_TRIES - 1)
    till.ledger.fails["post_payment_answer"] = OutcomeUnknown("broke off")
    parked = await till.perform()
    assert parked.state == WriteBackState.PARKED
    assert "did not take it" not in parked.detail  # it did: only the answer was lost
    assert parked.detail.endswith("20 times: broke off. Look there before doing it by hand.")


@pytest.mark.allow_log("write-back broke")
async def test_fault_of_our_own_is_a_row_that_people_see(till: Till) -> None:
    await till.paid()
    till.ledger.fails["post_payment"] = ValueError("not an answer of a vendor")
    row = await till.perform()
    assert (row.state, row.tries) == (WriteBackState.QUEUED, 1)
    assert "something of ours" in row.detail


@pytest.mark.allow_log("waits for one")
@pytest.mark.parametrize("kind", [ACCOUNTS, RECORD])
async def test_a_worker_that_only_stood_still_and_its_rescue_write_once(
    till: Till, kind: WriteBackKind
) -> None:
    await till.paid()
    part = till.ledger if kind is ACCOUNTS else till.records
    what = "post_payment" if kind is ACCOUNTS else "log_activity"
    planned = len(await till.jobs("write_back"))

    async def rescue() -> None:  # the first has looked, and has not written yet
        assert (await till.perform(kind)).state == WriteBackState.QUEUED

    part.meanwhile[what] = rescue
    assert (await till.perform(kind)).state == WriteBackState.DONE
    assert len([one for one in part.asked if one[0] == what]) == 1
    assert len(await till.jobs("write_back")) == planned + 1  # had the first died, this would go on
    await till.due()
    await till.work()
    assert len([one for one in part.asked if one[0] == what]) == 1


async def test_what_a_worker_held_whose_connection_broke_is_looked_at_by_the_next(till: Till) -> None:
    await till.paid()
    kill = text(
        "select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)"
        " where locktype = 'advisory' and pid <> pg_backend_pid() and pg_locks.database ="
        " (select oid from pg_database where datname = current_database())"
    )

    async def cut_off() -> None:
        async with till.hub.sessions() as session:
            await session.execute(kill)

    till.ledger.meanwhile["post_payment_answer"] = cut_off
    with pytest.raises(OperationalError):  # its job is run again
        await till.perform()
    assert (await till.owed()).state == WriteBackState.QUEUED
    assert (await till.perform()).state == WriteBackState.DONE
    assert till.ledger.open["7"] == 0


async def test_done_is_not_done_again(till: Till) -> None:
    await till.paid()
    await till.perform()
    await till.perform()
    assert len([one for one in till.ledger.asked if one[0] == "post_payment"]) == 1


# ---------------------------------------------------------------- replay
