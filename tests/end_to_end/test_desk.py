"""The real desk, driven by keys alone, against a real hub, PostgreSQL, sandbox and Tryton."""

import asyncio
import io
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from rich.console import Console

from agentdesk.cli.demo import screen
from agentdesk.cli.demo.journey import Journey
from agentdesk.cli.demo.world import AGENT, World, passing_home, world
from agentdesk.desk.command import Tasks
from agentdesk.desk.hub_client import HubClient
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.desk.times import Clock
from agentdesk.desk.window import Window
from agentdesk.domain.capture import CardField
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from tests.end_to_end.desk_by_hand import Person, Phone, Taking
from tests.until import until

DEREK = "+441144960126"
FATIMA = "+441614960134"
OWAIN = "+442920180142"
DAVID_CARDIFF, DAVID_LIVERPOOL, SIOBHAN = "+442920180217", "+441514960225", "+441414960233"


@pytest.fixture(scope="module")
def untouched() -> Iterator[World]:
    """A world in which nobody has paid yet."""
    with passing_home() as folder, world(folder, lambda *_: None) as made:
        yield made


@pytest.fixture
def journey(
    untouched: World, tasks: Tasks, settings: Settings, tmp_path: Path, qtbot: QtBot
) -> Iterator[Journey]:
    """The desk's window on the real hub, and somebody who plays on it."""
    client = HubClient(untouched.hub.url)
    window = Window(Session(client, tasks, Clock()), settings)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    yield Journey(untouched, window, tmp_path, Console(file=io.StringIO()))
    window.hide()
    window.deleteLater()

    async def close() -> None:
        await tasks.cancel_all()  # as the program does: what still asks must not ask a closed client
        await client.aclose()

    closing = asyncio.get_event_loop_policy().get_event_loop().create_task(close())
    qtbot.waitUntil(closing.done)
    Person(untouched, AGENT).finish_calls()


@pytest.fixture
def play(journey: Journey, qtbot: QtBot) -> Callable[[Coroutine[Any, Any, None]], None]:
    """Return a function that plays to the end and raises what went wrong."""

    def to_the_end(playing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_event_loop_policy().get_event_loop().create_task(playing)
        try:
            qtbot.waitUntil(task.done, timeout=150_000)
        finally:
            task.cancel()  # where it took too long, it must not play on in the next test
        task.result()

    return to_the_end


Play = Callable[[Coroutine[Any, Any, None]], None]


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
        await journey.secure(call_ref)
        await journey.collect(call_ref, "visa-approves")
        await journey.charge()

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
        await journey.press("F10")
        await journey.until(lambda: journey.state() is AttemptState.UNKNOWN, "the unknown outcome")
        await journey.picture("unknown", after_s=0)
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
        await _tab_to(journey, "Cancel payment")
        await journey.press("Space")
        await journey.press("Escape")  # never cancels money
        assert journey.session.live_attempt is not None
        await _tab_to(journey, "Cancel payment")
        await journey.press("Space")
        await _tab_to(journey, "Cancel payment")
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
        await journey.until(lambda: "First card" in QApplication.focusWidget().accessibleName(), "the field")
        QTest.keyClicks(QApplication.focusWidget(), "20")
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


async def _tab_to(journey: Journey, name: str) -> None:
    """Press Tab until a control whose name begins so has the keyboard."""
    for _ in range(40):
        focused = QApplication.focusWidget()
        if focused is not None and focused.accessibleName().startswith(name):
            return
        await journey.press("Tab")
    raise AssertionError(f"Tab does not reach {name}")
