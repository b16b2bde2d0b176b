"""The form of a new payment: what is chosen, and why it cannot be taken."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.screens.payment.choice import Choice
from agentdesk.desk.session import ConnectionState, Draft, Session
from agentdesk.domain.call import CallState
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money
from agentdesk.domain.people import Permission
from agentdesk.wire.customers import Customer
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import AllocationIn, NewPaymentIntent, PaymentIntent
from agentdesk.wire.readiness import RouteInfo

LOST = "Connection lost"
#: The way to pay on which the customer has a page of the provider's.
LINK = "link"


class Form(QObject):
    """Follows the chosen customer. What changes it makes a new key: another payment is meant.

    `intent` is the payment this form has become, while its first attempt has not started.
    """

    changed = Signal()
    edited = Signal()
    """A person changed it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.choice: Choice | None = None
        self.route: str | None = None
        self.receipt_email: str | None = None
        self.intent: PaymentIntent | None = None
        self._key = new_ulid()
        session.customer_changed.connect(self._take_customer)
        self.fill()

    @property
    def routes(self) -> list[RouteInfo]:
        """Every way to pay, also those that are off, with why."""
        routes = self.session.readiness.routes if self.session.readiness else []
        return [self._on_this_call(route) for route in routes]

    def _on_this_call(self, route: RouteInfo) -> RouteInfo:
        call = self.session.call
        if route.route == LINK or route.off_reason or call is None or call.has_line:
            return route
        return route.model_copy(update={"off_reason": "This call is not on our telephone line."})

    @property
    def chosen_route(self) -> RouteInfo | None:
        """The way to pay that is chosen, else the customer's own, else the first; only one that can be."""
        able = {route.route: route for route in self.routes if route.off_reason is None}
        customer = self.session.customer
        preferred = getattr(customer, "preferred_route", None)
        return able.get(self.route or "") or able.get(preferred or "") or next(iter(able.values()), None)

    @property
    def card_route(self) -> str:
        """The way to key a card: the chosen one, or the first where a link is chosen."""
        able = [route.route for route in self.routes if route.off_reason is None and route.route != LINK]
        return self.route if self.route in able else next(iter(able), "")

    @property
    def why_no_card(self) -> str:
        """Why no card can be keyed on this call; empty where one can."""
        call = self.session.call
        if call is None or call.state is CallState.WRAP_UP or call.line_ended_at is not None:
            return "The call has ended"
        if call.state is CallState.HELD:
            return "The caller is on hold"
        reasons = [route.off_reason for route in self.routes if route.route != LINK and route.off_reason]
        return "" if self.card_route or not reasons else reasons[0].rstrip(".")

    @property
    def why_not(self) -> str:
        """Why a new payment cannot start; empty where it can."""
        return self._why_no_payment() or self._why_no_customer() or self._why_no_amount()

    def tick(self, invoice_ids: list[str]) -> None:
        """Pay these invoices in full."""
        if self.choice is not None:
            self.choice.tick(invoice_ids)
            self.renew()
            self.edited.emit()

    def type_amount(self, amount: Money | None) -> None:
        """Pay this amount; None where what is typed is not one."""
        if self.choice is not None:
            self.choice.type_amount(amount)
            self.renew()
            self.edited.emit()

    def choose_route(self, route: str) -> None:
        """Pay this way."""
        self.route = route
        self.changed.emit()
        self.edited.emit()

    def set_receipt(self, email: str | None) -> None:
        """Send the receipt there; None sends none."""
        self.receipt_email = email
        self.renew()
        self.edited.emit()

    def fill(self) -> None:
        """Start anew with what is due."""
        customer, person = self.session.customer, self.session.person
        self.route = None
        limit = person.limit.money if person and person.limit else None
        today = self.session.clock.now().astimezone().date()
        currency = self.session.readiness.currency if self.session.readiness else ""
        self.choice = Choice(customer, limit, today, currency) if customer else None
        self.receipt_email = customer.email if customer else None
        self.renew()

    def renew(self) -> None:
        """Mean another payment from now on; what is chosen stays."""
        self.intent, self._key = None, new_ulid()
        choice, draft = self.choice, None
        closed = choice is None or choice.customer.closed
        if choice is not None and not closed and choice.amount is not None and choice.amount.minor > 0:
            draft = Draft(choice.amount, choice.numbers)
        if draft != self.session.draft:
            self.session.set_draft(draft)
        self.changed.emit()

    def new_intent(self) -> NewPaymentIntent:
        """Return what the caller agreed to; the same until the form changes."""
        call, choice = self.session.call, self.choice
        assert call is not None and choice is not None and choice.amount is not None, "why_not says so"
        parts = [
            AllocationIn(invoice_id=part.invoice_id, amount=Amount.of(part.amount)) for part in choice.parts
        ]
        return NewPaymentIntent(
            key=self._key,
            call_id=call.call_id,
            customer_id=choice.customer.customer_id,
            amount=Amount.of(choice.amount),
            allocations=parts,
            receipt_email=self.receipt_email,
        )

    def _why_no_payment(self) -> str:
        call = self.session.call
        if not self.session.may(Permission.TAKE_PAYMENT):
            return "Your role does not take payments"
        if call is None:
            return "Payments are taken on a call"
        if call.state is CallState.WRAP_UP or call.line_ended_at is not None:
            return "The call has ended"
        return LOST if self.session.connection.state is ConnectionState.LOST else ""

    def _why_no_customer(self) -> str:
        if self.session.customer_id is None:
            return "Choose the customer first"
        if self.choice is None or self.choice.customer.balance is None:
            return "What is owed is not known"
        return "The account is closed" if self.choice.customer.closed else ""

    def _why_no_amount(self) -> str:
        choice = self.choice
        if choice is None or not choice.payable:
            return "Nothing can be paid now"
        if choice.amount is None or choice.amount.minor <= 0:
            return "Choose an invoice or type an amount"
        if choice.problem is not None:
            over = choice.problem.code == "amount_over_limit"
            return f"Over your limit of {choice.limit}" if over else "More than can be paid"
        if self.chosen_route is None:
            return (self.routes[0].off_reason or "").rstrip(".") if self.routes else "No way to pay is set up"
        return ""

    def _take_customer(self, customer: Customer | None) -> None:
        choice = self.choice
        if choice is None or customer is None or choice.customer.customer_id != customer.customer_id:
            self.fill()
            return
        before = choice.parts
        choice.follow(customer)
        if choice.parts != before:
            self.renew()
        else:
            self.changed.emit()
