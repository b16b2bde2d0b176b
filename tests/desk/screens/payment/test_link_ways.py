"""Which way a link goes, sending it somewhere else, showing it, and the bank that wants the card holder."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.link_steps import next_steps, rows, words
from agentdesk.desk.screens.payment.routes import numbered
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.errors import Conflict, Invalid, Unavailable
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.events import CallChanged, ReadinessChanged
from agentdesk.wire.links import LinkOut
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import (
    asked,
    attempts,
    forget_address,
    intents,
    lose,
    sent,
    tell,
    withhold,
)

AMARA = "amara.okafor@example.com"
OTHER = "a.okafor@example.org"


def _open(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, **changes: Any) -> None:
    """Let a link be open at the customer."""
    model.link.ask()
    model.link.send()
    sent(model, qtbot)
    _told(model, hub, qtbot, AttemptState.OPEN, samples.link(**changes))


def _told(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, state: AttemptState, link: LinkOut) -> None:
    tell(model, hub, qtbot, state, route="link", capture=None, link=link)


def _closed(hub: ActingHub) -> None:
    """Let the provider confirm that nobody can pay on the first link any more."""
    link = samples.link(state=LinkState.CLOSED)
    hub.tell_attempt(
        samples.linked(AttemptState.NOT_SENT, link=link, not_sent_reason="You expired the link.")
    )


def _allow(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, **off: str | None) -> None:
    """Let the hub say which ways are off."""
    routes = [
        route.model_copy(
            update={"ways": [w.model_copy(update={"off_reason": off.get(w.way)}) for w in route.ways]}
        )
        for route in hub.lamps.routes
    ]
    hub.lamps = hub.lamps.model_copy(update={"routes": routes})
    hub.push(ReadinessChanged(readiness=hub.lamps))
    qtbot.waitUntil(lambda: model.session.readiness == hub.lamps)


# ---------------------------------------------------------------- the form
def test_every_way_is_listed_and_one_that_is_off_says_why(model: PaymentViewModel) -> None:
    model.link.ask()
    assert [(one.title, one.detail, one.off) for one in model.link.ways] == [
        ("Text message", "To the caller’s phone, •••• 958", ""),
        ("Email", f"To {AMARA}", ""),
        (
            "QR code on this screen",
            "For a customer who stands in front of you",
            "Links are not shown on screens here",
        ),
    ]
    assert model.link.way is LinkWay.TEXT
    model.link.choose(LinkWay.QR)
    assert model.link.way is LinkWay.TEXT  # what is off cannot be chosen


def test_a_link_is_emailed_to_the_address_on_the_record(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.link.ask()
    model.link.choose(LinkWay.EMAIL)
    main = actions(model).main
    assert main is not None
    assert main.words == "Email link for £123.36"
    model.link.send()
    sent(model, qtbot)
    (attempt,) = attempts(hub)
    assert (attempt.route, attempt.send_by, attempt.send_to) == ("link", LinkWay.EMAIL, AMARA)


def test_another_address_is_used_and_a_wrong_one_is_notsent(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.link.ask()
    model.link.choose(LinkWay.EMAIL)
    model.link.type_address("amara at example")
    assert model.link.why_not_send == "That is not an email address"
    model.link.send()
    assert attempts(hub) == []
    model.link.type_address(f" {OTHER} ")
    model.link.send()
    sent(model, qtbot)
    assert attempts(hub)[0].send_to == OTHER


def test_a_withheld_number_leads_to_the_known_address(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    withhold(model, hub, qtbot)
    model.link.ask()
    assert model.link.way is LinkWay.EMAIL
    assert model.link.why_not_send == ""
    model.link.choose(LinkWay.TEXT)
    assert model.link.why_not_send == "Type the number to text"


def test_without_number_and_address_one_must_be_typed(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    forget_address(model, hub, qtbot)
    withhold(model, hub, qtbot)
    model.link.ask()
    model.link.choose(LinkWay.EMAIL)
    assert model.link.ways[1].detail == "None is known: type one"
    assert model.link.why_not_send == "Type the address to write to"


def test_a_way_that_goes_down_while_it_is_chosen_gives_way(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.link.ask()
    _allow(model, hub, qtbot, text="The text service does not answer.")
    assert model.link.way is LinkWay.EMAIL
    assert model.link.ways[0].off == "The text service does not answer"


# ---------------------------------------------------------------- numbers
def test_a_number_chooses_the_route_and_on_the_links_form_the_way(model: PaymentViewModel) -> None:
    assert [(one.title, one.off) for one in numbered(model)] == [("Card by keypad", ""), ("Secure link", "")]
    numbered(model)[1].choose()
    assert model.form.chosen_route is not None
    assert model.form.chosen_route.route == "link"
    model.link.ask()
    assert [one.title for one in numbered(model)] == ["Text message", "Email", "QR code on this screen"]
    numbered(model)[1].choose()
    assert model.link.way is LinkWay.EMAIL


def test_the_customers_own_way_comes_first_and_the_agents_choice_wins(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.customers["cus_1"] = samples.customer(preferred_route="link")
    model.session.load_customer.restart(True)
    qtbot.waitUntil(lambda: model.form.chosen_route is not None and model.form.chosen_route.route == "link")
    model.form.choose_route("keypad")
    assert model.form.chosen_route is not None
    assert model.form.chosen_route.route == "keypad"


def test_a_call_without_our_line_takes_no_card_and_says_why(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.push(CallChanged(call=samples.call(has_line=False)))
    qtbot.waitUntil(lambda: model.session.call is not None and not model.session.call.has_line)
    assert [one.off for one in numbered(model)] == ["This call is not on our telephone line.", ""]
    main = actions(model).main
    assert main is not None
    assert (main.name, main.off) == ("link", "")
    _open(model, hub, qtbot)
    _closed(hub)
    qtbot.waitUntil(lambda: model.place is Place.NOT_SENT)
    assert model.why_not_again == "This call is not on our telephone line"
    assert model.link.why_not == ""


# ---------------------------------------------------------------- one that is open
@pytest.mark.parametrize(
    ("way", "to", "said"),
    [
        (LinkWay.TEXT, "•••• 958", ["Texted to •••• 958", "The text reached the phone"]),
        (LinkWay.EMAIL, AMARA, [f"Emailed to {AMARA}"]),
        (LinkWay.QR, "", ["Shown here"]),
    ],
)
def test_what_happened_with_it_is_said_by_its_way(way: LinkWay, to: str, said: list[str]) -> None:
    found = rows(samples.link(way=way, sent_to=to), samples.NOW.date())
    assert [row[1] for row in found] == ["The payment page is ready", *said, "Paid by the customer"]


def test_a_resend_that_was_not_answered_is_the_same_wish(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _open(model, hub, qtbot)
    hub.fail("resend_link", Unavailable("hub_unreachable"))
    for count in (1, 2, 3):
        model.link.resend()
        qtbot.waitUntil(lambda c=count: hub.count("resend_link") == c)
        qtbot.waitUntil(lambda: not model.link.resend_command.is_running)
    keys = [args[1].key for args in asked(hub, "resend_link")]
    assert keys[0] == keys[1] != keys[2]


def test_keys_of_an_open_link(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    _open(model, hub, qtbot)
    keyed = actions(model).keyed
    assert {key: press.name for key, press in keyed.items()} == {
        "F7": "resend",
        "F3": "move",
        "F2": "qr",
        "Alt X": "expire",
        "Ctrl W": "leave",
    }
    assert keyed["F7"].off == ""
    assert keyed["F2"].off == "Not offered: links are not shown on screens here"


# ---------------------------------------------------------------- somewhere else
def _move(model: PaymentViewModel, qtbot: QtBot) -> None:
    model.link.ask_move()
    assert model.place is Place.LINK_FORM
    model.link.choose(LinkWay.EMAIL)
    model.link.type_address(OTHER)
    model.link.send()
    qtbot.waitUntil(lambda: model.place is Place.LINK and not model.cancel_command.is_running)


def test_a_link_goes_somewhere_else_once_nobody_can_pay_on_the_old_one(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _open(model, hub, qtbot)
    _move(model, qtbot)
    assert asked(hub, "cancel") == [("att_1",)]
    _told(model, hub, qtbot, AttemptState.OPEN, samples.link(state=LinkState.CLOSING))
    assert len(attempts(hub)) == 1  # it may still be paid
    assert model.link.moves_to == OTHER
    _closed(hub)
    qtbot.waitUntil(lambda: len(attempts(hub)) == 2)
    sent(model, qtbot)
    first, second = attempts(hub)
    assert (second.send_by, second.send_to) == (LinkWay.EMAIL, OTHER)
    assert first.key != second.key
    assert len(intents(hub)) == 1
    assert model.link.moves_to == ""


def test_a_link_that_is_paid_while_it_moves_is_paid(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _open(model, hub, qtbot)
    _move(model, qtbot)
    _told(model, hub, qtbot, AttemptState.APPROVED, samples.link(state=LinkState.CLOSED))
    assert (model.place, model.link.moves_to) == (Place.APPROVED, "")
    assert len(attempts(hub)) == 1


def test_where_it_cannot_be_expired_it_stays_where_it_is(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _open(model, hub, qtbot)
    hub.fail("cancel", Unavailable("hub_unreachable"))
    _move(model, qtbot)
    assert model.link.moves_to == ""
    assert model.error is not None
    assert model.place is Place.LINK


def test_a_new_link_that_is_refused_is_said_and_another_can_besent(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _open(model, hub, qtbot)
    _move(model, qtbot)
    hub.fail("start_attempt", Invalid("link_needs_email", email=OTHER))
    _closed(hub)
    qtbot.waitUntil(lambda: model.error is not None)
    assert model.place is Place.NOT_SENT
    assert model.link.moves_to == ""
    assert model.link.why_not == ""


def test_going_back_from_the_form_leaves_the_open_link(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _open(model, hub, qtbot)
    model.link.ask_move()
    model.link.back()
    assert model.place is Place.LINK
    assert asked(hub, "cancel") == []


def test_what_happens_to_it_meanwhile_is_said() -> None:
    closing = samples.link(state=LinkState.CLOSING)
    title, meaning = words("£1.00", closing, samples.at(10, 45), moves_to=OTHER)
    assert title == "The link is being replaced"
    assert OTHER in meaning


# ---------------------------------------------------------------- the QR code
def test_a_qr_code_is_fetched_only_where_it_is_allowed_and_the_hub_there(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _open(model, hub, qtbot)
    model.link.show_qr()
    assert not model.link.qr_command.is_running
    _allow(model, hub, qtbot)
    lose(model, hub, qtbot)
    assert model.link.why_not_qr == "Connection lost"
    model.link.show_qr()
    assert asked(hub, "link_qr") == []


def test_a_link_for_this_screen_is_made_and_then_shown_by_the_same_key(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _allow(model, hub, qtbot)
    model.link.ask()
    model.link.choose(LinkWay.QR)
    model.link.send()
    sent(model, qtbot)
    assert (attempts(hub)[0].send_by, attempts(hub)[0].send_to) == (LinkWay.QR, None)
    link = samples.link(way=LinkWay.QR, sent_to="", sent_at=None)
    _told(model, hub, qtbot, AttemptState.OPEN, link)
    assert [one.key for one in next_steps(model, link)] == ["resend", "move"]
    assert actions(model).keyed["F7"].words == "Show the QR code"
    shown: list[bytes] = []
    model.link.qr_command.done.connect(shown.append)
    model.link.resend()
    qtbot.waitUntil(lambda: shown == [hub.picture])
    assert asked(hub, "resend_link") == []


def test_a_qr_code_the_hub_refuses_is_said(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    _open(model, hub, qtbot)
    _allow(model, hub, qtbot)
    hub.fail("link_qr", Conflict("step_not_possible", state="approved"))
    model.link.show_qr()
    qtbot.waitUntil(lambda: model.error is not None)
