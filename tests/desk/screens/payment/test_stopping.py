"""A payment that another one stops: what shows, asking a supervisor, and going on by one key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.actions import Press, actions
from agentdesk.desk.screens.payment.stopped import StoppedBody, block_words
from agentdesk.desk.screens.payment.stopping import StopState
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.desk.screens.payment.what import held_words
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.payments import PaymentDetail
from tests.desk import samples, stop_samples
from tests.desk.samples import at
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import attempts, hang_up, intents, lose, take, tell

ASKED = {"asked_at": at(10, 41, 20)}
DECIDED = ASKED | {
    "decided_by": "Dana Whitlock",
    "decided_at": at(10, 41, 30),
    "reason": "She pays the gas too.",
}
ALLOWED = DECIDED | {"allowed": True, "allowed_until": at(10, 51, 30)}
UNKNOWN = stop_samples.earlier(state=AttemptState.UNKNOWN, ended_at=None, card=None)
LINK = stop_samples.earlier(state=AttemptState.OPEN, route="link", ended_at=None, sent_at=None, card=None)


def stop(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, **changes: Any) -> None:
    """Take what is chosen, and be stopped."""
    hub.stop = stop_samples.stop(**changes)
    model.take()
    qtbot.waitUntil(lambda: model.place is Place.STOPPED and not model.start_payment.is_running)


def told(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, **changes: Any) -> None:
    """Let the hub tell a newer form of the stop."""
    payment = model.stopping.payment
    assert payment is not None
    newer = hub.tell(payment, stop=stop_samples.stop(**changes))
    qtbot.waitUntil(lambda: model.session.payments[newer.intent_id].version == newer.version)


def main(model: PaymentViewModel) -> Press:
    press = actions(model).main
    assert press is not None
    return press


def words(model: PaymentViewModel) -> tuple[str, str, str]:
    stopping = model.stopping
    return block_words(stopping.payment, stopping.stop, stopping.state, model.session.clock.now())


def test_a_like_payment_stops_and_is_shown_in_full(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    stop(model, hub, qtbot, same_invoices=["NW-20931"])
    assert model.error is None
    assert model.stopping.state is StopState.PAID
    proof = "Nothing was sent. NW-20931 was paid 14 min ago by Visa ending 4242."
    assert words(model) == ("held", "This may be a second payment", proof)
    body = StoppedBody(model)
    qtbot.addWidget(body)
    shown = {
        row.accessibleName() for row in body._both.findChildren(object) if hasattr(row, "accessibleName")
    }
    assert {
        "Amount: before £62.10, this one £123.36",
        "Card: before Visa ending 4242, this one Not asked for yet",
        "Taken by: before Tom Ellis, this one Priya Nair",
        "Reference: before 01JD-7Q47, this one 01JD-7Q4M",
    } <= shown
    assert (main(model).name, main(model).key) == ("ask", "F2")
    assert [press.key for press in actions(model).left] == ["F3"]


def test_a_supervisor_is_asked_once_and_one_key_goes_on(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    stop(model, hub, qtbot)
    held = hub.hold("ask_supervisor")
    model.stopping.ask()
    model.stopping.ask()
    assert main(model).busy == "Asking"
    held.set()
    told(model, hub, qtbot, **ASKED)
    qtbot.waitUntil(lambda: not model.stopping.ask_command.is_running)
    assert (hub.count("ask_supervisor"), model.stopping.state) == (1, StopState.ASKED)
    assert (actions(model).main, actions(model).reason) == (None, "Waiting for a supervisor")
    told(model, hub, qtbot, **ALLOWED)
    assert words(model) == (
        "allowed",
        "Allowed by Dana Whitlock",
        f"“She pays the gas too.” Nothing was sent yet. Take it before {at(10, 51).astimezone():%H:%M}.",
    )
    assert (main(model).words, main(model).key) == ("Take £123.36", "F4")
    hub.stop = None
    model.stopping.go_on()
    model.stopping.go_on()
    qtbot.waitUntil(lambda: model.place is Place.CAPTURE)
    assert (hub.count("create_payment"), hub.count("start_attempt")) == (1, 2)
    assert len({new.key for new in attempts(hub)}) == 2


def test_a_link_that_was_stopped_goes_on_as_that_link(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.stop = stop_samples.stop(**ALLOWED)
    model.link.ask()
    model.link.type_number("+44 7700 900123")
    model.link.send()
    qtbot.waitUntil(lambda: model.place is Place.STOPPED and not model.link.send_command.is_running)
    assert (main(model).words, main(model).key) == ("Send link for £123.36", "F7")
    assert "F4" not in actions(model).keyed
    hub.stop = None
    model.stopping.go_on()
    qtbot.waitUntil(lambda: len(attempts(hub)) == 2)
    assert [(new.route, new.send_to) for new in attempts(hub)] == [("link", "+44 7700 900123")] * 2
    assert len({new.key for new in attempts(hub)}) == 2


def test_a_refusal_says_who_and_why_and_another_amount_is_another_payment(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    stop(model, hub, qtbot, **DECIDED, allowed=False)
    title, proof = words(model)[1:]
    assert (title, "She pays the gas too." in proof) == ("Not allowed by Dana Whitlock", True)
    assert actions(model).main is None
    model.stopping.ask()
    model.stopping.go_on()
    assert (hub.count("ask_supervisor"), hub.count("start_attempt")) == (0, 1)
    model.stopping.change()
    assert model.place is Place.CHOOSE
    hub.stop = None
    take(model, hub, qtbot)
    assert len({new.key for new in intents(hub)}) == 2


def test_what_is_told_of_a_payment_set_aside_does_not_bring_it_back(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    stop(model, hub, qtbot, **ASKED)
    payment = model.stopping.payment
    model.stopping.change()
    newer = hub.tell(payment, stop=stop_samples.stop(**ALLOWED))
    qtbot.waitUntil(lambda: model.session.payments[newer.intent_id].version == newer.version)
    assert model.place is Place.CHOOSE


def test_a_permission_that_has_ended_is_asked_for_again(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    gone = model.session.clock.now() - timedelta(seconds=1)
    stop(model, hub, qtbot, **(ALLOWED | {"allowed_until": gone}))
    assert (model.stopping.state, main(model).words) == (StopState.EXPIRED, "Ask again")
    model.stopping.go_on()
    model.stopping.ask()
    qtbot.waitUntil(lambda: hub.count("ask_supervisor") == 1)
    assert hub.count("start_attempt") == 1


def test_nobody_may_allow_what_is_being_checked(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    stop(model, hub, qtbot, earlier=UNKNOWN, can_ask=False)
    assert model.stopping.state is StopState.BUSY
    kind, title, proof = words(model)
    assert (kind, title) == ("unknown", "A payment for this is being checked")
    assert proof.startswith(f"£62.10 may have been charged at {at(10, 27, 10).astimezone():%H:%M:%S}")
    assert "checked for 14 min" in proof
    assert (actions(model).main, actions(model).reason) == (None, "Taking a payment is off")
    model.stopping.ask()
    model.stopping.go_on()
    assert (hub.count("ask_supervisor"), hub.count("start_attempt")) == (0, 1)


def test_it_goes_on_where_the_other_payment_took_nothing(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    stop(model, hub, qtbot, earlier=UNKNOWN, can_ask=False)
    told(model, hub, qtbot, earlier=stop_samples.earlier(state=AttemptState.DECLINED))
    assert words(model)[1] == "The payment before took no money"
    hub.stop = None
    model.stopping.go_on()
    qtbot.waitUntil(lambda: model.place is Place.CAPTURE)


def test_an_open_link_of_this_call_is_gone_to(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    stop(model, hub, qtbot, earlier=LINK, can_ask=False)
    link = samples.payment(samples.linked(), intent_id=LINK.intent_id, created_at=at(10, 30))
    model.session.take_payment(link)
    assert words(model)[1] == "A link is open for this debt"
    assert (main(model).name, main(model).off) == ("to_link", "")
    model.stopping.open_link()
    assert model.session.shown_payment == link


def test_an_open_link_of_another_call_opens_beside_the_stopped_payment(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    stop(model, hub, qtbot, earlier=LINK, can_ask=False)
    stopped, wanted = model.session.shown_payment, []
    model.stopping.look_wanted.connect(wanted.append)
    model.stopping.open_link()
    assert (wanted, model.session.shown_payment) == ([LINK.intent_id], stopped)


def test_the_payment_before_is_shown_and_hidden(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    before = samples.payment(intent_id=stop_samples.earlier().intent_id)
    hub.details[before.intent_id] = PaymentDetail(payment=before, timeline=[])
    stop(model, hub, qtbot)
    model.stopping.look()
    body = StoppedBody(model)
    qtbot.addWidget(body)
    qtbot.waitUntil(lambda: model.stopping.story is not None)
    body.refresh()
    assert body._look.text() == "Hide what happened to it"
    model.stopping.look()
    body.refresh()
    assert (model.stopping.story, body._look.text()) == (None, "Show what happened to it")


def test_a_second_try_is_stopped_too(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.DECLINED)
    hub.stop = stop_samples.stop()
    model.again()
    qtbot.waitUntil(lambda: model.place is Place.STOPPED)
    model.stopping.change()
    assert model.place is Place.CHOOSE


def test_silence_about_what_is_in_the_way_is_said(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.stop = stop_samples.stop()
    hub.fail("payment", Unavailable("hub_unreachable"))
    model.take()
    qtbot.waitUntil(lambda: model.error is not None)
    model.take()
    qtbot.waitUntil(lambda: model.place is Place.STOPPED and not model.start_payment.is_running)
    assert model.error is None
    assert hub.count("create_payment") == 1


def test_a_lost_connection_and_a_call_that_ends(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    stop(model, hub, qtbot)
    hang_up(model, hub, qtbot)
    assert model.stopping.payment is None
    lose(model, hub, qtbot)


def test_nothing_is_asked_without_the_hub(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    stop(model, hub, qtbot)
    lose(model, hub, qtbot)
    assert main(model).off == "Connection lost"


def test_a_desk_that_starts_again_lands_on_what_is_stopped(
    session: Session, hub: ActingHub, enter: Callable[[], None], qtbot: QtBot
) -> None:
    payment = hub.take(samples.payment(stop=stop_samples.stop(**ASKED)))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    qtbot.waitUntil(lambda: session.customer is not None)
    model = PaymentViewModel(session, WrapUpViewModel(session))
    assert (model.place, model.stopping.state) == (Place.STOPPED, StopState.ASKED)


def test_what_was_paid_meanwhile_is_agreed_anew(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.fail("start_attempt", Conflict("already_paid", reference="01JD-7Q47"))
    model.take()
    qtbot.waitUntil(lambda: model.error is not None and not model.session.load_customer.is_running)
    take(model, hub, qtbot)
    assert len({new.key for new in intents(hub)}) == 2


@pytest.mark.parametrize(
    ("holder", "title", "link"),
    [
        (UNKNOWN, "A payment for this is being checked", ""),
        (LINK, "A link is open for this debt", LINK.intent_id),
        (stop_samples.earlier(state=AttemptState.SENDING, ended_at=None), "", ""),
        (None, "", ""),
    ],
)
def test_a_held_invoice_says_what_holds_it(holder: Any, title: str, link: str) -> None:
    items = [
        one.model_copy(update={"held_by": "01JD-7Q47", "holder": holder})
        for one in samples.customer().open_items[:1]
    ]
    (shown,) = held_words(items, "GBP", samples.NOW)
    assert (shown.title, shown.link) == (title, link)
    assert "NW-20931" in shown.text
    if holder is UNKNOWN:
        assert "checked for 14 min" in shown.text
        assert "Please do not pay again" in shown.text
