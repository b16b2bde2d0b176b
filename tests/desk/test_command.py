"""Single flight, the newest wish, the end with the owner, and what happens to errors."""

import asyncio

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Command, Tasks
from agentdesk.domain.errors import AgentDeskError, Conflict


class Door:
    """An action that waits until it is let through."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.passed: list[object] = []
        self.knocked = self.cancelled = 0

    async def walk(self, who: object = None) -> object:
        self.knocked += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.passed.append(who)
        return who


@pytest.fixture
def door(desk_loop: asyncio.AbstractEventLoop) -> Door:
    return Door()


def test_two_starts_are_one_action(tasks: Tasks, door: Door, qtbot: QtBot) -> None:
    owner = QObject()
    command = Command(tasks, door.walk, owner)
    assert command.start("first") is True
    assert command.start("second") is False
    with qtbot.waitSignal(command.done) as done:
        door.open.set()
    assert done.args == ["first"]
    assert door.passed == ["first"]


def test_it_tells_when_it_runs(tasks: Tasks, door: Door, qtbot: QtBot) -> None:
    owner = QObject()
    command = Command(tasks, door.walk, owner)
    told: list[bool] = []
    command.running.connect(told.append)
    command.start()
    assert command.is_running
    door.open.set()
    qtbot.waitUntil(lambda: told == [True, False])
    assert not command.is_running


def test_the_newest_wish_wins(tasks: Tasks, door: Door, qtbot: QtBot) -> None:
    owner = QObject()
    command = Command(tasks, door.walk, owner)
    answers: list[object] = []
    command.done.connect(answers.append)
    command.start("old")
    qtbot.waitUntil(lambda: door.knocked == 1)
    command.restart("new")
    door.open.set()
    qtbot.waitUntil(lambda: answers == ["new"])
    assert door.cancelled == 1


def test_it_ends_with_its_owner(tasks: Tasks, door: Door, qtbot: QtBot) -> None:
    owner = QObject()
    Command(tasks, door.walk, owner).start()
    qtbot.waitUntil(lambda: door.knocked == 1)
    owner.deleteLater()
    qtbot.waitUntil(lambda: door.cancelled == 1)
    assert door.passed == []


def test_an_error_of_ours_is_a_signal(tasks: Tasks, qtbot: QtBot) -> None:
    async def refuse() -> None:
        raise Conflict("set_up_done")

    owner = QObject()
    command = Command(tasks, refuse, owner)
    with qtbot.waitSignal(command.failed) as failed:
        command.start()
    assert failed.args[0].code == "set_up_done"


def test_a_mistake_of_ours_is_shown_with_a_number_and_reaches_the_hook(tasks: Tasks, qtbot: QtBot) -> None:
    async def stumble() -> None:
        raise ZeroDivisionError

    owner = QObject()
    command = Command(tasks, stumble, owner)
    shown: list[AgentDeskError] = []
    command.failed.connect(shown.append)
    with qtbot.captureExceptions() as caught:
        command.start()
        qtbot.waitUntil(lambda: len(caught) == 1)
    assert caught[0][0] is ZeroDivisionError
    assert shown[0].code == "internal"
    assert caught[0][1].__notes__ == [f"incident {shown[0].params['incident']}"]


def test_everything_can_be_cancelled(tasks: Tasks, door: Door, qtbot: QtBot) -> None:
    for who in range(3):
        tasks.start(door.walk(who))
    qtbot.waitUntil(lambda: door.knocked == 3)
    ended = asyncio.get_event_loop().create_task(tasks.cancel_all())
    qtbot.waitUntil(ended.done)
    assert door.cancelled == 3
