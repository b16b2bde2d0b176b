"""What to pay: which invoices, how much goes to each, and why an amount cannot be taken."""

from collections.abc import Sequence
from datetime import date, timedelta

from agentdesk.domain import allocation
from agentdesk.domain.allocation import Allocation, OpenAmount
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, total
from agentdesk.wire.customers import Customer, OpenItem

#: What is due within this time is ticked from the start, with what is overdue.
_SOON = timedelta(days=7)


class Choice:
    """Ticked invoices or a typed amount of one customer; one sets the other.

    A typed amount goes to the ticked invoices where it fits in, else to all, oldest due first.
    `limit` is the agent's ceiling; None means none. `currency` is the business's own, for an account
    whose balance is not known.
    """

    def __init__(self, customer: Customer, limit: Money | None, today: date, currency: str) -> None:
        self.customer, self.limit, self._currency = customer, limit, currency
        self._ticked = _first_ticks(self.payable, today)
        self._typed: Money | None = None
        self._is_typed = False

    @property
    def items(self) -> list[OpenItem]:
        """Every open invoice, oldest due first."""
        return sorted(self.customer.open_items, key=lambda item: (item.due_on, item.number))

    @property
    def payable(self) -> list[OpenItem]:
        """The invoices that nothing holds and that have something left to pay; none of a closed account."""
        if self.customer.closed:
            return []
        return [item for item in self.items if item.outstanding.minor > 0 and not why_held(item)]

    @property
    def currency(self) -> str:
        """The account's currency."""
        balance = self.customer.balance
        return balance.currency if balance else self._currency

    @property
    def amount(self) -> Money | None:
        """How much is to be taken; None where no amount is typed, and for a closed account."""
        if self.customer.closed:
            return None
        if self._is_typed:
            return self._typed
        return total([item.outstanding.money for item in self._of(self._ticked)], self.currency)

    @property
    def parts(self) -> list[Allocation]:
        """How much goes to which invoice."""
        return self._share(self.amount) if self.amount is not None else []

    @property
    def chosen(self) -> list[str]:
        """The ids of the invoices that get money."""
        return [part.invoice_id for part in self.parts]

    @property
    def numbers(self) -> list[str]:
        """The numbers of the invoices that get money."""
        return [part.number for part in self.parts]

    @property
    def part_paid(self) -> list[str]:
        """The numbers of the invoices that stay open in part."""
        owed = {item.invoice_id: item.outstanding.money for item in self.payable}
        return [part.number for part in self.parts if part.amount < owed[part.invoice_id]]

    @property
    def left_open(self) -> Money:
        """What stays open of everything that could be paid."""
        owed = total([item.outstanding.money for item in self.payable], self.currency)
        return owed - total([part.amount for part in self.parts], self.currency)

    @property
    def problem(self) -> Invalid | None:
        """Why this amount cannot be taken; None where it can."""
        return self.problem_of(self.amount) if self.amount else Invalid("amount_zero")

    def problem_of(self, amount: Money) -> Invalid | None:
        """Say what is wrong with an amount, in the words of the hub."""
        try:
            allocation.check(amount, self._share(amount), _open(self.payable), self.limit)
        except Invalid as error:
            return error
        return None

    def tick(self, invoice_ids: Sequence[str]) -> None:
        """Pay these invoices in full."""
        self._ticked, self._is_typed = list(invoice_ids), False

    def type_amount(self, amount: Money | None) -> None:
        """Pay this amount; None is what is not an amount."""
        self._typed, self._is_typed = amount, True

    def follow(self, customer: Customer) -> None:
        """Go by a newer account; ticks of what can no longer be paid are dropped."""
        self.customer = customer
        payable = {item.invoice_id for item in self.payable}
        self._ticked = [invoice_id for invoice_id in self._ticked if invoice_id in payable]

    def _of(self, invoice_ids: Sequence[str]) -> list[OpenItem]:
        return [item for item in self.payable if item.invoice_id in invoice_ids]

    def _share(self, amount: Money) -> list[Allocation]:
        ticked = self._of(self._ticked)
        fits = amount.minor <= sum(item.outstanding.minor for item in ticked)
        return allocation.spread(amount, _open(ticked if fits else self.payable))


def why_held(item: OpenItem) -> str:
    """Return why an invoice cannot be paid now; empty where it can."""
    if item.paid_posting:
        return "Paid here, not yet in the accounts; nobody needs to pay it again."
    if item.held_by:
        return f"Held by payment {item.held_by} until that ends."
    return ""


def _open(items: Sequence[OpenItem]) -> list[OpenAmount]:
    return [OpenAmount(item.invoice_id, item.number, item.outstanding.money) for item in items]


def _first_ticks(payable: Sequence[OpenItem], today: date) -> list[str]:
    due = [item.invoice_id for item in payable if item.due_on <= today + _SOON]
    return due or [item.invoice_id for item in payable[:1]]
