"""The stand-in for Tryton, spoken to by our own adapter: each payment is booked once, whatever goes wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from bench.chaos.books import Books
from bench.chaos.judge import in_books
from bench.chaos.ledger import DATABASE, Ledger, Trouble, ledger

from agentdesk.adapters.base import VendorError
from agentdesk.adapters.records import Activity, PaymentToPost
from agentdesk.adapters.tryton.accounting import TrytonAccounting
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.card import CardSummary
from agentdesk.domain.money import Money

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stand_in() -> AsyncIterator[Ledger]:
    """Give a stand-in with three customers of two invoices each, in no trouble."""
    async with ledger(Books(customers=3, invoices_each=2), Trouble(seed=1, slow=0.0)) as made:
        yield made


def _config(stand_in: Ledger) -> TrytonConfig:
    return TrytonConfig(base_url=stand_in.url, database=DATABASE, key="k", user="hub", password="p")


@pytest.fixture
async def accounting(stand_in: Ledger) -> AsyncIterator[TrytonAccounting]:
    """Give our ledger adapter on it."""
    made = TrytonAccounting(_config(stand_in))
    yield made
    await made.aclose()


@pytest.fixture
async def crm(stand_in: Ledger) -> AsyncIterator[TrytonCrm]:
    """Give our customer records adapter on it."""
    made = TrytonCrm(_config(stand_in))
    yield made
    await made.aclose()


def _payment(reference: str, invoice: int, minor: int) -> PaymentToPost:
    money = Money(minor, "GBP")
    return PaymentToPost(
        reference=reference,
        customer_id="1",
        amount=money,
        allocations=(Allocation(str(invoice), f"INV-{invoice}", money),),
        taken_on=datetime.now(UTC).date(),
        processor_reference="pi_1",
        card=CardSummary("visa", "4242"),
    )


async def test_customer_is_found_by_number_with_open_invoices(
    stand_in: Ledger, accounting: TrytonAccounting, crm: TrytonCrm
) -> None:
    (match,) = await crm.find_by_phone(stand_in.books.phone(1))
    items = await accounting.open_items(match.customer_id)
    assert [item.invoice_id for item in items] == ["1", "4"]
    assert (await accounting.account("1")).balance.minor == sum(item.outstanding.minor for item in items)


async def test_payment_is_booked_once_and_closes_its_invoice(
    stand_in: Ledger, accounting: TrytonAccounting
) -> None:
    (item, other) = await accounting.open_items("1")
    for _ in range(2):
        await accounting.post_payment(_payment("P-1", 1, item.outstanding.minor))
    assert in_books(stand_in.books).postings == {"P-1": [(1, item.outstanding.minor)]}
    assert (await accounting.account("1")).balance == other.outstanding


async def test_lost_requests_and_answers_do_not_book_or_note_twice(
    stand_in: Ledger, accounting: TrytonAccounting, crm: TrytonCrm
) -> None:
    stand_in.trouble.lost_answer = stand_in.trouble.lost_request = 0.2
    stand_in.trouble.armed = True
    activity = Activity("P-1", datetime.now(UTC), "Card payment", "by phone")
    booked = noted = False
    for _ in range(60):
        try:
            booked = booked or bool(await accounting.post_payment(_payment("P-1", 1, 1037)))
            noted = noted or bool(await crm.log_activity("1", activity))
        except VendorError:
            continue
    saw = in_books(stand_in.books)
    assert booked and noted
    assert stand_in.trouble.met["lost_answer"] and stand_in.trouble.met["lost_request"]
    assert (saw.postings, saw.notes["P-1"], saw.difference) == ({"P-1": [(1, 1037)]}, 1, 0)
