"""A locked screen and sleep, as Linux and Windows tell them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk import away
from agentdesk.desk.away import Away, session_path

#: A desk's watcher on a bus of its own, and somebody who speaks as logind and as the screen saver.
ON_A_BUS = """
import os, sys
os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus = os.environ["DBUS_SESSION_BUS_ADDRESS"]
os.environ["XDG_SESSION_ID"] = "7"
from PySide6.QtCore import QTimer
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtWidgets import QApplication, QWidget
from agentdesk.desk.away import Away
app, heard = QApplication([]), []
window = QWidget()
watcher = Away(window)
wanted = ["locked", "locked", "slept"]
def hear(what):
    heard.append(what)
    if len(heard) == len(wanted):
        app.quit()
watcher.locked.connect(lambda: hear("locked"))
watcher.slept.connect(lambda: hear("slept"))
other = QDBusConnection.connectToBus(bus, "other")
other.registerService("org.freedesktop.login1")
def say(path, face, name, *told):
    signal = QDBusMessage.createSignal(path, face, name)
    signal.setArguments(list(told))
    other.send(signal)
def speak():
    for one in (QDBusConnection.systemBus(), QDBusConnection.sessionBus()):
        one.call(QDBusMessage.createMethodCall("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId"))
    say("/org/freedesktop/login1/session/_38", "org.freedesktop.login1.Session", "Lock")  # somebody else's
    say("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", False)
    say("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", True)
    say("/org/freedesktop/login1/session/_37", "org.freedesktop.login1.Session", "Lock")
    say("/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep", False)
    say("/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep", True)
QTimer.singleShot(0, speak)
QTimer.singleShot(50_000, app.quit)
app.exec()
sys.exit(0 if sorted(heard) == wanted else str(heard))  # they come by two connections
"""


@pytest.fixture
def heard(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Away, list[str]]]:
    """Give a watcher that no system tells anything, and what it told."""
    monkeypatch.setattr(sys, "platform", "darwin")
    window = QWidget()
    qtbot.addWidget(window)
    watcher, told = Away(window), []
    watcher.locked.connect(lambda: told.append("locked"))
    watcher.slept.connect(lambda: told.append("slept"))
    yield watcher, told
    window.deleteLater()


@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="no dbus-run-session: D-Bus is not tried")
def test_a_desktop_tells_on_its_bus() -> None:
    command = ["dbus-run-session", "--", sys.executable, "-c", ON_A_BUS]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("number", "path"), [("2", "_32"), ("c1", "c1"), ("42", "_342"), ("a-b", "a_2db")])
def test_a_session_has_the_path_that_logind_gives_it(number: str, path: str) -> None:
    assert session_path(number) == f"/org/freedesktop/login1/session/{path}"


@pytest.mark.parametrize(
    ("message", "what", "means"),
    [(0x02B1, 7, ["locked"]), (0x02B1, 8, []), (0x0218, 4, ["slept"]), (0x0218, 7, []), (0x0100, 7, [])],
)
def test_windows_tells_by_messages(
    heard: tuple[Away, list[str]], message: int, what: int, means: list[str]
) -> None:
    away.hear(heard[0], message, what)
    assert heard[1] == means


def test_unlocking_and_waking_tell_nothing(heard: tuple[Away, list[str]]) -> None:
    heard[0].saver(False)
    heard[0].sleep(False)
    assert heard[1] == []
