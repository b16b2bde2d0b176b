"""Calling a supervisor by one key, and coming: both sides see the other's step at once."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.help.asking import AskingBar
from agentdesk.desk.screens.help.coming import ComingBar
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.people import Role
from agentdesk.wire.calls import NewHelp
from agentdesk.wire.events import CallChanged, WorkChanged
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.help_stages import asked, called, waiting
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]
Said = list[tuple[str, bool]]


def heard(said: Said, words: str) -> bool:
    return any(words in one for one, _ in said)


def test_one_key_calls_a_supervisor_once(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    SCREENS["connected"](hub)
    enter()
    bar = window.findChild(AskingBar)
    assert not bar.isVisible()
    press(window, "Ctrl+Shift+H")
    qtbot.waitUntil(bar.isVisible)
    assert [args for name, args in hub.asked if name == "call_supervisor"] == [("call_1", NewHelp())]
    assert heard(said, "You called a supervisor. Called at 10:41. Nobody is coming yet.")
    [key] = [one for one in window.shell.keys.now() if one.key == "Ctrl Shift H"]
    assert (key.on, key.why_off) == (False, "Called at 10:41")


def test_why_may_be_told_later(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.calls["call_1"] = samples.call(help=asked())
    enter()
    bar = window.findChild(AskingBar)
    bar._reason.edit.setFocus()
    qtbot.keyClicks(focused(), "They are angry")
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not bar._reason.isVisible())
    [(_call, sent)] = [args for name, args in hub.asked if name == "call_supervisor"]
    assert sent.reason == "They are angry"
    assert "They are angry" in bar._words.text()


def test_the_agent_hears_who_comes_and_that_it_is_over(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    hub.calls["call_1"] = samples.call(help=asked())
    enter()
    bar = window.findChild(AskingBar)
    hub.push(CallChanged(call=samples.call(help=asked(coming="Ruth Adeyemi"))))
    qtbot.waitUntil(lambda: ("Ruth Adeyemi is coming. Since 10:41", True) in said)
    hub.push(CallChanged(call=samples.call()))
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_the_agent_takes_it_back(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.calls["call_1"] = samples.call(help=asked())
    enter()
    bar = window.findChild(AskingBar)
    [end] = [one for one in window.shell._actions() if one.title == "No longer needed"]
    end.run()
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert hub.count("end_help") == 1


def test_what_went_wrong_is_said_and_it_can_be_asked_again(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    SCREENS["connected"](hub)
    hub.fail("call_supervisor", Unavailable("hub_unreachable"))
    enter()
    press(window, "Ctrl+Shift+H")
    qtbot.waitUntil(lambda: bool(said) and said[-1][1])
    bar = window.findChild(AskingBar)
    assert bar.isVisible() and not bar._end.isVisible()
    press(window, "Ctrl+Shift+H")
    qtbot.waitUntil(bar._end.isVisible)


def test_without_a_call_there_is_nobody_to_come_to(window: Window, enter: Enter) -> None:
    enter()
    assert "Ctrl Shift H" not in {one.key for one in window.shell.keys.now()}


@pytest.fixture
def supervisor(hub: FakeHub) -> FakeHub:
    """Let Priya be a supervisor."""
    hub.person = samples.person(Role.SUPERVISOR)
    return hub


def test_a_supervisor_sees_at_once_who_calls_and_comes(
    window: Window, supervisor: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    enter()
    bar = window.findChild(ComingBar)
    assert not bar.isVisible()
    supervisor.waiting = waiting(called(reason="They are angry"))
    supervisor.push(WorkChanged())
    qtbot.waitUntil(bar.isVisible)
    words = "Tom Ellis calls for a supervisor. Bola Adekunle, since 10:40. They are angry"
    assert (words, True) in said
    supervisor.waiting = waiting(called(coming="Me", coming_id=supervisor.person.user_id))
    [coming] = [one for one in window.shell._actions() if one.title == "I am coming: Tom Ellis"]
    coming.run()
    qtbot.waitUntil(lambda: [one.words() for one in bar._buttons.values()] == ["It is done"])
    assert [args for name, args in supervisor.asked if name == "come"] == [("call_of_tom",)]
    supervisor.waiting = waiting()
    next(iter(bar._buttons.values())).click()
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert supervisor.count("end_help") == 1


def test_to_whom_another_goes_is_only_in_the_list(
    window: Window, supervisor: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    supervisor.waiting = waiting(called(coming="Somebody Else", coming_id="usr_9"))
    enter()
    work = window.shell.pages["Payments"]._work
    qtbot.waitUntil(lambda: work.count == 1)
    assert not window.findChild(ComingBar).isVisible()


def test_a_colleague_who_was_faster_is_told(
    window: Window, supervisor: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    supervisor.waiting = waiting(called())
    supervisor.calls["call_of_tom"] = samples.call(
        call_id="call_of_tom", agent="usr_7", help=asked(coming="Ruth Adeyemi")
    )
    enter()
    bar = window.findChild(ComingBar)
    qtbot.waitUntil(bar.isVisible)
    supervisor.waiting = waiting(called(coming="Ruth Adeyemi", coming_id="usr_9"))
    next(iter(bar._buttons.values())).click()
    qtbot.waitUntil(lambda: not bar._buttons and ("Ruth Adeyemi is already coming.", True) in said)
    [close] = [one for one in window.shell._actions() if one.detail == bar.accessibleName()]
    close.run()
    assert not bar.isVisible()


def test_the_line_of_the_list_leads_to_the_press(
    window: Window, supervisor: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    supervisor.waiting = waiting(called())
    enter()
    page = window.shell.pages["Payments"]
    qtbot.waitUntil(lambda: page._work.table.rowCount() == 1)
    page._open_work(page._work.table.row(0))
    assert focused().accessibleName() == "I am coming: Tom Ellis"
    assert not page.drawer.isVisible()


def test_more_than_three_call_and_each_can_be_gone_to(
    window: Window, supervisor: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    agents = ("Tom Ellis", "Ana Reis", "Joe Park", "Mia Wong")
    supervisor.waiting = waiting(*(called(agent) for agent in agents))
    enter()
    page, bar = window.shell.pages["Payments"], window.findChild(ComingBar)
    qtbot.waitUntil(lambda: page._work.table.rowCount() == 4)
    assert [one.accessibleName() for one in bar._buttons.values()] == [
        f"I am coming: {agent}" for agent in agents[:3]
    ]
    page._open_work(page._work.table.row(3))
    assert focused().accessibleName() == "I am coming: Mia Wong"
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: supervisor.count("come") == 1)
    assert [args for name, args in supervisor.asked if name == "come"] == [("call_of_mia",)]
