"""A call that is not recorded any more: told to its agent, and to a supervisor until somebody has seen it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payments.view import PaymentsView
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Unavailable
from agentdesk.wire.events import CallChanged, WorkChanged
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.help_stages import unrecorded, waiting
from tests.desk.screens.payments.test_view import enter, supervisor, words
from tests.desk.walk import SCREENS, focused

__all__ = ["supervisor"]
Said = list[tuple[str, bool]]
TELLS = "The recorder did not start again. This call is not recorded; the supervisors know."


@pytest.fixture
def view(window: Window, supervisor: FakeHub, qtbot: QtBot) -> PaymentsView:
    """Return the page with the open call."""
    supervisor.waiting = waiting(unrecorded())
    page = enter(window, qtbot)
    qtbot.waitUntil(lambda: page._work.count == 1)
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    qtbot.waitUntil(page.work_table.isVisible)
    qtbot.keyClick(page.work_table, Qt.Key.Key_Down)
    qtbot.keyClick(page.work_table, Qt.Key.Key_Return)
    qtbot.waitUntil(page.drawer.isVisible)
    return page


def _seen(view: PaymentsView) -> Button:
    return next(one for one in view.drawer.findChildren(Button) if one.accessibleName().startswith("Seen"))


def test_it_says_since_when_what_it_means_and_what_to_do(view: PaymentsView) -> None:
    said = words(view)
    assert "Not recorded since 10:38" in said
    assert "start the recorder by hand" in said
    assert (view.drawer.title.text(), "Bola Adekunle, taken by Tom Ellis" in said) == ("Call", True)


def test_nothing_stands_under_it_and_no_column_is_cut_in_a_large_text(
    window: Window, view: PaymentsView, qtbot: QtBot
) -> None:
    assert not view.drawer._foot.isVisible()
    theme.set_text_scale(1.3)
    window.resize(1280, 720)
    table = view.work_table
    qtbot.waitUntil(lambda: table.horizontalHeader().length() == table.viewport().width())


def test_seen_by_keyboard_and_it_is_gone(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    button = _seen(view)
    button.setFocus()
    supervisor.waiting = waiting()
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not view.drawer.isVisible())
    assert [args for name, args in supervisor.asked if name == "see_unrecorded"] == [("call_of_tom",)]
    assert "Nothing needs a person" in words(view)


def test_a_press_that_fails_says_so(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    supervisor.fail("see_unrecorded", Unavailable("hub_unreachable"))
    _seen(view).click()
    qtbot.waitUntil(lambda: "That did not work" in words(view.drawer))
    assert view.drawer.isVisible()


def test_it_goes_when_the_recorder_starts(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot, said: Said
) -> None:
    supervisor.waiting = waiting()
    supervisor.push(WorkChanged())
    qtbot.waitUntil(lambda: not view.drawer.isVisible())
    assert any("The call needs nobody any more" in one for one, _ in said)


def test_the_agent_hears_it_once(
    window: Window, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot, said: Said
) -> None:
    SCREENS["connected"](hub)
    enter()
    for _ in range(2):
        hub.push(CallChanged(call=samples.call(recording=False)))
        qtbot.waitUntil(lambda: (TELLS, True) in said)
    assert said.count((TELLS, True)) == 1
    hub.push(CallChanged(call=samples.call()))
    qtbot.waitUntil(lambda: not window.shell.call._model.is_unrecorded)
