"""The stand-in for Tryton, spoken to by our own adapter: each payment is booked once, whatever goes wrong."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from bench.chaos.books import Books
from bench.chaos.facts import in_books
from bench.chaos.ledger import DATABASE, Ledger, ledger, may_double, notes_again, presses
from bench.chaos.line import DOUBLE, DOUBLE_LATE, KINDS, LOST_ANSWER, LOST_REQUEST, Line, line
from bench.chaos.supervisor import tidy

from agentdesk.adapters.base import NeedsDecision, VendorError
from agentdesk.adapters.records import Activity, PaymentToPost, Posting, PostingState
from agentdesk.adapters.tryton.accounting import TrytonAccounting
from agentdesk.adapters.tryton.client import Tryton
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.card import CardSummary
from agentdesk.domain.money import Money
from tests.adapters.contract_accounting import PostingContract
from tests.adapters.tryton.contract_overlap import OverlapContract
from tests.faulty_proxy import FaultyProxy, faulty_proxy

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stand_in() -> AsyncIterator[Ledger]:
    """Give a stand-in with three customers of two invoices each."""
    async with ledger(Books(customers=3, invoices_each=2)) as made:
        yield made


@pytest.fixture
async def before(stand_in: Ledger) -> AsyncIterator[Line]:
    """Give the line that our adapters take to it; all is well on it."""
    async with line(Line([int(stand_in.url.rsplit(":", 1)[1])], presses)) as made:
        yield made


def _config(before: Line | FaultyProxy | Ledger) -> TrytonConfig:
    return TrytonConfig(base_url=before.url, database=DATABASE, key="k", user="hub", password="p")


@pytest.fixture
async def accounting(before: Line) -> AsyncIterator[TrytonAccounting]:
    """Give our ledger adapter on it."""
    made = TrytonAccounting(_config(before))
    yield made
    await made.aclose()


@pytest.fixture
async def crm(before: Line) -> AsyncIterator[TrytonCrm]:
    """Give our customer records adapter on it."""
    made = TrytonCrm(_config(before))
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


async def test_refunds_are_booked_once_each_and_the_customer_owes_what_they_owed(
    stand_in: Ledger, accounting: TrytonAccounting
) -> None:
    (item, other) = await accounting.open_items("1")
    await accounting.post_payment(_payment("P-1", 1, item.outstanding.minor))
    on = datetime.now(UTC).date()
    for reference, minor in (("R-1", 300), ("R-2", 200)):
        for _ in range(2):
            await accounting.post_refund(reference, "P-1", Money(minor, "GBP"), on, "Billed twice")
    saw = in_books(stand_in.books)
    assert [[minor for _, minor in saw.postings[one]] for one in ("R-1", "R-2")] == [[300], [200]]
    assert saw.difference == 0
    assert [one.invoice_id for one in await accounting.open_items("1") if one.outstanding.minor] == ["4"]
    assert (await accounting.account("1")).balance == other.outstanding


async def test_a_refund_that_came_back_is_taken_back_and_another_can_be_booked(
    stand_in: Ledger, accounting: TrytonAccounting
) -> None:
    on, back = datetime.now(UTC).date(), Money(300, "GBP")
    await accounting.post_payment(_payment("P-1", 1, 1037))
    await accounting.post_refund("R-1", "P-1", back, on, "Billed twice")
    for _ in range(2):
        assert (await accounting.void_refund("R-1", "The card is closed")).state is PostingState.VOID
    await accounting.post_refund("R-2", "P-1", back, on, "Billed twice")
    saw = in_books(stand_in.books)
    assert [[minor for _, minor in saw.postings[one]] for one in ("R-1", "R-2")] == [[], [300]]
    assert (saw.difference, saw.in_transit) == (0, 737)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_the_line_does_all_is_booked_and_noted_once(
    stand_in: Ledger, before: Line, accounting: TrytonAccounting, crm: TrytonCrm, seed: int
) -> None:
    chance = random.Random(seed)
    activity = Activity("P-1", datetime.now(UTC), "Card payment", "by phone")
    booked = noted = False
    on = datetime.now(UTC).date()
    for _ in range(40):
        before.arm(chance.choice(KINDS), 0.01)
        before.arm(chance.choice((LOST_REQUEST, LOST_ANSWER)), 0.0)
        try:
            booked = booked or bool(await accounting.post_payment(_payment("P-1", 1, 1037)))
            noted = noted or bool(await crm.log_activity("1", activity))
            await accounting.post_refund("R-1", "P-1", Money(37, "GBP"), on, "Billed twice")
        except VendorError:
            continue
    before.armed.clear()
    booked = booked or bool(await accounting.post_payment(_payment("P-1", 1, 1037)))
    noted = noted or bool(await crm.log_activity("1", activity))
    await accounting.post_refund("R-1", "P-1", Money(37, "GBP"), on, "Billed twice")
    await before.drained()
    saw = in_books(stand_in.books)
    assert before.met[LOST_ANSWER] and before.met[LOST_REQUEST]
    booked_as = {"P-1": [(1, 1037)], "R-1": [(7, 37)]}
    assert (saw.postings, saw.notes["P-1"], saw.difference) == (booked_as, 1, 0)


@pytest.mark.parametrize("kind", [DOUBLE, DOUBLE_LATE])
async def test_what_is_created_twice_is_booked_once_when_a_person_deletes_the_second_draft(
    stand_in: Ledger, before: Line, accounting: TrytonAccounting, crm: TrytonCrm, kind: str
) -> None:
    before.may_double = may_double
    straight, on = Tryton(_config(stand_in)), datetime.now(UTC).date()
    steps = [
        lambda: accounting.post_payment(_payment("P-1", 1, 1037)),
        lambda: accounting.post_refund("R-1", "P-1", Money(37, "GBP"), on, "Billed twice"),
    ]
    for reference, step in zip(("P-1", "R-1"), steps, strict=True):
        for _ in range(2):
            before.arm(kind, 0.0)
            await _unless_asked(step)
            await before.drained()
            await tidy(straight, reference)
        before.armed.clear()
        await step()
    before.arm(kind, 0.0)
    await crm.log_activity("1", Activity("P-1", datetime.now(UTC), "Card payment", "by phone"))
    await before.drained()
    await straight.aclose()
    saw = in_books(stand_in.books)
    assert [[minor for _, minor in saw.postings[one]] for one in ("P-1", "R-1")] == [[1037], [37]]
    assert (saw.difference, saw.drafts) == (0, 0)
    assert 1 <= saw.notes["P-1"] <= 1 + notes_again(before.again)["P-1"] == 2


async def _unless_asked(step: Callable[[], Awaitable[Posting]]) -> None:
    with suppress(NeedsDecision):
        await step()


class TestPosting(PostingContract):
    """What is posted to the stand-in is posted as to a real one."""

    @pytest.fixture
    def debtor(self) -> str:
        """One of its customers: the stand-in is another for each test."""
        return "1"


class TestOverlap(OverlapContract):
    """Two writers of the stand-in."""

    @pytest.fixture
    async def proxy(self, stand_in: Ledger) -> AsyncIterator[FaultyProxy]:
        """What holds a request of one of them."""
        async with faulty_proxy(stand_in.url) as running:
            yield running

    @pytest.fixture
    def config(self, proxy: FaultyProxy) -> TrytonConfig:
        """The way through it."""
        return _config(proxy)

    @pytest.fixture
    async def direct(self, before: Line) -> AsyncIterator[Tryton]:
        """A look at the records."""
        made = Tryton(_config(before))
        yield made
        await made.aclose()

    @pytest.fixture
    def debtor(self) -> str:
        """One of its customers."""
        return "1"
