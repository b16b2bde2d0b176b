"""Charging a saved card: the attempt's own machinery, and what keeps a card from being charged."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from agentdesk.adapters.base import Decline, NotSent, OutcomeUnknown, Rejected
from agentdesk.domain.call import CallState, CheckResult
from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money
from agentdesk.domain.payment import Advice, AttemptEvent, AttemptState, DeclineKind
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.hub import calls, outcomes, payments, saved_cards
from agentdesk.hub.caller_policy import CallerCheck
from agentdesk.hub.context import Hub
from agentdesk.hub.db import tables
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.policies import SavedCards
from agentdesk.wire.calls import NewCallerCheck
from agentdesk.wire.payments import Attempt, NewAttempt
from tests.hub.savers import approved, cards, charge, kept, keyed, second, the_row
from tests.hub.till import Till, refused, with_settings

pytestmark = pytest.mark.anyio

FIFTY = Money(5000, "GBP")


async def no_charge(till: Till, card_id: str | None, intent_id: str | None = None) -> AgentDeskError:
    """Return why a card is not charged; nothing was sent and nothing is held."""
    intent_id = intent_id or await second(till)
    sent = len([one for one in till.bank.asked if one[0] == "charge"])
    error = await refused(AgentDeskError, charge(till, card_id, intent_id))
    assert len([one for one in till.bank.asked if one[0] == "charge"]) == sent
    assert intent_id not in {one.intent_id for one in await till.rows(tables.Attempt)}
    assert not any(await till.holding())
    return error


# ---------------------------------------------------------------- taking the money
async def test_a_saved_card_pays_like_any_other(till: Till) -> None:
    card = await kept(till)
    paid = await charge(till, card.card_id)
    assert (paid.state, paid.route, paid.capture) == (AttemptState.APPROVED, "saved", None)
    assert paid.card and paid.card.label == "Visa ending 4242"
    sent = till.bank.asked[-1][1]
    assert (sent.token.value, sent.token.customer, sent.keep) == ((await the_row(till)).token, "cus-1", False)
    assert (sent.idempotency_key, sent.amount.minor) == (f"{paid.attempt_id}:charge", 5000)
    await till.work()
    assert len(till.ledger.booked) == 2
    notes = [one.body for one in till.records.logged.values() if "with the saved card" in one.body]
    assert len(notes) == 1
    said = [one for one in await till.rows(tables.AuditEntry) if one.action == "payment.attempt"][-1]
    assert said.detail["saved_card"] == card.card_id


async def test_the_charge_is_on_disk_before_it_is_sent(till: Till) -> None:
    card, intent_id = await kept(till), await second(till)
    seen: list[object] = []

    async def look() -> None:
        rows = [one for one in await till.rows(tables.Attempt) if one.intent_id == intent_id]
        seen.extend((one.state, one.charge_key, one.sent_at is not None) for one in rows)

    till.bank.meanwhile = {"charge": look}
    paid = await charge(till, card.card_id, intent_id)
    assert seen == [("sending", f"{paid.attempt_id}:charge", True)]


async def test_the_same_press_twice_charges_once(till: Till) -> None:
    card, intent_id, key = await kept(till), await second(till), new_ulid()
    for _ in range(2):
        await charge(till, card.card_id, intent_id, key)
    assert len([one for one in till.bank.asked if one[0] == "charge"]) == 2  # the first kept the card
    assert len([one for one in await till.rows(tables.Attempt) if one.intent_id == intent_id]) == 1


async def test_two_agents_at_once_charge_once(till: Till) -> None:
    card = await kept(till)
    intents = [await second(till), await second(till)]
    sent = len(till.bank.asked)
    done = await asyncio.gather(*(charge(till, card.card_id, one) for one in intents), return_exceptions=True)
    assert len([one for one in done if isinstance(one, Conflict)]) == 1
    assert [one[0] for one in till.bank.asked[sent:]] == ["charge"]


@pytest.mark.allow_log("charge without an answer")
async def test_nothing_of_card_entry_can_be_done_with_one_that_is_being_charged(till: Till) -> None:
    card = await kept(till)
    till.bank.fails = {"charge": OutcomeUnknown()}
    attempt = await charge(till, card.card_id)
    cancelled = payments.cancel(till.hub, till.who, attempt.attempt_id)
    for step in (till.submit(attempt.attempt_id), cancelled):
        error = await refused(Conflict, step)
        assert "with a saved card" in error.text


@pytest.mark.allow_log("charge without an answer")
async def test_no_answer_is_unknown_and_is_looked_up(till: Till) -> None:
    card = await kept(till)
    till.bank.fails = {"charge": OutcomeUnknown()}
    attempt = await charge(till, card.card_id)
    assert attempt.state is AttemptState.UNKNOWN
    error = await refused(Conflict, charge(till, card.card_id))
    assert error.code == "already_being_paid"
    found = till.bank.says(AttemptEvent.APPROVED, attempt.attempt_id, FIFTY, seen_via="lookup")
    till.bank.known = [found]
    await till.ask(attempt.attempt_id)
    assert (await till.attempt(attempt.attempt_id)).state is AttemptState.APPROVED


class Dying(Hub):
    """A hub that dies once it has committed: what it was to do then is never done."""

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do nothing of it."""
        work.close()


@pytest.mark.allow_log("charge held back")
async def test_a_process_that_died_before_it_sent_is_looked_up_and_sends_nothing(till: Till) -> None:
    card, intent_id = await kept(till), await second(till)
    dying = Dying(till.hub.settings, till.hub.sessions, till.hub.vendors)
    new = NewAttempt(key=new_ulid(), route="saved", saved_card=card.card_id)
    shown = await payments.start_attempt(dying, till.who, intent_id, new)
    (attempt,) = shown.attempts
    assert attempt.state is AttemptState.SENDING
    sent = len(till.bank.asked)
    await till.due()
    await till.work()
    await outcomes.charge(till.hub, attempt.attempt_id)  # it wakes up after all
    assert "charge" not in [one[0] for one in till.bank.asked[sent:]]
    assert (await till.attempt(attempt.attempt_id)).state is AttemptState.UNKNOWN


@pytest.mark.allow_log("charge not executed")
async def test_a_card_that_is_gone_at_the_processor_is_not_charged_and_leaves_the_list(till: Till) -> None:
    card = await kept(till)
    till.keeper.kept.clear()
    till.bank.fails = {"charge": Rejected("may not be used again")}
    assert (await charge(till, card.card_id)).state is AttemptState.NOT_SENT
    await till.work()
    assert await cards(till) == []
    row = await the_row(till)
    assert (row.state, row.why) == (SavedCardState.GONE, "The payment provider does not have it any more.")


@pytest.mark.allow_log("charge not executed|look at a saved card failed")
async def test_a_card_that_was_not_charged_for_another_reason_stays(till: Till) -> None:
    card = await kept(till)
    till.bank.fails = {"charge": NotSent()}
    assert (await charge(till, card.card_id)).state is AttemptState.NOT_SENT
    till.keeper.fails = {"find": NotSent()}
    await till.work()
    assert len(await cards(till)) == 1


# ---------------------------------------------------------------- the bank's no
async def declined(till: Till, card_id: str, kind: DeclineKind, *, hard: bool = False) -> Attempt:
    """Return a try that the bank refused."""
    till.bank.answer, till.bank.decline = AttemptEvent.DECLINED, Decline(kind, kind.value, hard)
    attempt = await charge(till, card_id)
    till.bank.answer, till.bank.decline = AttemptEvent.APPROVED, None
    assert attempt.state is AttemptState.DECLINED
    return attempt


async def test_a_card_that_was_just_refused_is_not_charged_again_on_this_call(till: Till) -> None:
    card = await kept(till)
    attempt = await declined(till, card.card_id, DeclineKind.CALL_ISSUER)
    refused_one = await till.show(attempt.attempt_id)
    error = await refused(Conflict, charge(till, card.card_id, refused_one.intent_id))
    assert error.code == "saved_card_refused"
    assert (await charge(till, card.card_id)).state is AttemptState.APPROVED, "on the next call it may"


async def test_nor_is_one_that_was_refused_when_it_was_keyed(till: Till) -> None:
    card, call_id = await kept(till), await till.call()
    intent_id = await second(till, call_id)
    attempt_id = await till.submitted_of(intent_id, till.who)
    await till.token(attempt_id)
    till.bank.answer = AttemptEvent.DECLINED
    await till.charge(attempt_id)
    error = await refused(Conflict, charge(till, card.card_id, intent_id))
    assert error.code == "saved_card_refused"


async def test_a_bank_that_says_never_again_is_heard(till: Till) -> None:
    card = await kept(till)
    await declined(till, card.card_id, DeclineKind.SENSITIVE, hard=True)
    (shown,) = await cards(till)
    assert shown.off_reason == "Its bank does not accept it any more."
    assert (await no_charge(till, card.card_id)).code == "saved_card_off"


async def test_a_bank_that_wants_its_holder_leads_to_a_link(till: Till) -> None:
    card = await kept(till)
    attempt = await declined(till, card.card_id, DeclineKind.AUTHENTICATION_REQUIRED)
    assert attempt.decline
    assert attempt.decline.advice is Advice.SEND_LINK


async def test_nothing_of_a_saved_card_can_be_keyed_once_more(till: Till) -> None:
    card = await kept(till)
    attempt = await declined(till, card.card_id, DeclineKind.SECURITY_CODE)
    assert attempt.decline
    assert (attempt.decline.retry_same_card, attempt.decline.advice) == (False, Advice.OTHER_CARD)
    assert "another card" in attempt.decline.say


# ---------------------------------------------------------------- cards that cannot be charged
async def test_of_several_cards_the_chosen_one_is_charged(till: Till) -> None:
    first = await kept(till)
    till.keeper.card = CardSummary("mastercard", "8210", 1, 2030)
    await till.change(SavedCard, first.card_id, last4="1111")  # not the one that is keyed next
    await approved(till, await second(till))
    await till.work()
    newest, oldest = await cards(till)
    assert oldest.card_id == first.card_id
    till.ledger.open["9"] = 700
    paid = await charge(till, oldest.card_id, await till.intent(minor=700, invoice="9"))
    assert paid.card and paid.card.last4 == "1111"
    assert newest.last4 == "8210"


@pytest.mark.parametrize("card_id", [None, "card_none"])
async def test_a_card_nobody_knows_is_not_charged(till: Till, card_id: str | None) -> None:
    await kept(till)
    assert (await no_charge(till, card_id)).code == "saved_card_unknown"


async def test_a_card_of_another_customer_is_not_there(till: Till) -> None:
    card = await kept(till)
    await till.change(SavedCard, card.card_id, customer_id="cus_2")
    assert (await no_charge(till, card.card_id)).code == "saved_card_unknown"


async def test_a_withdrawn_card_is_not_there(till: Till) -> None:
    card = await kept(till)
    await saved_cards.withdraw(till.hub, till.who, card.card_id)
    assert (await no_charge(till, card.card_id)).code == "saved_card_unknown"


async def test_an_expired_card_is_shown_with_the_reason(till: Till) -> None:
    card = await kept(till)
    await till.change(SavedCard, card.card_id, exp_month=10, exp_year=2025)
    (shown,) = await cards(till)
    assert (shown.label, shown.off_reason) == ("Visa ending 4242, 10/25", "It expired 10/25.")
    error = await no_charge(till, card.card_id)
    assert error.text.startswith("Visa ending 4242, 10/25 cannot be charged: it expired 10/25.")


@pytest.mark.parametrize(
    ("live", "test_mode", "why"),
    [(True, True, "It was saved with real money."), (False, False, "It was saved in test mode.")],
)
async def test_test_and_live_are_kept_apart(till: Till, live: bool, test_mode: bool, why: str) -> None:
    card = await kept(till)
    await till.change(SavedCard, card.card_id, live=live)
    with_settings(till, test_mode=test_mode)
    (shown,) = await cards(till)
    assert shown.off_reason == why
    assert (await no_charge(till, card.card_id)).code == "saved_card_off"


async def test_a_card_at_another_provider_is_not_charged_here(till: Till) -> None:
    card = await kept(till)
    await till.change(SavedCard, card.card_id, provider="somebody")
    assert (await no_charge(till, card.card_id)).code == "saved_card_off"


async def test_where_the_firm_keeps_none_none_is_charged_and_all_can_be_withdrawn(till: Till) -> None:
    card = await kept(till)
    with_settings(till, saved_cards=None)
    (shown,) = await cards(till)
    assert shown.off_reason == "Saved cards are switched off here."
    error = await refused(Invalid, charge(till, card.card_id))
    assert error.code == "route_unknown"
    attempt_id = await keyed(till, await till.intent(minor=5000, invoice="8"))
    error = await refused(Conflict, saved_cards.agree(till.hub, till.who, attempt_id, "2026-11"))
    assert error.code == "saved_cards_off"
    await saved_cards.withdraw(till.hub, till.who, card.card_id)
    await till.work()
    assert not till.keeper.kept


# ---------------------------------------------------------------- the caller and the call
CHECK = CallerCheck(items={"post_code": "Post code"}, must_pass=1)


async def test_where_callers_are_checked_only_one_who_passed_pays_with_it(till: Till) -> None:
    card = await kept(till)
    with_settings(till, caller_check=CHECK)
    call_id = await till.call()
    intent_id = await second(till, call_id)
    error = await no_charge(till, card.card_id, intent_id)
    assert error.code == "saved_card_needs_check"
    passed = NewCallerCheck(customer_id="cus_1", result=CheckResult.PASSED, passed=["post_code"])
    await calls.check(till.hub, till.who, call_id, passed)
    assert (await charge(till, card.card_id, intent_id)).state is AttemptState.APPROVED


async def test_a_firm_can_do_without_the_check_but_not_after_one_that_failed(till: Till) -> None:
    card = await kept(till)
    with_settings(till, caller_check=CHECK, saved_cards=SavedCards(only_checked=False))
    call_id = await till.call()
    intent_id = await second(till, call_id)
    failed = NewCallerCheck(customer_id="cus_1", result=CheckResult.FAILED, passed=[])
    await calls.check(till.hub, till.who, call_id, failed)
    assert (await no_charge(till, card.card_id, intent_id)).code == "caller_not_verified"
    assert (await charge(till, card.card_id)).state is AttemptState.APPROVED


@pytest.mark.parametrize(("state", "code"), [(CallState.ENDED, "call_over"), (CallState.HELD, "call_held")])
async def test_without_the_caller_on_the_line_nothing_is_charged(
    till: Till, state: CallState, code: str
) -> None:
    card, call_id = await kept(till), await till.call()
    intent_id = await second(till, call_id)
    await till.line(call_id, state)
    assert (await no_charge(till, card.card_id, intent_id)).code == code


async def test_a_call_without_a_line_of_ours_can_pay_with_a_saved_card(till: Till) -> None:
    """The caller rang on another telephone system: no card can be keyed, and none has to be."""
    card, call_id = await kept(till), await till.call()
    await till.change(tables.Call, call_id, call_ref=None)
    assert (await charge(till, card.card_id, await second(till, call_id))).state is AttemptState.APPROVED


async def test_a_like_payment_stops_it(till: Till) -> None:
    card = await kept(till)
    await charge(till, card.card_id)
    await till.work()
    till.ledger.open["8"] = 5000  # the next bill, of the same amount
    error = await no_charge(till, card.card_id)
    assert error.code == "possible_duplicate"


async def test_a_card_of_the_calls_next_customer_never_pays_for_the_one_before(till: Till) -> None:
    card = await kept(till)
    intent_id = await second(till)
    call_id = (await till.row(tables.PaymentIntent, intent_id)).call_id
    await till.change(tables.PaymentIntent, intent_id, customer_id="cus_2", customer_name="Tom Ellis")
    error = await no_charge(till, card.card_id, intent_id)
    assert (error.code, "Tom Ellis" in error.text) == ("customer_changed", True)
    assert (await till.row(tables.Call, call_id)).customer_id == "cus_1"
