"""The ledger in Tryton: what is owed, payments by clearing, refunds by credit note."""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from agentdesk.adapters.base import Health, Misconfigured, NeedsDecision, Rejected
from agentdesk.adapters.records import Account, OpenItem, Paid, PaymentToPost, Posting
from agentdesk.adapters.tryton.client import NAME, Row, Tryton
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.credit import CreditNotes
from agentdesk.adapters.tryton.payments import Part, Payments, Wanted, posting, voided
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money, total

_OPEN_BILL = (
    "number", "description", "invoice_date", "total_amount", "amount_to_pay", "currency.code",
    "lines_to_pay.maturity_date", "lines_to_pay.reconciliation",
)  # fmt: skip
_PAID = ("reference", "date", "amount", "currency.code")
#: No payment pays more bills than this.
_MOST_PARTS = 100
_LINES = ("party.id", "lines_to_pay.id", "lines_to_pay.payment_amount", "lines_to_pay.maturity_date")


class TrytonAccounting:
    """AccountingPort on Tryton's payments with a clearing account.

    Card payments stay in the clearing account until the payout is booked, never directly in the bank.
    """

    Config = TrytonConfig
    name = NAME

    def __init__(self, config: TrytonConfig) -> None:
        self._tryton = Tryton(config)
        self._payments = Payments(self._tryton)
        self._credit_notes = CreditNotes(self._tryton)
        self._journal_name = config.payment_journal
        self._journal: Row | None = None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._tryton.aclose()

    async def account(self, customer_id: str) -> Account:
        """Return what is owed now. The balance is negative for a customer in credit."""
        as_of = now()
        currency = (await self._paid_through())["currency"]["code"]
        party = await self._tryton.get("party.party", customer_id, ["receivable"])
        if party is None:
            raise Rejected(f"{NAME}: no customer {customer_id}", vendor_code="not_found")
        balance = Money.from_decimal(party["receivable"] or Decimal(), currency)
        items, last_paid = await asyncio.gather(self.open_items(customer_id), self._last_paid(customer_id))
        overdue = _overdue(items, currency, as_of.astimezone().date())
        credit = Money(max(0, -balance.minor), currency)
        return Account(customer_id, balance, overdue, credit, as_of, last_paid)

    async def _last_paid(self, customer_id: str) -> Paid | None:
        """Return the newest payment: all that bears the reference of the newest record of one."""
        ours = [["party", "=", int(customer_id)], ["kind", "=", "receivable"], ["state", "=", "succeeded"]]
        order = [("date", "DESC"), ("id", "DESC")]
        rows = await self._tryton.search("account.payment", ours, _PAID, order=order, limit=_MOST_PARTS)
        if not rows:
            return None
        newest = rows[0]
        same = [row for row in rows if row["reference"] and row["reference"] == newest["reference"]]
        amount = sum((row["amount"] for row in same or [newest]), Decimal())
        return Paid(Money.from_decimal(amount, newest["currency"]["code"]), newest["date"])

    async def open_items(self, customer_id: str) -> Sequence[OpenItem]:
        """Return the open invoices, oldest due first; one fully reserved has nothing outstanding."""
        domain = [["party", "=", int(customer_id)], ["type", "=", "out"], ["state", "=", "posted"]]
        bills = await self._tryton.search("account.invoice", domain, _OPEN_BILL)
        items = [_open_item(bill) for bill in bills if bill["total_amount"] > 0]
        return sorted(items, key=lambda item: (item.due_on, item.number))

    async def find_posting(self, reference: str) -> Posting | None:
        """Return our posting; None where there is none. Raises NeedsDecision where there are two."""
        rows = await self._payments.look(reference, "receivable")
        return posting(reference, rows) if rows else None

    async def reserve(self, payment: PaymentToPost) -> Posting:
        """Show the invoices as being paid, without touching the balance; idempotent."""
        wanted = await self._wanted(payment)
        return posting(payment.reference, await self._payments.reserve(wanted))

    async def post_payment(self, payment: PaymentToPost) -> Posting:
        """Book the payment once for its reference, however often called.

        Raises NeedsDecision where the ledger holds something else under the reference or asks a question
        (`overpay`: more than is open), Rejected where it refuses (a closed period or account).
        """
        wanted = await self._wanted(payment)
        return posting(payment.reference, await self._payments.book(wanted))

    async def void(self, reference: str, reason: str) -> Posting:
        """Take our posting back; the invoices are open again. Once taken back it stays so."""
        rows = await self._payments.look(reference, "receivable")
        if not rows:
            raise Rejected(f"{NAME}: there is no posting {reference}", vendor_code="not_found")
        await self._payments.take_back(rows, reason)
        return await self.find_posting(reference) or voided(posting(reference, rows))

    async def post_refund(
        self, reference: str, payment_reference: str, amount: Money, on: date, reason: str
    ) -> Posting:
        """Book money that went back; idempotent by its own reference.

        Of a bill it is a credit note paid out; of a payment on account it is paid out of the credit it made.
        """
        paid = await self._payments.look(payment_reference, "receivable")
        journal = (await self._paid_through())["id"]
        bill = _bill_of(payment_reference, paid)
        if bill is None:
            part = await self._on_account(reference, paid, amount, on)
        else:
            part = await self._credited(reference, bill, amount, reason)
        party = paid[0]["party"]["id"]
        rows = await self._payments.book(Wanted(reference, "payable", journal, party, on, (part,)))
        return posting(reference, rows)

    async def _credited(self, reference: str, bill: int, amount: Money, reason: str) -> Part:
        """Credit what goes back, so that the bill stays paid."""
        note = await self._credit_notes.ensure(reference, bill, amount, reason)
        if note.amount != amount.to_decimal():
            raise NeedsDecision(
                f"{NAME}: {reference} is credited with another amount", vendor_code="mismatch"
            )
        return Part(note.line, f"account.invoice,{note.id}", amount.to_decimal())

    async def _on_account(self, reference: str, paid: Sequence[Row], amount: Money, on: date) -> Part:
        """Pay out of what stands to the customer's credit: no bill was paid, so none is credited."""
        one = next((row for row in paid if row["state"] == "succeeded" and row["clearing_move"]), None)
        if one is None:
            raise Rejected(f"{NAME}: {reference} is of no credit here", vendor_code="not_found")
        begun = [row["line"]["id"] for row in await self._payments.look(reference, "payable") if row["line"]]
        line = begun[0] if begun else await self._payments.credit_line(one["clearing_move"]["id"], on)
        return Part(line, f"account.payment,{one['id']}", amount.to_decimal())

    async def void_refund(self, reference: str, reason: str) -> Posting:
        """Take a refund's posting back whole: the payment out fails, then its credit note is cancelled."""
        rows = await self._payments.look(reference, "payable")
        if not rows:
            raise Rejected(f"{NAME}: there is no refund {reference}", vendor_code="not_found")
        await self._payments.take_back(rows, reason)
        await self._credit_notes.cancel(reference)
        left = await self._payments.look(reference, "payable")
        return posting(reference, left) if left else voided(posting(reference, rows))

    async def check(self) -> Health:
        """Say whether the ledger answers."""
        return await self._tryton.health("account.payment")

    async def _wanted(self, payment: PaymentToPost) -> Wanted:
        journal = await self._paid_through()
        if payment.amount.currency != journal["currency"]["code"]:
            raise Rejected(f"{NAME}: the ledger takes {journal['currency']['code']}", vendor_code="currency")
        parts = [
            part for allocation in payment.allocations for part in await self._parts(allocation, payment)
        ]
        on_account = payment.amount.to_decimal() - sum((part.amount for part in parts), Decimal())
        if on_account < 0:
            raise Rejected(f"{NAME}: more is allocated than was paid", vendor_code="allocation")
        if on_account:
            parts.append(Part(None, None, on_account))
        party, on = int(payment.customer_id), payment.taken_on
        return Wanted(payment.reference, "receivable", journal["id"], party, on, tuple(parts))

    async def _parts(self, allocation: Allocation, payment: PaymentToPost) -> list[Part]:
        """Share what a bill gets over its instalments, the first due first; the last takes the rest."""
        bill = await self._tryton.get("account.invoice", allocation.invoice_id, _LINES)
        if bill is None or str(bill["party"]["id"]) != payment.customer_id or not bill["lines_to_pay"]:
            raise Rejected(f"{NAME}: no bill {allocation.number} of this customer", vendor_code="not_found")
        origin, left = f"account.invoice,{bill['id']}", allocation.amount.to_decimal()
        lines = sorted(bill["lines_to_pay"], key=lambda line: (line["maturity_date"], line["id"]))
        parts = []
        for line in lines:
            share = left if line is lines[-1] else min(left, line["payment_amount"])
            if share > 0:
                parts.append(Part(line["id"], origin, share))
            left -= share
        return parts

    async def _paid_through(self) -> Row:
        """Return the payment journal, which says the ledger's currency."""
        if self._journal is None:
            domain = [["name", "=", self._journal_name]]
            fields = ("currency.code",)
            found = await self._tryton.search("account.payment.journal", domain, fields, limit=1)
            if not found:
                raise Misconfigured(f"{NAME}: no payment journal is called {self._journal_name!r}")
            self._journal = found[0]
        return self._journal


def _open_item(bill: Row) -> OpenItem:
    currency = bill["currency"]["code"]
    due = [line["maturity_date"] for line in bill["lines_to_pay"] if not line["reconciliation"]]
    return OpenItem(
        invoice_id=str(bill["id"]),
        number=bill["number"],
        description=bill["description"] or "",
        issued_on=bill["invoice_date"],
        due_on=min(due, default=bill["invoice_date"]),
        total=Money.from_decimal(bill["total_amount"], currency),
        outstanding=Money.from_decimal(bill["amount_to_pay"], currency),
    )


def _overdue(items: Sequence[OpenItem], currency: str, today: date) -> Money:
    """Return what is late in the ledger's own currency; a bill in another one cannot be added to it."""
    late = [item.outstanding for item in items if item.due_on < today]
    return total([one for one in late if one.currency == currency], currency)


def _bill_of(payment_reference: str, paid: Sequence[Row]) -> int | None:
    """Return the id of the first bill the payment paid; None where it was booked on account."""
    booked = [row for row in paid if row["state"] == "succeeded"]
    if not booked:
        raise Rejected(f"{NAME}: {payment_reference} paid nothing here", vendor_code="not_found")
    origins = [row["line"]["move"]["origin"] for row in booked if row["line"]]
    return int(origins[0].partition(",")[2]) if origins else None
