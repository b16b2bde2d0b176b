"""Customers: read from outside, with the last copy and its age where a system does not answer."""

from dataclasses import replace
from datetime import date

import pytest

from agentdesk.adapters.base import NotSent
from agentdesk.adapters.records import Paid
from agentdesk.domain.errors import Invalid, NotFound, Unavailable
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent
from agentdesk.hub import customers
from agentdesk.hub.db.customers import CustomerCopy
from agentdesk.hub.db.tables import AuditEntry, Event
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
DOWN = pytest.mark.allow_log("an outside system did not answer")


async def test_record_and_account_are_shown_with_their_age(till: Till) -> None:
    shown = await customers.show(till.hub, "cus_1")
    assert shown.balance
    assert (shown.name, shown.balance.minor, shown.stale) == ("Amara Okafor", 17336, [])
    assert [(item.number, item.outstanding.minor) for item in shown.open_items] == [
        ("INV-7", 12336),
        ("INV-8", 5000),
    ]
    assert shown.account_as_of == shown.record_as_of


@DOWN
async def test_what_was_paid_last_is_kept_with_the_balance(till: Till) -> None:
    assert (await customers.show(till.hub, "cus_1")).last_paid is None
    till.ledger.last_paid = Paid(Money(5840, "GBP"), date(2026, 10, 8))
    last = (await customers.show(till.hub, "cus_1")).last_paid
    assert last
    assert (last.amount.minor, last.on) == (5840, date(2026, 10, 8))
    till.ledger.fails["account"] = NotSent("down")
    assert (await customers.show(till.hub, "cus_1")).last_paid == last


@DOWN
async def test_a_copy_from_before_it_was_known_is_still_read(till: Till) -> None:
    await customers.show(till.hub, "cus_1")
    async with till.hub.sessions.begin() as session:
        copy = await session.get_one(CustomerCopy, "cus_1")
        known = dict(copy.account["account"])
        del known["last_paid"]
        copy.account = copy.account | {"account": known}
    till.ledger.fails["account"] = NotSent("down")
    shown = await customers.show(till.hub, "cus_1")
    assert (shown.stale, shown.last_paid) == (["accounts"], None)


async def test_unknown_customer_is_not_found(till: Till) -> None:
    with pytest.raises(NotFound):
        await customers.show(till.hub, "cus_none")


@DOWN
@pytest.mark.parametrize(
    ("down", "stale"),
    [
        (["account"], ["accounts"]),
        (["record"], ["customer_records"]),
        (["record", "account"], ["customer_records", "accounts"]),
    ],
)
async def test_system_that_does_not_answer_is_replaced_by_its_last_copy(
    till: Till, down: list[str], stale: list[str]
) -> None:
    before = await customers.show(till.hub, "cus_1")
    for what in down:
        (till.ledger if what == "account" else till.records).fails[what] = NotSent("down")
    shown = await customers.show(till.hub, "cus_1")
    assert (shown.name, shown.balance, shown.stale) == (before.name, before.balance, stale)
    assert before.account_as_of
    assert shown.account_as_of
    assert (shown.account_as_of == before.account_as_of) is ("account" in down)
    assert (shown.record_as_of == before.record_as_of) is ("record" in down)


@DOWN
async def test_without_a_copy_there_is_no_customer(till: Till) -> None:
    till.records.fails["record"] = NotSent("down")
    with pytest.raises(Unavailable):
        await customers.show(till.hub, "cus_1")


@DOWN
async def test_accounts_that_never_answered_are_empty_and_named(till: Till) -> None:
    till.ledger.fails["account"] = NotSent("down")
    shown = await customers.show(till.hub, "cus_1")
    assert (shown.balance, shown.open_items, shown.stale) == (None, [], ["accounts"])


async def test_invoice_in_another_payment_says_which(till: Till) -> None:
    attempt_id = await till.sending()
    held = {item.invoice_id: item.held_by for item in (await customers.show(till.hub, "cus_1")).open_items}
    assert held == {"7": (await till.show(attempt_id)).short_reference, "8": None}
    await till.learn(attempt_id, AttemptEvent.DECLINED)
    assert not any(item.held_by for item in (await customers.show(till.hub, "cus_1")).open_items)


async def test_invoice_paid_here_is_marked_until_the_accounts_show_it(till: Till) -> None:
    await till.paid()
    first = (await customers.show(till.hub, "cus_1")).open_items[0]
    assert (first.invoice_id, bool(first.posting)) == ("7", True)
    await till.work()
    shown = await customers.show(till.hub, "cus_1")
    assert [(item.invoice_id, bool(item.posting)) for item in shown.open_items] == [("8", False)]


@DOWN
async def test_copy_from_before_the_posting_still_marks_what_was_paid(till: Till) -> None:
    await till.paid()
    await till.work()
    till.ledger.fails["account"] = NotSent("down")
    first = (await customers.show(till.hub, "cus_1")).open_items[0]
    assert (first.invoice_id, bool(first.posting)) == ("7", True)


async def test_closed_account_is_shown_as_closed(till: Till) -> None:
    till.records.amara = replace(till.records.amara, closed=True)
    assert (await customers.show(till.hub, "cus_1")).closed


# ---------------------------------------------------------------- the way to pay they prefer
async def test_the_preferred_way_to_pay_is_kept_told_and_taken_back(till: Till) -> None:
    assert (await customers.show(till.hub, "cus_1")).preferred_route is None
    for route in ("keypad", "link"):
        assert (await customers.prefer(till.hub, till.who, "cus_1", route)).preferred_route == route
    assert (await customers.show(till.hub, "cus_1")).preferred_route == "link"
    assert (await customers.prefer(till.hub, till.who, "cus_1", None)).preferred_route is None
    assert (await customers.show(till.hub, "cus_1")).preferred_route is None
    said = [row.detail["route"] for row in await till.rows(AuditEntry) if row.action == "customer.prefer"]
    assert said == ["keypad", "link", None]
    heard = [row for row in await till.rows(Event) if row.kind == "customer"]
    assert [row.user_id for row in heard] == [None, None, None]


async def test_only_a_way_that_is_offered_to_a_customer_who_exists_can_be_preferred(till: Till) -> None:
    with pytest.raises(Invalid, match="not set up"):
        await customers.prefer(till.hub, till.who, "cus_1", "cheque")
    with pytest.raises(NotFound):
        await customers.prefer(till.hub, till.who, "cus_none", "keypad")


# ---------------------------------------------------------------- finding and the past
async def test_search_says_when_there_are_more(till: Till) -> None:
    assert [match.name for match in (await customers.search(till.hub, "okafor")).rows] == ["Amara Okafor"]
    till.records.matches *= 30
    found = await customers.search(till.hub, "okafor")
    assert (len(found.rows), found.more) == (customers.SEARCH_LIMIT, True)


async def test_search_without_the_records_says_so(till: Till) -> None:
    till.records.fails["search"] = NotSent("down")
    with pytest.raises(Unavailable):
        await customers.search(till.hub, "okafor")


@DOWN
async def test_history_is_the_last_copy_where_the_records_do_not_answer(till: Till) -> None:
    await till.paid()
    await till.work()
    await customers.show(till.hub, "cus_1")
    before = await customers.history(till.hub, "cus_1")
    assert [row.title for row in before.rows] == ["Card payment £123.36"]
    till.records.fails["history"] = NotSent("down")
    assert await customers.history(till.hub, "cus_1") == before
    till.records.fails["history"] = NotSent("down")
    with pytest.raises(Unavailable):
        await customers.history(till.hub, "cus_2")
