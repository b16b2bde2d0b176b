"""What a customer's past is called, in the language spoken; no server is needed for it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from agentdesk.adapters.tryton.history import _bill, _note, _payment
from agentdesk.i18n import speaking

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
GBP = {"code": "GBP"}


def _bill_of(amount: str) -> dict[str, Any]:
    return {
        "number": "NW-7",
        "description": None,
        "invoice_date": date(2026, 11, 2),
        "total_amount": Decimal(amount),
        "currency": GBP,
    }


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Invoice NW-7 sent", "Credit note NW-7 sent", "by Tom Ellis", "Visa returned"]),
        (
            "de",
            ["Rechnung NW-7 gesendet", "Gutschrift NW-7 gesendet", "von Tom Ellis", "Visa: zurückgekommen"],
        ),
        ("es", ["Factura NW-7 enviada", "Nota de abono NW-7 enviada", "por Tom Ellis", "Visa: devuelto"]),
        ("fr", ["Facture NW-7 envoyée", "Avoir NW-7 envoyé", "par Tom Ellis", "Visa : retourné"]),
    ],
)
def test_the_past_speaks_the_language(language: str, words: list[str]) -> None:
    note = {"message": "Rang", "create_date": AT, "create_uid": {"name": "Tom Ellis"}}
    failed = {
        "state": "failed",
        "kind": "receivable",
        "amount": Decimal("5.00"),
        "currency": GBP,
        "journal": {"name": "Visa"},
        "reference": "DD-1",
        "date": date(2026, 11, 2),
    }
    with speaking(language):
        bills = [_bill(_bill_of(amount)).title for amount in ("5.00", "-5.00")]
        assert [*bills, _note(note).detail, _payment([failed], None).title] == words
