"""Put the demo's customers, bills, payments and notes into Tryton, in bulk."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from proteus import Model, Wizard
from tryton_people import AGENTS, Bill, Person
from tryton_setup import Books, make_user

BATCH = 100
Progress = Callable[[str, int, int], None]


@dataclass
class PastNote:
    """A note on a party with the day and the author it should bear."""

    party: int
    day: dt.date
    by: str
    text: str


class Ledger:
    """Books the lives of the demo's customers; every step is one call for many records."""

    def __init__(self, books: Books, people: list[Person], progress: Progress) -> None:
        self.books = books
        self.people = people
        self.progress = progress
        books.config.skip_warning = True  # bills of the past fall due in the past
        self.parties: dict[str, int] = {}
        self.english = self.call("ir.lang", "search", [("code", "=", "en")])[0]
        self.addresses: dict[int, int] = {}
        self.users = {name: make_user(books.company, name, name.split()[0].lower()).id for name in AGENTS}
        self.references = 0

    def call(self, model: str, method: str, *args: Any, **context: Any) -> Any:
        """Call a method of a Tryton model without the client library's field by field round trips."""
        return getattr(self.books.config.get_proxy(model), method)(
            *args, {**self.books.config.context, **context}
        )

    def day(self, ago: int) -> dt.date:
        """Return the date so many days before the seed's day."""
        return self.books.today - dt.timedelta(days=ago)

    def add_parties(self) -> None:
        """Create the customers with their addresses, numbers and mail addresses."""
        for done, batch in _batches(self.people, self.progress, "customers"):
            ids = self.call("party.party", "create", [self._party(person) for person in batch])
            self.parties.update({person.code: party for person, party in zip(batch, ids, strict=True)})
            done()
        rows = self.call("party.address", "search_read", [], 0, None, None, ["party"])
        self.addresses = {row["party"]: row["id"] for row in rows}

    def _party(self, person: Person) -> dict[str, Any]:
        mechanisms = [{"type": kind, "value": number} for kind, number in person.phones]
        mechanisms += [{"type": "email", "value": person.email}] if person.email else []
        address = {
            "street_unstructured": person.street, "city": person.city, "postal_code": person.postal_code,
            "country": self.books.country.id, "invoice": True,
        }  # fmt: skip
        return {
            "name": person.name,
            "code": person.code,
            "lang": self.english,
            "addresses": [["create", [address]]],
            "contact_mechanisms": [["create", mechanisms]],
        }

    def add_bills(self) -> dict[int, tuple[Person, Bill]]:
        """Create and post every bill in date order; return them by invoice id."""
        bills = sorted(((p, b) for p in self.people for b in p.bills), key=lambda pair: -pair[1].issued_ago)
        old = self._old_book(bills)
        numbers = _numbers([bill for _, bill in bills])
        booked: dict[int, tuple[Person, Bill]] = {}
        for done, batch in _batches(list(zip(bills, numbers, strict=True)), self.progress, "bills"):
            values = [self._bill(person, bill, number, old) for (person, bill), number in batch]
            ids = self.call("account.invoice", "create", values)
            self.call("account.invoice", "post", ids)
            booked.update({id: pair for id, (pair, _) in zip(ids, batch, strict=True)})
            done()
        return booked

    def _old_book(self, bills: list[tuple[Person, Bill]]) -> Any:
        """Make the account that ends with its month; every month before that one will be closed."""
        issued = next(self.day(bill.issued_ago) for _, bill in bills if bill.old_book)
        self.closed_until = issued.replace(day=1) - dt.timedelta(days=1)
        return self.books.ended_account(_month_end(issued))

    def _bill(self, person: Person, bill: Bill, number: int, old: Any) -> dict[str, Any]:
        party = self.parties[person.code]
        month = self.day(bill.month_ago).strftime("%B")
        text = bill.fuel if bill.pence < 0 else f"{bill.fuel}, {month}"
        line = {
            "type": "line", "account": self.books.revenue.id, "quantity": 1 if bill.pence > 0 else -1,
            "unit_price": _pounds(abs(bill.pence)), "description": text,
        }  # fmt: skip
        return {
            "type": "out", "party": party, "invoice_address": self.addresses[party], "number": f"NW-{number}",
            "company": self.books.company.id, "currency": self.books.currency.id, "description": text,
            "journal": self.books.sales_journal.id, "invoice_date": self.day(bill.issued_ago),
            "account": old.id if bill.old_book else self.books.receivable.id,
            "payment_term": self.books.term.id, "lines": [["create", [line]]],
        }  # fmt: skip

    def add_payments(self, booked: dict[int, tuple[Person, Bill]]) -> list[PastNote]:
        """Pay what was paid and return what was returned; answer with a note for each."""
        lines = self._lines(list(booked))
        returned = [self._returned(lines[i], p, b) for i, (p, b) in booked.items() if b.returned_ago]
        if returned:
            self.call("account.payment", "fail", self._process([values for values, _ in returned]))
        paid = [self._paid(lines[i], p, b) for i, (p, b) in booked.items() if b.paid_ago is not None]
        ids = self._process([values for values, _ in paid])
        self._succeed(ids, [values["date"] for values, _ in paid])
        self._post_clearing(ids)
        self.call("account.invoice", "process", [i for i, (_, b) in booked.items() if b.paid_ago is not None])
        return [note for _, note in returned + paid if note]

    def _lines(self, invoices: list[int]) -> dict[int, int]:
        rows = self.call("account.invoice", "read", invoices, ["lines_to_pay"])
        return {row["id"]: row["lines_to_pay"][0] for row in rows if row["lines_to_pay"]}

    def _returned(self, line: int, person: Person, bill: Bill) -> tuple[dict[str, Any], PastNote]:
        values = self._payment(line, person, bill, bill.returned_ago or 0, "DD")
        text = f"[PMT:{values['reference']}] Direct debit returned\nRefer to payer"
        return values, PastNote(values["party"], values["date"], "Marcus Bell", text)

    def _paid(self, line: int, person: Person, bill: Bill) -> tuple[dict[str, Any], PastNote | None]:
        debit = bill.how == "Direct debit"
        values = self._payment(line, person, bill, bill.paid_ago or 0, "DD" if debit else "PMT-DEMO")
        if debit:
            return values, None
        detail = f"Taken by {bill.by}" if bill.by != "system" else "Paid by the customer"
        text = f"[PMT:{values['reference']}] {bill.how}\n{detail}"
        return values, PastNote(values["party"], values["date"], bill.by, text)

    def _payment(self, line: int, person: Person, bill: Bill, ago: int, kind: str) -> dict[str, Any]:
        self.references += 1
        books = self.books
        journal = books.debit_journal if kind == "DD" else books.card_journal
        return {
            "company": books.company.id, "journal": journal.id, "kind": "receivable", "line": line,
            "party": self.parties[person.code], "amount": _pounds(bill.part_pence or bill.pence),
            "reference": f"{kind}-{self.references:05d}", "date": self.day(ago),
        }  # fmt: skip

    def _process(self, values: list[dict[str, Any]]) -> list[int]:
        made: list[int] = []
        for done, batch in _batches(values, self.progress, "payments"):
            ids = self.call("account.payment", "create", batch)
            self.call("account.payment", "submit", ids)
            payments = Model.get("account.payment")
            Wizard("account.payment.process", [payments(id) for id in ids])
            made += ids
            done()
        return made

    def _succeed(self, ids: list[int], days: list[dt.date]) -> None:
        by_day: dict[dt.date, list[int]] = defaultdict(list)
        for id, day in zip(ids, days, strict=True):
            by_day[day].append(id)
        for index, day in enumerate(sorted(by_day), 1):
            self.call("account.payment", "succeed", by_day[day], clearing_date=day)
            self.progress("settling", index, len(by_day))

    def _post_clearing(self, ids: list[int]) -> None:
        rows = self.call("account.payment", "read", ids, ["clearing_move"])
        self.call("account.move", "post", [row["clearing_move"] for row in rows])

    def add_notes(self, about_payments: list[PastNote]) -> list[tuple[int, PastNote]]:
        """Write every note; return them by id, so that they can be given their true day and author."""
        notes = about_payments + [
            PastNote(self.parties[p.code], self.day(n.ago), n.by, n.text)
            for p in self.people
            for n in p.notes
        ]
        values = [{"resource": f"party.party,{n.party}", "message": n.text} for n in notes]
        ids = self.call("ir.note", "create", values)
        return list(zip(ids, notes, strict=True))

    def close(self) -> None:
        """Close the closed accounts and the old periods."""
        closed = [self.parties[person.code] for person in self.people if person.closed]
        self.call("party.party", "write", closed, {"active": False})
        self.books.close_periods(self.closed_until)


def _pounds(pence: int) -> Decimal:
    return Decimal(pence).scaleb(-2)


def _month_end(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def _numbers(bills: list[Bill]) -> Iterator[int]:
    """Number the bills in their order, jumping ahead where one has its own number."""
    first = next(index for index, bill in enumerate(bills) if bill.number)
    number = (bills[first].number or 0) - first - 1
    for bill in bills:
        number = max(number + 1, bill.number or 0)
        yield number


def _batches(
    rows: list[Any], progress: Progress, stage: str
) -> Iterator[tuple[Callable[[], None], list[Any]]]:
    """Yield slices of the rows, each with a function that says it is done."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        yield (lambda done=start + len(batch): progress(stage, done, len(rows))), batch
