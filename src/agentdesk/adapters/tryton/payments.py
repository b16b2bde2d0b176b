"""One payment reference in Tryton's ledger: look, do what is left, look again.

A card payment is one `account.payment` for each bill it pays, all with the same reference. Their states map
one to one: submitted is reserved, processing is with the bank, succeeded is booked (a clearing move makes the
bill paid), failed is taken back, also after success. Any answer may be lost: the next run starts by looking.
Two writers may both have seen nothing: who created looks before it goes on, so that of two at most one books.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from agentdesk.adapters.base import NeedsDecision, OutcomeUnknown, Rejected
from agentdesk.adapters.records import Posting, PostingState
from agentdesk.adapters.tryton.client import NAME, Row, Tryton
from agentdesk.domain.money import Money

Kind = Literal["receivable", "payable"]

_FIELDS = (
    "state", "amount", "kind", "currency.code", "party.id", "line.id", "line.move.origin",
    "clearing_move.id", "clearing_move.state",
)  # fmt: skip
_MOST_LOOKS = 10


@dataclass(frozen=True, slots=True)
class Part:
    """What of the payment goes to one open line of the ledger; `line` None is on account."""

    line: int | None
    origin: str | None  # the bill the line is of, as `account.invoice,12`
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Wanted:
    """The payment as it shall be in the ledger."""

    reference: str
    kind: Kind
    journal: int
    party: int
    on: date
    parts: tuple[Part, ...]


class Payments:
    """The payments of one reference and kind, moved forward or taken back."""

    def __init__(self, tryton: Tryton) -> None:
        self._tryton = tryton

    async def look(self, reference: str, kind: Kind) -> list[Row]:
        """Return the payments under the reference, failed ones too, oldest first."""
        domain = [["reference", "=", reference], ["kind", "=", kind]]
        return await self._tryton.search("account.payment", domain, _FIELDS, order=[("id", "ASC")])

    async def credit_line(self, move: int, on: date) -> int:
        """Return the line of a clearing move that stands to the customer's credit. Raises Rejected.

        It is made due: Tryton pays no line without a day, and gives a clearing move's none.
        """
        domain = [["move", "=", move], ["account.type.receivable", "=", True], ["reconciliation", "=", None]]
        found = await self._tryton.search("account.move.line", domain, ["maturity_date"], limit=1)
        if not found:
            raise Rejected(f"{NAME}: that credit was set off already", vendor_code="used")
        line = int(found[0]["id"])
        if found[0]["maturity_date"] is None:
            await self._tryton.call("model.account.move.line.write", [line], {"maturity_date": on})
        return line

    async def reserve(self, wanted: Wanted) -> list[Row]:
        """Show the lines as being paid, the balance untouched; idempotent."""
        return await self._drive(wanted, until="submitted")

    async def book(self, wanted: Wanted) -> list[Row]:
        """Book once, however often called. Raises NeedsDecision where another payment has the reference."""
        return await self._drive(wanted, until="booked")

    async def take_back(self, rows: Sequence[Row], reason: str) -> None:
        """Fail what is with the bank or booked, and delete what was only reserved; idempotent."""
        await self._delete_reserved(rows)
        live = [row["id"] for row in rows if row["state"] in ("processing", "succeeded")]
        for payment in live:
            channel = f"account.payment,{payment}"
            await self._tryton.call("model.ir.chat.channel.post", channel, reason, "internal")
        if live:
            await self._tryton.call("model.account.payment.fail", live)
        await self._post_cancelling(rows)

    async def _delete_reserved(self, rows: Sequence[Row]) -> None:
        reserved = [row["id"] for row in rows if row["state"] in ("submitted", "approved")]
        if reserved:
            await self._tryton.call("model.account.payment.draft", reserved)
        drafts = reserved + [row["id"] for row in rows if row["state"] == "draft"]
        if drafts:
            await self._tryton.call("model.account.payment.delete", drafts)

    async def _post_cancelling(self, rows: Sequence[Row]) -> None:
        """Post the moves that undo posted clearing moves: failing a payment leaves them drafts."""
        payments = [f"account.payment,{row['id']}" for row in rows]
        domain = [["state", "=", "draft"], ["origin.origin", "in", payments, "account.move"]]
        moves = [row["id"] for row in await self._tryton.search("account.move", domain, ["id"])]
        if moves:
            await self._tryton.call("model.account.move.post", moves)

    async def _drive(self, wanted: Wanted, until: Literal["submitted", "booked"]) -> list[Row]:
        for _ in range(_MOST_LOOKS):
            rows = await self.look(wanted.reference, wanted.kind)
            _compare(rows, wanted)
            state = _least(rows)
            if state == until or (until == "submitted" and state not in ("none", "draft")):
                return rows
            await self._go_on(state, rows, wanted, until)
        raise OutcomeUnknown(f"{NAME}: {wanted.reference} does not move on")

    async def _go_on(self, state: str, rows: list[Row], wanted: Wanted, until: str) -> None:
        """Take all payments in the least advanced state as far as their ids are enough.

        Each step follows the answer to the one before; a step that is not answered ends this. So does a
        creation: another writer's may be there too.
        """
        if state == "none":
            values = [_values(wanted, part) for part in wanted.parts]
            await self._tryton.call("model.account.payment.create", values)
            return
        if state == "succeeded":
            moves = [row["clearing_move"]["id"] for row in rows if _state(row) == state]
            await self._tryton.call("model.account.move.post", moves)
            return
        ids, button = [row["id"] for row in rows if _state(row) == state], "model.account.payment."
        if state == "draft":
            await self._tryton.call(button + "submit", ids)
            if until == "submitted":
                return
        if state in ("draft", "submitted") and wanted.kind == "payable":
            await self._tryton.call(button + "approve", ids)
        if state != "processing":
            # asks before it pays more than is open: that question is for a person
            await self._tryton.wizard("account.payment.process", "account.payment", ids)
        await self._tryton.call(button + "succeed", ids, clearing_date=wanted.on)


_ORDER = ("draft", "submitted", "approved", "processing", "succeeded", "booked")


def posting(reference: str, rows: Sequence[Row]) -> Posting:
    """Return what the ledger has under the reference: at least one row.

    Raises NeedsDecision where one line, or the account itself, is paid twice under it.
    """
    live = _live(rows)
    _only_once(reference, live)
    state = PostingState.POSTED if _least(live) == "booked" else PostingState.STARTED
    shown = live or rows
    return Posting(
        reference=reference,
        state=state if live else PostingState.VOID,
        amount=Money.from_decimal(sum(row["amount"] for row in shown), shown[0]["currency"]["code"]),
        ids=tuple(str(row["id"]) for row in shown),
    )


def voided(before: Posting) -> Posting:
    """Return the posting as taken back: what was only reserved leaves no trace in the ledger."""
    return replace(before, state=PostingState.VOID, ids=())


def _state(row: Row) -> str:
    """Return the payment's state; `booked` once its clearing move is posted, or where none is made."""
    state: str = row["state"]
    if state != "succeeded":
        return state
    move = row["clearing_move"]
    return "booked" if move is None or move["state"] == "posted" else state


def _live(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["state"] != "failed"]


def _least(rows: Sequence[Row]) -> str:
    return min((_state(row) for row in _live(rows)), key=_ORDER.index, default="none")


def _values(wanted: Wanted, part: Part) -> Row:
    return {
        "journal": wanted.journal,
        "kind": wanted.kind,
        "party": wanted.party,
        "line": part.line,
        "amount": part.amount,
        "reference": wanted.reference,
        "date": wanted.on,
    }


def _compare(rows: Sequence[Row], wanted: Wanted) -> None:
    """Raise NeedsDecision unless the ledger has nothing under the reference, or exactly what is wanted."""
    if not rows:
        return
    live = _live(rows)
    if not live:
        raise NeedsDecision(f"{NAME}: {wanted.reference} was taken back", vendor_code="taken_back")
    _only_once(wanted.reference, live)
    there = _by_bill([(_origin(row), row["amount"]) for row in live])
    same_party = all(row["party"]["id"] == wanted.party for row in live)
    if not same_party or there != _by_bill([(part.origin, part.amount) for part in wanted.parts]):
        raise NeedsDecision(
            f"{NAME}: the ledger has {wanted.reference} with another amount or bill", vendor_code="mismatch"
        )


def _only_once(reference: str, live: Sequence[Row]) -> None:
    """Raise NeedsDecision where a line, or the account itself, is paid twice."""
    lines = [row["line"]["id"] if row["line"] else None for row in live]
    if len(set(lines)) != len(lines):
        raise NeedsDecision(f"{NAME}: {reference} is in the ledger twice", vendor_code="duplicate")


def _origin(row: Row) -> str | None:
    return row["line"]["move"]["origin"] if row["line"] else None


def _by_bill(parts: Sequence[tuple[str | None, Decimal]]) -> dict[str | None, Decimal]:
    sums: dict[str | None, Decimal] = {}
    for bill, amount in parts:
        sums[bill] = sums.get(bill, Decimal()) + amount
    return sums
