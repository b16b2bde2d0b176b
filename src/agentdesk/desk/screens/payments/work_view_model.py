"""What waits for a supervisor: the list, how much there is, and asking for it again when it changes."""

from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.screens.payments.work_columns import columns
from agentdesk.desk.session import Connection, ConnectionState, Session
from agentdesk.desk.tables.keyset_table import KeysetTable
from agentdesk.domain.errors import AgentDeskError
from agentdesk.wire.work import WorkItem, WorkKind, WorkList

#: An unknown comes to need a person by time alone, which no event tells.
OLD_AFTER = timedelta(seconds=60)


class WorkViewModel(QObject):
    """Signal `changed`: the list, its count or what is wrong with it."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.table = KeysetTable(columns(session.clock.now), lambda item: item.key, self)
        self.count = 0
        self.called: list[WorkItem] = []
        """Who calls for a supervisor, oldest first."""
        self.as_of: datetime | None = None
        self.error: AgentDeskError | None = None
        self._generation = 0
        self.load = Command(session.tasks, session.client.work, self)
        self.table.wanted.connect(self._want)
        self.load.done.connect(self._take)
        self.load.failed.connect(self._miss)
        session.work_changed.connect(self.refresh)
        session.connection_changed.connect(self._reconnect)
        session.clock.ticked.connect(self._refresh_if_old)

    def refresh(self) -> None:
        """Ask for the list again; what is shown stays until it has come."""
        self.table.reload(keep=True)

    def step(self, item: WorkItem, by: int) -> WorkItem | None:
        """Return the item above or below; None at the ends."""
        place = self.table.place(item.key)
        if place is None or not 0 <= place + by < self.table.rowCount():
            return None
        return self.table.row(place + by)  # type: ignore[no-any-return]

    def _want(self, generation: int, _cursor: object) -> None:
        self._generation, self.error = generation, None
        self.load.restart()

    def _take(self, came: WorkList) -> None:
        self.count, self.as_of = came.count, came.as_of
        self.called = [one for one in came.rows if one.kind is WorkKind.HELP]
        self.table.take(self._generation, came)
        self.changed.emit()

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.table.fail(self._generation)
        self.changed.emit()

    def _reconnect(self, connection: Connection) -> None:
        if connection.state is ConnectionState.LIVE:
            self.refresh()

    def _refresh_if_old(self, now: datetime) -> None:
        live = self.session.connection.state is ConnectionState.LIVE
        if live and self.as_of and now - self.as_of > OLD_AFTER and not self.table.is_waiting:
            self.refresh()
