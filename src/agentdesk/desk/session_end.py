"""The end of being signed in, told in time: a session ends by itself, also in the middle of a call."""

from datetime import datetime, timedelta

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.renewing import RENEW_KEY, RenewModel
from agentdesk.desk.session import Session
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.key_cap import printed
from agentdesk.desk.widgets.notices import Banner
from agentdesk.i18n import _

#: How long before the end it is said, and said again; and that it is over, where a call keeps it open.
_WARNED = (timedelta(minutes=15), timedelta(minutes=2), timedelta(0))


class SessionEnd(Column):
    """A banner across the window in the last minutes of a session; hidden before, and once it is renewed."""

    def __init__(self, session: Session, over: QWidget, model: RenewModel, keys: Keys) -> None:
        self._session, self._said = session, 0
        self._banner = Banner("warning", "timer", "", "", _("Sign in again"), flush=16)
        super().__init__(self._banner)
        self.setParent(over)  # shown without a parent it would be a window of its own, and take the keyboard
        self._banner.pressed.connect(model.ask)
        keys.add(self, _("Sign in again"), RENEW_KEY, model.ask)
        session.clock.ticked.connect(self._look)
        model.renewed.connect(lambda: self._look(session.clock.now()))
        self.hide()
        self._look(session.clock.now())

    def _look(self, now: datetime) -> None:
        until = self._session.ends_at
        due = sum(until - now <= before for before in _WARNED) if until else 0
        if not due:
            self.hide()
        if until is None or due <= self._said:
            self._said = min(self._said, due)
            return
        self._said = due
        title = _("You will be signed out at {minute}").format(minute=times.minute(until))
        if until <= now:
            title = _("Your session ended at {minute}; this call goes on").format(minute=times.minute(until))
        words = _("{key} signs you in again where you are. Nothing is lost, and no call is dropped.")
        words = words.format(key=printed(RENEW_KEY))
        self._banner.set_words(title, words)
        self.show()
        announce(self, f"{title}. {words}", assertive=True)
