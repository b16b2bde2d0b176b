"""The stand-in's books: parties, invoices, payments and notes, moving as Tryton 8.0 was measured to.

Nothing here is idempotent, as nothing there is: two creations are two payments, two notes are two notes.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

Row = dict[str, Any]

JOURNAL: Row = {"id": 1, "name": "Card by phone", "currency": {"id": 1, "code": "GBP"}}
#: Which state each button leads to, and from which; others it leaves alone.
BUTTONS = {
    "draft": (("submitted", "approved"), "draft"),
    "submit": (("draft",), "submitted"),
    "approve": (("submitted",), "approved"),
    "succeed": (("processing",), "succeeded"),
    "fail": (("processing", "succeeded"), "failed"),
}
#: The move that undoes a clearing move has its number and this.
_UNDONE = 2_000_000
#: The line of a clearing move that stands to a customer's credit has its move's number and this.
_CREDIT = 1_000_000
_FIRST_NUMBER = "+4416149600"  # numbers kept free for fiction


def _today() -> date:
    return datetime.now(UTC).date()


class Question(Exception):
    """The books ask before they go on (a `UserWarning`)."""


@dataclass
class Invoice:
    """An invoice with one line to pay; a credit note's total is negative, and our reference is on it."""

    id: int
    party: int
    total: Decimal
    state: str = "posted"
    reference: str = ""

    @property
    def number(self) -> str:
        """What it is called."""
        return f"INV-{self.id:05}"


@dataclass
class Payment:
    """A payment; `posted` while its clearing move counts. One that failed leaves a draft that undoes it."""

    id: int
    values: Row
    state: str = "draft"
    move: int | None = None
    posted: bool = False

    @property
    def amount(self) -> Decimal:
        """What is paid; negative where it is paid out."""
        amount = Decimal(self.values["amount"])
        return amount if self.values["kind"] == "receivable" else -amount


@dataclass
class Books:
    """Everything the stand-in holds."""

    customers: int
    invoices_each: int
    invoices: dict[int, Invoice] = field(default_factory=dict)
    payments: dict[int, Payment] = field(default_factory=dict)
    by_reference: dict[str, list[Payment]] = field(default_factory=lambda: defaultdict(list))
    by_line: dict[int, list[Payment]] = field(default_factory=lambda: defaultdict(list))
    notes: list[Row] = field(default_factory=list)
    entries: list[tuple[str, Decimal]] = field(default_factory=list)  # account and debit; credit is negative
    _numbers: "count[int]" = field(default_factory=lambda: count(1))  # of payments
    _note_numbers: "count[int]" = field(default_factory=lambda: count(1))
    _invoice_numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        for _ in range(self.customers * self.invoices_each):
            number = next(self._invoice_numbers)
            total = Decimal(1000 + 37 * number % 20000) / 100
            party = (number - 1) % self.customers + 1
            self.invoices[number] = Invoice(number, party, total)

    # ------------------------------------------------------------ what is read
    def phone(self, party: int) -> str:
        """Return a customer's number in E.164."""
        return f"{_FIRST_NUMBER}{party:02}" if party < 100 else f"+441614960{party:03}"

    def party(self, number: int) -> Row | None:
        """Return a customer."""
        if not 1 <= number <= self.customers:
            return None
        mechanisms = [{"id": number, "type": "phone", "value": self.phone(number)}]
        owed = sum((self._open(one) for one in self._of(number)), -self._credit(number))
        return {
            "id": number, "name": f"Customer {number}", "code": f"{4000 + number}", "active": True,
            "lang": None, "addresses": [], "contact_mechanisms": mechanisms, "receivable": owed,
        }  # fmt: skip

    def invoice(self, number: int) -> Row | None:
        """Return an invoice as both the list and the line reader want it."""
        one = self.invoices.get(number)
        if one is None:
            return None
        today, left = _today(), one.total - self._reserved(one.id)
        lines = [{"id": one.id, "type": "line", "account": {"id": 1}}]
        line = {"id": one.id, "payment_amount": left, "maturity_date": today, "reconciliation": None}
        return {
            "id": one.id, "number": one.number, "description": "Gas", "party": {"id": one.party},
            "invoice_date": today - timedelta(days=30), "total_amount": one.total, "amount_to_pay": left,
            "currency": JOURNAL["currency"], "lines_to_pay": [line], "state": one.state, "type": "out",
            "invoice_address": {"id": one.party}, "journal": {"id": 1}, "account": {"id": 2}, "lines": lines,
        }  # fmt: skip

    def invoices_of(self, party: int) -> list[Row]:
        """Return a customer's invoices."""
        return [row for one in self._of(party) if (row := self.invoice(one.id))]

    def credit_notes(self, reference: str) -> list[Row]:
        """Return those under a reference of ours."""
        mine = (one.id for one in self.invoices.values() if one.reference == reference)
        return [row for number in mine if (row := self.invoice(number))]

    def payment(self, one: Payment) -> Row:
        """Return a payment as a reader sees it."""
        line = one.values["line"]
        move = {"id": one.move, "state": "posted" if one.posted else "draft"} if one.move else None
        return {
            "id": one.id, "state": one.state, "amount": abs(one.amount), "kind": one.values["kind"],
            "reference": one.values["reference"], "party": {"id": one.values["party"]}, "date": _today(),
            "currency": JOURNAL["currency"], "journal": JOURNAL, "clearing_move": move,
            "line": {"id": line, "move": {"id": line, "origin": _origin(line)}} if line else None,
        }  # fmt: skip

    def credit_lines(self, move: int) -> list[Row]:
        """Return the line of a payment's move that stands to the customer's credit, where it paid no bill."""
        one = self.payments[move]
        stands = one.posted and one.values["line"] is None
        return [{"id": _CREDIT + move, "maturity_date": _today()}] if stands else []

    # ------------------------------------------------------------ what is done
    def create_payments(self, all_values: list[Row]) -> list[int]:
        """Make payments, as often as told."""
        made = [Payment(next(self._numbers), values) for values in all_values]
        self.payments |= {one.id: one for one in made}
        for one in made:
            self.by_reference[one.values["reference"]].append(one)
            self.by_line[one.values["line"]].append(one)
        return [one.id for one in made]

    def delete(self, ids: list[int]) -> None:
        """Delete drafts."""
        for one in self._among(ids, "draft"):
            del self.payments[one.id]
            self.by_reference[one.values["reference"]].remove(one)
            self.by_line[one.values["line"]].remove(one)

    def credit(self, all_values: list[Row]) -> None:
        """Draft credit notes, as often as told."""
        for values in all_values:
            number = next(self._invoice_numbers)
            total = -sum((Decimal(line["unit_price"]) for line in values["lines"][0][1]), Decimal())
            note = Invoice(number, values["party"], total, "draft", values["reference"])
            self.invoices[number] = note

    def delete_invoices(self, ids: list[int]) -> None:
        """Delete drafts."""
        for number in ids:
            if self.invoices[number].state == "draft":
                del self.invoices[number]

    def post_invoices(self, ids: list[int]) -> None:
        """Post credit notes: the customer is owed what they say."""
        for one in (self.invoices[number] for number in ids):
            if one.state == "draft":
                one.state = "posted"
                self.entries += [("revenue", -one.total), ("receivable", one.total)]

    def press(self, button: str, ids: list[int]) -> None:
        """Press a button on payments; those in another state stay as they are."""
        before, after = BUTTONS[button]
        for one in self._among(ids, *before):
            one.state = after
            if after == "succeeded":
                one.move = one.id

    def process(self, ids: list[int]) -> None:
        """Hand payments to the bank; ask where more is paid than is open."""
        chosen = self._among(ids, "submitted", "approved")
        for one in chosen:
            line = one.values["line"]
            if line and abs(self._reserved(line)) > abs(self._whole(line)):
                raise Question("overpay")
        for one in chosen:
            one.state = "processing"

    def post_moves(self, moves: list[int]) -> None:
        """Post clearing moves: money from what is owed to the clearing account; or those that undo them."""
        for move in moves:
            one = self.payments[move % _UNDONE]  # a move has its payment's number
            undoes = move > _UNDONE
            if one.move is not None and one.posted is undoes:
                one.posted = not undoes
                amount = -one.amount if undoes else one.amount
                self.entries += [("clearing", amount), ("receivable", -amount)]
                self._settle(one.values["line"])

    def _settle(self, line: int | None) -> None:
        """Call a bill or credit note paid while nothing of it is open."""
        if line in self.invoices and self.invoices[line].state in ("posted", "paid"):
            self.invoices[line].state = "posted" if self._open(self.invoices[line]) else "paid"

    def undoing_moves(self, origins: list[str]) -> list[Row]:
        """Return the drafts that undo what failed payments posted."""
        of = {int(origin.rpartition(",")[2]) for origin in origins} & self.payments.keys()
        failed = (one for one in self._among(sorted(of), "failed") if one.posted)
        return [{"id": _UNDONE + one.id} for one in failed]

    def cancel_credit_notes(self, ids: list[int]) -> None:
        """Take credit notes back by their counterparts."""
        for one in (self.invoices[number] for number in ids):
            if one.state == "posted":
                one.state = "cancelled"
                self.entries += [("revenue", one.total), ("receivable", -one.total)]

    def add_note(self, values: Row) -> int:
        """Write a note, as often as told."""
        self.notes.append({"id": (number := next(self._note_numbers)), **values})
        return number

    def delete_notes(self, ids: list[int]) -> None:
        """Delete notes."""
        self.notes = [one for one in self.notes if one["id"] not in ids]

    # ------------------------------------------------------------ inside
    def _of(self, party: int) -> list[Invoice]:
        return [one for one in self.invoices.values() if one.party == party and one.state == "posted"]

    def _among(self, ids: list[int], *states: str) -> list[Payment]:
        there = (self.payments[number] for number in ids if number in self.payments)
        return [one for one in there if one.state in states]

    def _whole(self, line: int) -> Decimal:
        return self.payments[line - _CREDIT].amount if line > _CREDIT else self.invoices[line].total

    def _reserved(self, invoice: int) -> Decimal:
        live = (p for p in self.by_line[invoice] if p.state not in ("draft", "failed"))
        return sum((p.amount for p in live), Decimal())

    def _credit(self, party: int) -> Decimal:
        """Return what stands to a customer's credit: paid on account, less what went back of it."""
        mine = (p for p in self.payments.values() if p.posted and p.values["party"] == party)
        return sum((p.amount for p in mine if not p.values["line"] or p.values["line"] > _CREDIT), Decimal())

    def _open(self, invoice: Invoice) -> Decimal:
        booked = (p.amount for p in self.by_line[invoice.id] if p.posted)
        return invoice.total - sum(booked, Decimal())


def _origin(line: int) -> str:
    return f"account.payment,{line - _CREDIT}" if line > _CREDIT else f"account.invoice,{line}"
