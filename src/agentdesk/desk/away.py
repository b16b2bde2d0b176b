"""Whether the agent left the computer: a locked screen or sleep, as far as the system tells a program.

Linux tells on D-Bus (logind, and the desktop's screen saver), Windows by window messages. macOS tells only
native programs: there the hub's own time limits end a card entry that nobody attends.
"""

import ctypes
import os
import sys
from typing import Any

import structlog
from PySide6.QtCore import SLOT, QAbstractNativeEventFilter, QByteArray, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

log = structlog.get_logger(__name__)

_LOGIND, _MANAGER, _SESSION = (
    "org.freedesktop.login1",
    "org.freedesktop.login1.Manager",
    "org.freedesktop.login1.Session",
)
#: What desktops call their screen saver; its being active is a locked screen.
_SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver")
# https://learn.microsoft.com/windows/win32/termserv/wm-wtssession-change and .../power/wm-powerbroadcast
_WM_SESSION_CHANGE, _SESSION_LOCK = 0x02B1, 7
_WM_POWER, _SUSPEND = 0x0218, 4


class Away(QObject):
    """Tells when the screen is locked and when the computer goes to sleep."""

    locked = Signal()
    slept = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._filter: QAbstractNativeEventFilter | None = None
        if sys.platform == "win32":
            self._watch_windows(window)
        elif sys.platform != "darwin":
            self._watch_bus()

    @Slot()
    def lock(self) -> None:
        """Hear that the session is being locked."""
        self.locked.emit()

    @Slot(bool)
    def saver(self, active: bool) -> None:
        """Hear of the screen saver."""
        if active:
            self.locked.emit()

    @Slot(bool)
    def sleep(self, going: bool) -> None:
        """Hear of sleep, before and after it."""
        if going:
            self.slept.emit()

    def _watch_bus(self) -> None:
        from PySide6.QtDBus import QDBusConnection

        session, system = QDBusConnection.sessionBus(), QDBusConnection.systemBus()
        heard = [
            session.connect("", "", saver, "ActiveChanged", self, SLOT("saver(bool)")) for saver in _SAVERS
        ]
        heard.append(system.connect(_LOGIND, "", _MANAGER, "PrepareForSleep", self, SLOT("sleep(bool)")))
        if number := os.environ.get("XDG_SESSION_ID"):
            path = session_path(number)
            heard.append(system.connect(_LOGIND, path, _SESSION, "Lock", self, SLOT("lock()")))
        if not any(heard):
            log.info("nobody tells of a locked screen or of sleep here")

    def _watch_windows(self, window: QWidget) -> None:
        ctypes.windll.wtsapi32.WTSRegisterSessionNotification(int(window.winId()), 0)
        self._filter = _Messages(self)
        app = QApplication.instance()
        assert app is not None, "a window has an application"
        app.installNativeEventFilter(self._filter)


class _Messages(QAbstractNativeEventFilter):
    def __init__(self, away: Away) -> None:
        super().__init__()
        self._away = away

    def nativeEventFilter(self, _kind: QByteArray | bytes, message: Any) -> object:
        from ctypes import wintypes

        told = wintypes.MSG.from_address(int(message))
        hear(self._away, told.message, told.wParam)
        return False, 0


def hear(away: Away, message: int, what: int) -> None:
    """Use a message of Windows."""
    if (message, what) == (_WM_SESSION_CHANGE, _SESSION_LOCK):
        away.lock()
    elif (message, what) == (_WM_POWER, _SUSPEND):
        away.sleep(True)


def session_path(number: str) -> str:
    """Return logind's path of a session; it is made here, for asking would wait for an answer.

    Signs that a path cannot hold, and a digit at the start, are written as _ and their hexadecimal number
    (systemd: bus_label_escape).
    """
    first, rest = number[:1], number[1:]
    kept = first if first.isascii() and first.isalpha() else f"_{ord(first):02x}"
    kept += "".join(one if one.isascii() and one.isalnum() else f"_{ord(one):02x}" for one in rest)
    return f"/org/freedesktop/login1/session/{kept}"
