"""What to pay: which invoices, how much goes to each, and why an amount cannot be taken."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import StrEnum

from agentdesk.domain import allocation, policy
from agentdesk.domain.allocation import Allocation, OpenAmount
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, total
from agentdesk.domain.policy import Lookup, Policy
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer, OpenItem

#: What is due within this time is ticked from the start, with what is overdue.
_SOON = timedelta(days=7)


class Pick(StrEnum):
    """How the amount is chosen."""

    EVERYTHING = "everything"
    OVERDUE = "overdue"
    CHOSEN = "chosen"  # the ticked invoices
    OTHER = "other"  # a typed amount
    ON_ACCOUNT = "on_account"  # a typed amount without an invoice


class Choice:
    """Ticked invoices or a typed amount of one customer; one sets the other.

    A typed amount goes to the ticked invoices where it fits in, else to all, oldest due first.
    `limit` is the agent's ceiling; None means none. `currency` is the business's own, for an account
    whose balance is not known.
    """

    def __init__(
        self, customer: Customer, policy: Policy, limit: Money | None, today: date, currency: str
    ) -> None:
        self.customer, self.policy, self.limit, self._today = customer, policy, limit, today
        self._currency = currency
        self._ticked = _first_ticks(self.payable, today)
        self._typed: Money | None = None
        self._is_typed = False
        self.on_account = not customer.closed and self.may_be_on_account and not self.items
        self.is_split = False
        self.first: Money | None = None
        """What the first of two cards pays; None where that is not typed yet."""

    @property
    def items(self) -> list[OpenItem]:
        """Every open invoice, oldest due first."""
        return sorted(self.customer.open_items, key=lambda item: (item.due_on, item.number))

    @property
    def payable(self) -> list[OpenItem]:
        """The invoices in the account's currency that nothing holds and that have something left to pay.

        None of a closed account.
        """
        if self.customer.closed:
            return []
        return [
            item for item in self.items if item.outstanding.minor > 0 and not why_held(item, self.currency)
        ]

    @property
    def overdue(self) -> list[OpenItem]:
        """The payable invoices that are overdue."""
        return [item for item in self.payable if item.due_on < self._today]

    @property
    def may_be_on_account(self) -> bool:
        """Whether an amount is taken without an invoice here."""
        return self.policy.lookup is Lookup.OPTIONAL

    @property
    def currency(self) -> str:
        """The account's currency."""
        balance = self.customer.balance
        return balance.currency if balance else self._currency

    @property
    def amount(self) -> Money | None:
        """How much is to be paid in all; None where it is not typed or known, and for a closed account."""
        if self.customer.closed or self.customer.balance is None:
            return None
        if self._is_typed or self.on_account:
            return self._typed
        return total([item.outstanding.money for item in self._of(self._ticked)], self.currency)

    @property
    def parts(self) -> list[Allocation]:
        """How much goes to which invoice; nothing on account."""
        return self._share(self.amount) if self.amount is not None and not self.on_account else []

    @property
    def charged(self) -> Money | None:
        """How much the next card pays: all of it, or the first card's part."""
        return self.first if self.is_split else self.amount

    @property
    def for_second(self) -> Money | None:
        """What is left for the second card; None where it is not split or nothing is."""
        if not self.is_split or self.amount is None or self.first is None:
            return None
        return self.amount - self.first if self.amount > self.first else None

    @property
    def chosen(self) -> list[str]:
        """The ids of the invoices that get money."""
        return [part.invoice_id for part in self.parts]

    @property
    def numbers(self) -> list[str]:
        """The numbers of the invoices that get money."""
        return [part.number for part in self.parts]

    @property
    def shares(self) -> str:
        """What each invoice gets, in words, where one is paid in part; else empty."""
        owed = {item.invoice_id: item.outstanding.money for item in self.payable}
        if all(part.amount == owed[part.invoice_id] for part in self.parts):
            return ""
        return ", ".join(
            _("{number} in full").format(number=part.number)
            if part.amount == owed[part.invoice_id]
            else _("{number} {amount} of {owed}").format(
                number=part.number, amount=part.amount, owed=owed[part.invoice_id]
            )
            for part in self.parts
        )

    @property
    def left_open(self) -> Money:
        """What stays open of everything that could be paid."""
        owed = total([item.outstanding.money for item in self.payable], self.currency)
        return owed - total([part.amount for part in self.parts], self.currency)

    @property
    def pick(self) -> Pick:
        """How the amount is chosen now."""
        if self.on_account:
            return Pick.ON_ACCOUNT
        if self._is_typed:
            return Pick.OTHER
        ticked = {item.invoice_id for item in self._of(self._ticked)}
        for pick, items in ((Pick.EVERYTHING, self.payable), (Pick.OVERDUE, self.overdue)):
            if items and {item.invoice_id for item in items} == ticked:
                return pick
        return Pick.CHOSEN

    def why_not_pick(self, pick: Pick) -> str:
        """Say why the amount cannot be chosen in this way; empty where it can."""
        if pick is Pick.ON_ACCOUNT:
            return (
                "" if self.may_be_on_account and not self.customer.closed else _("An invoice is needed here")
            )
        if not self.payable:
            return _("Nothing can be paid now")
        if pick is Pick.OVERDUE and not self.overdue:
            return _("Nothing is overdue")
        fixed = pick is Pick.OTHER and self.policy.lookup is Lookup.FIXED
        return _("The amount is what the invoices owe") if fixed else ""

    @property
    def problem(self) -> Invalid | None:
        """Why this cannot be taken; None where it can."""
        if not self.amount:
            return Invalid("amount_zero")
        if problem := self.problem_of(self.amount):
            return problem
        return self.problem_of_first(self.first or Money(0, self.currency)) if self.is_split else None

    def problem_of(self, amount: Money) -> Invalid | None:
        """Say what is wrong with an amount, in the words of the hub."""
        if self.on_account:
            return _refusal(policy.check_on_account, self.policy, amount, self.currency, self.limit)
        owed = _open(self.payable)
        return _refusal(policy.check, self.policy, amount, self._share(amount), owed, self.limit)

    def problem_of_first(self, first: Money) -> Invalid | None:
        """Say what is wrong with what the first of two cards pays."""
        owed = _open(self.payable)
        return _refusal(policy.check_split, self.policy, first, self.parts, owed, self.limit)

    @property
    def why_not_split(self) -> str:
        """Why it cannot be paid with two cards; empty where it can."""
        if not self.policy.split:
            return _("A payment is not split here")
        if self.on_account or not self.amount or self.problem_of(self.amount):
            return _("Choose invoices first")
        return ""

    def choose(self, pick: Pick) -> None:
        """Choose the amount in this way; a typed one starts with what was chosen, one on account empty."""
        if self.why_not_pick(pick):
            return
        amount = None if self.on_account else self.amount
        self.on_account, self._is_typed = pick is Pick.ON_ACCOUNT, pick is Pick.OTHER
        self._typed = amount if pick is Pick.OTHER else None
        if pick in (Pick.EVERYTHING, Pick.OVERDUE):
            items = self.payable if pick is Pick.EVERYTHING else self.overdue
            self._ticked = [item.invoice_id for item in items]
        if self.on_account:
            self.split(False)

    def tick(self, invoice_ids: Sequence[str]) -> None:
        """Pay these invoices in full."""
        self._ticked, self._is_typed, self.on_account = list(invoice_ids), False, False

    def type_amount(self, amount: Money | None) -> None:
        """Pay this amount; None is what is not an amount."""
        self._typed, self._is_typed = amount, not self.on_account

    def split(self, on: bool) -> None:
        """Pay with two cards, or with one after all."""
        self.is_split, self.first = on and not self.why_not_split, None

    def follow(self, customer: Customer) -> None:
        """Go by a newer account; ticks of what is gone are dropped, of what is held they wait."""
        self.customer = customer
        there = {item.invoice_id for item in self.items}
        self._ticked = [invoice_id for invoice_id in self._ticked if invoice_id in there]

    def _of(self, invoice_ids: Sequence[str]) -> list[OpenItem]:
        return [item for item in self.payable if item.invoice_id in invoice_ids]

    def _share(self, amount: Money) -> list[Allocation]:
        ticked = self._of(self._ticked)
        fits = amount.minor <= sum(item.outstanding.minor for item in ticked)
        return allocation.spread(amount, _open(ticked if fits else self.payable))


def why_held(item: OpenItem, currency: str) -> str:
    """Return why an invoice cannot be paid now; empty where it can. `currency` is the account's."""
    if item.outstanding.currency != currency:
        return _("It is in {other}, this account in {currency}: it cannot be paid here.").format(
            other=item.outstanding.currency, currency=currency
        )
    if item.held_by:
        return _("Held by payment {held_by} until that ends.").format(held_by=item.held_by)
    if item.plan:
        return _("Payment plan {plan} takes it. Pause the plan to take it now.").format(plan=item.plan)
    return "" if item.outstanding.minor > 0 else why_posting(item)


def why_posting(item: OpenItem) -> str:
    """Return why what was paid of an invoice is not to be paid again; empty where nothing was."""
    if item.posting is None:
        return ""
    return _("{posting} was paid here and is not yet in the accounts; nobody needs to pay it again.").format(
        posting=item.posting
    )


def _refusal(check: Callable[..., None], *wanted: object) -> Invalid | None:
    try:
        check(*wanted)
    except Invalid as error:
        return error
    return None


def _open(items: Sequence[OpenItem]) -> list[OpenAmount]:
    return [OpenAmount(item.invoice_id, item.number, item.outstanding.money) for item in items]


def _first_ticks(payable: Sequence[OpenItem], today: date) -> list[str]:
    due = [item.invoice_id for item in payable if item.due_on <= today + _SOON]
    return due or [item.invoice_id for item in payable[:1]]
