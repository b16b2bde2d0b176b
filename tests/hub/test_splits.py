"""One debt over two cards: both halves once, no third, and nothing while the first is not known."""

import asyncio
from typing import Any

import pytest

from agentdesk.adapters.base import Decline, OutcomeUnknown
from agentdesk.domain.errors import AgentDeskError, Conflict, NotFound
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState, DeclineKind
from agentdesk.hub import customers, outcomes, payments
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.query import lock_attempt
from agentdesk.hub.db.tables import Attempt, AttemptDebt, PaymentIntent
from agentdesk.wire import payments as wire
from agentdesk.wire.model import Amount
from tests.hub.till import Till

pytestmark = pytest.mark.anyio

NO = Decline(DeclineKind.GENERIC, raw_code="no")
WHOLE = 17336  # all of invoice 7, £123.36, and of invoice 8, £50.00


def gbp(minor: int) -> Amount:
    return Amount(minor=minor, currency="GBP")


def first_of(call_id: str, minor: int, whole: dict[str, int] | None = None) -> dict[str, Any]:
    """Return what the first card of a split pays, and of what."""
    parts = whole or {"7": 12336, "8": 5000}
    return {
        "call_id": call_id,
        "minor": minor,
        "allocations": [],
        "whole": [wire.AllocationIn(invoice_id=one, amount=gbp(left)) for one, left in parts.items()],
    }


def rest_of(call_id: str, first_id: str, minor: int) -> dict[str, Any]:
    """Return what the second card pays."""
    return {"call_id": call_id, "minor": minor, "allocations": [], "split_of": first_id}


async def split(till: Till, minor: int = 5000, **more: Any) -> tuple[str, str, str]:
    """Return call, payment and approved try of a first card."""
    call_id = await till.call()
    attempt_id = await till.paid(**first_of(call_id, minor, **more))
    return call_id, (await till.show(attempt_id)).intent_id, attempt_id


async def take(till: Till, intent_id: str) -> None:
    """Charge a payment that was agreed."""
    attempt_id = await till.submitted_of(intent_id, till.who)
    await till.token(attempt_id)
    await till.charge(attempt_id)


async def refused(work: Any, kind: type[AgentDeskError] = Conflict) -> AgentDeskError:
    with pytest.raises(kind) as error:
        await work
    return error.value


async def parts(till: Till, attempt_id: str) -> dict[str, int]:
    return {part.invoice_id: part.amount.minor for part in (await till.show(attempt_id)).allocations}


# ---------------------------------------------------------------- both halves
@pytest.mark.parametrize(
    ("minor", "one", "two"),
    [
        (5000, {"7": 5000}, {"7": 7336, "8": 5000}),
        (12336, {"7": 12336}, {"8": 5000}),
        (15000, {"7": 12336, "8": 2664}, {"8": 2336}),
        (8668, {"7": 8668}, {"7": 3668, "8": 5000}),  # the same amount on both cards
    ],
)
@pytest.mark.parametrize("posted", [False, True])
async def test_the_second_card_pays_what_the_first_left_without_a_stop(
    till: Till, minor: int, one: dict[str, int], two: dict[str, int], posted: bool
) -> None:
    call_id, first_id, first = await split(till, minor)
    if posted:
        await till.work()
    second = await till.paid(**rest_of(call_id, first_id, WHOLE - minor))
    assert (await parts(till, first), await parts(till, second)) == (one, two)
    shown = await till.show(second)
    assert (shown.split_of, shown.state, shown.stop) == (first_id, AttemptState.APPROVED, None)
    assert {part.invoice_id: part.amount.minor for part in shown.whole} == {"7": 12336, "8": 5000}
    assert [(await till.attempt(one)).alarm for one in (first, second)] == [None, None]
    await till.work()
    assert till.ledger.open == {"7": 0, "8": 0}


async def test_what_both_cards_paid_shows_as_paid_until_it_is_posted(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    await till.paid(**rest_of(call_id, first_id, 12336))
    shown = {item.invoice_id: item for item in (await customers.show(till.hub, "cus_1")).open_items}
    assert {one: (item.posting, item.outstanding) for one, item in shown.items()} == {
        "7": (gbp(12336), gbp(0)),
        "8": (gbp(5000), gbp(0)),
    }


async def test_the_second_card_may_pay_the_least(till: Till) -> None:
    call_id, first_id, _ = await split(till, WHOLE - 30)
    assert await till.paid(**rest_of(call_id, first_id, 30))


async def test_a_part_of_a_debt_can_be_split_too(till: Till) -> None:
    call_id, first_id, _ = await split(till, 4000, whole={"7": 10000})
    assert await parts(till, await till.paid(**rest_of(call_id, first_id, 6000))) == {"7": 6000}


async def test_the_second_half_can_go_to_a_link(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    intent_id = await till.intent(**rest_of(call_id, first_id, WHOLE - 5000))
    attempt_id = await till.link(intent_id)
    assert (await till.attempt(attempt_id)).link


async def test_one_press_makes_one_second_half(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    new = till.agreed(**rest_of(call_id, first_id, WHOLE - 5000))
    both = await asyncio.gather(*(payments.create(till.hub, till.who, new) for _ in range(2)))
    assert len({shown.intent_id for shown in both}) == 1


async def test_no_third_half_is_agreed_while_the_second_is_being_approved(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    second, third = (till.agreed(**rest_of(call_id, first_id, 12336)) for _ in range(2))
    attempt_id = await till.submitted_of(
        (await payments.create(till.hub, till.who, second)).intent_id, till.who
    )
    await till.token(attempt_id)
    async with till.hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        evidence = till.bank.says(AttemptEvent.APPROVED, attempt_id, payment.amount)
        await outcomes.apply(till.hub, session, payment, evidence)
        agreeing = asyncio.create_task(payments.create(till.hub, till.who, third))
        await till.waits_in_line()
    assert (await refused(agreeing)).code == "split_differs"


async def test_the_caller_hangs_up_and_the_rest_goes_by_a_link(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    await till.hang_up(call_id)
    intent_id = await till.intent(**rest_of(call_id, first_id, 12336))
    assert (await refused(till.start(intent_id))).code == "call_over"
    attempt_id = await till.link(intent_id)
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN
    assert (await refused(till.link(intent_id))).code == "step_not_possible"
    till.pages.end(attempt_id, AttemptEvent.APPROVED)
    await till.told(till.pages.ended[f"cs-{attempt_id}"])
    assert (await till.show(attempt_id)).state is AttemptState.APPROVED
    assert [item.outstanding.minor for item in (await customers.show(till.hub, "cus_1")).open_items] == []


# ---------------------------------------------------------------- the first is not over
@pytest.mark.allow_log("charge without an answer")
async def test_an_unknown_first_card_blocks_the_second(till: Till) -> None:
    call_id = await till.call()
    first = await till.sending(**first_of(call_id, 12336))
    first_id = (await till.show(first)).intent_id
    till.bank.fails["charge"] = OutcomeUnknown("time-out")
    await till.charge(first)
    assert (await till.attempt(first)).state == AttemptState.UNKNOWN
    second = rest_of(call_id, first_id, 5000)
    assert (await refused(till.intent(**second))).code == "split_not_yet"
    # nor any other payment of the second card's invoice: it is one debt
    other = await till.intent(call_id=call_id, minor=5000, invoice="8")
    assert (await refused(till.start(other))).code == "already_being_paid"
    held = {row.debt for row in await till.rows(AttemptDebt) if row.holding}
    assert held == {"invoice:7", "invoice:8"}
    await till.learn(first, AttemptEvent.APPROVED)
    assert await till.paid(**second)


@pytest.mark.parametrize("state", ["none", "open", "declined"])
async def test_nothing_is_left_for_a_second_card_before_the_first_has_paid(till: Till, state: str) -> None:
    call_id = await till.call()
    first_id = await till.intent(**first_of(call_id, 5000))
    if state != "none":
        attempt_id = await till.submitted_of(first_id, till.who)
    if state == "declined":
        await till.token(attempt_id)
        await till.learn(attempt_id, AttemptEvent.DECLINED, amount=None, decline=NO)
    assert (await refused(till.intent(**rest_of(call_id, first_id, 12336)))).code == "split_not_yet"


@pytest.mark.allow_log("late success|two charges")
async def test_the_second_may_not_start_where_the_first_was_charged_twice(till: Till) -> None:
    call_id = await till.call()
    late = await till.sending(**first_of(call_id, 5000))
    first_id = (await till.show(late)).intent_id
    await till.learn(late, AttemptEvent.DECLINED, amount=None, decline=NO)
    await take(till, first_id)
    second = await till.intent(**rest_of(call_id, first_id, 12336))
    await till.learn(late, AttemptEvent.APPROVED, amount=Money(5000, "GBP"))  # after the second was agreed
    assert (await refused(till.start(second))).code == "already_paid"
    again = rest_of(call_id, first_id, 12336)
    assert (await refused(till.intent(**again))).code == "split_differs"


# ---------------------------------------------------------------- a third, and others
async def test_a_third_half_is_refused_before_and_after_it_is_agreed(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    rest = rest_of(call_id, first_id, 12336)
    third = await till.intent(**rest)  # agreed before the second paid
    await till.paid(**rest)
    error = await refused(till.start(third))
    assert error.code == "already_paid"
    assert len([row for row in await till.rows(Attempt) if row.state == AttemptState.APPROVED]) == 2
    assert (await refused(till.intent(**rest))).code == "split_differs"


async def test_two_second_halves_at_once_take_the_rest_once(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    both = [await till.intent(**rest_of(call_id, first_id, 12336)) for _ in range(2)]
    results: list[Any] = await asyncio.gather(*(till.start(one) for one in both), return_exceptions=True)
    assert len([one for one in results if isinstance(one, str)]) == 1, results
    assert [one.code for one in results if not isinstance(one, str)] == ["already_being_paid"]


async def test_without_a_window_a_third_half_is_refused_too(database_url: str, sessions: Sessions) -> None:
    till = Till(database_url, sessions, duplicate_minutes=0)
    await till.open()
    call_id, first_id, _ = await split(till)
    third = await till.intent(**rest_of(call_id, first_id, 12336))
    await till.paid(**rest_of(call_id, first_id, 12336))
    assert (await refused(till.start(third))).code == "already_paid"
    await till.hub.finish()


@pytest.mark.parametrize(("minor", "invoice"), [(5000, "7"), (5000, "8"), (2000, "7"), (2000, "8")])
async def test_a_like_payment_that_is_no_second_half_is_stopped(till: Till, minor: int, invoice: str) -> None:
    await split(till)
    await till.work()
    other = await till.intent(minor=minor, invoice=invoice)
    assert (await refused(till.start(other))).code == "possible_duplicate"


async def test_another_payment_of_the_same_invoice_stops_the_second_half(till: Till) -> None:
    call_id, first_id, _ = await split(till, 12336)
    second = await till.intent(**rest_of(call_id, first_id, 5000))
    other = await till.intent(minor=5000, invoice="8")
    await till.change(Attempt, (await till.rows(Attempt))[0].attempt_id, ended_at=now().replace(year=2020))
    await take(till, other)
    assert (await refused(till.start(second))).code == "already_paid"


async def test_what_was_paid_elsewhere_meanwhile_is_not_taken(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    await till.work()
    till.ledger.open["8"] = 0  # by bank transfer
    rest = rest_of(call_id, first_id, 12336)
    assert (await refused(till.intent(**rest))).code == "split_not_owed"


# ---------------------------------------------------------------- what may be agreed
async def test_a_second_half_is_exactly_what_is_left(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    for minor in (12335, 12337, 5000):
        error = await refused(till.intent(**rest_of(call_id, first_id, minor)))
        assert error.code == "split_differs"
    assert await till.rows(PaymentIntent)


async def test_a_second_half_belongs_to_its_call_agent_and_customer(till: Till) -> None:
    call_id, first_id, _ = await split(till)
    other = await till.colleague()
    theirs = till.agreed(**rest_of(await till.call(other), first_id, 12336))
    assert (await refused(payments.create(till.hub, other, theirs), NotFound)).code == "payment_unknown"
    elsewhere = rest_of(await till.call(), first_id, 12336)
    assert (await refused(till.intent(**elsewhere), NotFound)).code == "payment_unknown"
    await till.work()
    plain = await till.intent(call_id=call_id, minor=100)
    for not_a_first in (plain, "pi_none"):
        wrong = rest_of(call_id, not_a_first, 12336)
        assert (await refused(till.intent(**wrong), NotFound)).code == "payment_unknown"
    second = (await till.show(await till.paid(**rest_of(call_id, first_id, 12336)))).intent_id
    of_second = rest_of(call_id, second, 100)
    assert (await refused(till.intent(**of_second), NotFound)).code == "payment_unknown"


@pytest.mark.parametrize(
    "more",
    [
        {"on_account": True},
        {"split_of": "pi_1"},
        {"allocations": [wire.AllocationIn(invoice_id="7", amount=gbp(1))]},
    ],
)
def test_a_payment_is_of_one_kind(more: dict[str, Any]) -> None:
    usual = first_of("call_1", 100) | {"key": new_ulid(), "customer_id": "cus_1", "amount": gbp(100)}
    del usual["minor"]
    with pytest.raises(ValueError, match="only one of"):
        wire.NewPaymentIntent(**(usual | more))
