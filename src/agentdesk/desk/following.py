"""A payment that is open and not over, or not all written down: asked for again until it is."""

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.session import ConnectionState, Session
from agentdesk.domain.payment import HOLDS_DEBT
from agentdesk.domain.write_back import WriteBackState
from agentdesk.wire.payments import PaymentDetail, PaymentIntent

EACH = timedelta(seconds=5)


class Following(QObject):
    """Asks for the payment that `shown` returns, in silence, while it or what is owed for it is not over.

    The hub tells only a payment's own agent; a colleague and a supervisor have to ask.
    """

    came = Signal(object)
    """The payment's detail, never older than what shows."""

    def __init__(self, session: Session, shown: Callable[[], PaymentIntent | None], owner: QObject) -> None:
        super().__init__(owner)
        self._session, self._shown = session, shown
        self._asked_at = session.clock.now()
        self._load = Command(session.tasks, session.client.payment, self)  # what fails is asked again, unsaid
        self._load.done.connect(self._take)
        session.clock.ticked.connect(self._ask)

    def _ask(self, now: datetime) -> None:
        payment = self._shown()
        live = self._session.connection.state is ConnectionState.LIVE
        if live and payment is not None and _goes_on(payment) and now - self._asked_at >= EACH:
            self._asked_at = now
            self._load.start(payment.intent_id)

    def _take(self, detail: PaymentDetail) -> None:
        shown, came = self._shown(), detail.payment
        if shown is not None and shown.intent_id == came.intent_id and shown.version <= came.version:
            self.came.emit(detail)


def _goes_on(payment: PaymentIntent) -> bool:
    owed = [*payment.write_backs, *(one for refund in payment.refunds for one in refund.write_backs)]
    return payment.state in HOLDS_DEBT or any(one.state is WriteBackState.QUEUED for one in owed)
