"""Which call wants the agent while another page, or another call, shows; and going there with one press."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.calling import caller, where
from agentdesk.desk.command import Command
from agentdesk.desk.session import Session
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _
from agentdesk.wire.calls import Call


class Want(StrEnum):
    """What a call wants."""

    RINGING = "ringing"
    ON_THE_LINE = "on_the_line"  # mine, and somebody waits on it
    TO_WRAP_UP = "to_wrap_up"  # mine, over, and not finished
    FAILED = "failed"  # it could not be answered


@dataclass(frozen=True)
class Notice:
    """What is told: whose call, what a press does, and why it cannot be pressed; empty: it can."""

    want: Want
    call_id: str
    title: str
    text: str
    press: str
    off: str = ""


class IncomingViewModel(QObject):
    """Follows the calls that ring and my own; the most urgent one is told."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.error: AgentDeskError | None = None
        self.answer = Command(session.tasks, self._answer, self)
        self.answer.failed.connect(self._fail)
        self.answer.running.connect(self.changed)
        session.ringing_changed.connect(self._follow)
        session.call_changed.connect(self._follow)
        session.payment_changed.connect(self.changed)
        session.connection_changed.connect(self.changed)

    @property
    def is_free(self) -> bool:
        """Whether no caller of mine is on the line."""
        mine = [*self.session.others, *([self.session.call] if self.session.call else [])]
        return all(one.state is CallState.WRAP_UP for one in mine)

    @property
    def notice(self) -> Notice | None:
        """What wants the agent most; None where nothing does, or where nobody can tell."""
        if self.session.connection.is_lost:
            return None
        if self.error is not None:
            title = _("The call was not answered")
            return Notice(Want.FAILED, "", title, self.error.text, _("Close"))
        waiting = [one for one in self.session.others if one.state is not CallState.WRAP_UP]
        if waiting:
            return self._on_the_line(waiting[0])
        if self.session.ringing and self.is_free:
            return self._ringing(self.session.ringing[0])
        return self._to_wrap_up(self.session.others[0]) if self.session.others else None

    def press(self) -> None:
        """Do what the notice offers."""
        notice = self.notice
        if notice is None or notice.off:
            return
        if notice.want is Want.FAILED:
            self._follow()
        elif notice.want is Want.RINGING:
            self.answer.start(notice.call_id)
        else:
            self.session.go_to(notice.call_id)

    def _ringing(self, call: Call) -> Notice:
        text = where(call, len(self.session.ringing) - 1)
        if self.session.call is not None:
            kept = _("What you typed of this call is kept.")
            text = f"{text}. {kept}" if text else kept
        title = _("A call is ringing: {call}").format(call=caller(call))
        return Notice(Want.RINGING, call.call_id, title, text, _("Answer"))

    def _on_the_line(self, call: Call) -> Notice:
        off = _("A payment is live on this call") if self.session.is_paying else ""
        title = _("On the line: {call}").format(call=caller(call))
        text = _("Your next call is connected, and the caller waits. What you typed of this one is kept.")
        return Notice(Want.ON_THE_LINE, call.call_id, title, off or text, _("Go to the call"), off)

    def _to_wrap_up(self, call: Call) -> Notice:
        title = _("Not wrapped up yet: {call}").format(call=caller(call))
        off = _("A payment is live on this call") if self.session.is_paying else ""
        text = _("What you chose and typed of it is kept.")
        return Notice(Want.TO_WRAP_UP, call.call_id, title, off or text, _("Go back to it"), off)

    async def _answer(self, call_id: str) -> None:
        await self.session.answer(call_id)
        self.session.go_to(call_id)

    def _follow(self, _new: object = None) -> None:
        self.error = None
        self.changed.emit()

    def _fail(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()
