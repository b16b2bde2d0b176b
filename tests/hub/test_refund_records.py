"""Refunds: what is written down of each, what reverses it, what webhooks, sweeps and the log say of them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from agentdesk.adapters.base import (
    OutcomeUnknown,
    RawWebhook,
    RefundedTotal,
    Rejected,
)
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money
from agentdesk.domain.people import Role
from agentdesk.domain.refund import RefundEvent, RefundState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub import days, decisions, refund_outcomes, webhooks, work, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import Attempt, Refund, WriteBack
from agentdesk.hub.jobs import sweeps
from agentdesk.hub.payment_log import Filters, page
from agentdesk.wire.model import Amount
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
ALL = 12336


def total(event_id: str, attempt_id: str, minor: int) -> RefundedTotal:
    """Return what the bank says now of all that was given back of a charge."""
    return RefundedTotal("bank", event_id, attempt_id, Money(minor, "GBP"), now())


@pytest.fixture
async def ruth(till: Till) -> Who:
    """A supervisor."""
    return await till.colleague(Role.SUPERVISOR)


async def written(till: Till) -> list[tuple[str, str, str]]:
    """Return what is owed of refunds, as kind, start of the reference and state."""
    rows = [row for row in await till.rows(WriteBack) if row.refund_id]
    return sorted((row.kind, row.reference[:3], row.state) for row in rows)


async def test_accounts_record_and_receipt_follow(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid(receipt_email="amara@example.com")
    await till.work()
    shown = await till.give_back(ruth, attempt_id, 5000)
    assert [one.kind for one in shown.write_backs] == ["accounts", "customer_record", "receipt"]
    await till.work()
    assert list(till.ledger.refunds) == [shown.reference]
    assert till.records.logged[shown.reference].subject == "Refund £50.00"
    assert "Billed twice. By Sam" in till.records.logged[shown.reference].body
    payment = await till.show(attempt_id)
    assert [one.state for one in payment.refunds[0].write_backs[:2]] == [WriteBackState.DONE] * 2
    assert len(payment.write_backs) == 3  # the refund has its own
    assert "Refund of £50.00 posted, entry 42" in await till.titles(attempt_id)


async def test_the_posting_of_the_payment_comes_first(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    own = next(row for row in await till.rows(WriteBack) if row.kind == WriteBackKind.ACCOUNTS)
    till.ledger.fails["post_payment"] = Rejected("the period is closed")
    await write_backs.perform(till.hub, own.write_back_id)
    await till.give_back(ruth, attempt_id, 5000)
    await till.work()
    assert ("accounts", "RFD", "parked") in await written(till)
    async with till.hub.sessions.begin() as session:
        await write_backs.replay(session, ruth, own.write_back_id)
    await till.work()
    assert ("accounts", "RFD", "done") in await written(till)
    posted = [asked[0] for asked in till.ledger.asked if asked[0] in ("post_payment_answer", "post_refund")]
    assert posted == ["post_payment_answer", "post_refund"]


async def test_a_refund_goes_on_once_the_payments_posting_was_done_by_hand(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    own = next(row for row in await till.rows(WriteBack) if row.kind == WriteBackKind.ACCOUNTS)
    till.ledger.fails["post_payment_answer"] = Rejected("the period is closed")
    await write_backs.perform(till.hub, own.write_back_id)
    await till.give_back(ruth, attempt_id, 5000)
    await till.work()
    assert ("accounts", "RFD", "parked") in await written(till)
    async with till.hub.sessions.begin() as session:
        await write_backs.mark_done(session, ruth, own.write_back_id, "JNL-7", "Posted there")
    await till.work()
    assert ("accounts", "RFD", "done") in await written(till)


@pytest.mark.allow_log("a refund failed after it was done")
async def test_one_that_fails_after_it_was_done_is_taken_back_and_flagged(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid(receipt_email="amara@example.com")
    shown = await till.give_back(ruth, attempt_id, ALL)
    for _ in range(2):
        await till.learn_of_refund(
            shown.refund_id, RefundEvent.FAILED, seen_via="webhook", event_id="evt_failed"
        )
    await till.learn_of_refund(shown.refund_id, RefundEvent.DONE)  # came late
    after = await till.refund(attempt_id)
    assert (after.state, after.reversed) == (RefundState.FAILED, True)
    words = "£123.36 came back: the card is closed or out of date. The customer is still owed it."
    assert str((await till.attempt(attempt_id)).alarm).endswith(f": {words}")
    await till.work()
    assert [asked[0] for asked in till.ledger.asked if "refund" in asked[0]] == ["post_refund", "void_refund"]
    reversal = shown.reference.replace("RFD-", "REV-")
    assert till.records.logged[reversal].subject == "Refund £123.36 failed"
    assert "Refund of £123.36 came back to us" in await till.titles(attempt_id)
    payment = await till.show(attempt_id)
    assert (payment.refunded, payment.refundable) == (None, Amount(minor=ALL, currency="GBP"))
    async with till.hub.sessions() as session:
        day = await days.agent_day(session, ruth, till.hub.settings)
        assert [one.intent_id for one in day.open_work] == [payment.intent_id]
        assert any(words in row.detail for row in (await work.listing(session)).rows)


@pytest.mark.allow_log("refund without an answer")
@pytest.mark.parametrize("on_its_way", [True, False])
async def test_one_that_was_on_its_way_or_not_known_and_then_fails_is_told_to_those_it_concerns(
    till: Till, ruth: Who, *, on_its_way: bool
) -> None:
    attempt_id = await till.paid(receipt_email="amara@example.com")
    await till.work()
    till.bank.refund_answer = RefundEvent.PENDING if on_its_way else RefundEvent.NO_ANSWER
    shown = await till.give_back(ruth, attempt_id, 5000)
    await till.change(Attempt, attempt_id, ended_at=now() - timedelta(days=2))  # of an earlier day
    if on_its_way:
        why = "the card is closed or out of date"
        await till.learn_of_refund(shown.refund_id, RefundEvent.FAILED, seen_via="webhook")
    else:
        why = "the payment provider has no such refund"
        await till.change(Refund, shown.refund_id, sent_at=now() - timedelta(minutes=10))
        for _ in range(6):
            await till.ask_of_refund(shown.refund_id)
    words = f"£50.00 did not go back: {why}. The customer is still owed it."
    assert words in str((await till.attempt(attempt_id)).alarm)
    async with till.hub.sessions() as session:
        assert any(words in row.detail for row in (await work.listing(session)).rows)
        day = await days.agent_day(session, ruth, till.hub.settings)
    assert [one.attempts[0].attempt_id for one in day.open_work] == [attempt_id]
    await till.work()
    assert till.records.logged[shown.reference.replace("RFD-", "REV-")].body == words
    assert list(till.ledger.refunds) == []  # nothing went, so nothing is booked
    async with till.hub.sessions.begin() as session:
        await decisions.close_alarm(session, ruth, attempt_id, "Paid by bank transfer")
        assert (await days.agent_day(session, ruth, till.hub.settings)).open_work == []


@pytest.mark.allow_log("a refund failed after it was done")
async def test_two_refunds_of_one_amount_that_come_back_are_two_alarms(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    given = [await till.give_back(ruth, attempt_id, 5000) for _ in range(2)]
    for one in given:
        await till.learn_of_refund(one.refund_id, RefundEvent.FAILED)
        assert (await till.attempt(attempt_id)).alarm_open
        async with till.hub.sessions.begin() as session:
            await decisions.close_alarm(session, ruth, attempt_id, "Paid by bank transfer")


@pytest.mark.allow_log("a refund failed after it was done")
async def test_a_reversal_comes_after_the_posting_it_takes_back(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    await till.work()
    shown = await till.give_back(ruth, attempt_id, 5000)
    till.ledger.fails["post_refund"] = Rejected("the period is closed")
    await till.work()
    await till.learn_of_refund(shown.refund_id, RefundEvent.FAILED)
    await till.work()
    assert ("accounts", "REV", "parked") in await written(till)
    accounts = [row for row in await till.rows(WriteBack) if row.kind == WriteBackKind.ACCOUNTS]
    parked = next(row for row in accounts if row.reference == shown.reference)
    async with till.hub.sessions.begin() as session:
        await write_backs.replay(session, ruth, parked.write_back_id)
    await till.work()
    assert {("accounts", "RFD", "done"), ("accounts", "REV", "done")} <= set(await written(till))


@pytest.mark.allow_log("a refund failed after it was done")
async def test_a_failure_whose_webhook_was_lost_is_found_weeks_later(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    shown = await till.give_back(ruth, attempt_id, 5000)
    await refund_outcomes.ask(till.hub, shown.refund_id)  # not planned: the job deferred with the refund
    assert [asked for asked in till.bank.asked if asked[0] == "find_refund"] == []
    waits = []
    for _ in refund_outcomes.ASK_DONE_AFTER:
        row = await till.row(Refund, shown.refund_id)
        waits.append(round((row.next_ask_at - now()).total_seconds() / 3600))
        await till.change(Refund, shown.refund_id, next_ask_at=now())
        if len(waits) == len(refund_outcomes.ASK_DONE_AFTER):
            failed = till.bank.says_of_refund(
                RefundEvent.FAILED, shown.refund_id, Money(5000, "GBP"), seen_via="lookup"
            )
            till.bank.refunds_known = [failed]
        await refund_outcomes.ask(till.hub, shown.refund_id)
    assert waits == [1, 24, 72, 168, 336, 720]
    assert (await till.refund(attempt_id)).reversed


@pytest.mark.allow_log("forgotten, followed again")
async def test_one_that_was_forgotten_is_followed_again_once(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    till.bank.refund_answer = RefundEvent.PENDING
    shown = await till.give_back(ruth, attempt_id, 5000)
    async with till.hub.sessions.begin() as session:
        await session.execute(text("delete from procrastinate_jobs where task_name like '%refund'"))
    await till.change(Refund, shown.refund_id, next_ask_at=now() - timedelta(minutes=5))
    for _ in range(2):
        await sweeps.sweep(till.hub)
    assert [job["refund_id"] for job in await till.jobs("ask_refund")] == [shown.refund_id]


@pytest.mark.allow_log("refund without an answer")
async def test_an_unknown_one_waits_for_a_supervisor_after_five_minutes(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    till.bank.fails["refund"] = OutcomeUnknown("time-out")
    shown = await till.give_back(ruth, attempt_id, 5000)
    for since, expected in ((now(), []), (now() - timedelta(minutes=6), [f"unknown:{shown.refund_id}"])):
        await till.change(Refund, shown.refund_id, sent_at=since)
        async with till.hub.sessions() as session:
            assert [row.key for row in (await work.listing(session)).rows] == expected


# ---------------------------------------------------------------- webhooks
async def hears(till: Till, body: bytes, *evidence: Any) -> None:
    """Let a webhook arrive."""
    till.post.evidence[body] = evidence
    await webhooks.receive(till.hub, "post", "", RawWebhook("http://hub/webhooks/post", {}, body))


async def test_a_webhook_tells_of_the_refund_and_twice_is_once(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    till.bank.refund_answer = RefundEvent.PENDING
    shown = await till.give_back(ruth, attempt_id, 5000)
    done = till.bank.says_of_refund(RefundEvent.DONE, shown.refund_id, Money(5000, "GBP"), seen_via="webhook")
    await hears(till, b"done", done)
    await hears(till, b"done", done)
    assert (await till.refund(attempt_id)).state is RefundState.DONE
    assert len(await written(till)) == 2


@pytest.mark.allow_log("a refund is not ours|a refund that is not ours|money that is not ours")
async def test_a_refund_made_elsewhere_is_an_alarm(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    await till.give_back(ruth, attempt_id, 5000)
    await hears(till, b"ours", total("evt_1", attempt_id, 5000))
    assert (await till.attempt(attempt_id)).alarm is None
    await hears(till, b"more", total("evt_2", attempt_id, 7000))
    alarm = (await till.attempt(attempt_id)).alarm
    assert alarm.startswith("The provider gave back £70.00, of which we know £50.00. If its own page")
    assert "A refund that was not made here" in await till.titles(attempt_id)
    await hears(till, b"else", total("evt_3", "pa_other", 7000))
    await hears(till, b"not ours", till.bank.says_of_refund(RefundEvent.DONE, "rf_other"))


@pytest.mark.allow_log("a refund that is not ours|failed after it was done")
async def test_a_refund_that_failed_hides_no_refund_of_somebody_else(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    shown = await till.give_back(ruth, attempt_id, 5000)
    before = now()
    await till.learn_of_refund(shown.refund_id, RefundEvent.FAILED)
    await till.change(Attempt, attempt_id, alarm=None)
    late = RefundedTotal("bank", "evt_1", attempt_id, Money(5000, "GBP"), before)
    await hears(till, b"late", late)  # it was made while ours was still done
    assert (await till.attempt(attempt_id)).alarm is None
    await hears(till, b"more", total("evt_2", attempt_id, 5000))
    alarm = (await till.attempt(attempt_id)).alarm
    assert alarm.startswith("The provider gave back £50.00, of which we know £0.00.")


@pytest.mark.allow_log("refund without an answer")
async def test_the_total_of_a_charge_makes_us_ask_about_what_we_are_unsure_of(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    till.bank.fails["refund"] = OutcomeUnknown("time-out")
    shown = await till.give_back(ruth, attempt_id, 5000)
    till.bank.refunds_known = [
        till.bank.says_of_refund(RefundEvent.DONE, shown.refund_id, Money(5000, "GBP"), seen_via="lookup")
    ]
    await hears(till, b"total", total("evt_1", attempt_id, 5000))
    await till.work()
    assert (await till.refund(attempt_id)).state is RefundState.DONE


# ---------------------------------------------------------------- the log
async def test_the_log_shows_what_went_back(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    await till.give_back(ruth, attempt_id, 5000)
    await till.give_back(ruth, attempt_id, 1000)
    till.ledger.fails["post_refund"] = Rejected("the period is closed")
    await till.work()
    async with till.hub.sessions() as session:
        found = await page(session, Filters(), None, 10, "GBP")
    assert [row.refunded for row in found.rows] == [Amount(minor=6000, currency="GBP")]
    assert found.totals
    assert found.totals.refunded == Amount(minor=6000, currency="GBP")
    assert found.rows[0].write_backs[0] is WriteBackState.PARKED
