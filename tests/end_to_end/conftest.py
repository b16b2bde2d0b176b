"""One world for all: Tryton from its template, sandbox and hub as separate processes."""

import asyncio
import io
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from rich.console import Console

from agentdesk.cli.demo.journey import Journey
from agentdesk.cli.demo.world import AGENT, SUPERVISOR, World, passing_home, world
from agentdesk.desk.command import Tasks
from agentdesk.desk.hub_client import HubClient
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.desk.times import Clock
from agentdesk.desk.window import Window
from tests.desk.conftest import desk_loop, dressed, dressed_once, pytest_configure, settings, tasks
from tests.end_to_end.desk_by_hand import Person, Phone, Strangers

__all__ = ["desk_loop", "dressed", "dressed_once", "pytest_configure", "settings", "tasks"]


def _quiet(_stage: str, _done: int, _of: int) -> None: ...


@pytest.fixture(scope="session")
def everything() -> Iterator[World]:
    """Start the world once."""
    with passing_home() as folder, world(folder, _quiet) as made:
        yield made


@pytest.fixture(scope="session")
def strangers(everything: World) -> Strangers:
    """Customers whom no test knows by name."""
    return Strangers(everything)


@pytest.fixture
def agent(everything: World) -> Person:
    """An agent, signed in."""
    return Person(everything, AGENT)


@pytest.fixture
def supervisor(everything: World) -> Person:
    """A supervisor, signed in."""
    return Person(everything, SUPERVISOR)


@pytest.fixture
def phone(everything: World) -> Iterator[Phone]:
    """The phone network: lets callers ring and key cards by name; every fault is disarmed afterwards."""
    made = Phone(everything)
    yield made
    made.disarm()


# ---------------------------------------------------------------- at the desk
@pytest.fixture(scope="module")
def untouched() -> Iterator[World]:
    """A world in which nobody has paid yet."""
    with passing_home() as folder, world(folder, _quiet) as made:
        yield made


@pytest.fixture
def journey(
    untouched: World, tasks: Tasks, settings: Settings, tmp_path: Path, qtbot: QtBot
) -> Iterator[Journey]:
    """The desk's window on the real hub, and somebody who plays on it."""
    client = HubClient(untouched.hub.url)
    window = Window(Session(client, tasks, Clock()), settings)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    yield Journey(untouched, window, tmp_path, Console(file=io.StringIO()))
    window.hide()
    window.deleteLater()

    async def close() -> None:
        await tasks.cancel_all()  # as the program does: what still asks must not ask a closed client
        await client.aclose()

    closing = asyncio.get_event_loop_policy().get_event_loop().create_task(close())
    qtbot.waitUntil(closing.done)
    Phone(untouched).disarm()
    Person(untouched, AGENT).finish_calls()


@pytest.fixture
def play(journey: Journey, qtbot: QtBot) -> Callable[[Coroutine[Any, Any, None]], None]:
    """Return a function that plays to the end and raises what went wrong."""

    def to_the_end(playing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_event_loop_policy().get_event_loop().create_task(playing)
        try:
            qtbot.waitUntil(task.done, timeout=150_000)
        finally:
            task.cancel()  # where it took too long, it must not play on in the next test
        task.result()

    return to_the_end
