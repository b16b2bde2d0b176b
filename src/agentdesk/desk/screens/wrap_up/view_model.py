"""What has to be said at the end of a call."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.session import Session
from agentdesk.domain.call import DISPOSITIONS, CallState
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid
from agentdesk.wire.calls import Call, WrapUp


class WrapUpViewModel(QObject):
    """Disposition and note of my call; `finish` sends them. A new call starts empty."""

    changed = Signal()
    failed = Signal(object)
    """AgentDeskError; it stays in `error` until something is done about it."""
    finished = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.disposition = ""
        self.note = ""
        self.error: AgentDeskError | None = None
        self._call_id: str | None = None
        self.finish_call = Command(session.tasks, self._finish, self)
        self.finish_call.failed.connect(self._fail)
        self.finish_call.done.connect(lambda _: self.finished.emit())
        session.call_changed.connect(self._take_call)
        session.readiness_changed.connect(self.changed)
        session.payment_changed.connect(self.changed)
        self._take_call(session.call)

    @property
    def dispositions(self) -> dict[str, str]:
        """The reasons of the call's queue, code to words, in the hub's order."""
        call, readiness = self.session.call, self.session.readiness
        queues = {one.queue: one.dispositions for one in readiness.queues} if readiness else {}
        told = queues.get((call and call.queue) or "") or queues.get("")
        return {one.code: one.words for one in told} if told else DISPOSITIONS

    @property
    def line_is_open(self) -> bool:
        """Whether the caller is still there."""
        return self.session.call is not None and self.session.call.state is not CallState.WRAP_UP

    @property
    def why_not(self) -> str:
        """Why the call cannot be finished; empty where it can."""
        if self.session.live_attempt is not None:
            return "A payment is still live"
        return "" if self.disposition in self.dispositions else "Choose a reason"

    def choose(self, disposition: str) -> None:
        """Set the reason."""
        self.disposition, self.error = disposition, None
        self.changed.emit()

    def suggest(self, disposition: str, note: str) -> None:
        """Fill in what is known of a payment, where nothing was chosen or typed yet."""
        self.disposition = self.disposition or disposition
        self.note = self.note or note
        self.changed.emit()

    def finish(self) -> None:
        """Send reason and note; the call is over then."""
        self.error = None
        if refusal := self._refusal():
            self._fail(refusal)
        else:
            self.finish_call.start()

    def _refusal(self) -> AgentDeskError | None:
        if self.session.live_attempt is not None:
            return Conflict("note_live_payment")
        if self.why_not:
            return Invalid("disposition_required")
        return Invalid("card_number_refused") if looks_like_pan(self.note) else None

    def _fail(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()
        self.failed.emit(error)

    async def _finish(self) -> None:
        call = self.session.call
        if call is not None:
            wrap_up = WrapUp(disposition=self.disposition, note=self.note.strip())
            self.session.take_call(await self.session.client.wrap_up(call.call_id, wrap_up))

    def _take_call(self, call: Call | None) -> None:
        call_id = call.call_id if call else None
        if call_id != self._call_id:
            self._call_id, self.disposition, self.note, self.error = call_id, "", "", None
        self.changed.emit()
