"""The call region on screen: words when they are due, help where there is room, keys that work now."""

from collections.abc import Callable

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.help_overlay import HelpOverlay
from agentdesk.desk.region import Region
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.lamp import LampRow
from agentdesk.desk.widgets.script import Pair
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.desk.window import Window
from tests.desk import caller_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, focused, press

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


def cases(region: QWidget) -> list[str]:
    """Return what may happen, as far as it shows."""
    return [one.text() for pair in region.findChildren(Pair) if pair.isVisible() for one in pair.texts()[:1]]


def test_a_low_window_keeps_the_words_and_as_much_help_as_fits(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["connected"](hub)
    enter()
    view = window.shell.call
    window.resize(1440, 900)
    whole = [case for case, _ in view._model.script.hints]
    qtbot.waitUntil(lambda: cases(view) == whole)
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: view._quote.isVisible() and whole[:1] == cases(view)[:1] and fits(view))
    theme.set_text_scale(1.5)
    qtbot.waitUntil(lambda: len(cases(view)) < len(whole) and fits(view))
    assert view._quote.isVisible()
    assert cases(view) == whole[: len(cases(view))]
    sides = [pair.look.sides for pair in view.findChildren(Pair) if pair.isVisible()]
    assert sides == ["", "t"][: len(sides)]  # a line parts two; none hangs under the last that shows


def test_a_low_window_shows_the_whole_caller_check(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.lamps = caller_samples.with_check(hub.lamps)
    hub.calls["call_1"] = samples.call()
    enter()
    view = window.shell.call
    window.resize(1280, 720)
    view._model.go_on()
    qtbot.waitUntil(lambda: view.check.isVisible() and fits(view))


def fits(region: Region) -> bool:
    """Say whether nothing of the region has to be scrolled to."""
    return region._scroll.verticalScrollBar().maximum() == 0


def test_f1_has_the_help_that_did_not_fit(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    SCREENS["connected"](hub)
    enter()
    press(window, "F1")
    overlay = window.findChild(HelpOverlay)
    told = [one.text() for one in overlay.findChildren(Paragraph)]
    for case, what in window.shell.call._model.script.hints:
        assert {case.replace("**", ""), what.replace("**", "")} <= set(told)


def test_f6_goes_to_the_words_to_say(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    SCREENS["approved"](hub)
    enter()
    quote = window.shell.call._quote
    qtbot.waitUntil(quote.isVisible)
    window.shell._go_into(window.shell.call)
    assert focused() is quote
    node = QAccessible.queryAccessibleInterface(quote)
    assert node.role() is QAccessible.Role.StaticText
    assert node.text(QAccessible.Text.Name).startswith("Say to the caller: “")


def test_the_next_words_are_spoken(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    SCREENS["connected"](hub)
    enter()
    view = window.shell.call
    qtbot.waitUntil(lambda: view._next_key.on)
    press(window, "Alt+W")
    qtbot.waitUntil(lambda: (view._quote.accessibleName(), False) in said)
    assert view._model.script.say.replace("**", "") in view._quote.accessibleName()


def test_the_timer_runs_with_the_clock(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["connected"](hub)
    enter()
    view = window.shell.call
    view._timer.setText("")
    window.session.clock.ticked.emit(samples.NOW)
    assert view._timer.text() == "04:12"
