"""Everything by its words: what the command box presses, and a call without a payment by its keys."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.command_box.view_model import Action
from agentdesk.desk.screens.promise.view import PromiseDrawer
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.window import Window
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]


def found(window: Window, title: str) -> Action:
    [one] = [one for one in window.shell._actions() if one.title == title]
    return one


def test_what_has_no_key_is_pressed_by_its_words(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["connected"](hub)
    enter()
    prefers = found(window, "Prefers Secure link")
    assert prefers.key == ""
    prefers.run()
    qtbot.waitUntil(lambda: hub.count("prefer") == 1)


def test_the_receipts_address_is_changed_by_its_key(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["connected"](hub)
    enter()
    assert found(window, "Change where the receipt goes").key == "Alt R"
    press(window, "Alt+R")
    assert focused().accessibleName() == "Email for the receipt"
    focused().setText("typed@example.com")
    press(window, "Alt+R")
    assert focused().text() == "typed@example.com"


def test_what_is_off_says_why(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["capturing"](hub)
    enter()
    change = found(window, "Change")
    assert change.why_off == "A payment of this call is for this customer"


def test_what_was_made_again_is_pressed_and_what_has_gone_is_not(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["connected"](hub)
    enter()
    chosen = found(window, "Prefers Card by keypad")
    window.shell.customer._show()
    chosen.run()
    qtbot.waitUntil(lambda: hub.count("prefer") == 1)
    gone = found(window, "Change where the receipt goes")
    press(window, "Ctrl+W")
    gone.run()
    assert window.shell.current_centre is window.shell.centre["wrap_up"]


def test_a_call_without_a_payment_takes_three_keys(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["connected"](hub)
    enter()
    press(window, "Ctrl+W")
    qtbot.waitUntil(lambda: focused().accessibleName() == "Bill paid in full")
    press(window, "Ctrl+4")
    press(window, "Ctrl+Return")
    qtbot.waitUntil(lambda: window.session.call is None)
    [sent] = [args[1] for name, args in hub.asked if name == "wrap_up"]
    assert sent.disposition == "query"


def test_back_to_the_payment_by_its_key(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["connected"](hub)
    enter()
    press(window, "Ctrl+W")
    press(window, "Alt+B")
    assert window.shell.current_centre is window.shell.centre["payment"]


def test_cancel_by_its_key_asks_first(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    SCREENS["capturing"](hub)
    enter()
    press(window, "Alt+X")
    bar = window.shell.current_centre.action_bar
    assert bar.is_asking()
    assert focused().accessibleName() == "Keep going"
    assert hub.count("cancel") == 0
    found(window, "Cancel payment").run()
    qtbot.waitUntil(lambda: hub.count("cancel") == 1)


def test_a_receipt_goes_elsewhere_by_key(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    SCREENS["approved"](hub)
    enter()
    press(window, "Alt+R")
    assert focused().accessibleName() == "Email for the receipt"
    qtbot.keyClicks(focused(), "amara@example.org")
    found(window, "Send").run()
    qtbot.waitUntil(lambda: hub.count("send_receipt") == 1)


def test_the_keys_of_an_outcome_end_with_it(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    SCREENS["approved"](hub)
    enter()
    assert "Alt R" in {key.key for key in window.shell.keys.now()}
    view = window.shell.centre["payment"]
    before = len(window.shell.keys._all)
    for _ in range(3):
        view._shown = ()
        view._show()
    qtbot.waitUntil(lambda: len(window.shell.keys._all) == before)


@pytest.mark.parametrize(("width", "in_bar"), [(1440, True), (1280, False)])
def test_the_form_offers_a_link_and_a_promise_to_the_pointer_too(
    width: int, in_bar: bool, window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["connected"](hub)
    enter()
    window.resize(width, 900)
    bar = window.shell.current_centre.action_bar
    wanted = ["Send a link", *(["Promise to pay"] if in_bar else []), "No payment", "Take £123.36"]
    qtbot.waitUntil(lambda: [one.words() for one in bar.findChildren(Button) if one.isVisible()] == wanted)
    assert window.shell.current_centre._promised.isVisible() is not in_bar
    if in_bar:
        found(window, "Promise to pay").run()
    else:
        window.shell.current_centre._promised.click()
    assert window.findChild(PromiseDrawer) is not None
