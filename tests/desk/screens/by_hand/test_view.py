"""A call that only the agent knows of: told once, and what its missing line allows."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.by_hand.view import ByHandDrawer
from agentdesk.desk.screens.by_hand.view_model import ByHandViewModel
from agentdesk.desk.session import ConnectionState, Session
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Invalid, Unavailable
from agentdesk.domain.people import Permission
from agentdesk.wire.calls import NewCall
from agentdesk.wire.readiness import LampState
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]


def told(hub: FakeHub) -> list[NewCall]:
    return [args[0] for name, args in hub.asked if name == "add_call"]


@pytest.fixture
def model(session: Session, enter: Enter) -> ByHandViewModel:
    enter()
    return ByHandViewModel(session)


def test_a_number_is_told_once_and_the_call_is_mine(
    model: ByHandViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    model.open()
    model.take(" 020 7946 0958 ", False, "Billing")
    model.take("020 7946 0958", False, "Billing")
    qtbot.waitUntil(lambda: model.session.call is not None)
    assert told(hub) == [NewCall(number="020 7946 0958", queue="Billing")]
    assert not model.is_open


def test_a_withheld_number_is_told_as_that(model: ByHandViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    model.open()
    model.take("typed before", True, "")
    qtbot.waitUntil(lambda: model.session.call is not None)
    assert told(hub) == [NewCall(withheld=True)]


@pytest.mark.parametrize("number", ["", "  ", "ab", "+1"])
def test_without_a_number_nothing_is_told(number: str, model: ByHandViewModel, hub: FakeHub) -> None:
    model.open()
    assert model.problem(number, False) == "Type the number"
    model.take(number, False, "")
    assert told(hub) == []


def test_on_a_call_none_is_taken_by_hand(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["connected"](hub)
    enter()
    [key] = [one for one in window.shell.keys.now() if one.key == "Ctrl N"]
    assert (key.on, key.why_off) == (False, "Finish this call first")
    window.shell._by_hand._model.open()
    assert window.findChild(ByHandDrawer) is None


def test_who_takes_no_payments_is_not_offered_it(window: Window, hub: FakeHub, enter: Enter) -> None:
    allowed = [one for one in hub.person.permissions if one is not Permission.TAKE_PAYMENT]
    hub.person = hub.person.model_copy(update={"permissions": allowed})
    hub.lamps = samples.readiness(call_line=LampState.DOWN)
    enter()
    assert "Ctrl N" not in {one.key for one in window.shell.keys.now()}
    assert "Take a call by hand" not in {one.title for one in window.shell._actions()}


def test_it_is_offered_where_the_line_is_down_and_done_by_keys_alone(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.lamps = samples.readiness(call_line=LampState.DOWN)
    enter()
    assert "Take a call by hand" in {one.title for one in window.shell._actions()}
    press(window, "Ctrl+N")
    assert focused().accessibleName() == "Their number"
    qtbot.keyClicks(focused(), "020 7946 0958")
    qtbot.keyClick(focused(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.session.call is not None)
    qtbot.waitUntil(lambda: window.findChild(ByHandDrawer) is None)
    routes = {one.route: one.off_reason for one in window.shell.centre["payment"]._model.form.routes}
    assert routes == {"keypad": "This call is not on our telephone line.", "link": None}


def test_its_press_says_why_not_while_the_connection_is_lost(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.lamps = samples.readiness(call_line=LampState.DOWN)
    enter()
    view = window.shell.current_centre
    qtbot.waitUntil(lambda: window.session.connection.state is ConnectionState.LIVE)
    assert view.findChild(Banner).findChild(Button).isEnabled()
    hub.fail("events", Unavailable("hub_unreachable"), always=True)
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(lambda: window.session.connection.state is ConnectionState.LOST)
    button = view.findChild(Banner).findChild(Button)
    assert (button.isEnabled(), button.accessibleDescription()) == (False, "Connection lost")


def test_what_the_hub_says_against_it_stays_in_sight(
    model: ByHandViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("add_call", Invalid("phone_invalid", phone="123"))
    model.open()
    with qtbot.waitSignal(model.changed, check_params_cb=lambda: model.error is not None):
        model.take("123", False, "")
    assert model.is_open


def test_a_call_whose_answer_was_lost_closes_the_form_when_it_is_heard_of(
    model: ByHandViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("add_call", Unavailable("hub_unreachable"))
    model.open()
    model.take("020 7946 0958", False, "")
    qtbot.waitUntil(lambda: model.error is not None)
    model.session.take_call(samples.call(has_line=False))
    assert not model.is_open
