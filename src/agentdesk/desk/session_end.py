"""The end of being signed in, told in time: a session ends by itself, also in the middle of a call."""

from datetime import datetime, timedelta

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.session import Session
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.notices import Banner
from agentdesk.i18n import _

#: How long before the end it is said, and said again.
_WARNED = (timedelta(minutes=15), timedelta(minutes=2))


class SessionEnd(Column):
    """A banner across the window in the last minutes of a session; hidden before."""

    def __init__(self, session: Session, over: QWidget) -> None:
        self._session, self._said = session, 0
        self._banner = Banner("warning", "timer", "", "", flush=True)
        super().__init__(self._banner)
        self.setParent(over)  # shown without a parent it would be a window of its own, and take the keyboard
        session.clock.ticked.connect(self._look)
        self.hide()
        self._look(session.clock.now())

    def _look(self, now: datetime) -> None:
        until = self._session.person.signed_in_until if self._session.person else None
        due = sum(until - now <= before for before in _WARNED) if until else 0
        if until is None or due <= self._said:
            return
        self._said = due
        title = _("You are signed out at {minute}").format(minute=times.minute(until))
        words = _(
            "A session does not last longer. Sign out with F12 and in again between calls: a card entry that "
            "is open then cannot be finished."
        )
        self._banner.set_words(title, words)
        self.show()
        announce(self, f"{title}. {words}", assertive=True)
