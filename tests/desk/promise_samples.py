"""A promise to pay, a receipt and a refund that waits, for tests and pictures."""

from datetime import date
from typing import Any

from agentdesk.domain.people import Permission
from agentdesk.domain.promise import PromiseState
from agentdesk.wire.people import Person
from agentdesk.wire.promises import Promise
from agentdesk.wire.receipts import ReceiptLine, ReceiptPage
from agentdesk.wire.refunds import RefundRequest
from tests.desk.samples import at, gbp, person


def promise(**changes: Any) -> Promise:
    """What Amara promised to pay."""
    usual: dict[str, Any] = {
        "promise_id": "pr_01JD00000000000000015KM3XW",
        "reference": "PRM-01JD00000000000000015KM3XW",
        "short_reference": "015K-M3XW",
        "customer_id": "cus_1",
        "amount": gbp(6210),
        "due_on": date(2026, 12, 4),
        "state": PromiseState.OPEN,
        "paid": gbp(0),
        "made_by": "Priya Nair",
        "made_at": at(10, 44),
    }
    return Promise(**(usual | changes))


def receipt(**changes: Any) -> ReceiptPage:
    """What Amara gets."""
    lines = {
        "Customer": "Amara Okafor",
        "Account": "NE 204 118",
        "Invoice NW-20931": "£62.10",
        "Invoice NW-21407": "£61.26",
        "Card": "Visa ending 4242",
        "Approval code": "019283",
        "Reference": "PMT-01JD0000000000000001JD7Q4M",
    }
    usual: dict[str, Any] = {
        "business": "Northwind Energy",
        "title": "Receipt for a card payment. Test mode: no real money moved.",
        "amount": "£123.36",
        "paid": "Paid 21 November 2026, 10:43 UTC",
        "lines": [ReceiptLine(label=label, value=value) for label, value in lines.items()],
        "foot": "Keep this receipt. Questions? Give us the reference 01JD-7Q4M.",
        "sender": "receipts@northwind.example",
        "subject": "Your receipt from Northwind Energy: £123.36",
        "words": "Thank you. £123.36 was paid by Visa ending 4242.\nReference 01JD-7Q4M.\n"
        "The receipt is attached.\n",
        "file_name": "receipt-01JD-7Q4M.pdf",
    }
    return ReceiptPage(**(usual | changes))


def refund_request(**changes: Any) -> RefundRequest:
    """What Priya asked for."""
    usual: dict[str, Any] = {
        "request_id": "rr_1",
        "amount": gbp(12336),
        "reason": "Billed twice",
        "asked_by": "Priya Nair",
        "asked_by_id": "usr_1",
        "asked_at": at(10, 50, 2),
        "allowed": None,
        "decided_by": None,
        "decided_at": None,
        "why": None,
    }
    return RefundRequest(**(usual | changes))


def refunder() -> Person:
    """Priya, who may refund up to £50 and does not see the log."""
    may = [*person().permissions, Permission.REFUND]
    return person().model_copy(update={"permissions": sorted(may), "limit": gbp(5000)})
