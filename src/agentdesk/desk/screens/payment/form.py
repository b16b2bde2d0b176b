"""The form of a new payment: what is chosen, and why it cannot be taken."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.draft import Draft
from agentdesk.desk.proof import Proof, only_to_file, proof, why_only_to_file
from agentdesk.desk.screens.payment.cards import SAVED, cards, route_on_this_call
from agentdesk.desk.screens.payment.choice import Choice, Pick
from agentdesk.desk.screens.payment.rest import Rest
from agentdesk.desk.session import Session
from agentdesk.domain.call import CallState
from agentdesk.domain.contact import is_email
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money, total
from agentdesk.domain.people import Permission
from agentdesk.domain.policy import Policy
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import AllocationIn, NewPaymentIntent, PaymentIntent
from agentdesk.wire.readiness import RouteInfo

#: The way to pay on which the customer has a page of the provider's.
LINK = "link"
#: Ways to pay in which nothing is keyed on the phone.
_NO_ENTRY = (LINK, SAVED)
#: Why an amount cannot be taken, beside the button that is off; its field says it in full.
_SHORT = {
    "amount_over_limit": _("Over your limit of {limit}"),
    "limit_other_currency": _("Your limit is in another currency"),
    "amount_over_most": _("Over the most of {most}"),
    "amount_under_least": _("Under the least of {least}"),
    "amount_fixed": _("Invoices are paid whole here"),
    "part_not_allowed": _("{number} is not paid in part here"),
    "part_too_small": _("{number} needs at least {least}"),
    "split_too_much": _("Nothing is left for the second card"),
}


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
        self.rest: Rest | None = None
        """What a second card pays, where this is the form of it; nothing is to be chosen then."""
        self.route: str | None = None
        self.receipt_email: str | None = None
        self.moved_from: Money | None = None
        """What the agent chose to be paid, where a newer account made another amount of it; else None."""
        self._is_untouched = False
        """Whether nobody chose anything since it was filled from an account that is being read again."""
        self.intent: PaymentIntent | None = None
        self._key = new_ulid()
        session.customer_changed.connect(self._take_customer)
        session.readiness_changed.connect(self._take_policy)
        self.fill()

    @property
    def routes(self) -> list[RouteInfo]:
        """Every way to pay, also those that are off, with why; a saved card only where one is saved."""
        routes = self.session.readiness.routes if self.session.readiness else []
        spoken_of = [one for one in routes if one.route != SAVED or cards(self.session)]
        return [self._on_this_call(route) for route in spoken_of]

    def _on_this_call(self, route: RouteInfo) -> RouteInfo:
        call = self.session.call
        if route.route == SAVED:
            return self._unless_barred(route_on_this_call(self.session, route))
        if route.route == LINK or route.off_reason or call is None or call.has_line:
            return self._unless_barred(route)
        return route.model_copy(update={"off_reason": _("This call is not on our telephone line.")})

    def _unless_barred(self, route: RouteInfo) -> RouteInfo:
        """Return the way as it is, unless only a link is left: nobody is there, or not proven."""
        reason = _("The call has ended.") if self._is_over else why_only_to_file(self.session)
        if route.route == LINK or route.off_reason or not reason:
            return route
        return route.model_copy(update={"off_reason": reason})

    @property
    def chosen_route(self) -> RouteInfo | None:
        """The way to pay that is chosen, else the customer's own, else the first; only one that can be.

        None, too, while the caller check is still to be done: it lets the others in again.
        """
        able = {route.route: route for route in self.routes if route.off_reason is None}
        customer = self.session.customer
        preferred = customer.preferred_route if customer else None
        first = None if self._must_check_first else next(iter(able.values()), None)
        return able.get(self.route or "") or able.get(preferred or "") or first

    @property
    def _must_check_first(self) -> bool:
        return proof(self.session) is Proof.OPEN and only_to_file(self.session) and not self._is_over

    @property
    def card_route(self) -> str:
        """The way to key a card: the chosen one, or the first where another is chosen."""
        able = [one.route for one in self.routes if one.off_reason is None and one.route not in _NO_ENTRY]
        return self.route if self.route in able else next(iter(able), "")

    @property
    def why_no_card(self) -> str:
        """Why no card can be keyed on this call; empty where one can."""
        reasons = [one.off_reason for one in self.routes if one.route not in _NO_ENTRY and one.off_reason]
        return self.why_no_line or ("" if self.card_route or not reasons else reasons[0].rstrip("."))

    @property
    def why_no_line(self) -> str:
        """Why the caller cannot be asked anything now; empty where they can."""
        call = self.session.call
        if call is None or not self.session.line_is_open:
            return _("The call has ended")
        return _("The caller is on hold") if call.state is CallState.HELD else ""

    @property
    def _is_over(self) -> bool:
        return self.session.call is not None and not self.session.line_is_open

    @property
    def amount(self) -> Money | None:
        """How much the next card pays; None where no amount is chosen."""
        if self.rest is not None:
            return self.rest.amount
        return self.choice.charged if self.choice else None

    @property
    def numbers(self) -> list[str]:
        """The numbers of the invoices that it pays."""
        if self.rest is not None:
            return [part.number for part in self.rest.parts]
        return self.choice.numbers if self.choice else []

    @property
    def why_not(self) -> str:
        """Why a new payment cannot start; empty where it can."""
        chosen = self.chosen_route
        by_link = chosen is not None and chosen.route == LINK
        return self._why_no_try(by_link=by_link) or self._why_no_route()

    @property
    def why_no_link(self) -> str:
        """Why no link can be sent for what is chosen, by whatever way to pay; empty where one can."""
        return self._why_no_try(by_link=True)

    def _why_no_try(self, *, by_link: bool) -> str:
        why = self._why_no_payment(by_link=by_link) or self._why_no_customer()
        return why or ("" if self.rest else self._why_no_amount())

    def choose(self, pick: Pick) -> None:
        """Choose the amount in this way."""
        self._edit(lambda choice: choice.choose(pick))

    def tick(self, invoice_ids: list[str]) -> None:
        """Pay these invoices in full."""
        self._edit(lambda choice: choice.tick(invoice_ids))

    def type_amount(self, amount: Money | None) -> None:
        """Pay this amount; None where what is typed is not one."""
        self._edit(lambda choice: choice.type_amount(amount))

    def split(self, on: bool) -> None:
        """Pay with two cards, or with one after all."""
        self._edit(lambda choice: choice.split(on))

    def type_first(self, amount: Money | None) -> None:
        """Let the first of two cards pay this amount; None where what is typed is not one."""
        self._edit(lambda choice: setattr(choice, "first", amount))

    def _edit(self, change: Callable[[Choice], None]) -> None:
        if self.choice is not None and self.rest is None:
            change(self.choice)
            self.moved_from, self._is_untouched = None, False
            self.renew()
            self.edited.emit()

    def choose_route(self, route: str) -> None:
        """Pay this way."""
        self.route, self._is_untouched = route, False
        self.changed.emit()
        self.edited.emit()

    def set_receipt(self, email: str | None) -> None:
        """Send the receipt there; None sends none."""
        self.receipt_email, self._is_untouched = email, False
        self.renew()
        self.edited.emit()

    def fill(self, rest: Rest | None = None, *, reading: bool = False) -> None:
        """Start anew with what is due, or with what is left for the second card of a split.

        `reading`: the account is being read again, and until somebody chooses, what is due follows it.
        """
        self.rest, self._is_untouched = rest, reading
        customer, person = self.session.customer, self.session.person
        self.route = None
        limit = person.limit.money if person and person.limit else None
        today = self.session.clock.today()
        currency = self.session.readiness.currency if self.session.readiness else ""
        self.choice = Choice(customer, self._policy, limit, today, currency) if customer else None
        on_file = (customer.email if customer else None) or ""
        self.receipt_email = on_file if is_email(on_file) else None  # the hub takes no other
        self.moved_from = None
        self.renew(chosen=False)

    def renew(self, *, chosen: bool = True) -> None:
        """Mean another payment from now on, by the agent's choice or by itself; what is chosen stays."""
        self.intent, self._key = None, new_ulid()
        amount, draft = self.amount, None
        if amount is not None and amount.minor > 0:
            draft = Draft(amount, self.numbers, self._whole, self.rest is not None)
        if draft != self.session.draft:
            self.session.set_draft(draft, chosen=chosen)
        self.changed.emit()

    def new_intent(self) -> NewPaymentIntent:
        """Return what the caller agreed to; the same until the form changes."""
        call, choice, amount = self.session.call, self.choice, self.amount
        assert call is not None and choice is not None and amount is not None, "why_not says so"
        parts = [
            AllocationIn(invoice_id=part.invoice_id, amount=Amount.of(part.amount)) for part in choice.parts
        ]
        is_one = self.rest is None and not choice.is_split
        return NewPaymentIntent(
            key=self._key,
            call_id=call.call_id,
            customer_id=choice.customer.customer_id,
            amount=Amount.of(amount),
            allocations=parts if is_one else [],
            on_account=is_one and choice.on_account,
            whole=parts if self.rest is None and choice.is_split else [],
            split_of=self.rest.first.intent_id if self.rest else None,
            receipt_email=self.receipt_email,
        )

    @property
    def _whole(self) -> Money | None:
        """What both cards pay, where there are two."""
        if self.rest is not None:
            return total([part.amount.money for part in self.rest.first.whole], self.rest.amount.currency)
        return self.choice.amount if self.choice and self.choice.is_split else None

    @property
    def _policy(self) -> Policy:
        return self.session.readiness.amounts.policy if self.session.readiness else Policy()

    def _why_no_payment(self, *, by_link: bool) -> str:
        call = self.session.call
        if not self.session.may(Permission.TAKE_PAYMENT):
            return _("Your role does not take payments")
        if call is None:
            return _("Payments are taken on a call")
        if self._is_over and not by_link:
            return _("The call has ended")
        return self.session.connection.why_not

    def _why_no_customer(self) -> str:
        if self.session.customer_id is None:
            return _("Choose the customer first")
        if self.choice is None or self.choice.customer.balance is None:
            return _("What is owed is not known")
        return _("The account is closed") if self.choice.customer.closed else ""

    def _why_no_amount(self) -> str:
        choice = self.choice
        if choice is None or not (choice.payable or choice.on_account):
            return _("Nothing can be paid now")
        if choice.amount is None or choice.amount.minor <= 0:
            return _("Type an amount") if choice.on_account else _("Choose an invoice or type an amount")
        if choice.is_split and choice.first is None and not choice.problem_of(choice.amount):
            return _("Type what the first card pays")
        problem = choice.problem
        return (
            _SHORT.get(problem.code, _("More than can be paid")).format(**problem.params) if problem else ""
        )

    def _why_no_route(self) -> str:
        if self.chosen_route is not None:
            return ""
        if self._must_check_first:
            return why_only_to_file(self.session).rstrip(".")
        return (self.routes[0].off_reason or "").rstrip(".") if self.routes else _("No way to pay is set up")

    def _take_policy(self) -> None:
        if self.choice is not None:
            self.choice.policy = self._policy

    def _take_customer(self, customer: Customer | None) -> None:
        choice = self.choice
        if choice is None or customer is None or choice.customer.customer_id != customer.customer_id:
            mine = self.rest if customer and self.rest else None
            self.fill(mine if mine and mine.first.customer_id == self.session.customer_id else None)
            return
        if self._is_untouched and self.rest is None:
            self.fill()
            return
        parts, amount = choice.parts, self.amount
        choice.follow(customer)
        if choice.parts != parts and self.rest is None:
            before = self.moved_from or amount
            self.moved_from = before if before != self.amount else None
            self.renew(chosen=False)
        else:
            self.changed.emit()
