"""What was paid and could not be posted: shown as paid to everybody, and taken by nobody again."""

import pytest

from agentdesk.adapters.base import Rejected
from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub import customers, payments
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import WriteBack
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
    return {item.invoice_id: item.paid_posting for item in (await customers.show(hub, "cus_1")).open_items}


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
