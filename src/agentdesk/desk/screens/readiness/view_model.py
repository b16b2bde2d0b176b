"""Whether all is ready, once somebody is signed in: the lines, one more look, and the text for IT."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.screens.readiness.lines import Line, diagnosis, lines, summary, troubled
from agentdesk.desk.session import Session
from agentdesk.domain.errors import AgentDeskError, Unavailable


class ReadinessViewModel(QObject):
    """Follows the lamps and the connection. Signal `looked(words)`: what a look asked for has found."""

    changed = Signal()
    looked = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.error: AgentDeskError | None = None
        self.look_command = Command(session.tasks, self._look, self)
        self.look_command.done.connect(self._say)
        self.look_command.failed.connect(self._miss)
        session.readiness_changed.connect(self._forget_error)
        session.connection_changed.connect(self._forget_error)

    @property
    def lines(self) -> list[Line]:
        """Every lamp."""
        session = self.session
        error = Unavailable("hub_unreachable") if session.connection.is_lost else self.error
        return lines(session.readiness, error, session.clock)

    @property
    def troubled(self) -> list[Line]:
        """What is not as it should be."""
        return troubled(self.lines)

    @property
    def diagnosis(self) -> str:
        """What IT needs to know, as plain text."""
        session = self.session
        return diagnosis(session.client.url, session.readiness, self.lines, session.clock)

    def look(self) -> None:
        """Look again now, at the hub itself first where the connection is lost."""
        self.session.live.try_now()
        self.look_command.start()

    async def _look(self) -> None:
        await self.session.look(fresh=True)

    def _say(self) -> None:
        self.error = None
        self.changed.emit()
        self.looked.emit(summary(self.lines))

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()
        self.looked.emit(summary(self.lines))

    def _forget_error(self) -> None:
        self.error = None
        self.changed.emit()
