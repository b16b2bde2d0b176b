"""What is not ready: on the waiting screen, in its drawer, and by its keys."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.live import ConnectionState
from agentdesk.desk.screens.readiness.view import ReadinessDrawer
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.notices import Toast
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Unavailable
from agentdesk.wire.events import ReadinessChanged
from agentdesk.wire.readiness import LampState
from tests.desk import samples
from tests.desk.day_stages import not_ready
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import press

Enter = Callable[[], None]


def rows(widget: QWidget) -> list[str]:
    """Return the lamps that a screen shows, each with its word."""
    names = ("Hub", "Card", "Keypad", "Customer", "Accounts", "Call", "Phone", "Clock", "Version")
    found = (one.accessibleName() for one in widget.findChildren(QWidget) if one.isVisible())
    return [name for name in found if ": " in name and name.startswith(names)]


def test_between_calls_only_what_is_wrong_shows_under_the_open_work(
    window: Window, hub: FakeHub, enter: Enter
) -> None:
    hub.lamps = not_ready()
    enter()
    wrong = ["Accounts: Slow", "Call recorder: Down since 10:27", "Clock: 34 s behind", "Version: Older"]
    shown = rows(window.shell.current_centre)
    assert [one.partition(" 10:")[0] for one in shown] == [one.partition(" 10:")[0] for one in wrong]


def test_where_all_is_ready_nothing_of_it_takes_room(window: Window, enter: Enter) -> None:
    enter()
    assert rows(window.shell.current_centre) == []


def test_one_key_has_the_hub_ask_again_and_says_what_it_found(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    hub.lamps = samples.readiness(recorder=LampState.DOWN)
    enter()
    hub.lamps = samples.readiness()
    press(window, "Ctrl+L")
    qtbot.waitUntil(lambda: ("Everything is ready", False) in said)
    assert ("readiness", ("fresh",)) in hub.asked
    assert rows(window.shell.current_centre) == []


def test_the_row_itself_can_be_pressed(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.lamps = samples.readiness(recorder=LampState.DOWN)
    enter()
    button = next(one for one in window.findChildren(Button) if "Call recorder" in one.accessibleName())
    assert button.accessibleName() == "Look again now: Call recorder"
    button.click()
    qtbot.waitUntil(lambda: ("readiness", ("fresh",)) in hub.asked)


def test_a_look_that_fails_says_that_the_hub_is_down(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    hub.fail("readiness", Unavailable("hub_unreachable"))
    press(window, "Ctrl+L")
    qtbot.waitUntil(lambda: rows(window.shell.current_centre) == ["Hub: Down"])
    press(window, "Ctrl+L")
    qtbot.waitUntil(lambda: rows(window.shell.current_centre) == [])


def test_one_key_tries_to_connect_at_once(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter()
    monkeypatch.setattr("agentdesk.desk.live.FIRST_WAIT_S", 3600.0)
    window.session.live._wait = 3600.0
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(lambda: window.session.connection.state is ConnectionState.LOST)
    press(window, "Ctrl+L")
    qtbot.waitUntil(lambda: window.session.connection.state is ConnectionState.LIVE)


def test_one_key_copies_the_diagnosis(window: Window, hub: FakeHub, enter: Enter) -> None:
    hub.lamps = not_ready()
    enter()
    press(window, "Ctrl+I")
    assert "Call recorder: down since" in QGuiApplication.clipboard().text()
    assert "Copied for IT" in [one.accessibleName().partition(".")[0] for one in window.findChildren(Toast)]


def test_one_key_opens_every_lamp_on_a_call_too_and_it_follows(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"], hub.lamps = samples.call(), not_ready()
    enter()
    press(window, "F11")
    drawer = window.findChild(ReadinessDrawer)
    qtbot.waitUntil(lambda: len(rows(drawer)) == 9)
    hub.push(ReadinessChanged(readiness=not_ready().model_copy(update={"version": "7.0.0"})))
    qtbot.waitUntil(lambda: "Version: Does not fit" in rows(drawer))
    press(window, "Ctrl+L")
    qtbot.waitUntil(lambda: ("readiness", ("fresh",)) in hub.asked)
    drawer.closed.emit()
    assert not drawer.isVisible()


def test_title_and_badge_say_that_nothing_is_real_as_long_as_it_is_so(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    def told() -> tuple[bool, bool]:
        badges = [one.text() for one in window.shell.top_bar.findChildren(Badge) if one.isVisible()]
        return "test mode" in window.windowTitle(), any("Test mode" in text for text in badges)

    def tell(test_mode: bool) -> None:
        hub.push(ReadinessChanged(readiness=samples.readiness().model_copy(update={"test_mode": test_mode})))
        qtbot.waitUntil(lambda: told() == (test_mode, test_mode))

    enter()
    assert told() == (True, True)
    tell(False)
    tell(True)
