"""Refunds: how much may go back, that it is sent once, and every outcome."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from agentdesk.adapters.base import (
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent
from agentdesk.domain.people import Role
from agentdesk.domain.refund import RefundEvent, RefundState
from agentdesk.hub import days, decisions, outcomes, refund_outcomes, refunds
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import Attempt, AuditEntry, Refund, WriteBack
from agentdesk.wire.model import Amount
from agentdesk.wire.refunds import NewRefund
from tests.hub.test_decisions import bank_is_down, bank_is_up, word
from tests.hub.test_work import unknown
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
ALL = 12336


@pytest.fixture
async def ruth(till: Till) -> Who:
    """A supervisor."""
    return await till.colleague(Role.SUPERVISOR)


def sent(till: Till) -> list[Any]:
    """Return the refunds the bank was asked for."""
    return [asked[1] for asked in till.bank.asked if asked[0] == "refund"]


async def refused(till: Till, who: Who, attempt_id: str, minor: int) -> AgentDeskError:
    """Return why a refund was refused."""
    with pytest.raises(AgentDeskError) as why:
        await till.give_back(who, attempt_id, minor)
    return why.value


async def written(till: Till) -> list[tuple[str, str, str]]:
    """Return what is owed of refunds, as kind, start of the reference and state."""
    rows = [row for row in await till.rows(WriteBack) if row.refund_id]
    return sorted((row.kind, row.reference[:3], row.state) for row in rows)


# ---------------------------------------------------------------- how much
async def test_a_part_then_the_rest_and_then_nothing_more(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    assert (await till.show(attempt_id)).refundable == Amount(minor=ALL, currency="GBP")
    first = await till.give_back(ruth, attempt_id, 5000)
    assert (first.state, first.amount.minor, first.asked_by) == (RefundState.DONE, 5000, "Sam")
    shown = await till.show(attempt_id)
    assert (shown.refunded, shown.refundable) == (
        Amount(minor=5000, currency="GBP"),
        Amount(minor=ALL - 5000, currency="GBP"),
    )
    too_much = await refused(till, ruth, attempt_id, ALL - 4999)
    assert (too_much.code, too_much.params["left"]) == ("refund_too_much", Money(ALL - 5000, "GBP"))
    await till.give_back(ruth, attempt_id, ALL - 5000)
    assert (await refused(till, ruth, attempt_id, 1)).code == "refund_none_left"
    assert [one.amount.minor for one in sent(till)] == [5000, ALL - 5000]
    assert len({one.idempotency_key for one in sent(till)}) == 2


async def test_two_replicas_at_once_never_give_back_more_than_was_taken(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    tries = [till.give_back(ruth, attempt_id, 5000) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert len([one for one in results if isinstance(one, Invalid)]) == 2
    assert sum(one.amount.minor for one in sent(till)) == 10000


async def test_a_payment_that_took_nothing_has_nothing_to_give_back(till: Till, ruth: Who) -> None:
    attempt_id = await till.sending()
    assert (await refused(till, ruth, attempt_id, 1)).code == "refund_nothing_taken"
    await till.learn(attempt_id, AttemptEvent.DECLINED)
    assert (await refused(till, ruth, attempt_id, 1)).code == "refund_nothing_taken"
    assert (await till.show(attempt_id)).refundable is None


@pytest.mark.parametrize("minor", [0, -5])
async def test_no_amount_is_no_refund(till: Till, ruth: Who, minor: int) -> None:
    assert (await refused(till, ruth, await till.paid(), minor)).code == "amount_zero"


@pytest.mark.allow_log("look-up failed|look-up by reference failed")
async def test_a_charge_the_provider_never_told_of_is_refunded_once_it_did(till: Till, ruth: Who) -> None:
    attempt_id = await unknown(till)
    await till.change(Attempt, attempt_id, provider_ids={})
    bank_is_down(till)
    await decisions.decide(till.hub, ruth, attempt_id, word())
    assert (await refused(till, ruth, attempt_id, ALL)).code == "refund_by_hand"
    assert (sent(till), await till.rows(Refund)) == ([], [])
    bank_is_up(till, till.bank.says(AttemptEvent.APPROVED, attempt_id, Money(ALL, "GBP"), seen_via="lookup"))
    await till.change(Attempt, attempt_id, next_ask_at=now())
    await outcomes.ask_processor(till.hub, attempt_id)
    assert (await till.give_back(ruth, attempt_id, ALL)).state is RefundState.DONE


async def test_another_currency_is_refused(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    new = NewRefund(key=new_ulid(), amount=Amount(minor=1, currency="EUR"), reason="Billed twice")
    with pytest.raises(Invalid, match="not EUR"):
        await refunds.refund(till.hub, ruth, (await till.show(attempt_id)).intent_id, new)


async def test_over_the_persons_limit_is_refused_in_words(till: Till, ruth: Who) -> None:
    object.__setattr__(ruth, "limit", Amount(minor=5000, currency="GBP"))
    attempt_id = await till.paid()
    over = await refused(till, ruth, attempt_id, 5001)
    assert over.text.startswith("£50.01 is over your limit of £50.00. No refund was started.")
    await till.give_back(ruth, attempt_id, 5000)
    log = [row for row in await till.rows(AuditEntry) if row.action == "payment.refund"]
    assert [(row.result, row.detail["amount_minor"], row.user_id) for row in log] == [
        ("done", 5000, ruth.user_id)
    ]


async def test_one_press_is_one_refund(till: Till, ruth: Who) -> None:
    attempt_id, key = await till.paid(), new_ulid()
    tries = [till.give_back(ruth, attempt_id, 5000, key) for _ in range(3)]
    made = await asyncio.gather(*tries)
    assert len({one.refund_id for one in made}) == len(sent(till)) == 1
    with pytest.raises(Conflict):
        await till.give_back(ruth, attempt_id, 4000, key)


async def charged_twice(till: Till) -> str:
    """Return the first attempt of a payment whose second was approved before it."""
    first = await till.sending()
    await till.learn(first, AttemptEvent.NO_ANSWER)
    await till.learn(first, AttemptEvent.DECLINED)
    second = await till.start((await till.show(first)).intent_id)
    await till.key_card(second)
    await till.change(refunds.tables.CaptureSession, second, state="tokenising")
    assert await till.token(second)
    await till.charge(second)
    await till.learn(first, AttemptEvent.APPROVED)
    return first


@pytest.mark.allow_log("late success|two charges for one debt")
async def test_of_a_payment_charged_twice_the_later_charge_goes_back_without_the_accounts(
    till: Till, ruth: Who
) -> None:
    first = await charged_twice(till)
    second = (await till.show(first)).attempts[1].attempt_id
    one = await till.give_back(ruth, first, ALL)
    other = await till.give_back(ruth, first, ALL)
    assert {request.charge_ids["payment_intent"] for request in sent(till)} == {
        f"pi_{first}",
        f"pi_{second}",
    }
    assert [kind for kind, _, _ in await written(till)].count("accounts") == 1
    assert one.refund_id != other.refund_id
    assert (await refused(till, ruth, first, 1)).code == "refund_none_left"


@pytest.mark.allow_log("late success|two charges for one debt")
async def test_the_later_charge_goes_back_in_parts_before_the_one_the_accounts_know(
    till: Till, ruth: Who
) -> None:
    first = await charged_twice(till)
    for minor in (5000, 5000, ALL - 10000):
        await till.give_back(ruth, first, minor)
    assert {request.charge_ids["payment_intent"] for request in sent(till)} == {f"pi_{first}"}
    assert [kind for kind, _, _ in await written(till)].count("accounts") == 0


# ---------------------------------------------------------------- sent once
async def test_a_refund_is_committed_with_its_key_before_it_is_sent(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()

    async def look() -> None:
        seen.extend((row.state, row.refund_key) for row in await till.rows(Refund))

    seen: list[tuple[str, str]] = []
    till.bank.meanwhile["refund"] = look
    await till.give_back(ruth, attempt_id, 5000)
    assert seen == [("sending", sent(till)[0].idempotency_key)]


async def test_a_hub_that_died_before_sending_finds_out_and_sends_nothing(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    new = NewRefund(key=new_ulid(), amount=Amount(minor=5000, currency="GBP"), reason="Billed twice")
    refund_id = await refunds._write_down(till.hub, ruth, (await till.show(attempt_id)).intent_id, new)
    assert refund_id
    assert [job["refund_id"] for job in await till.jobs("ask_refund")] == [refund_id]
    await till.change(Refund, refund_id, sent_at=now() - timedelta(minutes=10))
    for _ in range(5):
        await till.ask_of_refund(refund_id)
        await refund_outcomes.ask(till.hub, refund_id)  # between two planned ones: it proves nothing
        assert (await till.refund(attempt_id)).state is RefundState.UNKNOWN
    await till.ask_of_refund(refund_id)
    shown = await till.refund(attempt_id)
    assert (shown.state, shown.why) == (RefundState.NOT_SENT, "the payment provider has no such refund")
    assert sent(till) == []
    assert (await till.show(attempt_id)).refundable == Amount(minor=ALL, currency="GBP")


@pytest.mark.allow_log("refund held back")
async def test_a_refund_is_not_sent_once_it_is_being_looked_up(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    new = NewRefund(key=new_ulid(), amount=Amount(minor=5000, currency="GBP"), reason="Billed twice")
    refund_id = await refunds._write_down(till.hub, ruth, (await till.show(attempt_id)).intent_id, new)
    assert refund_id
    await refund_outcomes.ask(till.hub, refund_id)
    await refund_outcomes.send(till.hub, refund_id)
    assert sent(till) == []


@pytest.mark.allow_log("refund held back: it is too late")
async def test_a_process_that_stood_still_until_the_look_up_refunds_nothing(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    new = NewRefund(key=new_ulid(), amount=Amount(minor=5000, currency="GBP"), reason="Billed twice")
    refund_id = await refunds._write_down(till.hub, ruth, (await till.show(attempt_id)).intent_id, new)
    assert refund_id
    late = now() - timedelta(seconds=outcomes.FOLLOW_AFTER_S)
    await till.change(Refund, refund_id, sent_at=late)
    await refund_outcomes.send(till.hub, refund_id)
    assert sent(till) == []
    assert (await till.refund(attempt_id)).state is RefundState.UNKNOWN


@pytest.mark.allow_log("evidence differs")
@pytest.mark.parametrize("missing", ["amount", "our_ref"])
async def test_a_refund_that_does_not_say_how_much_or_of_what_is_an_alarm(
    till: Till, ruth: Who, missing: str
) -> None:
    attempt_id = await till.paid()
    till.bank.refund_answer = RefundEvent.PENDING
    shown = await till.give_back(ruth, attempt_id, 5000)
    await till.learn_of_refund(shown.refund_id, RefundEvent.DONE, **{missing: None})
    assert (await till.refund(attempt_id)).state is RefundState.PENDING
    assert (await till.attempt(attempt_id)).alarm_open


async def test_a_hub_that_died_after_sending_finds_the_refund(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    new = NewRefund(key=new_ulid(), amount=Amount(minor=5000, currency="GBP"), reason="Billed twice")
    refund_id = await refunds._write_down(till.hub, ruth, (await till.show(attempt_id)).intent_id, new)
    assert refund_id
    till.bank.refunds_known = [
        till.bank.says_of_refund(RefundEvent.DONE, refund_id, Money(5000, "GBP"), seen_via="lookup")
    ]
    await refund_outcomes.ask(till.hub, refund_id)
    assert (await till.refund(attempt_id)).state is RefundState.DONE


# ---------------------------------------------------------------- outcomes
@pytest.mark.allow_log("refund not executed")
@pytest.mark.parametrize("error", [NotSent("no route"), Rejected("the payment is disputed")])
async def test_one_that_was_not_executed_frees_its_amount(till: Till, ruth: Who, error: Exception) -> None:
    attempt_id = await till.paid()
    till.bank.fails["refund"] = error
    shown = await till.give_back(ruth, attempt_id, ALL)
    assert (shown.state, bool(shown.why)) == (RefundState.NOT_SENT, True)
    assert await written(till) == []
    assert (await till.give_back(ruth, attempt_id, ALL)).state is RefundState.DONE


@pytest.mark.allow_log("refund without an answer")
@pytest.mark.parametrize("error", [OutcomeUnknown("time-out"), RateLimited()])
async def test_one_without_an_answer_is_unknown_holds_its_amount_and_is_looked_up(
    till: Till, ruth: Who, error: Exception
) -> None:
    attempt_id = await till.paid()
    till.bank.fails["refund"] = error
    shown = await till.give_back(ruth, attempt_id, ALL)
    assert shown.state is RefundState.UNKNOWN
    assert shown.check
    assert shown.check.next_at
    assert (await refused(till, ruth, attempt_id, 1)).code == "refund_none_left"
    assert len(await till.jobs("ask_refund")) == 2  # the one deferred with the refund, and the ladder's
    async with till.hub.sessions() as session:
        day = await days.agent_day(session, ruth, till.hub.settings)
    assert [one.intent_id for one in day.open_work] == [(await till.show(attempt_id)).intent_id]
    till.bank.refunds_known = [
        till.bank.says_of_refund(RefundEvent.DONE, shown.refund_id, Money(ALL, "GBP"), seen_via="lookup")
    ]
    await refund_outcomes.ask(till.hub, shown.refund_id)
    await refund_outcomes.ask(till.hub, shown.refund_id)
    titles = await till.titles(attempt_id)
    assert [title for title in titles if "£123.36" in title][-2:] == [
        "No answer: whether £123.36 went back is not known",
        "Refunded £123.36",
    ]


async def test_one_on_its_way_is_done_when_the_bank_says_so(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    till.bank.refund_answer = RefundEvent.PENDING
    shown = await till.give_back(ruth, attempt_id, 5000)
    assert (shown.state, await written(till)) == (RefundState.PENDING, [])
    await till.learn_of_refund(shown.refund_id, RefundEvent.DONE)
    shown = await till.refund(attempt_id)
    assert (shown.state, bool(shown.done_at), shown.reversed) == (RefundState.DONE, True, False)


async def test_one_that_fails_at_once_owes_nothing(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    till.bank.refund_answer = RefundEvent.FAILED
    shown = await till.give_back(ruth, attempt_id, 5000)
    assert (shown.state, shown.reversed) == (RefundState.FAILED, False)
    assert shown.why == "the card is closed or out of date"
    assert await written(till) == []


async def test_the_same_evidence_twice_changes_nothing(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    shown = await till.give_back(ruth, attempt_id, 5000)
    before, titles = await written(till), await till.titles(attempt_id)
    for _ in range(2):
        await till.learn_of_refund(shown.refund_id, RefundEvent.DONE, event_id="evt_1", seen_via="webhook")
    assert await written(till) == before
    assert await till.titles(attempt_id) == [*titles, "Refund of £50.00: the same answer again"]


@pytest.mark.allow_log("evidence differs from the refund")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": Money(4999, "GBP")}, "The provider says £49.99, this refund is £50.00."),
        ({"our_ref": "rf_other"}, "another refund"),
        ({"live": True}, "test answer"),
    ],
)
async def test_evidence_that_differs_is_an_alarm_and_never_an_update(
    till: Till, ruth: Who, change: dict[str, Any], words: str
) -> None:
    attempt_id = await till.paid()
    till.bank.refund_answer = RefundEvent.PENDING
    shown = await till.give_back(ruth, attempt_id, 5000)
    await till.learn_of_refund(shown.refund_id, RefundEvent.DONE, **change)
    after = await till.refund(attempt_id)
    assert after.state is RefundState.PENDING
    assert words in str(after.alarm)


@pytest.mark.allow_log("evidence differs from the refund")
async def test_a_second_refund_under_our_number_is_an_alarm(till: Till, ruth: Who) -> None:
    attempt_id = await till.paid()
    shown = await till.give_back(ruth, attempt_id, 5000)
    for _ in range(2):
        other = {"provider_ids": {"refund": "re_other"}, "seen_via": "lookup"}
        await till.learn_of_refund(shown.refund_id, RefundEvent.DONE, **other)
    assert "second refund" in str((await till.refund(attempt_id)).alarm)
    assert (await till.titles(attempt_id)).count("Evidence differs") == 1


@pytest.mark.allow_log("refund not executed|late refund")
@pytest.mark.parametrize("event", [RefundEvent.DONE, RefundEvent.PENDING])
async def test_one_that_exists_after_all_wins_and_is_flagged(
    till: Till, ruth: Who, event: RefundEvent
) -> None:
    attempt_id = await till.paid()
    till.bank.fails["refund"] = Rejected("no")
    shown = await till.give_back(ruth, attempt_id, ALL)
    await till.learn_of_refund(shown.refund_id, event)
    after = await till.refund(attempt_id)
    assert after.state == event.value
    assert "goes back after all" in str(after.alarm)
    assert (await refused(till, ruth, attempt_id, 1)).code == "refund_none_left"
