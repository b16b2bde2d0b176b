"""Sending a payment link, and what may be done while it is open."""

from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk import standing, times
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.closing import note
from agentdesk.desk.screens.payment.link_steps import rows, words
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.errors import Conflict, Invalid, Unavailable
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.events import CallChanged, ReadinessChanged
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub, closed
from tests.desk.screens.payment.playing import asked, attempts, hang_up, intents, lose, take, tell


def _send(model: PaymentViewModel, qtbot: QtBot, number: str = "") -> None:
    model.link.ask()
    model.link.type_number(number)
    model.link.send()
    qtbot.waitUntil(lambda: model.place is Place.LINK and not model.link.send_command.is_running)


def _names(model: PaymentViewModel) -> list[str]:
    return [press.name for press in actions(model).presses]


def test_a_link_is_asked_for_then_sent_for_what_is_chosen(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    assert actions(model).keyed["F7"].name == "link"
    model.link.ask()
    assert model.place is Place.LINK_FORM
    assert (model.link.to_whom.callers_number, str(model.link.amount)) == ("•••• 958", "£123.36")
    assert actions(model).keyed["F7"].words == "Send link for £123.36"
    assert attempts(hub) == []
    _send(model, qtbot)
    (intent,), (attempt,) = intents(hub), attempts(hub)
    assert str(intent.amount) == "£123.36"
    assert (attempt.route, attempt.send_to) == ("link", None)  # the caller's own number
    assert _names(model) == ["expire", "leave"]


def test_another_number_is_texted_instead(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    _send(model, qtbot, " +44 7700 900123 ")
    assert attempts(hub)[0].send_to == "+44 7700 900123"


def test_going_back_sends_nothing(model: PaymentViewModel, hub: ActingHub) -> None:
    model.link.ask()
    model.link.back()
    assert model.place is Place.CHOOSE
    assert intents(hub) == []


def test_where_the_link_is_chosen_f7_is_the_main_press_and_a_card_can_still_be_keyed_after(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.form.choose_route("link")
    main = actions(model).main
    assert main is not None
    assert (main.name, main.key, main.words) == ("link", "F7", "Send a link for £123.36")
    assert "F4" not in actions(model).keyed
    _send(model, qtbot)
    tell(model, hub, qtbot, AttemptState.NOT_SENT, attempt_id="att_1", route="link", link=samples.link())
    model.again()
    qtbot.waitUntil(lambda: len(attempts(hub)) == 2)
    assert attempts(hub)[1].route == "keypad"


def test_a_number_the_hub_refuses_leaves_the_form_and_the_same_payment(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.fail("start_attempt", Invalid("phone_invalid", phone="12"))
    model.link.ask()
    model.link.type_number("12")
    model.link.send()
    qtbot.waitUntil(lambda: model.error is not None)
    assert model.place is Place.LINK_FORM
    model.link.type_number("")
    model.link.send()
    qtbot.waitUntil(lambda: model.place is Place.LINK)
    assert len(intents(hub)) == 1
    keys = [one.key for one in attempts(hub)]
    assert len(set(keys)) == 2  # the hub said no: the next press is a new decision


def test_silence_is_tried_again_with_the_same_key(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.fail("start_attempt", Unavailable("hub_unreachable"))
    model.link.ask()
    model.link.send()
    qtbot.waitUntil(lambda: model.error is not None)
    _send(model, qtbot)
    assert len({one.key for one in attempts(hub)}) == 1


def test_a_withheld_number_needs_one(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    hub.push(CallChanged(call=samples.call(number=None)))
    qtbot.waitUntil(lambda: model.session.call is not None and model.session.call.number is None)
    model.link.ask()
    model.link.choose(LinkWay.TEXT)
    assert model.link.why_not_send == "Type the number to text"
    model.link.send()
    assert attempts(hub) == []
    model.link.type_number("+447700900123")
    model.link.send()
    qtbot.waitUntil(lambda: [one.send_to for one in attempts(hub)] == ["+447700900123"])


def test_the_caller_hangs_up_and_gets_a_link_under_the_same_payment(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    hang_up(model, hub, qtbot)
    assert model.link.why_not == "This payment is not over"  # the card session is not closed yet
    tell(model, hub, qtbot, AttemptState.NOT_SENT, capture=closed(), not_sent_reason="The caller hung up.")
    assert _names(model) == ["link", "finish"]
    _send(model, qtbot)
    assert len(intents(hub)) == 1
    assert _names(model) == ["expire", "finish"]
    payment = model.payment
    assert payment is not None
    assert note(payment, payment.attempts[-1]).startswith("Made a link for £123.36")


def test_no_link_while_an_outcome_is_not_known(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.UNKNOWN)
    assert model.link.why_not == "This payment is not over"
    model.link.ask()
    assert model.place is Place.CHECKING
    tell(model, hub, qtbot, AttemptState.NOT_SENT, capture=closed())
    assert model.link.why_not == ""


def test_the_open_link_is_expired_and_texted_again(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _send(model, qtbot)
    assert model.link.why_not_resend == "The link is not open"
    tell(model, hub, qtbot, AttemptState.OPEN, route="link", capture=None, link=samples.link())
    model.link.resend()
    qtbot.waitUntil(lambda: [args[0] for args in asked(hub, "resend_link")] == ["att_1"])
    model.link.expire()
    qtbot.waitUntil(lambda: asked(hub, "cancel") == [("att_1",)])
    closing = samples.link(state=LinkState.CLOSING)
    tell(model, hub, qtbot, AttemptState.OPEN, route="link", capture=None, link=closing)
    assert model.link.why_not_expire == "It is being expired"
    assert "F4" not in actions(model).keyed


def test_a_link_that_was_paid_first_is_told(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    _send(model, qtbot)
    hub.fail("cancel", Conflict("step_not_possible", state="approved"))
    model.link.expire()
    tell(model, hub, qtbot, AttemptState.APPROVED, route="link", capture=None, link=samples.link())
    assert model.place is Place.APPROVED


def test_an_open_link_stays_in_sight_when_the_connection_is_lost(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _send(model, qtbot)
    lose(model, hub, qtbot)
    assert model.place is Place.LINK
    assert model.link.why_not_expire == "Connection lost"


def test_where_links_are_not_set_up_nothing_speaks_of_them(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    keypad = [route for route in hub.lamps.routes if route.route == "keypad"]
    hub.push(ReadinessChanged(readiness=hub.lamps.model_copy(update={"routes": keypad})))
    qtbot.waitUntil(lambda: not model.link.offered)
    assert "F7" not in actions(model).keyed
    model.link.ask()
    assert model.place is Place.CHOOSE


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({}, "Sent a link for £123.36 for NW-20931 and NW-21407. Reference"),
        ({"problem": "The text did not reach the phone."}, "it may not have arrived. Reference"),
        ({"sent_at": None, "problem": "The mail server did not take it."}, "it has not gone out. Reference"),
        ({"sent_at": None, "state": LinkState.OPENING}, "it has not gone out. Reference"),
    ],
)
def test_the_note_says_sent_only_of_a_link_that_was(link: dict[str, object], words: str) -> None:
    attempt = samples.linked(link=samples.link(**link))
    said = note(samples.payment(attempt), attempt)
    assert words in said
    assert ("Sent a link" in said) is ("sent_at" not in link)


def test_a_link_that_is_open_until_tomorrow_says_so() -> None:
    tomorrow = samples.link(expires_at=samples.NOW + timedelta(days=1), sent_at=samples.NOW)
    until = f"{times.minute(tomorrow.expires_at)} on 22 Nov"
    assert f"is open until {until}." in words("£1.00", tomorrow, samples.NOW)[1]
    assert rows(tomorrow, samples.NOW.date())[-1][2] == f"can be until {until}"
    assert f"open until {until}" in standing.link_words(tomorrow, samples.NOW)


def test_every_step_of_a_link_is_said() -> None:
    now = samples.at(10, 45)
    made = samples.link(state=LinkState.OPENING, sent_at=None, delivered_at=None)
    assert [row[0] for row in rows(made, samples.NOW.date())] == ["open", "open", "open", "open"]
    assert [row[0] for row in rows(samples.link(), samples.NOW.date())] == ["ok", "ok", "ok", "open"]
    failed = samples.link(problem="The text did not reach the phone.", delivered_at=None)
    assert [row[0] for row in rows(failed, samples.NOW.date())] == ["ok", "slow", "open"]
    titles = [
        words("£1.00", made, now)[0],
        words("£1.00", samples.link(), now)[0],
        words("£1.00", samples.link(state=LinkState.CLOSING), now)[0],
        words("£1.00", samples.link(), samples.at(11, 50))[0],
    ]
    assert len(set(titles)) == 4


def test_the_bar_and_the_block_say_what_the_link_is(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _send(model, qtbot)
    now, lost = samples.at(10, 45), {"delivered_at": None, "problem": "The text did not reach the phone."}
    for link, bar, block in (
        (samples.link(state=LinkState.OPENING), "The link is still being made", "The link is being made"),
        (samples.link(), "The link stays open", "Waiting for the customer to pay"),
        (samples.link(**lost), "The link may not have arrived", "The link may not have arrived"),
        (
            samples.link(state=LinkState.CLOSING, **lost),
            "Until it is closed it may be paid",
            "The link is being expired",
        ),
    ):
        newer = hub.tell_attempt(samples.linked(attempt_id="att_1", link=link))
        qtbot.waitUntil(lambda at=newer.version: model.payment is not None and model.payment.version == at)
        assert (actions(model).reason, words("£1.00", link, now)[0]) == (bar, block)
