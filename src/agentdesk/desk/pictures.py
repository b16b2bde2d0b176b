"""A picture of the window each time what it shows has changed, for proof and for the help pages."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from agentdesk.desk.window import Window

_SETTLED_MS = 400


class Pictures(QObject):
    """Saves `001.png`, `002.png` … into a folder; lives as long as the window."""

    def __init__(self, window: Window, folder: Path) -> None:
        super().__init__(window)
        self._window, self._folder, self._count = window, folder, 0
        folder.mkdir(parents=True, exist_ok=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLED_MS)
        self._timer.timeout.connect(self._save)
        session = window.session
        for changed in (
            session.person_changed,
            session.readiness_changed,
            session.call_changed,
            session.ringing_changed,
            session.customer_changed,
            session.payment_changed,
            session.connection_changed,
            session.day_changed,
        ):
            changed.connect(lambda *_: self._timer.start())
        session.shown_payment_changed.connect(self._timer.start)
        self._timer.start()

    def _save(self) -> None:
        self._count += 1
        self._window.grab().save(str(self._folder / f"{self._count:03}.png"))
