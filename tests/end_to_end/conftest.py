"""One world for all: Tryton from its template, sandbox and hub as separate processes."""

from collections.abc import Iterator

import pytest

from agentdesk.cli.demo.world import AGENT, SUPERVISOR, World, passing_home, world
from tests.desk.conftest import desk_loop, dressed, dressed_once, pytest_configure, settings, tasks
from tests.end_to_end.desk_by_hand import Person, Phone

__all__ = ["desk_loop", "dressed", "dressed_once", "pytest_configure", "settings", "tasks"]


def _quiet(_stage: str, _done: int, _of: int) -> None: ...


@pytest.fixture(scope="session")
def everything() -> Iterator[World]:
    """Start the world once."""
    with passing_home() as folder, world(folder, _quiet) as made:
        yield made


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
