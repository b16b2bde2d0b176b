"""What callers want beside a plain payment: on the real desk by keys, seen there and in what it writes to."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication

from agentdesk import dates
from agentdesk.cli.demo import evidence, screen
from agentdesk.cli.demo.journey import Journey
from agentdesk.cli.demo.world import AGENT, World
from agentdesk.desk import days
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.refund import RefundState
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.wire.payments import PaymentIntent
from tests.end_to_end.desk_by_hand import Person, Phone, hire
from tests.end_to_end.desk_by_keys import (
    Play,
    answered,
    beside,
    finish,
    focused,
    is_booked,
    open_page,
    paid_by_link,
    push,
    reads,
    tab_to,
    type_in,
    type_over,
)
from tests.until import until

DEREK, FATIMA, OWAIN, SIOBHAN = "+441144960126", "+441614960134", "+442920180142", "+441414960233"
DAVID = "+441514960225"
REFUNDER = ("nell.refunds", "Nell Refunds", "agent", 200_000)
KEPT = "the saved Visa ending 4242, 12/34"


# ---------------------------------------------------------------- a saved card
def test_a_card_is_kept_with_consent_pays_the_next_call_and_is_let_go(
    journey: Journey, play: Play, untouched: World
) -> None:
    async def playing() -> None:
        await journey.sign_in()
        await _pays_and_has_it_kept(journey)
        await finish(journey)
        await _pays_with_it(journey, Person(untouched, AGENT))
        await push(journey, f"Remove {KEPT}")
        await reads(journey, "It is gone at once")
        await push(journey, f"Remove {KEPT} now")
        await journey.until(lambda: not journey.session.customer.saved_cards, "no saved card")
        await journey.until(lambda: QApplication.focusWidget() is not None, "the keyboard")
        await journey.picture("card removed")
        await finish(journey)

    play(playing())
    for told in ("Card saved", "Saved card removed"):
        until(lambda told=told: len(evidence.notes(untouched, told)) == 1)


async def _pays_and_has_it_kept(journey: Journey) -> None:
    call_ref = await answered(journey, FATIMA)
    await journey.secure(call_ref)
    await journey.collect(call_ref, "visa-approves")
    await journey.press("F2")
    await reads(journey, "Read the script to the caller")
    await journey.press("F3")
    await reads(journey, "This card is saved once it is paid")
    await journey.picture("consent noted")
    paid = await journey.charge()

    def is_kept() -> bool:
        consent = journey.session.payments[paid.intent_id].attempts[-1].consent
        return consent is not None and consent.state is SavedCardState.KEPT

    await journey.until(is_kept, "the card that is kept")
    await is_booked(journey, paid)


async def _pays_with_it(journey: Journey, agent: Person) -> None:
    call_ref = await answered(journey, FATIMA)
    await reads(journey, f"Remove {KEPT}")
    before = await asyncio.to_thread(evidence.charges, journey.world)
    await journey.press("Ctrl+3")
    await journey.press("F4")
    await reads(journey, "Which saved card", "Visa ending 4242")
    await journey.picture("saved card read out")
    assert await asyncio.to_thread(evidence.charges, journey.world) == before
    paid = await journey.charge()
    assert [(one.route, one.capture) for one in paid.attempts] == [("saved", None)]
    await is_booked(journey, paid)
    assert [one["status"] for one in beside(journey, call_ref, agent).charges()] == ["succeeded"]


# ---------------------------------------------------------------- links
def test_what_the_bank_wants_confirmed_is_paid_by_a_link_with_one_key(
    journey: Journey, play: Play, untouched: World
) -> None:
    agent = Person(untouched, AGENT)

    async def playing() -> None:
        await journey.sign_in()
        call_ref = await answered(journey, DEREK)
        await journey.secure(call_ref)
        await journey.collect(call_ref, "visa-needs-3ds")
        await journey.press("F10")
        await journey.until(lambda: journey.state() is AttemptState.DECLINED, "the decline")
        await reads(journey, "Not confirmed, nothing was charged")
        taking = beside(journey, call_ref, agent)
        assert await asyncio.to_thread(taking.charges) == []
        await journey.press("F7")
        await reads(journey, "Waiting for the customer to pay", "The text reached the phone")
        await journey.picture("link after the bank wants it confirmed")
        await paid_by_link(taking, "visa-needs-3ds")
        await _is_paid_under_one_debt(journey, taking.intent_id, [AttemptState.DECLINED])
        assert [one["status"] for one in taking.charges()] == ["succeeded"]
        await finish(journey)

    play(playing())


def test_a_caller_who_drops_while_keying_pays_by_link_after_the_call(
    journey: Journey, play: Play, untouched: World
) -> None:
    agent = Person(untouched, AGENT)

    async def playing() -> None:
        await journey.sign_in()
        call_ref = await answered(journey, OWAIN)
        await journey.secure(call_ref)
        await journey.press("F8")
        await reads(journey, "the caller is keying")
        await asyncio.to_thread(Phone(untouched).hang_up, call_ref)
        await reads(journey, "Not sent, nothing was charged", "The line is closed")
        await journey.press("F7")
        await reads(journey, "How to send the link")
        await journey.press("F7")
        await reads(journey, "Waiting for the customer to pay", "The text reached the phone")
        taking = beside(journey, call_ref, agent)
        await finish(journey)
        await push(journey, f"Open {journey.session.payments[taking.intent_id].customer_name}…")
        await reads(journey, "Waiting for the customer to pay")
        await journey.picture("link open after the call")
        await paid_by_link(taking)
        await _is_paid_under_one_debt(journey, taking.intent_id, [AttemptState.NOT_SENT])
        assert [one["status"] for one in taking.charges()] == ["succeeded"]

    play(playing())


async def _is_paid_under_one_debt(journey: Journey, intent_id: str, before: list[AttemptState]) -> None:
    """See the approval of the payment that was tried by keypad before, and its effects."""
    await journey.until(lambda: journey.state() is AttemptState.APPROVED, "the approval")
    paid: PaymentIntent = journey.session.payment
    assert paid.intent_id == intent_id
    tried = [(one.route, one.state) for one in paid.attempts]
    assert tried == [*(("keypad", state) for state in before), ("link", AttemptState.APPROVED)]
    await reads(journey, f"Approved {paid.amount}")
    await journey.picture("paid by link")
    await is_booked(journey, paid)


# ---------------------------------------------------------------- a refund
@pytest.fixture
def refunder(untouched: World) -> Iterator[Person]:
    """An agent who may refund what they may take."""
    person = hire(untouched, REFUNDER)
    yield person
    person.finish_calls()


def test_a_part_goes_back_by_its_reference_and_both_systems_have_it(
    journey: Journey, play: Play, refunder: Person
) -> None:
    async def playing() -> None:
        await journey.sign_in(REFUNDER)
        call_ref = await answered(journey, DAVID)
        await journey.secure(call_ref)
        await journey.collect(call_ref)
        paid = await journey.charge()
        await is_booked(journey, paid)
        taking = beside(journey, call_ref, refunder)
        await finish(journey)
        lay = await asyncio.to_thread(evidence.in_transit, journey.world)
        await _gives_back(journey, paid, "10", "Billed twice")
        refund = (await asyncio.to_thread(taking.show))["refunds"][0]
        assert (refund["state"], refund["amount"]["minor"]) == (RefundState.DONE, 1000)
        assert [one["amount_refunded"] for one in taking.charges()] == [1000]
        await _is_written_back(journey, refund["reference"], lay - Decimal("10.00"))

    play(playing())


async def _gives_back(journey: Journey, paid: PaymentIntent, amount: str, why: str) -> None:
    """Find the payment by its reference and refund a part of it."""
    await open_page(journey, "Refunds")
    await journey.until(lambda: focused() == "Find a payment to refund", "the search")
    type_in(paid.short_reference)
    await journey.press("Return")
    await reads(journey, f"Open {paid.customer_name}, {paid.amount}, {paid.short_reference}")
    await push(journey, f"Open {paid.customer_name}…")
    await reads(journey, f"Payment {paid.short_reference}")
    await push(journey, "Refund")
    await journey.until(lambda: focused() == "Reason of the refund", "the form")
    type_in(why)
    await journey.press("Backtab")
    await type_over(journey, amount)
    await reads(journey, f"Refund £{amount}.00")
    await journey.picture("refund form")
    await journey.press("Ctrl+Return")
    await reads(journey, f"Refund of £{amount}.00", "The money went back", why)
    await journey.picture("refunded")


async def _is_written_back(journey: Journey, reference: str, in_transit: Decimal) -> None:
    """See the refund in ledger and customer record, and on the desk as it is."""
    await journey._hold(
        "the refund is booked once, and the ledger balances",
        "Tryton account.payment, account.move.line",
        lambda: (
            _paid_back(journey, reference) == [("payable", Decimal("10.00"), "succeeded")]
            and evidence.in_transit(journey.world) == in_transit
            and not evidence.ledger_difference(journey.world)
        ),
    )
    await journey._hold(
        "the refund is noted once, with its reason",
        "Tryton ir.note",
        lambda: ["Billed twice" in one for one in evidence.notes(journey.world, reference)] == [True],
    )
    await tab_to(journey, "Refunds")
    await journey.press("Left")
    await reads(journey, "Accounts, refund of £10.00", "Customer record, refund of £10.00")
    await journey.until(lambda: "Queued" not in screen.words(journey.window), "what was written back")
    await journey.picture("refund written back")


def _paid_back(journey: Journey, reference: str) -> list[tuple[str, Decimal, str]]:
    rows = evidence.search(
        journey.world, "account.payment", [["reference", "=", reference]], ["kind", "amount", "state"]
    )
    return [(row["kind"], row["amount"], row["state"]) for row in rows]


# ---------------------------------------------------------------- a promise
def test_a_promise_is_written_down_and_seen_on_the_next_call(
    journey: Journey, play: Play, untouched: World
) -> None:
    before = evidence.charges(untouched)

    async def playing() -> None:
        await journey.sign_in()
        await answered(journey, SIOBHAN)
        today = journey.session.clock.now().astimezone().date()
        due = today + timedelta(days=7)
        await journey.press("Ctrl+P")
        await journey.until(lambda: focused() == "How much, GBP", "the form")
        await type_over(journey, "30")
        await tab_to(journey, "Day it is paid by")
        type_in("+7")
        said = f"£30.00 by {days.words(due, today)}"
        await reads(journey, "You promise to pay", days.words(due, today))
        await journey.picture("promise form")
        await journey.press("Ctrl+Return")
        await reads(journey, "Written down", f"Promised {said}, in 7 days.")
        await journey.until(lambda: journey.session.customer.promise, "the promise of the customer")
        promise = journey.session.customer.promise
        await _ends_without_payment(journey)
        notes = await _noted(journey, promise.reference)
        assert f"£30.00 by {dates.in_full(due)}. Promised to Priya Nair." in notes[0]

        await answered(journey, SIOBHAN)
        await reads(journey, f"Promised {said}, in 7 days.")
        await journey.picture("promised before")
        await _ends_without_payment(journey)

    play(playing())
    assert evidence.charges(untouched) == before


async def _ends_without_payment(journey: Journey) -> None:
    await push(journey, "No payment")
    await reads(journey, "No payment on this call")
    if not journey.window.shell.centre["wrap_up"]._model.disposition:
        await push(journey, "Enquiry, no payment")
    await finish(journey)


async def _noted(journey: Journey, reference: str) -> list[str]:
    found: list[str] = []

    def is_noted() -> bool:
        found[:] = evidence.notes(journey.world, reference)
        return len(found) == 1

    await journey._hold("the promise is noted once", "Tryton ir.note", is_noted)
    return found
