"""What has to be said at the end of a call."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.notes import NoteDraft
from agentdesk.desk.session import Session
from agentdesk.domain.call import DISPOSITIONS
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid
from agentdesk.i18n import _
from agentdesk.wire.calls import Call, WrapUp
from agentdesk.wire.readiness import DispositionInfo

#: What a suggestion is about.
PAYMENT, PROMISE = "payment", "promise"


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
        self._told: Mapping[str, tuple[str, str]] = {}
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
        told = self._reasons
        if told:
            return {one.code: one.words for one in told}
        return {code: _(words) for code, words in DISPOSITIONS.items()}

    @property
    def needs_note(self) -> bool:
        """Whether the chosen reason cannot be given without a note."""
        return any(one.note_required for one in self._reasons if one.code == self.disposition)

    @property
    def _reasons(self) -> list[DispositionInfo]:
        return self.session.queue.dispositions if self.session.queue else []

    @property
    def why_not(self) -> str:
        """Why the call cannot be finished; empty where it can."""
        if self.session.live_attempt is not None:
            return _("A payment is still live")
        if self.disposition not in self.dispositions:
            return _("Choose a reason")
        return _("This reason needs a note") if self.needs_note and not self.note.strip() else ""

    @property
    def after_call_s(self) -> int | None:
        """How many seconds ago the line went down; None while it is open."""
        call = self.session.call
        if call is None or call.line_ended_at is None:
            return None
        return max(0, int((self.session.clock.now() - call.line_ended_at).total_seconds()))

    @property
    def allowed_s(self) -> int:
        """How many seconds the wrap-up may take before the agent is warned; 0: as long as it takes."""
        return self.session.readiness.wrap_up_s if self.session.readiness else 0

    @property
    def is_over_time(self) -> bool:
        """Whether the time for wrapping up is over. Nothing ends by that."""
        return bool(self.allowed_s) and (self.after_call_s or 0) > self.allowed_s

    def choose(self, disposition: str) -> None:
        """Set the reason."""
        self.disposition, self.error = disposition, None
        self._keep()
        self.changed.emit()

    def type_note(self, note: str) -> None:
        """Set the note."""
        had, self.note = bool(self.note.strip()), note
        self._keep()
        if had is not bool(note.strip()):
            self.changed.emit()

    def suggest(self, disposition: str, note: str, about: str = PAYMENT) -> None:
        """Fill in what is known of a payment or a promise; what was chosen or typed stays.

        What was filled in of it before is replaced where it stands, whatever was typed around it.
        """
        (chosen, filled), (_reason, before) = self._suggested, self._told.get(about, ("", ""))
        self._told = {**self._told, about: (disposition, note)}
        reason, now = self._suggested
        self.disposition = reason if self.disposition in ("", chosen) else self.disposition
        old, new = (before, note) if before else (filled, now)
        self.note = self.note.replace(old, new, 1) if self.note and old else self.note or now
        self._keep()
        self.changed.emit()

    @property
    def _suggested(self) -> tuple[str, str]:
        """The reason and the note that were filled in; a promise tells more than what was tried before it."""
        told = [self._told[about] for about in (PAYMENT, PROMISE) if about in self._told]
        reasons = [reason for reason, _ in told if reason]
        return reasons[-1] if reasons else "", " ".join(note for _, note in told)

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
        if self.disposition not in self.dispositions:
            return Invalid("disposition_required")
        if self.why_not:
            return Invalid("note_required")
        return Invalid("card_number_refused") if looks_like_pan(self.note) else None

    def _fail(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()
        self.failed.emit(error)

    def _keep(self) -> None:
        person = self.session.person
        if person is not None and self._call_id is not None:
            draft = NoteDraft(self.disposition, self.note, self._told)
            self.session.notes.keep(person.user_id, self._call_id, draft)

    def _kept(self, call_id: str | None) -> NoteDraft:
        """Return what was typed of a call before the session ended in the middle of it."""
        person = self.session.person
        return self.session.notes.of(person.user_id, call_id) if person and call_id else NoteDraft()

    async def _finish(self) -> None:
        call = self.session.call
        if call is not None:
            wrap_up = WrapUp(disposition=self.disposition, note=self.note.strip())
            person = self.session.person
            finished = await self.session.client.wrap_up(call.call_id, wrap_up)
            if person is not None:
                self.session.notes.drop(person.user_id, call.call_id)
            self.session.take_call(finished)

    def _take_call(self, call: Call | None) -> None:
        call_id = call.call_id if call else None
        if call_id != self._call_id:
            self._call_id, self.error = call_id, None
            self.disposition, self.note, self._told = self._kept(call_id)
        self.changed.emit()
