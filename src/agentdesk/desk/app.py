"""Start the desk: Qt and asyncio on one thread, one hook for what nobody caught, an orderly end."""

import asyncio
import importlib
import json
import os
import pkgutil
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from PySide6.QtCore import (
    QLibraryInfo,
    QLocale,
    QTimer,
    QTranslator,
)  # before qasync, which takes the Qt it finds
from PySide6.QtWidgets import QApplication

from agentdesk.desk import deep_link, screens
from agentdesk.desk.accessible import speak_of_our_parts
from agentdesk.desk.collecting import collect_on_qt, leave_screens_out
from agentdesk.desk.command import Tasks
from agentdesk.desk.deep_link import Listener
from agentdesk.desk.hub_client import HubClient
from agentdesk.desk.pictures import Pictures
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings, kept
from agentdesk.desk.theme import theme
from agentdesk.desk.times import Clock
from agentdesk.desk.widgets.focus import follow_focus
from agentdesk.desk.window import Window
from agentdesk.i18n import language

#: By then the sign-in is on the screen.
_PAINTED_S = 0.5
#: Python sees Ctrl-C and SIGTERM only between its own instructions, and Qt sleeps outside them.
_WAKE_EACH_MS = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Options:
    """What the command line says; None where it says nothing and what was kept counts.

    `beside` runs as a task beside the window, on its loop: the demo signs in and plays there.
    """

    hub: str
    user: str | None = None
    theme: str | None = None
    pictures: Path | None = None
    beside: Callable[[Window], Coroutine[Any, Any, None]] | None = None


def run(options: Options) -> int:
    """Run the desk until its window is closed; return the exit code."""
    os.environ["QT_API"] = "pyside6"
    import qasync

    app = QApplication(sys.argv[:1])
    app.setApplicationName("Agent Desk")
    app.setQuitOnLastWindowClosed(False)
    _speak(app)
    sys.excepthook = _report
    collector = collect_on_qt(app)
    settings = _settings(options)
    with qasync.QEventLoop(app) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(_main(app, options, settings))
    collector.stop()
    settings.keep_names()
    return 0


async def _main(app: QApplication, options: Options, settings: Settings) -> None:
    theme.start(app, options.theme or settings.theme)
    theme.set_text_scale(settings.text_size)
    theme.set_reduced_motion(settings.less_motion)
    speak_of_our_parts()
    follower = follow_focus(app)  # lives as long as this coroutine
    tasks, client, done = Tasks(), HubClient(options.hub), asyncio.Event()
    session = Session(client, tasks, Clock())
    window = Window(session, settings)
    leave_screens_out(session)
    window.closed.connect(done.set)
    link = Listener(session, deep_link.card())
    await link.start()
    if options.pictures:
        Pictures(window, options.pictures)
    _stop_on_signals(window, done)
    window.show()
    print(json.dumps({"name": "desk", "pid": os.getpid(), "hub": options.hub}), flush=True)
    tasks.start(_get_ready())
    if options.beside:
        tasks.start(options.beside(window))
    await done.wait()
    link.close()
    await tasks.cancel_all()
    await client.aclose()
    del follower


async def _get_ready() -> None:
    """Import the screens one by one while somebody types; without this they come with the sign-in."""
    await asyncio.sleep(_PAINTED_S)
    for module in pkgutil.walk_packages(screens.__path__, f"{screens.__name__}."):
        importlib.import_module(module.name)
        await asyncio.sleep(0)


def _settings(options: Options) -> Settings:
    settings = kept()
    settings.hub = options.hub
    if options.user:
        settings.username = options.user
    return settings


def _speak(app: QApplication) -> None:
    """Let Qt's own menus and numbers be of the language chosen."""
    QLocale.setDefault(QLocale(language()))
    own = QTranslator(app)
    if own.load(QLocale(), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(own)


def _stop_on_signals(window: Window, done: asyncio.Event) -> None:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: done.set())
    timer = QTimer(window)
    timer.timeout.connect(lambda: None)
    timer.start(_WAKE_EACH_MS)


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.error("something of ours went wrong", exc_info=(kind, error, trace))
