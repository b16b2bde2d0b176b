"""A customer as the screen shows them."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from agentdesk.wire.model import Amount, Instant, Wire
from agentdesk.wire.payments import EarlierPayment
from agentdesk.wire.plans import PaymentPlan
from agentdesk.wire.promises import Promise
from agentdesk.wire.saved_cards import SavedCard


class Match(Wire):
    """A customer a search found; `exact` means one of their numbers is the caller's."""

    customer_id: str
    name: str
    account: str | None
    detail: str
    exact: bool


class Matches(Wire):
    """What was found; `more` says that the list was cut."""

    rows: list[Match]
    more: bool


class OpenItem(Wire):
    """An invoice with something left to pay.

    `held_by` is the short reference of a payment of ours that holds it, `holder` that payment; None where
    it is free.
    `posting` was paid here and the accounts may not show it yet; None where nothing was. `outstanding` is
    what is left besides: zero where all of it is paid.
    `plan` is the short reference of the active payment plan that takes it; None where none does.
    """

    invoice_id: str
    number: str
    description: str
    issued_on: date
    due_on: date
    total: Amount
    outstanding: Amount
    held_by: str | None
    holder: EarlierPayment | None = None
    posting: Amount | None
    plan: str | None = None


class LastPaid(Wire):
    """The newest payment in the accounts that was not returned, by its day."""

    amount: Amount
    on: date


class Customer(Wire):
    """The record and the account together, with when each was read.

    Where an outside system does not answer, the last copy is given with its own time and `stale` says
    which part. `balance` is None where nothing is known yet. `promise` is the newest promise to pay that
    was not withdrawn; None where there is none. `preferred_route` is the way to pay that an agent noted for
    them; None where not known. `saved_cards` are those kept for them, the newest first. `last_paid` is None
    where the accounts have none on record, or were never read. `posting_on_account` was paid here besides the
    invoices, and `balance` may not have it in it yet; None where nothing was. `plan` is the payment plan that
    stands, or the newest that is over; None where there was none.
    """

    customer_id: str
    name: str
    account: str | None
    phones: list[str]
    email: str | None
    address: str | None
    language: str | None
    closed: bool
    balance: Amount | None
    posting_on_account: Amount | None = None
    overdue: Amount | None
    credit: Amount | None
    open_items: list[OpenItem]
    record_as_of: Instant
    account_as_of: Instant | None
    stale: list[str]
    promise: Promise | None = None
    preferred_route: str | None = None
    saved_cards: list[SavedCard] = []
    last_paid: LastPaid | None = None
    plan: PaymentPlan | None = None

    @property
    def own_items(self) -> list[OpenItem]:
        """The open items in the account's currency: no other one is taken here."""
        currency = self.balance.currency if self.balance else None
        return [one for one in self.open_items if one.outstanding.currency == currency]


class Preference(Wire):
    """The way to pay to offer a customer first; None: not known."""

    route: str | None = Field(max_length=40)


class HistoryKind(StrEnum):
    """What a line of the history is."""

    CALL = "call"
    NOTE = "note"
    INVOICE = "invoice"
    PAYMENT = "payment"
    REFUND = "refund"
    RETURNED = "returned"
    PROMISE = "promise"


class HistoryItem(Wire):
    """One line of a customer's past; `moved` is false for an amount that is not money that moved.

    `intent_id` is the payment of ours that it tells of, or of which it is a refund; None for any other line.
    """

    at: Instant
    kind: HistoryKind
    title: str
    detail: str
    amount: Amount | None
    moved: bool
    intent_id: str | None = None


class History(Wire):
    """Newest first, with when it was read."""

    rows: list[HistoryItem]
    as_of: Instant
