"""What is owed is read once more before a try starts; less than was agreed stops it, in words."""

import pytest
from sqlalchemy import select

from agentdesk.adapters.base import NotSent
from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.payment import AttemptEvent
from agentdesk.hub import customers, payments
from agentdesk.hub.db.customers import CustomerCopy
from agentdesk.hub.db.tables import Attempt, Event
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import AllocationIn, NewAttempt
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


async def _changes(till: Till, intent_id: str) -> str:
    with pytest.raises(Conflict) as refused:
        await till.start(intent_id)
    assert refused.value.code == "invoices_changed"
    return str(refused.value.params["changes"])


async def test_what_was_paid_elsewhere_is_said_and_nothing_starts(till: Till) -> None:
    intent_id = await till.intent()
    till.ledger.open["7"] = 0
    assert await _changes(till, intent_id) == "INV-7 is no longer open"
    assert await till.rows(Attempt) == []
    assert till.recorder.asked == []


async def test_each_invoice_with_less_open_is_named(till: Till) -> None:
    parts = [
        AllocationIn(invoice_id=one, amount=Amount(minor=minor, currency="GBP"))
        for one, minor in (("7", 12336), ("8", 5000))
    ]
    intent_id = await till.intent(minor=17336, allocations=parts)
    till.ledger.open |= {"7": 0, "8": 4999}
    words = await _changes(till, intent_id)
    assert words == "INV-7 is no longer open; INV-8 has £49.99 open, less than £50.00"


async def test_more_open_or_a_part_that_still_fits_goes_on(till: Till) -> None:
    intent_id = await till.intent(minor=5000)
    till.ledger.open["7"] = 6000
    assert await till.start(intent_id)


@pytest.mark.allow_log("an outside system did not answer")
async def test_accounts_that_do_not_answer_stop_nobody(till: Till) -> None:
    intent_id = await till.intent()
    till.ledger.fails["account"] = NotSent("down")
    assert await till.start(intent_id)


async def test_the_desk_hears_that_the_account_is_another_and_the_copy_is_new(till: Till) -> None:
    intent_id = await till.intent()
    till.ledger.open["7"] = 100
    await _changes(till, intent_id)
    async with till.hub.sessions() as session:
        copy = await session.get_one(CustomerCopy, "cus_1")
        told = await session.scalar(select(Event.user_id).where(Event.kind == "customer"))
    assert copy.account
    assert copy.account["account"]["balance"]["minor"] == 5100
    assert told == till.who.user_id


async def test_the_same_press_again_is_not_asked_again(till: Till) -> None:
    intent_id, key = await till.intent(), new_ulid()
    await till.start(intent_id, key=key)
    till.ledger.open["7"] = 0
    new = NewAttempt(key=key, route="keypad")
    again = await payments.start_attempt(till.hub, till.who, intent_id, new)
    assert len(again.attempts) == 1


async def test_what_our_own_payment_took_is_said_to_be_paid(till: Till) -> None:
    intent_id = await till.intent()
    await till.paid()
    await till.work()  # posted: the invoice is no longer open
    with pytest.raises(Conflict) as refused:
        await till.start(intent_id)
    assert refused.value.code == "already_paid"


async def test_a_declined_try_is_followed_by_one_more_look(till: Till) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.DECLINED)
    till.ledger.open["7"] = 0
    intent_id = (await till.rows(Attempt))[0].intent_id
    assert await _changes(till, intent_id) == "INV-7 is no longer open"


async def test_a_customer_without_a_copy_is_read_all_the_same(till: Till) -> None:
    open_now = await customers.reread(till.hub, "cus_1")
    assert [(one.number, one.outstanding.minor) for one in open_now or []] == [
        ("INV-7", 12336),
        ("INV-8", 5000),
    ]
