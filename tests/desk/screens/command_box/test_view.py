"""The command box by keyboard."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.command_box.view import CommandBox, LineRow
from agentdesk.desk.screens.customer.past_view import PastDrawer
from agentdesk.desk.theme import theme
from agentdesk.desk.window import Window
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.payments import PaymentIntent
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import words
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]


def rows(window: Window) -> list[str]:
    return [row.line.title for row in window.findChildren(LineRow) if row.isVisible()]


def test_ctrl_k_finds_an_action_by_its_name_and_enter_does_it(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    press(window, "Ctrl+K")
    qtbot.keyClicks(focused(), "looks dark")
    assert rows(window) == ["Looks: Dark"]
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.settings.theme == "dark")
    assert window.findChild(CommandBox) is None or not window.findChild(CommandBox).isVisible()
    theme.choose("light")


def test_down_goes_to_the_next_and_what_is_off_says_why(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    press(window, "Ctrl+K")
    box = window.findChild(CommandBox)
    first = next(row for row in window.findChildren(LineRow) if row._chosen)
    qtbot.keyClick(focused(), Qt.Key.Key_Down)
    second = next(row for row in window.findChildren(LineRow) if row._chosen)
    assert first is not second
    assert box.isAncestorOf(QApplication.focusWidget())


def test_esc_gives_the_keyboard_back(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    window.shell.top_bar.person.setFocus()
    press(window, "Ctrl+K")
    assert focused() is not window.shell.top_bar.person
    qtbot.keyClick(focused(), Qt.Key.Key_Escape)
    assert focused() is window.shell.top_bar.person


def test_a_card_number_typed_is_taken_out_and_not_sent(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    press(window, "Ctrl+K")
    box = window.findChild(CommandBox)
    qtbot.keyClicks(focused(), "4242" * 4)
    assert "42424242" not in box.field.text()
    assert "card number" in box.field.error.accessibleName()
    assert hub.count("search_customers") == 0


def test_a_key_pressed_under_the_box_takes_the_box_away(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    press(window, "Ctrl+K")
    press(window, "Ctrl+F")
    qtbot.waitUntil(lambda: window.findChild(CommandBox) is None)


# ---------------------------------------------------------------- a payment of another call
OLD = "01JD-OLD9"


@pytest.fixture
def old(hub: FakeHub) -> PaymentIntent:
    """Return Peter's payment of an earlier call, which the bank refused."""
    peter = {
        "call_id": "call_0",
        "customer_id": "cus_2",
        "customer_name": "Peter Osei",
        "receipt_email": None,
    }
    refused = samples.attempt(AttemptState.DECLINED, capture=None)
    return hub.take(samples.payment(refused, intent_id="pay_9", short_reference=OLD, **peter))


def find(window: Window, qtbot: QtBot) -> LineRow:
    press(window, "Ctrl+K")
    qtbot.keyClicks(focused(), OLD.casefold())
    return next(row for row in window.findChildren(LineRow) if row.isVisible() and row.line.title == OLD)


def test_on_a_call_another_calls_payment_opens_beside_it_and_takes_no_place(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, old: PaymentIntent
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    window.session.take_payment(old)
    find(window, qtbot)
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any("Peter Osei" in words(one) for one in window.findChildren(PastDrawer)))
    (drawer,) = window.findChildren(PastDrawer)
    assert drawer.email.text() == ""
    assert window.session.shown_payment is None
    assert OLD not in words(window.shell.current_centre)


def test_while_a_card_is_keyed_no_other_payment_opens(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, old: PaymentIntent
) -> None:
    SCREENS["capturing"](hub)
    enter()
    qtbot.waitUntil(lambda: window.session.live_attempt is not None)
    keyed = window.session.payment
    window.session.take_payment(old)
    assert find(window, qtbot).line.why_off == "Card entry is live"
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.keyClick(focused(), Qt.Key.Key_Escape)
    assert (window.session.payment, window.findChildren(PastDrawer)) == (keyed, [])


def test_between_calls_ones_own_payment_shows_and_a_colleagues_opens_beside(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, old: PaymentIntent
) -> None:
    enter()
    window.session.take_payment(old)
    find(window, qtbot)
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.shown_payment == old)
    theirs = {"agent": "usr_9", "agent_name": "Tom Ellis", "version": 2}
    window.session.open_payment(None)
    window.session.take_payment(hub.take(old.model_copy(update=theirs)))
    find(window, qtbot)
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any("Tom Ellis" in words(one) for one in window.findChildren(PastDrawer)))
    assert window.session.shown_payment is None
