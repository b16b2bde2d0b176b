"""What every desk test gets: the application dressed as the program dresses it, light and at 100 %."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QSettings
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.accessible import speak_of_our_parts
from agentdesk.desk.command import Tasks
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.desk.theme import theme
from agentdesk.desk.times import Clock
from agentdesk.desk.window import Window
from agentdesk.wire.people import SignIn
from tests.desk import samples
from tests.desk.fake_hub import FakeHub


def pytest_configure(config: pytest.Config) -> None:
    """Ignore what the offscreen platform says about windows and menus it shows; any other warning fails."""
    config.addinivalue_line("qt_log_ignore", "This plugin does not support")


@pytest.fixture(scope="session")
def dressed_once(qapp: QApplication) -> QApplication:
    """Load fonts and connect to the system's settings, once."""
    theme.start(qapp, "light")
    theme.set_reduced_motion(True)
    speak_of_our_parts()
    return qapp


@pytest.fixture
def dressed(dressed_once: QApplication) -> Iterator[QApplication]:
    """Return the dressed application, and undo what the test changed of its looks."""
    yield dressed_once
    if theme.text_scale != 1.0:
        theme.set_text_scale(1.0)
    if theme.name != "light":
        theme.choose("light")


@pytest.fixture
def desk_loop(dressed: QApplication) -> Iterator[asyncio.AbstractEventLoop]:
    """Run asyncio on pytest-qt's Qt loop; tests stay plain functions and wait with `qtbot.waitUntil`."""
    loop = qasync.QEventLoop(dressed, already_running=True)
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.events._set_running_loop(None)
    loop._QEventLoop__is_running = False
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def hub() -> FakeHub:
    """Return a hub in memory."""
    return FakeHub()


@pytest.fixture
def tasks(desk_loop: asyncio.AbstractEventLoop, qtbot: QtBot) -> Iterator[Tasks]:
    """Return a task registry; what still runs is cancelled afterwards."""
    tasks = Tasks()
    yield tasks
    ended = desk_loop.create_task(tasks.cancel_all())
    qtbot.waitUntil(ended.done)


@pytest.fixture
def session(tasks: Tasks, hub: FakeHub) -> Session:
    """Return a session that nobody has signed in to, at the samples' time."""
    return Session(hub, tasks, Clock(lambda: samples.NOW))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of their own."""
    return Settings(QSettings(str(tmp_path / "desk.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def enter(session: Session, hub: FakeHub, qtbot: QtBot) -> Callable[[], None]:
    """Return a function that signs in and waits until the day is known."""

    def sign_in() -> None:
        session.tasks.start(session.sign_in(SignIn(username="priya.nair", password="a sample")))
        qtbot.waitUntil(lambda: session.day is not None and not session.load_customer.is_running)

    return sign_in


@pytest.fixture
def window(session: Session, settings: Settings, qtbot: QtBot) -> Iterator[Window]:
    """Return the desk's window over the fake hub, shown."""
    window = Window(session, settings)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    window.hide()
    window.deleteLater()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Return what was spoken, and whether it interrupted."""
    lines: list[tuple[str, bool]] = []
    loud = QAccessible.AnnouncementPoliteness.Assertive
    monkeypatch.setattr(
        QAccessible,
        "updateAccessibility",
        lambda event: lines.append((event.message(), event.politeness() == loud)),
    )
    return lines
