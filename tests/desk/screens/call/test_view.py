"""The call region on screen: words when they are due, help where there is room, keys that work now."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.lamp import LampRow
from agentdesk.desk.window import Window
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS

Enter = Callable[[], None]


def lamps(region: QWidget) -> list[str]:
    """Return what each line says, as a screen reader hears it."""
    return [row.accessibleName() for row in region.findChildren(LampRow) if row.isVisible()]


def test_the_script_comes_with_the_call_and_goes_with_it(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    view = window.shell.call
    assert (view._empty.isVisible(), view._script.isVisible()) == (True, False)
    hub.calls["call_1"] = samples.call()
    hub.push(None)
    qtbot.waitUntil(view._quote.isVisible)
    assert not view._empty.isVisible()
    assert "Recording: on" in " ".join(lamps(view))


def test_without_words_no_gap_is_left_for_them(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    view = window.shell.call
    assert not view._quote.isVisible()
    top = view._hints.mapTo(view._script, view._hints.rect().topLeft()).y()
    assert top == theme.px(16)


def test_a_low_window_keeps_the_words_and_drops_the_help(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["connected"](hub)
    enter()
    view = window.shell.call
    assert view._hints.isVisible()
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: not view._hints.isVisible())
    assert view._quote.isVisible()


def test_the_timer_runs_with_the_clock(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["connected"](hub)
    enter()
    view = window.shell.call
    view._timer.setText("")
    window.session.clock.ticked.emit(samples.NOW)
    assert view._timer.text() == "04:12"
