"""The wrap-up screen by keyboard."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.theme import theme
from agentdesk.desk.window import Window
from agentdesk.domain.call import DISPOSITIONS
from agentdesk.domain.errors import Invalid
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]


def test_a_reason_a_note_and_ctrl_enter(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    view = window.shell.current_centre
    assert not view._finish.isEnabled()
    view.take_focus()
    assert focused().text() == "Bill paid in full"
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    for _ in range(5):
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    assert focused().accessibleName() == "Note"
    qtbot.keyClicks(focused(), "likes mornings")
    press(window, "Ctrl+Return")
    qtbot.waitUntil(lambda: window.session.call is None)
    [sent] = [args[1] for name, args in hub.asked if name == "wrap_up"]
    assert (sent.disposition, sent.note) == ("bill_paid", "likes mornings")
    assert window.shell.current_centre is window.shell.centre["waiting"]


def test_what_the_hub_says_against_it_stays_in_sight(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    view = window.shell.current_centre
    hub.fail("wrap_up", Invalid("reason_unknown", reason="query"))
    view._model.choose("query")
    press(window, "Ctrl+Return")
    qtbot.waitUntil(lambda: any("not a reason of this queue" in words for words, _ in said))
    window.session.readiness_changed.emit(window.session.readiness)
    assert view.form._error.isVisible()


def test_many_reasons_go_on_in_the_next_line(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    theme.set_text_scale(1.3)
    hub.lamps = hub.lamps.model_copy(update={"queues": [samples.queue("", DISPOSITIONS)]})
    SCREENS["wrap_up"](hub)
    enter()
    window.resize(1280, 720)
    view = window.shell.current_centre
    chips = view.form._buttons.values()
    qtbot.waitUntil(lambda: len({chip.y() for chip in chips}) > 1)
    for chip in chips:
        assert chip.mapTo(view, chip.rect().bottomRight()).x() < view.width()
    last = max(chip.mapTo(view, chip.rect().bottomRight()).y() for chip in chips)
    assert view.form.note.mapTo(view, view.form.note.rect().topLeft()).y() > last
