"""The real desk, driven by keys alone, against a real hub, PostgreSQL, sandbox and Tryton."""

import asyncio

from agentdesk.cli.demo import evidence, screen
from agentdesk.cli.demo.journey import Journey
from agentdesk.cli.demo.world import AGENT, World
from agentdesk.desk.screens.payment.place import Place
from agentdesk.domain.capture import CardField
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from tests.end_to_end.desk_by_hand import Person, Phone, Taking
from tests.end_to_end.desk_by_keys import Play, focused, is_booked, reads, tab_to, type_in
from tests.until import until

DEREK = "+441144960126"
FATIMA = "+441614960134"
OWAIN = "+442920180142"
DAVID_CARDIFF, DAVID_LIVERPOOL, SIOBHAN = "+442920180217", "+441514960225", "+441414960233"


def test_a_payment_from_signing_in_to_the_log(journey: Journey, play: Play) -> None:
    play(journey.play())
    assert [one.step for one in journey.steps] == [
        "sign in",
        "signed in as Priya Nair",
        "call answered",
        "customer on screen",
        "line secured",
        "all fields in",
        "approved",
        "written back",
        "ledger",
        "note",
        "receipt",
        "call finished",
        "sign in",
        "signed in as Ruth Adeyemi",
        "found in the payment log",
    ]


def test_declined_then_another_card(journey: Journey, play: Play) -> None:
    async def playing() -> None:
        await journey.sign_in()
        call_ref = await journey.answer(DEREK)
        await journey.until(lambda: journey.session.customer is not None, "the customer")
        await journey.secure(call_ref)
        await journey.collect(call_ref, "visa-declines")
        await journey.press("F10")
        await journey.until(lambda: journey.state() is AttemptState.DECLINED, "the decline")
        await journey.picture("declined")
        await reads(journey, "Declined, nothing was charged", "Try another card")
        await journey.secure(call_ref)
        await journey.collect(call_ref, "visa-approves")
        paid = await journey.charge()
        assert [one.state for one in paid.attempts] == [AttemptState.DECLINED, AttemptState.APPROVED]
        await is_booked(journey, paid)

    play(playing())


def test_lost_answer_shows_checking_and_then_the_approval(
    journey: Journey, play: Play, untouched: World
) -> None:
    async def playing() -> None:
        phone = Phone(untouched)
        await journey.sign_in()
        call_ref = await journey.answer(FATIMA)
        await journey.until(lambda: journey.session.customer is not None, "the customer")
        await journey.secure(call_ref)
        await journey.collect(call_ref)
        lost = {"face": "stripe", "kind": "drop_reply_after_executing"}
        await asyncio.to_thread(lambda: phone.fault(route="POST /v1/payment_intents", **lost))
        silent = {"face": "stripe", "kind": "callback_lost"}
        await asyncio.to_thread(lambda: phone.fault(route="payment_intent.succeeded", **silent))
        unseen = {"face": "stripe", "kind": "error_500_before", "count": None}
        await asyncio.to_thread(lambda: phone.fault(route="GET /v1/payment_intents", **unseen))
        await journey.press("F10")
        await journey.until(lambda: journey.state() is AttemptState.UNKNOWN, "the unknown outcome")
        await journey.picture("unknown")
        await asyncio.to_thread(phone.disarm)
        await journey.until(lambda: journey.state() is AttemptState.APPROVED, "the approval")

    play(playing())


def test_caller_hangs_up_while_keying(journey: Journey, play: Play, untouched: World) -> None:
    async def playing() -> None:
        await journey.sign_in()
        call_ref = await journey.answer(OWAIN)
        await journey.until(lambda: journey.session.customer is not None, "the customer")
        await journey.secure(call_ref)
        await journey.press("F8")
        await asyncio.to_thread(Phone(untouched).hang_up, call_ref)
        await journey.until(lambda: journey.state() is AttemptState.NOT_SENT, "the end of card entry")
        reason = journey.session.payment.attempts[-1].not_sent_reason
        assert "hung up" in reason
        await journey.picture("hung up")

    play(playing())


def test_wrong_number_is_asked_again_and_the_payment_cancelled(
    journey: Journey, play: Play, untouched: World
) -> None:
    async def playing() -> None:
        phone = Phone(untouched)
        await journey.sign_in()
        call_ref = await journey.answer(OWAIN)
        await journey.until(lambda: journey.session.customer is not None, "the customer")
        await journey.secure(call_ref)
        await journey.press("F8")
        await journey.until(lambda: "the caller is keying" in screen.words(journey.window), "the asking")
        await asyncio.to_thread(phone.key, call_ref, "4242424242424241#")  # fails the check digit
        await journey.until(lambda: "Not valid" in screen.words(journey.window), "the refusal")
        await journey.press("F8")
        await journey.until(lambda: "the caller is keying" in screen.words(journey.window), "the asking")
        await asyncio.to_thread(phone.key_card, call_ref, "visa-approves")
        await journey.until(lambda: "Visa ending 4242" in screen.words(journey.window), "the number")
        await tab_to(journey, "Cancel payment")
        await journey.press("Space")
        await journey.press("Escape")  # never cancels money
        assert journey.session.live_attempt is not None
        await tab_to(journey, "Cancel payment")
        await journey.press("Space")
        await tab_to(journey, "Cancel payment")
        await journey.press("Space")
        await journey.until(lambda: journey.state() is AttemptState.NOT_SENT, "the end of card entry")
        await journey.until(lambda: "nothing was charged" in screen.words(journey.window), "the words")

    play(playing())


def test_one_debt_is_split_over_two_cards_by_keys(journey: Journey, play: Play) -> None:
    async def playing() -> None:
        await journey.sign_in()
        call_ref = await journey.answer(OWAIN)
        await journey.until(lambda: journey.session.customer is not None, "the customer")
        owed = journey.session.customer.open_items[0].outstanding.money
        await journey.press("Alt+S")
        await journey.until(lambda: "First card" in focused(), "the field")
        type_in("20")
        await journey.secure(call_ref)
        await journey.collect(call_ref, "visa-approves")
        first = await journey.charge()
        assert first.amount.money == Money(2000, "GBP")
        rest = owed - first.amount.money
        await journey.until(lambda: f"Take the rest, {rest}" in screen.words(journey.window), "the rest")
        await journey.press("F4")
        await journey.until(lambda: f"Take {rest}" in screen.words(journey.window), "the second card's form")
        await journey.secure(call_ref)
        await journey.collect(call_ref, "mastercard-approves")
        second = await journey.charge()
        assert (second.split_of, second.amount.money) == (first.intent_id, rest)
        await is_booked(journey, second)
        assert len(evidence.notes(journey.world, first.reference)) == 1

    play(playing())


# ---------------------------------------------------------------- a desk that was killed
def _died(untouched: World, caller: str) -> Taking:
    """Return a payment agreed on a desk that is heard of no more."""
    line = Person(untouched, AGENT).take_call(caller)
    item = line.customer()["open_items"][0]
    return line.agree(item["outstanding"]["minor"], [item])


async def _lands(journey: Journey, taking: Taking, place: Place) -> None:
    await journey.until(lambda: journey.window.sign_in is not None, "the sign-in screen")
    await journey._type_credentials(AGENT[0])  # whatever the lamps say
    await journey.press("Return")

    def shows() -> bool:
        region = journey.window.shell.centre["payment"] if journey.window.shell else None
        return region is not None and region.isVisible() and region._model.place is place

    await journey.until(shows, f"the {place}")
    assert journey.session.payment.intent_id == taking.intent_id


def test_desk_killed_while_the_caller_keys_goes_on_with_it(
    journey: Journey, play: Play, untouched: World
) -> None:
    taking = _died(untouched, SIOBHAN)
    taking.start()
    taking.key("number", "visa-approves")

    async def playing() -> None:
        await _lands(journey, taking, Place.CAPTURE)
        await journey.collect(taking.line.ref, fields=(CardField.EXPIRY, CardField.SECURITY_CODE))
        await journey.charge()

    play(playing())
    assert len(taking.charges()) == 1


def test_desk_killed_before_the_answer_lands_on_the_payment_that_is_checked(
    journey: Journey, play: Play, untouched: World
) -> None:
    taking, phone = _died(untouched, DAVID_CARDIFF), Phone(untouched)
    taking.key_card("visa-approves")
    phone.fault(face="stripe", kind="drop_reply_after_executing", route="POST /v1/payment_intents")
    phone.fault(face="stripe", kind="callback_lost", route="payment_intent.succeeded")
    phone.fault(face="stripe", kind="error_500_before", route="GET /v1/payment_intents", count=None)
    taking.submit()
    until(lambda: taking.attempt()["state"] == "unknown")

    async def playing() -> None:
        await _lands(journey, taking, Place.CHECKING)
        await asyncio.to_thread(phone.disarm)
        await journey.until(lambda: journey.state() is AttemptState.APPROVED, "the approval")

    play(playing())
    assert len(taking.charges()) == 1


def test_desk_killed_with_a_link_out_lands_on_the_link_though_the_caller_has_hung_up(
    journey: Journey, play: Play, untouched: World
) -> None:
    taking = _died(untouched, DAVID_LIVERPOOL)
    url = taking.send_link()
    taking.line.hang_up()

    async def playing() -> None:
        await _lands(journey, taking, Place.LINK)
        assert await asyncio.to_thread(taking.pay_link, url, "visa-approves") == "paid"
        await journey.until(lambda: journey.state() is AttemptState.APPROVED, "the approval")

    play(playing())
