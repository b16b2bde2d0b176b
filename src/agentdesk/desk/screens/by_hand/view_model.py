"""A call the phone system does not tell of: who rings, in which queue, and taking it once."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.session import Session
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.people import Permission
from agentdesk.i18n import _
from agentdesk.wire.calls import NewCall

LONGEST = 40
_FEWEST_DIGITS = 3


class ByHandViewModel(QObject):
    """The form of one call; `changed` when it opens, closes, or what it says changes."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.is_open = False
        self.error: AgentDeskError | None = None
        self.send = Command(session.tasks, session.add_call, self)
        self.send.done.connect(lambda _: self.close())
        self.send.failed.connect(self._miss)
        session.call_changed.connect(self._follow)
        session.connection_changed.connect(self.changed)

    @property
    def may(self) -> bool:
        """Whether this person takes calls at all."""
        return self.session.may(Permission.TAKE_PAYMENT)

    @property
    def why_not(self) -> str:
        """Why no call can be taken by hand now; empty where one can."""
        if lost := self.session.connection.why_not:
            return lost
        return _("Finish this call first") if self.session.call is not None else ""

    @property
    def queues(self) -> list[str]:
        """The queues that have a name."""
        readiness = self.session.readiness
        return [one.queue for one in readiness.queues if one.queue] if readiness else []

    def open(self) -> None:
        """Open the form."""
        if self.may and not self.is_open and not self.why_not:
            self.is_open, self.error = True, None
            self.changed.emit()

    def close(self) -> None:
        """Close the form."""
        self.is_open, self.error = False, None
        self.changed.emit()

    def problem(self, number: str, withheld: bool) -> str:
        """Return why this cannot be sent; empty where it can."""
        if self.why_not:
            return self.why_not
        digits = sum(sign.isdigit() for sign in number)
        return "" if withheld or digits >= _FEWEST_DIGITS else _("Type the number")

    def take(self, number: str, withheld: bool, queue: str) -> None:
        """Tell the hub of the call, once; it is this person's then."""
        if not self.problem(number, withheld):
            self.error = None
            told = None if withheld else number.strip()
            self.send.start(NewCall(number=told, withheld=withheld, queue=queue or None))

    # --- inside

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()

    def _follow(self) -> None:
        """Close the form when a call is there: this one, though its answer was lost, or another."""
        if self.is_open and self.session.call is not None and not self.send.is_running:
            self.close()
        self.changed.emit()
