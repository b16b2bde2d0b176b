"""The ports of customer records (CRM) and accounts (the ledger).

Ids are the vendor's own, opaque to us. Errors are those of base.py: NotSent (nothing happened, retry),
RateLimited and OutcomeUnknown (a copy of it, or it itself, may have been done: look before writing again),
NeedsDecision and Rejected (a person).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from agentdesk.adapters.base import Health
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.card import CardSummary
from agentdesk.domain.money import Money
from agentdesk.wire.customers import HistoryKind


@dataclass(frozen=True, slots=True)
class Match:
    """A customer a search found. `exact` means a stored number is the caller's in E.164."""

    customer_id: str
    name: str
    account: str | None
    detail: str  # one line to tell people apart: town and post code
    exact: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A customer as the CRM has them."""

    customer_id: str
    name: str
    account: str | None
    phones: tuple[str, ...]  # E.164, best first
    email: str | None
    address: str | None  # one line
    language: str | None  # ISO 639-1
    closed: bool


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of a customer's past. `amount` is None for what has none."""

    at: datetime  # UTC; midnight where the source knows only the day
    kind: HistoryKind
    title: str
    detail: str
    amount: Money | None
    moved: bool  # whether the amount is money that moved
    reference: str | None = None  # ours, of what we logged there ourselves


@dataclass(frozen=True, slots=True)
class Activity:
    """What is logged in the CRM about a call or payment. `reference` makes it idempotent."""

    reference: str
    at: datetime
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment the ledger has, by its day."""

    amount: Money
    on: date


@dataclass(frozen=True, slots=True)
class Account:
    """What a customer owes. `credit` is what stands to their favour, as a positive amount.

    `last_paid` is their newest payment that was not returned; None where none is on record.
    """

    customer_id: str
    balance: Money
    overdue: Money
    credit: Money
    as_of: datetime
    last_paid: Paid | None = None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice the ledger has open. Nothing is `outstanding` where a payment on its way covers it all."""

    invoice_id: str
    number: str
    description: str
    issued_on: date
    due_on: date
    total: Money
    outstanding: Money


class PostingState(StrEnum):
    """How far a posting is in the ledger."""

    STARTED = "started"  # begun, not yet in the balance
    POSTED = "posted"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Posting:
    """Our payment as the ledger has it."""

    reference: str
    state: PostingState
    amount: Money
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaymentToPost:
    """A charge to book: for whom, which invoices, and what is known of it."""

    reference: str
    customer_id: str
    amount: Money
    allocations: tuple[Allocation, ...]
    taken_on: date
    processor_reference: str
    card: CardSummary


class CrmPort(Protocol):
    """Customer records."""

    name: str

    async def find_by_phone(self, e164: str) -> Sequence[Match]:
        """Return customers with this number, each verified; exact ones first."""
        ...

    async def search(self, text: str, *, limit: int = 20) -> Sequence[Match]:
        """Find by name, account, post code, email or invoice number."""
        ...

    async def record(self, customer_id: str) -> Record | None:
        """Return the customer; None where there is none."""
        ...

    async def history(self, customer_id: str, *, limit: int = 50) -> Sequence[HistoryItem]:
        """Return the past, newest first."""
        ...

    async def log_activity(self, customer_id: str, activity: Activity) -> str:
        """Log once for each reference and return the record's id; a second call finds the first."""
        ...

    async def find_activity(self, customer_id: str, reference: str) -> str | None:
        """Return the id of what was logged under the reference."""
        ...

    async def check(self) -> Health:
        """Say whether the system answers."""
        ...


class AccountingPort(Protocol):
    """The ledger."""

    name: str

    async def account(self, customer_id: str) -> Account:
        """Return what is owed now."""
        ...

    async def open_items(self, customer_id: str) -> Sequence[OpenItem]:
        """Return the open invoices, oldest due first."""
        ...

    async def find_posting(self, reference: str) -> Posting | None:
        """Return our posting; None where there is none. Raises NeedsDecision where there are two."""
        ...

    async def reserve(self, payment: PaymentToPost) -> Posting:
        """Show the invoices as being paid, without touching the balance; idempotent."""
        ...

    async def post_payment(self, payment: PaymentToPost) -> Posting:
        """Book the payment once for its reference, however often called.

        Looks before each step. Raises NeedsDecision where the ledger holds another amount or asks.
        """
        ...

    async def void(self, reference: str, reason: str) -> Posting:
        """Take our posting back; the invoices are open again."""
        ...

    async def post_refund(
        self, reference: str, payment_reference: str, amount: Money, on: date, reason: str
    ) -> Posting:
        """Book money that went back, as a credit note paid out; idempotent by its own reference."""
        ...

    async def void_refund(self, reference: str, reason: str) -> Posting:
        """Take a refund's posting back whole, credit note and all: the money came back. Idempotent."""
        ...

    async def check(self) -> Health:
        """Say whether the system answers."""
        ...
