"""The page of exercises and the banner, in the whole window and by keyboard alone."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from agentdesk.cli.demo import screen
from agentdesk.desk.screens.rehearse.banner import LEAVE_KEY, RehearsalBanner, Stripes
from agentdesk.desk.screens.rehearse.view import RehearseView
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.exercises import ExerciseCode
from agentdesk.domain.people import Role
from agentdesk.wire.events import CallChanged
from tests.desk import rehearsal_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.rehearsal_samples import scored
from tests.desk.walk import focused, press

Enter = Callable[[], None]


def _list(window: Window, qtbot: QtBot) -> RehearseView:
    """Open the page by its key, and wait for the list."""
    press(window, "Ctrl+R")
    page = window.findChild(RehearseView)
    qtbot.waitUntil(lambda: page.isVisible() and "A plain payment" in screen.words(window))
    return page


def test_the_list_opens_by_its_key_and_an_exercise_starts_by_enter(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    _list(window, qtbot)
    qtbot.waitUntil(lambda: focused().accessibleName() == "Start A plain payment")
    QTest.keyClick(focused(), Qt.Key.Key_Tab)
    assert focused().accessibleName() == "Start Declined, then another card"
    QTest.keyClick(focused(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: hub.count("start_rehearsal") == 1)
    wish = next(arguments[0] for name, arguments in hub.asked if name == "start_rehearsal")
    assert wish.exercise is ExerciseCode.OTHER_CARD
    qtbot.waitUntil(lambda: not window.findChild(RehearseView).isVisible())  # the desk, for the call


def test_the_page_is_found_by_name(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    enter()
    names = {action.title for action in window.shell._actions()}
    assert {"Rehearse", "Rehearse with a pretended caller"} <= names


def test_what_cannot_be_started_says_why(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    enter()
    _list(window, qtbot)
    name = "Start A refund over your limit"
    (start,) = [one for one in window.findChildren(Button) if one.accessibleName() == name]
    assert not start.isEnabled()
    assert "It is for people who may give money back up to a limit." in screen.words(window)


def test_the_last_score_of_each_stands_beside_it(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.room = rehearsal_samples.room(scored("waited"))
    enter()
    _list(window, qtbot)
    assert "2 of 3 right" in screen.words(window)
    assert screen.words(window).count("Not practised yet") == len(ExerciseCode) - 1


def test_a_live_hub_says_what_it_needs(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.lamps = samples.readiness().model_copy(update={"test_mode": False})
    enter()
    press(window, "Ctrl+R")
    qtbot.waitUntil(lambda: "Nobody can rehearse on this hub" in screen.words(window))
    assert "agentdesk demo" in screen.words(window)
    assert "no real money can move" in screen.words(window)
    assert not window.findChild(RehearsalBanner).isVisible()


def test_a_test_hub_without_a_sandbox_says_so_too(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.room = rehearsal_samples.room(here=False)
    enter()
    press(window, "Ctrl+R")
    qtbot.waitUntil(lambda: "Nobody can rehearse on this hub" in screen.words(window))


@pytest.fixture
def rehearsing(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> RehearsalBanner:
    """Give the banner over a rehearsal that goes on."""
    hub.room = rehearsal_samples.room(current=rehearsal_samples.rehearsal(line=1))
    hub.calls["call_1"] = samples.call()
    enter()
    banner = window.findChild(RehearsalBanner)
    qtbot.waitUntil(banner.isVisible)
    return banner


def test_a_rehearsal_cannot_be_mistaken_wherever_one_looks(
    window: Window, rehearsing: RehearsalBanner, qtbot: QtBot
) -> None:
    frame = window.findChild(Stripes)
    for page in window.shell.pages:
        window.shell.show_page(page)
        assert rehearsing.isVisible()
        assert frame.isVisible()
        assert frame.size() == window.shell.size()
    assert rehearsing.accessibleName() == "Rehearsal, nothing here is real: The bank’s answer is lost"
    assert rehearsing.accessibleDescription() == (
        "The caller says: “Did it go through? I can give you another card, if that helps.”"
    )
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: frame.size() == window.shell.size())
    shown = window.grab().toImage()
    edge = {shown.pixelColor(x, 2).name() for x in range(40, 400)}
    assert len(edge) > 3  # stripes, and not one colour alone


def test_the_caller_is_heard_once_for_each_line(
    window: Window, hub: FakeHub, said: list[tuple[str, bool]], rehearsing: RehearsalBanner, qtbot: QtBot
) -> None:
    said.clear()
    hub.room = rehearsal_samples.room(current=rehearsal_samples.rehearsal(line=2))
    window.shell._rehearse.refresh()
    qtbot.waitUntil(lambda: any("Good that you did not take it twice" in words for words, _ in said))
    window.shell._rehearse.refresh()
    qtbot.waitUntil(lambda: not window.shell._rehearse.load.is_running)
    assert sum("Good that you did not take it twice" in words for words, _ in said) == 1


def test_what_happens_is_told_without_quotes(
    window: Window, hub: FakeHub, rehearsing: RehearsalBanner, qtbot: QtBot
) -> None:
    dead = rehearsal_samples.rehearsal(exercise=ExerciseCode.HANGS_UP_CHARGING, line=1)
    hub.room = rehearsal_samples.room(current=dead)
    window.shell._rehearse.refresh()
    words = "The line is dead. The charge is on its way to the bank."
    qtbot.waitUntil(lambda: rehearsing.accessibleDescription() == words)
    coming = rehearsal_samples.rehearsal(call_id=None)
    hub.room = rehearsal_samples.room(current=coming)
    window.shell._rehearse.refresh()
    qtbot.waitUntil(lambda: "being put through" in rehearsing.accessibleDescription())


def test_the_score_shows_itself_when_the_call_is_finished(
    window: Window, hub: FakeHub, said: list[tuple[str, bool]], rehearsing: RehearsalBanner, qtbot: QtBot
) -> None:
    hub.room = rehearsal_samples.room(scored("waited"))
    hub.calls.clear()
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    qtbot.waitUntil(lambda: "How you did" in screen.words(window))
    words = screen.words(window)
    assert "Next time: While a charge is unknown, begin nothing new." in words
    assert "Right: The caller was charged once." in words
    assert not rehearsing.isVisible()
    assert not window.findChild(Stripes).isVisible()
    assert any("2 of 3 right" in line and loud for line, loud in said)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), Button))


def test_it_can_be_left_from_the_banner(
    window: Window, hub: FakeHub, rehearsing: RehearsalBanner, qtbot: QtBot
) -> None:
    leave = rehearsing.findChild(Button)
    leave.setFocus()
    QTest.keyClick(leave, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: hub.count("leave_rehearsal") == 1)
    qtbot.waitUntil(lambda: not rehearsing.isVisible())


def test_it_can_be_left_by_its_key_and_found_by_name(
    window: Window, hub: FakeHub, rehearsing: RehearsalBanner, qtbot: QtBot
) -> None:
    (found,) = [one for one in window.shell._actions() if one.title == "Leave rehearsal"]
    assert found.key == LEAVE_KEY
    press(window, "Ctrl+Shift+R")
    qtbot.waitUntil(lambda: hub.count("leave_rehearsal") == 1)
    qtbot.waitUntil(lambda: not rehearsing.isVisible())
    assert "Leave rehearsal" not in {one.title for one in window.shell._actions()}


def test_a_trainer_sees_how_everybody_did(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.person = samples.person(Role.SUPERVISOR)
    hub.everybody = [scored("waited", person=f"Agent {n}", rehearsal_id=f"reh_{n}") for n in range(8)]
    enter()
    _list(window, qtbot)
    qtbot.waitUntil(lambda: "How everybody did" in screen.words(window))
    assert "Agent 5: The bank’s answer is lost" in screen.words(window)
    assert "Agent 7" not in screen.words(window)
    (older,) = [one for one in window.findChildren(Button) if one.text() == "Show older"]
    older.click()
    assert "Agent 7" in screen.words(window)


def test_a_card_number_taken_away_from_any_field_is_told_and_nothing_of_it(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.NOW)
    enter()
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(QPlainTextEdit)))
    note = next(one for one in window.findChildren(QPlainTextEdit) if one.isVisible())
    note.setPlainText("".join(("5200", "8282", "8282", "8210")))
    qtbot.waitUntil(lambda: ("note_refusal", ()) in hub.asked)
