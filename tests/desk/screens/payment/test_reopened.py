"""A desk that was killed and is opened again: it lands where the payment is, with nothing to start anew."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import Place
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureState
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.payments import Attempt
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

TOKENISING = samples.capture(state=CaptureState.TOKENISING)


@pytest.mark.parametrize(
    ("attempt", "place"),
    [
        (samples.attempt(), Place.CAPTURE),
        (samples.attempt(capture=TOKENISING), Place.SENDING),
        (samples.attempt(AttemptState.SENDING, sent_at=samples.at(10, 43, 29)), Place.SENDING),
        (samples.unknown(), Place.CHECKING),
        (samples.attempt(AttemptState.PENDING, sent_at=samples.at(10, 43, 29)), Place.CHECKING),
        (samples.linked(), Place.LINK),
        (samples.linked(AttemptState.UNKNOWN), Place.CHECKING),
    ],
    ids=["keying", "submitted", "sending", "unknown", "pending", "link", "unknown by link"],
)
@pytest.mark.parametrize("state", [CallState.CONNECTED, CallState.WRAP_UP])
def test_it_lands_on_the_unfinished_payment(
    attempt: Attempt,
    place: Place,
    state: CallState,
    window: Window,
    hub: FakeHub,
    enter: Callable[[], None],
    qtbot: QtBot,
) -> None:
    payment = hub.take(samples.payment(attempt))
    hub.calls["call_1"] = samples.call(state=state, payment_intent_ids=[payment.intent_id])
    enter()
    assert window.shell is not None
    view = window.shell.centre["payment"]
    assert isinstance(view, PaymentView)
    qtbot.waitUntil(view.isVisible)
    assert (window.session.payment, view._model.place) == (payment, place)
    assert view._model.in_call.why_not_another == "This payment is not over"
    view._model.take()
    assert [one for one, _ in hub.asked if one in ("create_payment", "start_attempt")] == []


def test_one_whose_call_is_over_is_the_first_of_the_open_work_and_opens(
    window: Window, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot
) -> None:
    payment = hub.take(samples.payment(samples.unknown()))
    hub.day = samples.day(payment)
    hub.calls.clear()
    enter()
    assert window.session.call is None
    assert window.session.day is not None
    window.session.open_payment(window.session.day.open_work[0])
    assert window.shell is not None
    view = window.shell.centre["payment"]
    assert isinstance(view, PaymentView)
    qtbot.waitUntil(view.isVisible)
    assert view._model.place is Place.CHECKING
