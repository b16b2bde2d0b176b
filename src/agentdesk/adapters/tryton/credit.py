"""Credit notes: a bill with a negative line, found again by our reference."""

from dataclasses import dataclass
from decimal import Decimal

from agentdesk.adapters.base import NeedsDecision, OutcomeUnknown, Rejected
from agentdesk.adapters.tryton.client import NAME, Row, Tryton
from agentdesk.domain.money import Money

_BILL = (
    "party.id", "invoice_address.id", "currency.id", "journal.id", "account.id", "number",
    "lines.id", "lines.type", "lines.account.id",
)  # fmt: skip
_NOTE = ("state", "total_amount", "lines_to_pay.id")
_MOST_STEPS = 4


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A posted credit note; `line` is its open line in the ledger, `amount` positive."""

    id: int
    line: int
    amount: Decimal


class CreditNotes:
    """Credit notes in Tryton, each written once for its reference."""

    def __init__(self, tryton: Tryton) -> None:
        self._tryton = tryton

    async def ensure(self, reference: str, bill_id: int, amount: Money, reason: str) -> CreditNote:
        """Return the posted credit note of the reference, writing and posting it where it is missing."""
        for _ in range(_MOST_STEPS):
            found = await self._look(reference)
            if not found:
                await self._write(reference, bill_id, amount, reason)
            elif len(found) > 1:  # another writer saw nothing, too: neither goes on
                raise NeedsDecision(f"{NAME}: {reference} is credited twice", vendor_code="duplicate")
            elif found[0]["state"] == "cancelled":
                raise NeedsDecision(f"{NAME}: {reference} was taken back", vendor_code="taken_back")
            elif found[0]["state"] in ("posted", "paid"):
                return _read(found[0])
            else:
                await self._tryton.call("model.account.invoice.post", [found[0]["id"]])
        raise OutcomeUnknown(f"{NAME}: credit note {reference} does not move on")

    async def cancel(self, reference: str) -> None:
        """Cancel the open credit note of the reference by its counterpart; idempotent.

        Raises NeedsDecision where it was used to pay something.
        """
        found = await self._look(reference)
        if not found or found[0]["state"] == "cancelled":
            return
        if found[0]["state"] == "paid":
            raise NeedsDecision(f"{NAME}: credit note {reference} is used up", vendor_code="used")
        if found[0]["state"] == "posted":
            today = {"with_refund": True, "with_refund_allowed": True, "invoice_date": None}
            await self._tryton.wizard(
                "account.invoice.credit", "account.invoice", [found[0]["id"]], "credit", today
            )
        else:
            await self._tryton.call("model.account.invoice.delete", [found[0]["id"]])

    async def _look(self, reference: str) -> list[Row]:
        domain = [["reference", "=", reference], ["type", "=", "out"]]
        return await self._tryton.search("account.invoice", domain, _NOTE, order=[("id", "ASC")])

    async def _write(self, reference: str, bill_id: int, amount: Money, reason: str) -> None:
        bill = await self._tryton.get("account.invoice", bill_id, _BILL)
        if bill is None:
            raise Rejected(f"{NAME}: no bill {bill_id}", vendor_code="not_found")
        first = next(line for line in bill["lines"] if line["type"] == "line")
        line = {
            "type": "line", "account": first["account"]["id"], "quantity": -1,
            "unit_price": amount.to_decimal(), "description": reason,
            "origin": f"account.invoice.line,{first['id']}",
        }  # fmt: skip
        # no date and no term: it is dated when posted and due at once, so Tryton has nothing to ask
        values = {
            "type": "out", "reference": reference, "description": f"Refund of {bill['number']}",
            "party": bill["party"]["id"], "invoice_address": bill["invoice_address"]["id"],
            "currency": bill["currency"]["id"], "journal": bill["journal"]["id"],
            "account": bill["account"]["id"], "lines": [["create", [line]]],
        }  # fmt: skip
        await self._tryton.call("model.account.invoice.create", [values])


def _read(row: Row) -> CreditNote:
    return CreditNote(row["id"], row["lines_to_pay"][0]["id"], -row["total_amount"])
