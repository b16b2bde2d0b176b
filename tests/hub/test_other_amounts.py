"""A charge of another amount than agreed: nothing moves by itself; a supervisor ends it by evidence."""

from typing import Any

import pytest

from agentdesk.domain.errors import Conflict, Invalid
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub import customers, days, decisions, outcomes, payments, receipts, refunds, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import Attempt, AttemptDebt, AuditEntry, PaymentIntent, WriteBack
from agentdesk.hub.payment_log import Filters, page
from agentdesk.wire import payments as wire
from agentdesk.wire.model import Amount
from agentdesk.wire.refunds import NewRefund
from tests.hub.test_decisions import bank_is_down, bank_is_up, decide, word
from tests.hub.test_work import listed, unknown
from tests.hub.till import Till, refused

pytestmark = [pytest.mark.anyio, pytest.mark.allow_log("evidence differs|late success")]
LESS, MORE = Money(10000, "GBP"), Money(13000, "GBP")


@pytest.fixture
async def ruth(till: Till) -> Who:
    """A supervisor."""
    return await till.colleague(Role.SUPERVISOR)


def charged(amount: Money, **more: Any) -> Any:
    """Return the word that this amount was charged."""
    return word(charged=Amount.of(amount), **more)


async def other_amount(till: Till, amount: Money = LESS) -> str:
    """Return an attempt of which the provider shows another amount."""
    attempt_id = await unknown(till)
    bank_is_up(till, till.bank.says(AttemptEvent.APPROVED, attempt_id, amount, seen_via="lookup"))
    await outcomes.ask_processor(till.hub, attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.UNKNOWN, True)
    return attempt_id


@pytest.mark.parametrize("amount", [LESS, MORE])
async def test_what_was_really_charged_is_accepted_posted_and_shown(
    till: Till, ruth: Who, amount: Money
) -> None:
    attempt_id = await other_amount(till, amount)
    assert "The debt is locked" in (await listed(till))[0].detail
    attempt = await decide(till, ruth, attempt_id, charged(amount))
    assert (attempt.state, attempt.charged) == (AttemptState.APPROVED, Amount.of(amount))
    assert (attempt.authorization_code, attempt.late_success) == ("A1B2C3", False)
    assert attempt.decision
    assert (attempt.decision.by, attempt.decision.final) == (["Sam"], True)
    assert [row.holding for row in await till.rows(AttemptDebt)] == [False]
    title = f"Sam accepted: {amount} was charged, £123.36 was agreed"
    assert title in await till.titles(attempt_id)
    await till.work()
    (posted,) = till.ledger.booked.values()
    assert (posted.amount, [part.amount.minor for part in posted.allocations]) == (
        amount,
        [min(amount.minor, 12336)],
    )
    assert f"Card payment {amount}" in [one.subject for one in till.records.logged.values()]
    assert [row.state for row in await till.rows(WriteBack)] == ["done", "done"]
    assert (await till.show(attempt_id)).refundable == Amount.of(amount)
    said = [row for row in await till.rows(AuditEntry) if row.action == "payment.decide"][-1]
    assert (said.user_id, said.result, said.detail["charged"]["minor"]) == (
        ruth.user_id,
        "done",
        amount.minor,
    )


async def test_its_alarm_stays_until_somebody_has_told_the_caller(till: Till, ruth: Who) -> None:
    attempt_id = await other_amount(till)
    await decide(till, ruth, attempt_id, charged(LESS))
    (item,) = await listed(till)
    assert item.detail == "The provider says £100.00, this payment is £123.36."
    async with till.hub.sessions.begin() as session:
        await decisions.close_alarm(session, ruth, attempt_id, "Amara knows, pays the rest by link")
    await till.learn(attempt_id, AttemptEvent.APPROVED, amount=LESS)  # what was accepted is no alarm any more
    attempt = await till.attempt(attempt_id)
    assert (attempt.alarm_open, attempt.state) == (False, AttemptState.APPROVED)
    await till.learn(attempt_id, AttemptEvent.APPROVED, amount=MORE)
    assert (await till.attempt(attempt_id)).alarm_open


async def test_receipt_log_and_day_show_what_was_charged(till: Till, ruth: Who) -> None:
    attempt_id = await other_amount(till)
    await decide(till, ruth, attempt_id, charged(LESS))
    async with till.hub.sessions() as session:
        intent = await session.get_one(PaymentIntent, (await till.show(attempt_id)).intent_id)
        attempt = await session.get_one(Attempt, attempt_id)
        receipt = await receipts.prepare(session, intent, attempt, till.hub.settings)
        log = await page(session, Filters(), None, 10, "GBP")
        day = await days.agent_day(session, till.who, till.hub.settings)
    assert (receipt.amount, receipt.parts) == (LESS, (("INV-7", LESS),))
    assert log.totals
    assert log.rows[0].amount == log.totals.approved == day.taken == Amount.of(LESS)


async def test_what_is_left_of_the_debt_can_be_paid_and_no_more_than_was_charged_goes_back(
    till: Till, ruth: Who
) -> None:
    attempt_id = await other_amount(till)
    await decide(till, ruth, attempt_id, charged(LESS))
    await till.work()
    assert await payments.create(till.hub, till.who, till.agreed(await till.call(), 2336))
    too_much = await refused(Invalid, till.give_back(ruth, attempt_id, LESS.minor + 1))
    assert (too_much.code, too_much.params["left"]) == ("refund_too_much", LESS)
    await till.give_back(ruth, attempt_id, LESS.minor)
    assert (await till.show(attempt_id)).refundable == Amount(minor=0, currency="GBP")


@pytest.mark.allow_log("look-up failed|look-up by reference failed")
async def test_only_what_the_provider_shows_this_moment_is_accepted(till: Till, ruth: Who) -> None:
    attempt_id = await other_amount(till)

    async def why(decision: Any) -> str:
        return (await refused(Conflict, decisions.decide(till.hub, ruth, attempt_id, decision))).code

    assert await why(word()) == "decision_other_amount"
    assert await why(charged(MORE)) == "decision_other_amount"
    assert await why(word("not_sent")) == "decision_charged"
    bank_is_down(till)
    assert await why(charged(LESS)) == "decision_not_shown"
    bank_is_up(till)
    assert await why(charged(LESS)) == "decision_differs"
    bank_is_up(till, till.bank.says(AttemptEvent.APPROVED, attempt_id, LESS, our_ref="pa_other"))
    assert await why(charged(LESS)) == "decision_differs"
    bank_is_up(till, till.bank.says(AttemptEvent.APPROVED, attempt_id, LESS, live=True))
    assert await why(charged(LESS)) == "decision_differs"
    attempt = await till.row(Attempt, attempt_id)
    assert (attempt.state, attempt.charged_minor) == (AttemptState.UNKNOWN, None)
    assert await till.rows(WriteBack) == []


async def test_amounts_that_are_none_are_refused(till: Till, ruth: Who) -> None:
    attempt_id = await other_amount(till)
    for decision in (
        charged(Money(0, "GBP")),
        word(charged=Amount(minor=10000, currency="euro")),
        charged(LESS, outcome="declined", reference=None),
    ):
        await refused(Invalid, decisions.decide(till.hub, ruth, attempt_id, decision))


async def test_the_agreed_amount_wins_where_the_provider_shows_it_after_all(till: Till, ruth: Who) -> None:
    attempt_id = await other_amount(till)
    agreed = Money(12336, "GBP")
    bank_is_up(till, till.bank.says(AttemptEvent.APPROVED, attempt_id, agreed, seen_via="lookup"))
    attempt = await decide(till, ruth, attempt_id, charged(LESS))
    assert (attempt.state, attempt.charged, attempt.decision) == (AttemptState.APPROVED, None, None)


@pytest.mark.parametrize("event", [AttemptEvent.DECLINED, AttemptEvent.REFUSED])
async def test_money_that_came_after_a_no_is_accepted_as_a_late_success(
    till: Till, ruth: Who, event: AttemptEvent
) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, event)
    seen = till.bank.says(AttemptEvent.APPROVED, attempt_id, LESS, seen_via="lookup")
    await outcomes.learn(till.hub, attempt_id, seen)
    assert (await till.attempt(attempt_id)).alarm_open
    bank_is_up(till, seen)
    attempt = await decide(till, ruth, attempt_id, charged(LESS))
    assert (attempt.state, attempt.late_success, attempt.charged) == (
        AttemptState.APPROVED,
        True,
        Amount.of(LESS),
    )


async def test_a_link_that_was_paid_with_another_amount_is_ended_in_the_same_way(
    till: Till, ruth: Who
) -> None:
    attempt_id = await till.link()
    seen = till.pages.end(attempt_id, AttemptEvent.APPROVED, amount=LESS)
    await till.told(seen)
    assert (await till.attempt(attempt_id)).state is AttemptState.UNKNOWN
    bank_is_up(till, till.bank.says(AttemptEvent.APPROVED, attempt_id, LESS, seen_via="lookup"))
    attempt = await decide(till, ruth, attempt_id, charged(LESS))
    assert (attempt.state, attempt.charged) == (AttemptState.APPROVED, Amount.of(LESS))


async def test_two_supervisors_who_accept_it_at_once_owe_one_posting(till: Till, ruth: Who) -> None:
    attempt_id, sam = await other_amount(till), await till.colleague(Role.SUPERVISOR)

    async def sam_is_first() -> None:
        till.bank.meanwhile.clear()
        await decisions.decide(till.hub, sam, attempt_id, charged(LESS))

    till.bank.meanwhile["find"] = sam_is_first
    shown: wire.PaymentIntent = await decisions.decide(till.hub, ruth, attempt_id, charged(LESS))
    assert shown.state is AttemptState.APPROVED
    assert len(await till.rows(WriteBack)) == 2
    accepted = [one for one in await till.titles(attempt_id) if "accepted" in one]
    assert len(accepted) == 1


async def test_one_press_that_comes_twice_is_one_word(till: Till, ruth: Who) -> None:
    attempt_id, said = await other_amount(till), charged(LESS)
    for _ in range(2):
        await decisions.decide(till.hub, ruth, attempt_id, said)
    assert len([one for one in await till.titles(attempt_id) if "accepted" in one]) == 1
    assert len(await till.rows(WriteBack)) == 2


# ---------------------------------------------------------------- another currency
EUR = Money(12336, "EUR")  # the same number as was agreed in pounds


async def in_euros(till: Till, ruth: Who) -> str:
    """Return an attempt that was charged in another currency, as a supervisor accepted it."""
    attempt_id = await other_amount(till, EUR)
    attempt = await decide(till, ruth, attempt_id, charged(EUR))
    assert (attempt.state, attempt.charged) == (AttemptState.APPROVED, Amount.of(EUR))
    return attempt_id


async def posting_of(till: Till) -> WriteBack:
    rows: list[WriteBack] = await till.rows(WriteBack)
    return next(one for one in rows if one.kind == WriteBackKind.ACCOUNTS and one.refund_id is None)


async def test_a_charge_in_another_currency_is_accepted_as_the_provider_shows_it_and_posted_by_nobody(
    till: Till, ruth: Who
) -> None:
    attempt_id = await in_euros(till, ruth)
    assert (await till.attempt(attempt_id)).alarm_open
    assert "Sam accepted: €123.36 was charged, £123.36 was agreed" in await till.titles(attempt_id)
    for _ in range(2):  # once more where a supervisor has it tried again
        await till.work()
        posting = await posting_of(till)
        assert (posting.state, till.ledger.booked) == (WriteBackState.PARKED, {})
        assert "€123.36 was charged, £123.36 was agreed" in posting.detail
        async with till.hub.sessions.begin() as session:
            await write_backs.replay(session, ruth, posting.write_back_id)
    (note,) = till.records.logged.values()
    assert (note.subject, "£123.36 was agreed" in note.body) == ("Card payment €123.36", True)
    await till.learn(attempt_id, AttemptEvent.APPROVED, amount=EUR)  # what was accepted is no new alarm
    assert "Evidence differs" not in (await till.titles(attempt_id))[-2:]


async def test_nobody_is_asked_for_the_debt_again_until_a_person_has_settled_it(
    till: Till, ruth: Who
) -> None:
    await in_euros(till, ruth)
    await till.work()
    shown = (await customers.show(till.hub, "cus_1")).open_items[0]
    assert (shown.posting, shown.outstanding.minor) == (Amount(minor=12336, currency="GBP"), 0)
    again = till.agreed(await till.call(), 5000)
    assert (await refused(Conflict, payments.create(till.hub, till.who, again))).code == "already_paid"
    posting = await posting_of(till)
    async with till.hub.sessions.begin() as session:
        await write_backs.mark_done(session, ruth, posting.write_back_id, "none", "Given back in full")
    assert await payments.create(till.hub, till.who, again)


async def test_sums_in_the_hubs_currency_leave_it_out_and_its_receipt_names_what_was_charged(
    till: Till, ruth: Who
) -> None:
    attempt_id = await in_euros(till, ruth)
    async with till.hub.sessions() as session:
        intent = await session.get_one(PaymentIntent, (await till.show(attempt_id)).intent_id)
        attempt = await session.get_one(Attempt, attempt_id)
        receipt = await receipts.prepare(session, intent, attempt, till.hub.settings)
        log = await page(session, Filters(), None, 10, "GBP")
        day = await days.agent_day(session, till.who, till.hub.settings)
    assert (receipt.amount, receipt.parts) == (EUR, ())
    assert log.totals
    assert (log.rows[0].amount, log.totals.approved.minor, day.taken.minor) == (Amount.of(EUR), 0, 0)


async def test_it_is_given_back_in_the_currency_it_was_taken_in(till: Till, ruth: Who) -> None:
    attempt_id = await in_euros(till, ruth)
    assert (await till.show(attempt_id)).refundable == Amount.of(EUR)
    wrong = await refused(Invalid, till.give_back(ruth, attempt_id, 100))  # in pounds
    assert wrong.code == "currency_mismatch"
    intent_id = (await till.show(attempt_id)).intent_id
    new = NewRefund(key=new_ulid(), amount=Amount.of(EUR), reason="Never agreed")
    for _ in range(2):  # one press that comes twice
        shown = await refunds.refund(till.hub, ruth, intent_id, new)
    assert [one.amount for one in shown.refunds] == [Amount.of(EUR)]
    assert (shown.refunded, shown.refundable) == (Amount.of(EUR), Amount(minor=0, currency="EUR"))
    (sent,) = [one[1] for one in till.bank.asked if one[0] == "refund"]
    assert sent.amount == EUR
    await till.work()
    states = {row.state for row in await till.rows(WriteBack) if row.kind == WriteBackKind.ACCOUNTS}
    assert (states, till.ledger.refunds) == ({WriteBackState.PARKED}, {})


async def test_a_refund_of_it_is_for_a_person_to_post_also_once_its_payment_was_posted_by_hand(
    till: Till, ruth: Who
) -> None:
    attempt_id = await in_euros(till, ruth)
    await till.work()
    intent_id = (await till.show(attempt_id)).intent_id
    new = NewRefund(key=new_ulid(), amount=Amount(minor=100, currency="EUR"), reason="A part")
    await refunds.refund(till.hub, ruth, intent_id, new)
    await till.work()
    posting = await posting_of(till)
    async with till.hub.sessions.begin() as session:
        await write_backs.mark_done(session, ruth, posting.write_back_id, "JE-12", "At the day's rate")
    await till.work()
    of_refund = next(
        one
        for one in await till.rows(WriteBack)
        if one.refund_id is not None and one.kind == WriteBackKind.ACCOUNTS
    )
    assert (of_refund.state, till.ledger.refunds) == (WriteBackState.PARKED, {})
    assert "€1.00 went back of €123.36" in of_refund.detail
