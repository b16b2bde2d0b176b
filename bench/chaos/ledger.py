"""A stand-in for Tryton on loopback: answers what our adapter asks; a line before it makes it fail."""

import asyncio
import base64
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from bench.chaos.books import JOURNAL, Books, Question, Row
from bench.chaos.facts import LedgerSaw, in_books
from bench.chaos.line import Request, serving

DATABASE = "books"
_TAG = re.compile(rb"\[PMT:([^\]]+)\]")
_BUTTONS = ("submit", "succeed", "move.post")
_CREATES = ("model.account.payment.create", "model.account.invoice.create")
#: What is done to records by their ids.
_DEEDS = {
    "delete": Books.delete,
    "model.account.invoice.delete": Books.delete_invoices,
    "model.account.invoice.post": Books.post_invoices,
    "model.account.move.post": Books.post_moves,
    "model.ir.note.delete": Books.delete_notes,
}


class Ledger:
    """The HTTP face of the books; one request for each connection, which takes it `thinks_s` and a little."""

    def __init__(self, books: Books, thinks_s: float = 0.0) -> None:
        self.books, self.thinks_s = books, thinks_s
        self.url = ""
        self.customers = [(str(number), books.phone(number)) for number in range(1, books.customers + 1)]

    @property
    def server(self) -> Any:
        """Return how the hub gets in."""
        told = "of the stand-in"
        return SimpleNamespace(url=self.url, database=DATABASE, user="hub", password=told, key=told)

    def saw(self) -> LedgerSaw:
        """Return what the books have under our references."""
        return in_books(self.books)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            line, body = await _read(reader)
            await asyncio.sleep(self.thinks_s)
            writer.write(self._answer(line, body))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return  # the hub was killed; what it asked for is done or not, as with any server
        finally:
            writer.close()

    def _answer(self, line: str, body: bytes) -> bytes:
        method, target, _ = line.split(" ")
        url = urlsplit(target)
        if url.path.endswith("/rpc/"):
            return _response(200, self._rpc(json.loads(body)))
        model, _, record = unquote(url.path).partition("/rest/model/")[2].partition("/")
        query = parse_qs(url.query)
        if method == "POST":
            return _response(200, {"id": self.books.add_note(json.loads(body))})
        if record:
            one = self._one(model, int(record))
            return _response(200 if one else 404, one or {})
        found = self._search(model, _unpacked(query["d"][0]))
        return _response(200, found[: int(query["s"][0])] if "s" in query else found)

    # ------------------------------------------------------------ REST
    def _one(self, model: str, record: int) -> Row | None:
        return self.books.party(record) if model == "party.party" else self.books.invoice(record)

    def _search(self, model: str, domain: list[Any]) -> list[Row]:
        wanted = {clause[0]: clause[2] for clause in domain if isinstance(clause, list) and len(clause) >= 3}
        readers = {
            "account.payment.journal": lambda _: [JOURNAL],
            "party.contact_mechanism": self._numbers,
            "party.party": self._parties,
            "account.invoice": self._invoices,
            "account.payment": self._payments,
            "account.move": lambda wanted: self.books.undoing_moves(wanted["origin.origin"]),
            "account.move.line": lambda wanted: self.books.credit_lines(wanted["move"]),
            "ir.note": self._notes,
        }
        return readers[model](wanted)

    def _parties(self, wanted: Row) -> list[Row]:
        return [row for number in wanted.get("id", []) if (row := self.books.party(number))]

    def _invoices(self, wanted: Row) -> list[Row]:
        if "reference" in wanted:
            return self.books.credit_notes(wanted["reference"])
        return self.books.invoices_of(wanted["party"])

    def _numbers(self, wanted: Row) -> list[Row]:
        end = str(wanted["value_compact"]).strip("%")
        parties = range(1, self.books.customers + 1)
        found = [(number, self.books.phone(number)) for number in parties]
        mine = [(number, phone) for number, phone in found if phone.endswith(end)]
        return [{"id": number, "value": phone, "party": self.books.party(number)} for number, phone in mine]

    def _payments(self, wanted: Row) -> list[Row]:
        by = {name: value for name, value in wanted.items() if name in ("reference", "kind")}
        found = self.books.payments.values()
        return [self.books.payment(one) for one in found if all(one.values[name] == by[name] for name in by)]

    def _notes(self, wanted: Row) -> list[Row]:
        start = str(wanted.get("message", "%")).removesuffix("%").replace("\\", "")
        mine = [note for note in self.books.notes if note["resource"] == wanted["resource"]]
        stamp = {"create_date": datetime.now(UTC), "create_uid": {"id": 1, "name": "hub"}}
        return [{**note, **stamp} for note in mine if note["message"].startswith(start)]

    # ------------------------------------------------------------ JSON-RPC
    def _rpc(self, call: Row) -> Row:
        method, params = call["method"], call["params"]
        try:
            return {"id": call["id"], "result": self._call(method, params)}
        except Question as question:
            return {"id": call["id"], "error": ["UserWarning", [str(question), "Are you sure?", ""]]}

    def _call(self, method: str, params: list[Any]) -> Any:
        name = method.removeprefix("model.account.payment.")
        if deed := _DEEDS.get(name):
            deed(self.books, params[0])
        match name:
            case "common.db.login":
                return [1, "session"]
            case "model.res.user.get_preferences":
                return {"company": 1, "language": "en"}
            case "create":
                return self.books.create_payments(_unmarked(params[0]))
            case "draft" | "submit" | "approve" | "succeed" | "fail" as button:
                self.books.press(button, params[0])
            case "model.account.invoice.create":
                self.books.credit(_unmarked(params[0]))
            case "wizard.account.payment.process.create":
                return [1, "process", "end"]
            case "wizard.account.invoice.credit.create":
                return [1, "start", "end"]
            case "wizard.account.invoice.credit.execute":
                self.books.cancel_credit_notes(params[-1]["active_ids"])
            case "wizard.account.payment.process.execute":
                self.books.process(params[-1]["active_ids"])
        return None


def presses(request: Request) -> bool:
    """Say whether it presses a button, which says what shall be so: twice is as well as once."""
    return any(f'{button}"'.encode() in request.raw for button in _BUTTONS)


def creates(request: Request) -> bool:
    """Say whether it makes a payment, a credit note or a note: twice makes two."""
    is_note = not request.reads and "/rest/model/ir.note" in request.line
    return is_note or any(f'{create}"'.encode() in request.raw for create in _CREATES)


def may_double(request: Request) -> bool:
    """Say whether doubling it shows something."""
    return presses(request) or creates(request)


def notes_again(requests: Iterable[Request]) -> Counter[str]:
    """Return how often a line brought the note of each reference once more, or late."""
    found = (_TAG.search(one.raw) for one in requests if creates(one))
    return Counter(tag[1].decode() for tag in found if tag)


@asynccontextmanager
async def ledger(books: Books, thinks_s: float = 0.0) -> AsyncIterator[Ledger]:
    """Run the stand-in on a free port while the block runs."""
    made = Ledger(books, thinks_s)
    async with serving(made.serve) as made.url:
        yield made


async def _read(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    lengths = [one.partition(":")[2] for one in head if one.lower().startswith("content-length:")]
    return head[0], await reader.readexactly(int(lengths[0]) if lengths else 0)


def _response(status: int, body: Any) -> bytes:
    content = json.dumps(body, default=_mark).encode()
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + content


def _mark(value: object) -> Row:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case datetime():
            parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
            return {"__class__": "datetime", **{part: getattr(value, part) for part in parts}}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(type(value).__name__)


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unmarked(one) for one in value]
    if isinstance(value, dict):
        return value["decimal"] if "decimal" in value else {k: _unmarked(v) for k, v in value.items()}
    return value


def _unpacked(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text))
