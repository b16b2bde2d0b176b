"""Card entry whose agent goes away: closed through the hub, and told when the provider has confirmed it."""

from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.session import Session
from agentdesk.domain.capture import CloseCause
from agentdesk.domain.errors import AgentDeskError, Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _
from agentdesk.wire.payments import Attempt, PaymentIntent

#: Several times within what the hub waits for.
_TELL_EVERY = timedelta(seconds=20)


class Leaving(QObject):
    """Closes card entry for a cause, again once the hub answers where it did not.

    `over(cause)`: the hub has closed what `leave` asked for, or there was nothing to close.
    `closed(attempt)`: card entry seen here was closed, by whatever cause but the agent's own cancelling.
    """

    over = Signal(object)
    closed = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._owed: CloseCause | None = None
        self._live: set[str] = set()
        self._cancel = Command(session.tasks, self._ask, self)
        self._cancel.done.connect(lambda _: self._look())
        self._cancel.failed.connect(self._not_done)
        session.payment_changed.connect(self._see)
        session.connection_changed.connect(lambda _: self._go_on())
        session.person_changed.connect(lambda _: self._forget())

    def leave(self, cause: CloseCause) -> None:
        """Close the card entry that is open, if any; without a connection as soon as there is one."""
        self._owed = cause
        self._go_on()
        if self._session.connection.is_lost:
            self.failed.emit(Unavailable("hub_unreachable"))

    def _go_on(self) -> None:
        if self._owed is None or self._session.connection.is_lost:
            return
        live = self._session.live_attempt
        if live is None:
            self._look()
        elif not self._cancel.is_running:
            self._cancel.start(live.attempt_id, self._owed)

    async def _ask(self, attempt_id: str, cause: CloseCause) -> None:
        self._session.take_payment(await self._session.client.cancel(attempt_id, cause))

    def _look(self) -> None:
        if self._owed is not None and self._session.live_attempt is None:
            cause, self._owed = self._owed, None
            self.over.emit(cause)

    def _not_done(self, error: AgentDeskError) -> None:
        if error.code != "hub_unreachable":
            self._owed = None  # the hub has said no: what was submitted goes on
        self.failed.emit(error)

    def _see(self, payment: PaymentIntent) -> None:
        for attempt in payment.attempts if self._session.is_me(payment.agent) else []:
            if attempt.state is AttemptState.OPEN and attempt.capture:
                self._live.add(attempt.attempt_id)
            elif attempt.attempt_id in self._live:
                self._live.discard(attempt.attempt_id)
                if is_interrupted(attempt):
                    self.closed.emit(attempt)
        self._look()

    def _forget(self) -> None:
        self._owed = None
        self._live.clear()


class Watching(QObject):
    """Tells the hub that card entry shows here: what no desk shows any more is closed there by itself."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._told_at: datetime | None = None
        self._tell = Command(session.tasks, session.client.watch_over, self)
        session.clock.ticked.connect(self._tick)

    def _tick(self, instant: datetime) -> None:
        live = self._session.live_attempt
        if live is None or self._session.connection.is_lost:
            return
        due = self._told_at is None or instant - self._told_at >= _TELL_EVERY
        if due and self._tell.start(live.attempt_id):
            self._told_at = instant  # what fails shows as a lost connection; the next is near


def sending(session: Session) -> PaymentIntent | None:
    """Return a payment of mine that is on its way to the bank; None where there is none."""
    mine = (one for one in session.payments.values() if session.is_me(one.agent))
    return next((one for one in mine if one.state is AttemptState.SENDING), None)


def what_is_open(session: Session) -> str:
    """Return what leaving now means for the money, the call and what was typed; empty where all is done."""
    if session.person is None:
        return ""
    said = []
    if session.live_attempt is not None:
        said.append(_("Nothing was sent. The card entry is thrown away."))
    if sending(session) is not None:
        said.append(
            _("The payment is on its way to the bank and goes on without you. What becomes of it waits here.")
        )
    if session.call is not None:
        said.append(_("This call is not wrapped up; it stays yours, and a note you typed is not sent."))
    return " ".join(said)


def is_interrupted(attempt: Attempt) -> bool:
    """Say whether card entry was closed for a cause other than the agent's own pressing."""
    cause = attempt.capture.close_cause if attempt.capture else None
    return attempt.state is AttemptState.NOT_SENT and cause not in (None, CloseCause.AGENT, CloseCause.LINK)


def session_words(attempt: Attempt) -> str:
    """Say whether the card session is closed: yes only where the provider has said so."""
    capture = attempt.capture
    if capture is None or capture.secured_at is None:
        return ""
    if capture.provider_closed_at is not None:
        return _("The card session is closed.")
    return _("The keypad service has not confirmed yet that the card session is closed; it is asked again.")
