"""Finding a payment to give back: by exactly its reference, its amount or the card's last four digits."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.screens.payments.view_model import PaymentsViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import AgentDeskError, Invalid
from agentdesk.wire.payment_log import PaymentRow

LONGEST = 80


class RefundsViewModel(QObject):
    """What was looked for and found; `payments` holds the one that is open."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.payments = PaymentsViewModel(session)
        self.payments.setParent(self)
        self.looked_for = ""
        self.rows: list[PaymentRow] | None = None
        self.error: AgentDeskError | None = None
        self.find = Command(session.tasks, session.client.refundable, self)
        self.find.done.connect(self._take)
        self.find.failed.connect(self._miss)
        self.find.running.connect(self.changed)

    def look_for(self, text: str) -> None:
        """Look for a payment; card-like text is refused and not sent, no text finds nothing."""
        words = text.strip()[:LONGEST]
        self.payments.close()
        self.looked_for, self.rows, self.error = words, None, None
        if looks_like_pan(words):
            self.looked_for = ""
            self._miss(Invalid("card_number_refused"))
        elif words:
            self.find.restart(words)
        else:
            self.find.cancel()
            self.changed.emit()

    def open(self, row: PaymentRow) -> None:
        """Show a payment that was found, to refund it."""
        self.payments.open(row)

    def step(self, by: int) -> None:
        """Show the payment above or below the open one; nothing at the ends."""
        ids = [one.intent_id for one in self.rows or []]
        open_one = self.payments.row
        if open_one is None or open_one.intent_id not in ids:
            return
        place = ids.index(open_one.intent_id) + by
        if self.rows and 0 <= place < len(ids):
            self.open(self.rows[place])

    def _take(self, rows: list[PaymentRow]) -> None:
        self.rows, self.error = rows, None
        self.changed.emit()

    def _miss(self, error: AgentDeskError) -> None:
        self.rows, self.error = None, error
        self.changed.emit()
