"""How to pay by keyboard alone, and a QR code that is on the screen for no longer than needed."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.link_form import LinkForm
from agentdesk.desk.screens.payment.qr import SHOWN_FOR
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import Place
from agentdesk.desk.widgets.choices import RouteCard
from agentdesk.domain.call import CallState
from agentdesk.domain.link import LinkWay
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.events import CallChanged, ReadinessChanged
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import asked, attempts, hang_up, sent, tell
from tests.desk.screens.payment.test_view import press
from tests.desk.test_shell import wait_for_button

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def hub(hub: ActingHub) -> ActingHub:
    """Return a hub that sends links every way."""
    routes = [
        one.model_copy(update={"ways": [way.model_copy(update={"off_reason": None}) for way in one.ways]})
        for one in hub.lamps.routes
    ]
    hub.lamps = hub.lamps.model_copy(update={"routes": routes})
    return hub


def _checked(view: PaymentView) -> list[str]:
    return [card.accessibleName() for card in view.findChildren(RouteCard) if card.isChecked()]


def _show(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    """Send a link, and show it as a QR code."""
    model = view._model
    press(view, Qt.Key.Key_F7)
    press(view, Qt.Key.Key_F7)
    sent(model, qtbot)
    tell(model, hub, qtbot, AttemptState.OPEN, route="link", capture=None, link=samples.link())
    press(view, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: view._qr.sheet is not None)


def test_a_number_key_chooses_how_to_pay(view: PaymentView) -> None:
    assert _checked(view) == ["Card by keypad"]
    press(view, Qt.Key.Key_2, CTRL)
    assert _checked(view) == ["Secure link"]
    press(view, Qt.Key.Key_1, CTRL)
    assert _checked(view) == ["Card by keypad"]


def test_a_link_goes_by_email_in_three_presses(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    press(view, Qt.Key.Key_F7)
    press(view, Qt.Key.Key_2, CTRL)
    assert isinstance(view._body, LinkForm)
    assert not view._body.number.isVisible()
    press(view, Qt.Key.Key_F7)
    sent(view._model, qtbot)
    assert attempts(hub)[0].send_by is LinkWay.EMAIL


def test_a_route_that_goes_down_is_greyed_in_sight(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    keypad, link = hub.lamps.routes
    down = keypad.model_copy(update={"off_reason": "The keypad service does not answer."})
    hub.push(ReadinessChanged(readiness=hub.lamps.model_copy(update={"routes": [down, link]})))
    qtbot.waitUntil(lambda: _checked(view) == ["Secure link"])
    card = next(one for one in view.findChildren(RouteCard) if one.accessibleName() == "Card by keypad")
    assert not card.isEnabled()
    assert card.accessibleDescription() == "The keypad service does not answer."
    press(view, Qt.Key.Key_1, CTRL)
    assert _checked(view) == ["Secure link"]


def test_esc_takes_the_qr_code_away_and_leaves_the_link(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    _show(view, hub, qtbot)
    press(view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: view._qr.sheet is None)
    assert view._model.place is Place.LINK
    assert asked(hub, "cancel") == []


def test_the_qr_code_goes_when_it_was_paid(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    _show(view, hub, qtbot)
    tell(view._model, hub, qtbot, AttemptState.APPROVED, route="link", capture=None, link=samples.link())
    assert view._qr.sheet is None


def test_the_qr_code_goes_with_its_region(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    _show(view, hub, qtbot)
    view.window().session.wrap_up(True)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: not view.isVisible())
    assert view._qr.sheet is None


def test_the_qr_code_goes_at_sign_out(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    _show(view, hub, qtbot)
    sheet = view._qr.sheet
    assert sheet is not None
    gone: list[bool] = []
    sheet.destroyed.connect(lambda: gone.append(True))
    view.window().sign_out()  # type: ignore[attr-defined]
    wait_for_button(view.window(), qtbot, "Sign out").click()  # the call is not finished
    qtbot.waitUntil(lambda: bool(gone))


def test_the_qr_code_does_not_stay_on_a_screen_that_is_left(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    _show(view, hub, qtbot)
    clock = view._model.session.clock
    clock.set_by(clock.now() + SHOWN_FOR - timedelta(seconds=20))
    clock.ticked.emit(clock.now())
    assert view._qr.sheet is not None
    clock.set_by(clock.now() + timedelta(seconds=30))
    clock.ticked.emit(clock.now())
    assert view._qr.sheet is None


def test_the_qr_code_of_a_call_that_is_over_goes_when_the_next_caller_is_on_the_line(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    _show(view, hub, qtbot)
    hang_up(model, hub, qtbot)
    model.session.wrap_up(False)
    qtbot.waitUntil(view.isVisible)
    press(view, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: view._qr.sheet is not None)
    following = samples.call(call_id="call_2", customer_id="cus_2", started_at=samples.at(10, 45))
    hub.push(CallChanged(call=following))
    qtbot.waitUntil(lambda: view._qr.sheet is None)
    assert (model.session.call.call_id, model.session.others) == ("call_1", [following])
    assert model.link.why_not_qr == "Another caller is on the line"
    press(view, Qt.Key.Key_F2)
    assert len(asked(hub, "link_qr")) == 2
    hub.push(CallChanged(call=following.model_copy(update={"state": CallState.WRAP_UP})))
    qtbot.waitUntil(lambda: model.link.why_not_qr == "")


def test_a_qr_code_that_comes_late_is_not_shown_as_another_payments(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    _show(view, hub, qtbot)
    view._qr._leave()
    held = hub.hold("link_qr")
    press(view, Qt.Key.Key_F2)
    other = samples.linked(attempt_id="pa_2")
    model.session.open_payment(samples.payment(other, intent_id="pi_2", amount=samples.gbp(100)))
    assert (model.attempt.attempt_id, model.link.why_not_qr) == ("pa_2", "")
    held.set()
    qtbot.waitUntil(lambda: not model.link.qr_command.is_running)
    assert view._qr.sheet is None
