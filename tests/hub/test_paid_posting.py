"""What was paid and could not be posted: shown as paid to everybody, and taken by nobody again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from agentdesk.adapters.base import OutcomeUnknown, Rejected
from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub import customers, outcomes, payments, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.query import lock_attempt
from agentdesk.hub.db.tables import Attempt, WriteBack
from agentdesk.wire import payments as wire
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


async def _by_keypad(till: Till) -> str:
    return await till.paid()


async def _by_link(till: Till) -> str:
    attempt_id = await till.link()
    till.pages.end(attempt_id, AttemptEvent.APPROVED)
    await till.due()
    await till.work()
    return attempt_id


async def _parked(till: Till, route: str) -> str:
    """Return a payment that was taken and whose posting the accounts refuse."""
    till.ledger.fails["post_payment"] = Rejected("the period is closed")
    attempt_id = await (_by_keypad if route == "keypad" else _by_link)(till)
    await till.work()
    shown = await till.show(attempt_id)
    assert shown.state is AttemptState.APPROVED
    states = {one.kind: one.state for one in shown.write_backs}
    assert states[WriteBackKind.ACCOUNTS] is WriteBackState.PARKED
    return shown.short_reference


async def _marks(hub: Hub) -> dict[str, bool]:
    return {item.invoice_id: bool(item.posting) for item in (await customers.show(hub, "cus_1")).open_items}


async def _refused(hub: Hub, who: Who, new: wire.NewPaymentIntent) -> tuple[str, str]:
    with pytest.raises(Conflict) as refused:
        await payments.create(hub, who, new)
    return refused.value.code, str(refused.value.params["reference"])


@pytest.mark.parametrize("route", ["keypad", "link"])
async def test_it_is_shown_as_paid_and_refused_to_every_agent_also_after_a_restart(
    till: Till, route: str
) -> None:
    reference = await _parked(till, route)
    other = await till.colleague()
    restarted = Hub(till.hub.settings, till.hub.sessions, till.hub.vendors)
    for hub in (till.hub, restarted):
        assert await _marks(hub) == {"7": True, "8": False}
        for who in (till.who, other):
            new = till.agreed(await till.call(who))
            assert await _refused(hub, who, new) == ("already_paid", reference)
        whole = till.agreed(await till.call(other), 17336, allocations=[])
        assert await _refused(hub, other, whole) == ("already_paid", reference)


@pytest.mark.parametrize("route", ["keypad", "link"])
async def test_what_was_agreed_before_it_was_paid_cannot_start_any_more(till: Till, route: str) -> None:
    other = await till.colleague()
    late = await till.intent(other)
    reference = await _parked(till, "keypad")
    with pytest.raises(Conflict) as refused:
        new = wire.NewAttempt(key=new_ulid(), route=route)
        await payments.start_attempt(till.hub, other, late, new)
    assert (refused.value.code, refused.value.params["reference"]) == ("already_paid", reference)


async def test_it_is_open_again_only_once_the_accounts_have_it(till: Till) -> None:
    await _parked(till, "keypad")
    row = next(one for one in await till.rows(WriteBack) if one.kind == WriteBackKind.ACCOUNTS)
    await till.change(WriteBack, row.write_back_id, state=WriteBackState.QUEUED)
    assert (await _marks(till.hub))["7"]
    await till.change(WriteBack, row.write_back_id, state=WriteBackState.PARKED)
    assert (await _marks(till.hub))["7"]


async def test_a_refund_that_waits_for_its_posting_does_not_mark_what_is_posted(till: Till) -> None:
    attempt_id = await till.paid(minor=5000)
    await till.work()
    assert await _marks(till.hub) == {"7": False, "8": False}
    till.ledger.fails["post_refund"] = Rejected("the period is closed")
    await till.give_back(await till.colleague(Role.SUPERVISOR), attempt_id, 1000)
    assert await _marks(till.hub) == {"7": False, "8": False}
    await till.work()
    assert await _marks(till.hub) == {"7": False, "8": False}
    assert await payments.create(till.hub, till.who, till.agreed(await till.call(), 7336))


# ---------------------------------------------------------------- on account
async def _on_account(till: Till) -> int:
    """Return what every agent sees as paid on account and not posted."""
    posting = (await customers.show(till.hub, "cus_1")).posting_on_account
    return posting.minor if posting else 0


@pytest.fixture
async def free(database_url: str, sessions: Sessions) -> AsyncIterator[Till]:
    """A firm that takes amounts without an invoice."""
    till = Till(database_url, sessions, duplicate_minutes=0, amounts={"lookup": "optional"})
    await till.open()
    yield till
    await till.hub.finish()


async def test_what_was_paid_on_account_is_told_until_the_accounts_have_it(free: Till) -> None:
    assert await _on_account(free) == 0
    free.ledger.fails["post_payment"] = Rejected("the period is closed")
    await free.paid(minor=5000, allocations=[], on_account=True)
    await free.work()
    await free.paid(minor=4000)  # of an invoice
    assert await _on_account(free) == 5000
    assert await _left(free) == (4000, 8336)
    (row,) = [one for one in await free.rows(WriteBack) if one.state == WriteBackState.PARKED]
    ruth = await free.colleague(Role.SUPERVISOR)
    async with free.hub.sessions.begin() as session:
        await write_backs.replay(session, ruth, row.write_back_id)
    await free.work()
    assert await _on_account(free) == 0


async def test_what_was_charged_beyond_the_invoices_is_on_account(till: Till) -> None:
    attempt_id = await till.paid(minor=5000)
    await till.change(Attempt, attempt_id, charged_minor=6000)  # as a supervisor accepted it
    assert (await _on_account(till), (await _left(till))[0]) == (1000, 5000)


# ---------------------------------------------------------------- a part of an invoice
async def _left(till: Till) -> tuple[int, int]:
    """Return what is posting of invoice 7, and what is left of it."""
    item = (await customers.show(till.hub, "cus_1")).open_items[0]
    assert item.invoice_id == "7"
    return item.posting.minor if item.posting else 0, item.outstanding.minor


async def test_the_rest_of_an_invoice_stays_open_and_payable_while_a_part_of_it_is_posted(till: Till) -> None:
    first = await till.paid(minor=4000)
    assert await _left(till) == (4000, 8336)
    too_much = till.agreed(await till.call(), 8337)
    reference = (await till.show(first)).short_reference
    assert await _refused(till.hub, till.who, too_much) == ("already_paid", reference)
    everything = till.agreed(await till.call(), 8336 + 5001, allocations=[])
    assert await _refused(till.hub, till.who, everything) == ("already_paid", reference)
    shown = await payments.create(
        till.hub, till.who, till.agreed(await till.call(), 8336 + 5000, allocations=[])
    )
    assert {part.invoice_id: part.amount.minor for part in shown.allocations} == {"7": 8336, "8": 5000}


async def test_both_parts_of_an_invoice_are_paid_once(database_url: str, sessions: Sessions) -> None:
    till = Till(database_url, sessions, duplicate_minutes=0)
    await till.open()
    await till.paid(minor=4000)
    await till.paid(minor=8336)
    assert await _left(till) == (12336, 0)
    assert (await _refused(till.hub, till.who, till.agreed(await till.call(), 1)))[0] == "already_paid"
    await till.work()
    assert till.ledger.open["7"] == 0
    await till.hub.finish()


@pytest.mark.allow_log("write-back not done")
async def test_what_the_accounts_may_show_already_is_never_offered_once_more(till: Till) -> None:
    """The ledger has booked it and its answer is lost: the figure has it in it, and we do not know."""
    till.ledger.fails["post_payment_answer"] = OutcomeUnknown("no answer")
    await till.paid(minor=4000)
    await till.work()
    assert till.ledger.open["7"] == 8336
    assert await _left(till) == (4000, 4336)
    await till.due()
    await till.work()
    assert await _left(till) == (0, 8336)


async def test_a_rest_that_was_paid_in_another_system_meanwhile_cannot_start(till: Till) -> None:
    await till.paid(minor=4000)
    rest = await till.intent(minor=8336)
    till.ledger.open["7"] -= 4000
    with pytest.raises(Conflict) as refused:
        await till.start(rest)
    assert refused.value.code == "invoices_changed"
    assert "£43.36 open, less than £83.36" in refused.value.text


# ---------------------------------------------------------------- replicas whose clocks differ
async def test_what_was_agreed_before_it_was_paid_cannot_start_whatever_the_clocks_of_replicas_say(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await till.colleague()
    later, first = await till.intent(other, minor=5000), await till.submitted(minor=7336)
    an_hour_ago = now() - timedelta(hours=1)
    monkeypatch.setattr(outcomes, "now", lambda: an_hour_ago)  # this replica's clock is slow
    assert await till.token(first)
    await till.charge(first)
    monkeypatch.undo()
    await till.work()  # the accounts have it
    with pytest.raises(Conflict) as refused:
        await till.start(later, other)
    assert refused.value.code == "already_paid"


async def test_posting_of_a_replica_whose_clock_is_slow_is_not_taken_for_an_old_one(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    await till.paid()
    an_hour_ago = now() - timedelta(hours=1)
    monkeypatch.setattr(write_backs, "now", lambda: an_hour_ago)
    till.ledger.meanwhile["account"] = till.work  # posted after the balance was read
    assert (await _marks(till.hub))["7"]


async def test_nobody_agrees_to_pay_what_is_being_approved(till: Till) -> None:
    attempt_id, other = await till.sending(), await till.colleague()
    new = till.agreed(await till.call(other), 5000)
    async with till.hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        evidence = till.bank.says(AttemptEvent.APPROVED, attempt_id, payment.amount)
        await outcomes.apply(till.hub, session, payment, evidence)
        agreeing = asyncio.create_task(payments.create(till.hub, other, new))
        await till.waits_in_line()
    with pytest.raises(Conflict) as refused:
        await agreeing
    assert refused.value.code == "already_paid"
