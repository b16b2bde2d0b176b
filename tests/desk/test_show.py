"""What changes together shows once, and nothing that was asked for is lost."""

import asyncio

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.show import Show, together


class Screen(QObject):
    """Counts how often it showed what."""

    def __init__(self) -> None:
        super().__init__()
        self.known, self.shown = 0, list[int]()
        self.due = Show(self._show, self)

    def change(self) -> None:
        self.known += 1
        self.due.ask()

    def _show(self) -> None:
        self.shown.append(self.known)


def test_a_change_alone_shows_at_once() -> None:
    screen = Screen()
    screen.change()
    screen.change()
    assert screen.shown == [1, 2]


def test_changes_that_belong_together_show_once_at_the_end() -> None:
    screen, other = Screen(), Screen()
    with together:
        screen.change()
        with together:
            screen.change()
            other.change()
        assert (screen.shown, other.shown) == ([], [])
    assert (screen.shown, other.shown) == ([2], [1])


def test_what_changes_while_another_shows_is_shown_too() -> None:
    first, second = Screen(), Screen()
    again = Show(second.change, second)
    with together:
        again.ask()
        first.change()
        second.change()
    assert first.shown == [1]
    assert second.shown[-1] == second.known == 2


def test_an_error_keeps_no_change_from_showing() -> None:
    screen = Screen()
    with pytest.raises(ValueError, match="a sample"), together:
        screen.change()
        raise ValueError("a sample")
    assert screen.shown == [1]
    screen.change()
    assert screen.shown == [1, 2]


def test_each_step_of_a_task_shows_once(tasks: Tasks, qtbot: QtBot) -> None:
    screen, go = Screen(), asyncio.Event()

    async def work() -> None:
        screen.change()
        screen.change()
        await go.wait()
        screen.change()
        screen.change()

    working = tasks.start(work())
    qtbot.waitUntil(lambda: screen.shown == [2])
    go.set()
    qtbot.waitUntil(working.done)
    assert screen.shown == [2, 4]


def test_a_task_that_is_cancelled_before_it_began_leaves_nothing(tasks: Tasks, qtbot: QtBot) -> None:
    async def work() -> None:
        raise AssertionError("it never began")

    working = tasks.start(work())
    working.cancel()
    qtbot.waitUntil(working.done)
    assert working.cancelled()


class Part(QWidget):
    """Counts how often it showed; shows only where it is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = 0
        self.due = Show(self._show, self, only_seen=True)

    def showEvent(self, event: QShowEvent) -> None:
        self.due.run()

    def _show(self) -> None:
        self.shown += 1


def test_what_nobody_sees_is_shown_once_when_it_appears(qtbot: QtBot) -> None:
    part = Part()
    qtbot.addWidget(part)
    part.due.ask()
    with together:
        part.due.ask()
    assert part.shown == 0
    part.show()
    assert part.shown == 1
    part.hide()
    part.show()
    assert part.shown == 1
    part.due.ask()
    assert part.shown == 2
