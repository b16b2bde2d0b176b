"""The desk's window on a real display, over the hub of the tests: python -m tests.desk.heard_desk FOLDER."""

import asyncio
import json
import sys

import qasync
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from agentdesk.desk.accessible import speak_of_our_parts
from agentdesk.desk.command import Tasks
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.desk.theme import theme
from agentdesk.desk.times import Clock
from agentdesk.desk.widgets.focus import follow_focus
from agentdesk.desk.window import Window
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.staging import settle


async def _main(app: QApplication, folder: str) -> None:
    """Show the window, with a call that rings, until it is ended."""
    speak_of_our_parts()
    follower = follow_focus(app)
    hub = FakeHub()
    hub.calls["call_1"] = samples.ringing()
    settings = Settings(QSettings(f"{folder}/desk.ini", QSettings.Format.IniFormat))
    window = Window(Session(hub, Tasks(), Clock(lambda: samples.NOW)), settings)
    window.show()
    while not window.isActiveWindow():  # no window manager does it here
        window.activateWindow()
        await settle()
    print(json.dumps({"name": "desk"}), flush=True)
    await asyncio.Event().wait()
    del follower


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Agent Desk")
    theme.start(application, "light")
    with qasync.QEventLoop(application) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(_main(application, sys.argv[1]))
