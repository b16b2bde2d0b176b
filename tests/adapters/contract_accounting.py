"""What every accounting adapter must do, against a ledger that holds the demo's customers.

A vendor's suite is a subclass, with the fixtures `crm` and `accounting` that give its adapters. Tests that
post take an ordinary customer of their own each.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from agentdesk.adapters.base import NeedsDecision, Rejected
from agentdesk.adapters.records import (
    AccountingPort,
    CrmPort,
    HistoryKind,
    OpenItem,
    Paid,
    PaymentToPost,
    PostingState,
)
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.card import CardSummary
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money
from tests.adapters.contract_crm import AMARA, customer_of

PART_PAID, IN_CREDIT, CLEAR, OVERDUE = "NE 204 142", "NE 204 159", "NE 204 167", "NE 204 126"
REFUSED, NEVER_PAID = "NE 204 209", "NE 204 225"


def today() -> date:
    """Return the day as the ledger on this machine has it."""
    return datetime.now().astimezone().date()


def pounds(pence: int) -> Money:
    """Return an amount in sterling."""
    return Money(pence, "GBP")


def payment(
    customer: str,
    parts: Sequence[tuple[OpenItem, Money]],
    *,
    reference: str = "",
    amount: Money | None = None,
    on: date | None = None,
) -> PaymentToPost:
    """Return a card payment for parts of bills: of today, and of `amount` where it is not their sum."""
    paid = pounds(sum(part.minor for _, part in parts))
    return PaymentToPost(
        reference=reference or f"PMT-{new_ulid()}",
        customer_id=customer,
        amount=amount or paid,
        allocations=tuple(Allocation(item.invoice_id, item.number, part) for item, part in parts),
        taken_on=on or today(),
        processor_reference="pi_test",
        card=CardSummary("visa", "4242"),
    )


async def outstanding_of(accounting: AccountingPort, customer: str, number: str) -> Money | None:
    """Return what is outstanding on a bill; None where it is not open."""
    items = await accounting.open_items(customer)
    return next((item.outstanding for item in items if item.number == number), None)


@pytest.mark.anyio
class PostingContract:
    """Tests of what is posted: the ledger has somebody who owes a bill or more, `debtor`."""

    async def test_an_unknown_customer_is_refused(self, accounting: AccountingPort) -> None:
        with pytest.raises(Rejected):
            await accounting.account("99999999")

    async def test_nothing_is_found_under_an_unknown_reference(self, accounting: AccountingPort) -> None:
        assert await accounting.find_posting(f"PMT-{new_ulid()}") is None
        with pytest.raises(Rejected):
            await accounting.void(f"PMT-{new_ulid()}", "not ours")

    async def test_a_payment_is_reserved_then_booked_once(
        self, accounting: AccountingPort, debtor: str
    ) -> None:
        before = await accounting.account(debtor)
        item = (await accounting.open_items(debtor))[0]
        paid = payment(debtor, [(item, item.outstanding)])
        reserved = await accounting.reserve(paid)
        assert (reserved.state, reserved.amount) == (PostingState.STARTED, item.outstanding)
        assert await outstanding_of(accounting, debtor, item.number) == pounds(0)
        assert (await accounting.account(debtor)).balance == before.balance
        booked = await accounting.post_payment(paid)
        assert (booked.state, booked.amount, booked.ids) == (
            PostingState.POSTED,
            item.outstanding,
            reserved.ids,
        )
        assert (await accounting.account(debtor)).balance == before.balance - item.outstanding
        assert await outstanding_of(accounting, debtor, item.number) is None
        assert await accounting.post_payment(paid) == booked
        assert await accounting.reserve(paid) == booked
        assert await accounting.find_posting(paid.reference) == booked

    async def test_a_part_payment_sent_twice_is_booked_once(
        self, accounting: AccountingPort, debtor: str
    ) -> None:
        item = (await accounting.open_items(debtor))[0]
        paid = payment(debtor, [(item, pounds(700))])
        assert await accounting.post_payment(paid) == await accounting.post_payment(paid)
        left = (await accounting.open_items(debtor))[0]
        assert (left.number, left.outstanding) == (item.number, item.outstanding - pounds(700))

    async def test_another_amount_under_the_same_reference_is_for_a_person(
        self, accounting: AccountingPort, debtor: str
    ) -> None:
        item = (await accounting.open_items(debtor))[0]
        paid = payment(debtor, [(item, pounds(500))])
        booked = await accounting.post_payment(paid)
        with pytest.raises(NeedsDecision):
            await accounting.post_payment(payment(debtor, [(item, pounds(501))], reference=paid.reference))
        assert await accounting.find_posting(paid.reference) == booked

    async def test_paying_more_than_is_open_stops_for_a_person(
        self, accounting: AccountingPort, debtor: str
    ) -> None:
        item = (await accounting.open_items(debtor))[0]
        await accounting.reserve(payment(debtor, [(item, item.outstanding)]))
        second = payment(debtor, [(item, item.outstanding)])
        with pytest.raises(NeedsDecision):
            await accounting.post_payment(second)
        found = await accounting.find_posting(second.reference)
        assert found is not None
        assert found.state is PostingState.STARTED

    async def test_what_pays_no_bill_stands_to_the_customers_credit(
        self, accounting: AccountingPort, debtor: str
    ) -> None:
        before = (await accounting.account(debtor)).balance
        booked = await accounting.post_payment(payment(debtor, [], amount=pounds(1234)))
        assert (booked.state, booked.amount) == (PostingState.POSTED, pounds(1234))
        assert (await accounting.account(debtor)).balance == before - pounds(1234)

    @pytest.mark.parametrize("part", [False, True], ids=["whole", "part"])
    async def test_what_went_back_of_an_amount_on_account_is_no_longer_to_the_credit(
        self, accounting: AccountingPort, debtor: str, part: bool
    ) -> None:
        before = (await accounting.account(debtor)).balance
        paid = payment(debtor, [], amount=pounds(1234))
        await accounting.post_payment(paid)
        back, reference = pounds(250) if part else paid.amount, f"RFD-{new_ulid()}"
        refund = (reference, paid.reference, back, today(), "Paid too much")
        booked = await accounting.post_refund(*refund)
        assert (booked.state, booked.amount) == (PostingState.POSTED, back)
        assert await accounting.post_refund(*refund) == booked
        assert (await accounting.account(debtor)).balance == before - paid.amount + back
        voided = await accounting.void_refund(reference, "the card is closed")
        assert (voided.state, voided.amount) == (PostingState.VOID, back)
        assert (await accounting.account(debtor)).balance == before - paid.amount

    async def test_a_booked_payment_can_be_taken_back(self, accounting: AccountingPort, debtor: str) -> None:
        before = await accounting.account(debtor)
        items = await accounting.open_items(debtor)
        paid = payment(debtor, [(items[0], items[0].outstanding)])
        await accounting.post_payment(paid)
        voided = await accounting.void(paid.reference, "wrong customer")
        assert (voided.state, voided.amount) == (PostingState.VOID, paid.amount)
        assert await accounting.void(paid.reference, "wrong customer") == voided
        assert (await accounting.account(debtor)).balance == before.balance
        assert await accounting.open_items(debtor) == items
        with pytest.raises(NeedsDecision):
            await accounting.post_payment(paid)

    async def test_a_reservation_can_be_taken_back(self, accounting: AccountingPort, debtor: str) -> None:
        items = await accounting.open_items(debtor)
        paid = payment(debtor, [(items[0], pounds(300))])
        await accounting.reserve(paid)
        assert (await accounting.void(paid.reference, "declined")).state is PostingState.VOID
        assert await accounting.open_items(debtor) == items

    @pytest.mark.parametrize("part", [False, True], ids=["whole", "part"])
    async def test_a_refund_that_came_back_is_taken_back_whole(
        self, accounting: AccountingPort, debtor: str, part: bool
    ) -> None:
        items = await accounting.open_items(debtor)
        paid = payment(debtor, [(items[0], items[0].outstanding)])
        await accounting.post_payment(paid)
        after_payment = await accounting.account(debtor)
        back, reference = pounds(250) if part else paid.amount, f"RFD-{new_ulid()}"
        booked = await accounting.post_refund(reference, paid.reference, back, today(), "Billed twice")
        voided = await accounting.void_refund(reference, "the card is closed")
        assert (voided.state, voided.amount, voided.ids) == (PostingState.VOID, back, booked.ids)
        assert await accounting.void_refund(reference, "the card is closed") == voided
        # neither owed nor to the customer's credit: another refund can be made in its place
        assert (await accounting.account(debtor)).balance == after_payment.balance
        assert await accounting.open_items(debtor) == items[1:]
        with pytest.raises(NeedsDecision):
            await accounting.post_refund(reference, paid.reference, back, today(), "Billed twice")
        again = await accounting.post_refund(f"RFD-{new_ulid()}", paid.reference, back, today(), "Again")
        assert (again.state, again.amount) == (PostingState.POSTED, back)
        assert (await accounting.account(debtor)).balance == after_payment.balance

    async def test_a_refund_that_was_never_booked_cannot_be_taken_back(
        self, accounting: AccountingPort
    ) -> None:
        with pytest.raises(Rejected):
            await accounting.void_refund(f"RFD-{new_ulid()}", "?")

    async def test_a_refund_of_an_unknown_payment_is_refused(self, accounting: AccountingPort) -> None:
        with pytest.raises(Rejected):
            await accounting.post_refund(f"RFD-{new_ulid()}", f"PMT-{new_ulid()}", pounds(1), today(), "?")

    async def test_the_check_says_ready(self, accounting: AccountingPort) -> None:
        assert (await accounting.check()).state in ("ready", "slow")


@pytest.mark.anyio
class AccountingContract(PostingContract):
    """Tests of the ledger with the demo's customers."""

    async def test_the_account_says_what_is_owed_and_overdue(
        self, crm: CrmPort, accounting: AccountingPort
    ) -> None:
        account = await accounting.account(await customer_of(crm, AMARA))
        assert (account.balance, account.overdue) == (pounds(18462), pounds(6210))
        assert account.credit == pounds(0)
        assert datetime.now(UTC) - account.as_of < timedelta(minutes=1)

    async def test_open_items_come_oldest_due_first(self, crm: CrmPort, accounting: AccountingPort) -> None:
        items = await accounting.open_items(await customer_of(crm, AMARA))
        assert [item.number for item in items] == ["NW-20931", "NW-21407", "NW-21888"]
        assert [item.outstanding for item in items] == [pounds(6210), pounds(6126), pounds(6126)]
        assert [item.due_on < today() for item in items] == [True, False, False]
        assert items[0].issued_on < items[0].due_on
        assert items[0].description.startswith("Electricity, ")

    async def test_a_part_paid_bill_shows_what_is_left(
        self, crm: CrmPort, accounting: AccountingPort
    ) -> None:
        item = (await accounting.open_items(await customer_of(crm, PART_PAID)))[0]
        assert (item.total, item.outstanding) == (pounds(12000), pounds(7000))

    async def test_a_customer_in_credit_owes_nothing(self, crm: CrmPort, accounting: AccountingPort) -> None:
        customer = await customer_of(crm, IN_CREDIT)
        account = await accounting.account(customer)
        assert (account.balance, account.credit) == (pounds(-3150), pounds(3150))
        assert await accounting.open_items(customer) == []

    async def test_a_customer_may_owe_nothing(self, crm: CrmPort, accounting: AccountingPort) -> None:
        account = await accounting.account(await customer_of(crm, CLEAR))
        assert (account.balance, account.overdue, account.credit) == (pounds(0), pounds(0), pounds(0))

    async def test_one_payment_pays_several_bills(self, crm: CrmPort, accounting: AccountingPort) -> None:
        customer = await customer_of(crm, OVERDUE)
        items = await accounting.open_items(customer)
        before = (await accounting.account(customer)).balance
        paid = payment(customer, [(items[0], items[0].outstanding), (items[1], pounds(1000))])
        booked = await accounting.post_payment(paid)
        assert (booked.state, booked.amount, len(booked.ids)) == (PostingState.POSTED, paid.amount, 2)
        left = await accounting.open_items(customer)
        assert left[0].number == items[1].number
        assert left[0].outstanding == items[1].outstanding - pounds(1000)
        assert (await accounting.account(customer)).balance == before - paid.amount
        (line,) = [i for i in await crm.history(customer) if i.kind is HistoryKind.PAYMENT]
        assert (line.amount, line.moved) == (paid.amount, True)

    async def test_the_bill_of_another_customer_is_refused(
        self, crm: CrmPort, accounting: AccountingPort, debtor: str
    ) -> None:
        item = (await accounting.open_items(await customer_of(crm, AMARA)))[0]
        paid = payment(debtor, [(item, pounds(100))])
        with pytest.raises(Rejected):
            await accounting.post_payment(paid)
        assert await accounting.find_posting(paid.reference) is None

    async def test_a_refused_posting_leaves_the_balance_alone(
        self, crm: CrmPort, accounting: AccountingPort
    ) -> None:
        customer = await customer_of(crm, REFUSED)
        (item,) = await accounting.open_items(customer)
        paid = payment(customer, [(item, item.outstanding)])
        for _ in range(2):
            with pytest.raises(Rejected):
                await accounting.post_payment(paid)
        found = await accounting.find_posting(paid.reference)
        assert found is not None
        assert found.state is PostingState.STARTED
        assert (await accounting.account(customer)).balance == item.outstanding

    async def test_the_last_payment_is_the_newest_whole_one_that_was_not_taken_back(
        self, accounting: AccountingPort, debtor: str
    ) -> None:
        before = (await accounting.account(debtor)).last_paid
        items = await accounting.open_items(debtor)
        paid = payment(debtor, [(item, pounds(75)) for item in items])
        await accounting.reserve(paid)
        assert (await accounting.account(debtor)).last_paid == before
        await accounting.post_payment(paid)
        assert (await accounting.account(debtor)).last_paid == Paid(paid.amount, today())
        await accounting.void(paid.reference, "wrong customer")
        assert (await accounting.account(debtor)).last_paid == before

    async def test_a_returned_debit_is_no_last_payment_and_some_never_paid(
        self, accounting: AccountingPort, crm: CrmPort
    ) -> None:
        last = (await accounting.account(await customer_of(crm, AMARA))).last_paid
        assert last is not None
        assert last.amount == pounds(5840)
        assert last.on < today()
        assert (await accounting.account(await customer_of(crm, NEVER_PAID))).last_paid is None

    @pytest.mark.parametrize("part", [False, True], ids=["whole", "part"])
    async def test_a_refund_is_booked_once(
        self, crm: CrmPort, accounting: AccountingPort, debtor: str, part: bool
    ) -> None:
        item = (await accounting.open_items(debtor))[0]
        paid = payment(debtor, [(item, item.outstanding)])
        await accounting.post_payment(paid)
        after_payment = await accounting.account(debtor)
        back, reference = pounds(250) if part else paid.amount, f"RFD-{new_ulid()}"
        refund = (reference, paid.reference, back, today(), "Billed twice")
        booked = await accounting.post_refund(*refund)
        assert (booked.state, booked.amount) == (PostingState.POSTED, back)
        assert await accounting.post_refund(*refund) == booked
        # the credit note and the money paid out even out, and the bill stays paid
        assert (await accounting.account(debtor)).balance == after_payment.balance
        assert await outstanding_of(accounting, debtor, item.number) is None
        (line,) = [i for i in await crm.history(debtor) if i.kind is HistoryKind.REFUND]
        assert line.amount == pounds(-back.minor)
        with pytest.raises(NeedsDecision):
            await accounting.post_refund(reference, paid.reference, pounds(1), today(), "Billed twice")
