"""Where the desk's window opens: python -m tests.desk.placed_desk SETTINGS.ini [X Y].

Prints where it is, its frame and its screen's room; moves it to X Y where told; closes it as a person does.
"""

import asyncio
import json
import sys

import qasync
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from agentdesk.desk.command import Tasks
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.desk.theme import theme
from agentdesk.desk.times import Clock
from agentdesk.desk.window import Window
from tests.desk.fake_hub import FakeHub
from tests.desk.staging import settle


async def _main(kept: str, *to: str) -> None:
    store, tasks = QSettings(kept, QSettings.Format.IniFormat), Tasks()
    window = Window(Session(FakeHub(), tasks, Clock()), Settings(store))
    window.show()
    await settle()
    room = window.screen().availableGeometry()
    told = {"window": window.geometry(), "frame": window.frameGeometry(), "room": room}
    print(json.dumps({name: place.getRect() for name, place in told.items()}), flush=True)
    if to:
        window.move(*map(int, to))
        await settle()
    window.close()
    store.sync()
    await tasks.cancel_all()


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    theme.start(application, "light")
    with qasync.QEventLoop(application) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(_main(*sys.argv[1:]))
