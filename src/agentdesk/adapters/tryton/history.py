"""A customer's past in Tryton as one list: notes, bills, payments."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from agentdesk.adapters.records import HistoryItem
from agentdesk.adapters.tryton.client import Row, Tryton
from agentdesk.domain.money import Money
from agentdesk.i18n import _
from agentdesk.wire.customers import HistoryKind

_TAGGED = re.compile(r"\[PMT:([^\]]+)\] ?(.*)\Z", re.DOTALL)
_NOTE = ("message", "create_date", "create_uid.name")
_BILL = ("number", "description", "invoice_date", "total_amount", "currency.code")
_PAYMENT = ("reference", "kind", "state", "date", "amount", "currency.code", "journal.name")


async def history(tryton: Tryton, customer_id: str, limit: int) -> list[HistoryItem]:
    """Return the newest `limit` items. A note that bears a payment's reference tells of that payment."""
    ours = [["party", "=", int(customer_id)]]
    notes, bills, payments = await asyncio.gather(
        tryton.search(
            "ir.note", [["resource", "=", f"party.party,{customer_id}"]], _NOTE,
            order=[("create_date", "DESC")], limit=limit,
        ),
        tryton.search(
            "account.invoice", [*ours, ["type", "=", "out"], ["number", "!=", None]], _BILL,
            order=[("invoice_date", "DESC")], limit=limit,
        ),
        tryton.search(
            "account.payment", [*ours, ["state", "!=", "draft"]], _PAYMENT,
            order=[("date", "DESC")], limit=limit,
        ),
    )  # fmt: skip
    paid = _by_reference(payments)
    told = {reference: note for note in notes if (reference := _reference(note)) in paid}
    items = [_payment(rows, told.get(reference)) for reference, rows in paid.items()]
    items += [_bill(row) for row in bills]
    items += [_note(note) for note in notes if _reference(note) not in paid]
    return sorted(items, key=lambda item: item.at, reverse=True)[:limit]


def _by_reference(payments: list[Row]) -> dict[str, list[Row]]:
    """Group what one payment paid; one without a reference stands alone."""
    groups: dict[str, list[Row]] = {}
    for row in payments:
        groups.setdefault(row["reference"] or f"#{row['id']}", []).append(row)
    return groups


def _reference(note: Row) -> str | None:
    tagged = _TAGGED.match(note["message"])
    return tagged[1] if tagged else None


def _payment(rows: list[Row], note: Row | None) -> HistoryItem:
    state, sent_back = rows[0]["state"], rows[0]["kind"] == "payable"
    amount = Money.from_decimal(sum(row["amount"] for row in rows), rows[0]["currency"]["code"])
    title, detail = _words(note) if note else (rows[0]["journal"]["name"], rows[0]["reference"] or "")
    if state == "failed":
        kind = HistoryKind.RETURNED
        title = title if note else _("{title} returned").format(title=title)
    else:
        kind = HistoryKind.REFUND if sent_back else HistoryKind.PAYMENT
    return HistoryItem(
        at=note["create_date"] if note else _midnight(rows[0]["date"]),
        kind=kind,
        title=title,
        detail=detail,
        amount=Money(-amount.minor, amount.currency) if sent_back else amount,
        moved=state == "succeeded",
        reference=rows[0]["reference"] or None,
    )


def _bill(row: Row) -> HistoryItem:
    amount = Money.from_decimal(row["total_amount"], row["currency"]["code"])
    said = _("Invoice {number} sent") if amount.minor >= 0 else _("Credit note {number} sent")
    title = said.format(number=row["number"])
    day = _midnight(row["invoice_date"])
    return HistoryItem(day, HistoryKind.INVOICE, title, row["description"] or "", amount, moved=False)


def _note(row: Row) -> HistoryItem:
    title, detail = _words(row)
    detail = detail or _("by {name}").format(name=row["create_uid"]["name"])
    kind = HistoryKind.CALL if _reference(row) else HistoryKind.NOTE
    return HistoryItem(row["create_date"], kind, title, detail, None, moved=False, reference=_reference(row))


def _words(note: Row) -> tuple[str, str]:
    """Split a note into its first line and the rest, on one line each."""
    tagged = _TAGGED.match(note["message"])
    lines: Iterator[str] = filter(
        None, map(str.strip, (tagged[2] if tagged else note["message"]).splitlines())
    )
    return next(lines, ""), " ".join(lines)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
