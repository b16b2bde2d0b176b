"""Collect Python's garbage on Qt's thread, in portions that nobody notices."""

import gc

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from agentdesk.desk.session import Session
from agentdesk.wire.people import Person

#: Each payment leaves some thousand objects; those of one second are gone in a few milliseconds.
_EACH_MS = 1000


def collect_on_qt(app: QApplication) -> QTimer:
    """Collect from now on, until the timer is stopped."""
    # a cyclic collection on another thread destroys QObjects there; this one runs on Qt's
    gc.disable()
    gc.freeze()  # what was imported stays: looking through it each time would hold the loop
    timer = QTimer(app)
    timer.timeout.connect(gc.collect)
    timer.start(_EACH_MS)
    return timer


def leave_screens_out(session: Session) -> None:
    """Look through the screens of who is signed in only when they leave; call it once the window is made."""

    def change(person: Person | None) -> None:
        if person is not None:
            gc.freeze()
        else:
            QTimer.singleShot(0, _look_through_all)

    session.person_changed.connect(change)


def _look_through_all() -> None:
    gc.unfreeze()
    gc.collect()
    gc.freeze()
