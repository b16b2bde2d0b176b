"""A payment that is over or another call's, opened beside what shows: its facts, its receipt once more."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.counting import open_link
from agentdesk.desk.following import Following
from agentdesk.desk.session import Session
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.contact import is_email
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer
from agentdesk.wire.payments import Attempt, PaymentDetail, PaymentIntent, ReceiptIn, WriteBack


class PastViewModel(QObject):
    """The payment that is open; `changed` when it opens, closes, or what is known of it changes."""

    changed = Signal()
    sent = Signal(str)
    """A receipt is on its way to this address."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.intent_id: str | None = None
        """What is open; None while nothing is."""
        self.payment: PaymentIntent | None = None
        self.error: AgentDeskError | None = None
        self._key = new_ulid()
        self.load = Command(session.tasks, session.client.payment, self)
        self.load.done.connect(self._take_detail)
        self.load.failed.connect(self._miss)
        self.send = Command(session.tasks, self._send, self)
        self.send.done.connect(self._take)
        self.send.failed.connect(self._miss)
        self.expire = Command(session.tasks, session.client.cancel, self)
        self.expire.done.connect(self._take)
        self.expire.failed.connect(self._miss)
        session.customer_changed.connect(self._follow)
        session.connection_changed.connect(self.changed)
        self._following = Following(session, lambda: self.payment, self)
        self._following.came.connect(self._take_followed)
        self._customer_id: str | None = None

    def open(self, intent_id: str) -> None:
        """Open a payment, in a drawer of its own; it takes the place of none."""
        if self.intent_id is not None:
            self.close()  # nothing of the one before stays, its address least of all
        self.intent_id, self.payment, self.error = intent_id, None, None
        self._customer_id, self._key = self.session.customer_id, new_ulid()
        self.load.restart(intent_id)
        self.changed.emit()

    def close(self) -> None:
        """Close it."""
        self.intent_id, self.payment, self.error = None, None, None
        self.load.cancel()
        self.changed.emit()

    @property
    def receipts(self) -> list[WriteBack]:
        """The receipts that were sent or are on their way, oldest first."""
        owed = self.payment.write_backs if self.payment else []
        return [one for one in owed if one.kind is WriteBackKind.RECEIPT]

    @property
    def open_link(self) -> Attempt | None:
        """The attempt whose link may be ended here: it can still be paid, by the customer on the line."""
        if self.payment is None or self.is_of_another or self.session.call is None:
            return None
        return open_link(self.payment)

    @property
    def address(self) -> str:
        """Where a receipt would go: where it went before, else what is on file."""
        customer, payment = self.session.customer, self.payment
        if payment is None:
            return ""
        on_file = customer.email if customer and not self.is_of_another else None
        return payment.receipt_email or on_file or ""

    @property
    def is_of_another(self) -> bool:
        """Whether it is not of the customer that shows."""
        return self.payment is not None and self.payment.customer_id != self.session.customer_id

    def problem(self, email: str) -> str:
        """Return why no receipt can be sent; empty where one can."""
        if lost := self.session.connection.why_not:
            return lost
        if self.payment is None:
            return _("The payment is not read yet")
        if self.payment.state is not AttemptState.APPROVED:
            return _("Only a payment that was taken has a receipt")
        if looks_like_pan(email):
            return _("This looks like a card number")
        if not email.strip():
            return _("Type the address to write to")
        return "" if is_email(email.strip()) else _("That is not an email address")

    def send_receipt(self, email: str) -> None:
        """Send the receipt once more; two presses send one."""
        if self.payment is not None and not self.problem(email):
            self.error = None
            self.send.start(self.payment.intent_id, email.strip())

    # --- inside

    async def _send(self, intent_id: str, email: str) -> PaymentIntent:
        wish = ReceiptIn(email=email, key=self._key)
        payment = await self.session.client.send_receipt(intent_id, wish)
        self._key = new_ulid()  # the next press is a new wish; one that failed may have been kept
        self.sent.emit(email)
        return payment

    def _take_detail(self, detail: PaymentDetail) -> None:
        self._take(detail.payment)

    def _take(self, payment: PaymentIntent) -> None:
        if payment.intent_id == self.intent_id:
            self.payment, self.error = payment, None
            self.changed.emit()

    def _take_followed(self, detail: PaymentDetail) -> None:
        before = self.payment
        if before is not None and detail.payment != before:
            self.payment = detail.payment  # nobody asked: what went wrong before stays in sight
            if open_link(before) and not open_link(detail.payment):
                self.session.load_customer.restart(True)  # what the link held can be paid now, or is paid
            self.changed.emit()

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()

    def _follow(self, _customer: Customer | None) -> None:
        if self.intent_id is not None and self.session.customer_id != self._customer_id:
            self.close()  # another customer shows
