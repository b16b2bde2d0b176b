"""Steps that tests of the payment region have in common."""

from typing import Any

from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.choose import ChooseBody
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.desk.screens.payment.what import WhatToPay
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.policy import Policy
from agentdesk.wire.captures import FieldState
from agentdesk.wire.events import CallChanged
from agentdesk.wire.payments import NewAttempt, NewPaymentIntent
from agentdesk.wire.readiness import AmountRules
from tests.desk import samples
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.payment.acting import ActingHub

DONE, LIVE, READY, WAITING = FieldState.DONE, FieldState.LIVE, FieldState.READY, FieldState.WAITING
FAILED = FieldState.FAILED


def asked(hub: ActingHub, method: str) -> list[tuple[Any, ...]]:
    """What a method was asked with, each time."""
    return [args for name, args in hub.asked if name == method]


def intents(hub: ActingHub) -> list[NewPaymentIntent]:
    return [args[0] for args in asked(hub, "create_payment")]


def attempts(hub: ActingHub) -> list[NewAttempt]:
    return [args[1] for args in asked(hub, "start_attempt")]


def take(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    """Take what is chosen, up to the secured line."""
    model.take()
    qtbot.waitUntil(lambda: model.place is Place.CAPTURE and not model.start_payment.is_running)


def tell(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, state: AttemptState, **changes: Any) -> None:
    """Let the hub tell a newer form of the attempt."""
    if state is AttemptState.DECLINED:
        attempt = declined_attempt(**({"attempt_id": "att_1"} | changes))
    else:
        made = {AttemptState.APPROVED: samples.approved, AttemptState.UNKNOWN: samples.unknown}
        attempt = made[state](**changes) if state in made else samples.attempt(state, **changes)
    newer = hub.tell_attempt(attempt)
    qtbot.waitUntil(lambda: model.session.payments[newer.intent_id].version == newer.version)


def hang_up(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    over = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 44))
    hub.push(CallChanged(call=over))
    qtbot.waitUntil(lambda: not model.session.line_is_open)


def lose(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    hub.fail("events", Unavailable("hub_unreachable"), always=True)
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(lambda: model.session.connection.is_lost)


def sent(model: PaymentViewModel, qtbot: QtBot) -> None:
    """Wait until the hub has taken the wish for a link."""
    qtbot.waitUntil(lambda: model.place is Place.LINK and not model.link.send_command.is_running)


def withhold(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, *intent_ids: str) -> None:
    """Let the caller's number be withheld."""
    hub.push(CallChanged(call=samples.call(number=None, payment_intent_ids=list(intent_ids))))
    qtbot.waitUntil(lambda: model.session.call is not None and model.session.call.number is None)


def forget_address(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    """Let the customer record have no email address."""
    hub.customers["cus_1"] = samples.customer(email=None)
    model.session.load_customer.restart(True)
    qtbot.waitUntil(lambda: model.session.customer is not None and model.session.customer.email is None)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def rule(model: PaymentViewModel, **policy: Any) -> None:
    """Let the hub tell other rules."""
    told = model.session.readiness
    model.session._set_readiness(told.model_copy(update={"amounts": AmountRules.of(Policy(**policy))}))
    model.form.fill()


def what(view: PaymentView) -> WhatToPay:
    """Return the part of the form that says what is paid."""
    assert isinstance(view._body, ChooseBody)
    assert isinstance(view._body.what, WhatToPay)
    return view._body.what
