"""Taking back a promise that was never meant: which one, why, and doing it once."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.screens.promise.view_model import standing_of
from agentdesk.desk.session import Session
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _
from agentdesk.wire.promises import Promise, Withdrawal

_SHORTEST, LONGEST = 3, 400


class WithdrawalViewModel(QObject):
    """The form of one withdrawal; `changed` when it opens, closes, or what it says changes."""

    changed = Signal()
    withdrawn = Signal(object)
    """Promise that was just withdrawn."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.promise: Promise | None = None
        """What is about to be withdrawn; None while the form is closed."""
        self.error: AgentDeskError | None = None
        self.send = Command(session.tasks, session.client.withdraw_promise, self)
        self.send.done.connect(self._take)
        self.send.failed.connect(self._miss)
        session.customer_changed.connect(self._follow)
        session.connection_changed.connect(self.changed)

    @property
    def why_not(self) -> str:
        """Why nothing can be withdrawn; empty where something can."""
        session = self.session
        if lost := session.connection.why_not:
            return lost
        if session.customer is None:
            return _("Choose the customer first")
        return "" if standing_of(session) else _("This customer has no promise that stands")

    def open(self) -> None:
        """Open the form for the promise that stands."""
        if self.promise is None and not self.why_not:
            self.promise, self.error = standing_of(self.session), None
            self.changed.emit()

    def close(self) -> None:
        """Close the form; the promise stands."""
        self.promise, self.error = None, None
        self.changed.emit()

    def problem(self, reason: str) -> str:
        """Return why this cannot be sent; empty where it can."""
        return self.why_not or ("" if len(reason.strip()) >= _SHORTEST else _("Say why"))

    def withdraw(self, reason: str) -> None:
        """Take the promise back, once."""
        if self.promise is not None and not self.problem(reason):
            self.error = None
            self.send.start(self.promise, Withdrawal(reason=reason.strip()))

    # --- inside

    def _take(self, promise: Promise) -> None:
        if promise.customer_id == self.session.customer_id:
            self.session.load_customer.restart(True)
        self.close()
        self.withdrawn.emit(promise)

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()

    def _follow(self) -> None:
        """Close the form when another customer shows."""
        if self.promise is not None and self.session.customer_id != self.promise.customer_id:
            self.close()
        self.changed.emit()
