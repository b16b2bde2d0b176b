"""Payments of the past, for the agent who has their customer on the line: read, and the receipt once more."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agentdesk.adapters.base import NotSent
from agentdesk.adapters.records import HistoryItem
from agentdesk.domain.call import CheckResult
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.hub import calls, customers, payments
from agentdesk.hub.auth import Who
from agentdesk.hub.caller_policy import CallerCheck
from agentdesk.hub.db.tables import PaymentIntent, WriteBack
from agentdesk.wire.calls import NewCallerCheck, WrapUp
from agentdesk.wire.customers import HistoryKind
from agentdesk.wire.payments import ReceiptIn
from tests.hub.till import Till, refused

pytestmark = pytest.mark.anyio
ADDRESS = "amara@example.com"


async def taken(till: Till) -> str:
    """Return a payment that was taken on a call that is over."""
    attempt_id = await till.paid()
    payment = await till.show(attempt_id)
    await till.hang_up(payment.call_id)
    await calls.wrap_up(till.hub, till.who, payment.call_id, WrapUp(disposition="call_dropped"))
    return payment.intent_id


async def receipts_owed(till: Till) -> int:
    return len([one for one in await till.rows(WriteBack) if one.kind == WriteBackKind.RECEIPT])


async def on_the_line(till: Till, who: Who) -> str:
    """Let another agent have the customer on the line."""
    return await till.call(who)


async def test_the_agent_on_the_line_reads_it_and_sends_its_receipt_once_for_each_press(till: Till) -> None:
    intent_id = await taken(till)
    colleague = await till.colleague()
    await on_the_line(till, colleague)
    async with till.hub.sessions() as session:
        detail = await payments.detail(session, colleague, intent_id)
    assert detail.payment.agent_name == till.who.name
    wish = ReceiptIn(email=ADDRESS, key=new_ulid())
    for _ in range(2):
        await payments.send_receipt(till.hub, colleague, intent_id, wish)
    assert await receipts_owed(till) == 1
    await payments.send_receipt(till.hub, colleague, intent_id, ReceiptIn(email=ADDRESS, key=new_ulid()))
    assert await receipts_owed(till) == 2


async def test_without_that_customer_on_the_line_nothing_is_read_or_sent(till: Till) -> None:
    intent_id = await taken(till)
    colleague = await till.colleague()
    wish = ReceiptIn(email=ADDRESS, key=new_ulid())
    await till.call(colleague, customer=None)  # somebody else is on the line
    await refused(NotFound, payments.send_receipt(till.hub, colleague, intent_id, wish))
    call_id = await on_the_line(till, colleague)
    await till.hang_up(call_id)
    await calls.wrap_up(till.hub, colleague, call_id, WrapUp(disposition="call_dropped"))
    await refused(NotFound, payments.send_receipt(till.hub, colleague, intent_id, wish))
    async with till.hub.sessions() as session:
        await refused(NotFound, payments.readable(session, colleague, intent_id))
    assert await receipts_owed(till) == 0


@pytest.mark.parametrize("result", [None, CheckResult.FAILED, CheckResult.PASSED])
async def test_for_a_caller_who_is_not_proven_it_goes_only_to_what_is_on_file(
    till: Till, result: CheckResult | None
) -> None:
    intent_id = await taken(till)
    check = CallerCheck(items={"birthday": "Date of birth"}, must_pass=1, required=True)
    object.__setattr__(till.hub, "settings", till.hub.settings.model_copy(update={"caller_check": check}))
    till.records.amara = replace(till.records.amara, email="Amara@Home.example")
    await customers.read(till.hub, "cus_1")
    colleague = await till.colleague()
    call_id = await on_the_line(till, colleague)
    if result is not None:
        passed = ["birthday"] if result is CheckResult.PASSED else []
        new = NewCallerCheck(customer_id="cus_1", result=result, passed=passed)
        await calls.check(till.hub, colleague, call_id, new)
    elsewhere = payments.send_receipt(till.hub, colleague, intent_id, ReceiptIn(email=ADDRESS))
    if result is CheckResult.PASSED:
        await elsewhere
    else:
        assert (await refused(Conflict, elsewhere)).code == "receipt_only_to_file"
        assert (await till.row(PaymentIntent, intent_id)).receipt_email is None
    await payments.send_receipt(till.hub, colleague, intent_id, ReceiptIn(email="amara@home.example"))


async def test_the_history_names_our_payment_and_nobody_elses(till: Till) -> None:
    intent_id = await taken(till)
    await customers.read(till.hub, "cus_1")
    ours = (await till.row(PaymentIntent, intent_id)).reference
    at = datetime(2026, 11, 1, tzinfo=UTC)

    async def past(_customer_id: str, *, limit: int = 50) -> list[HistoryItem]:
        return [
            HistoryItem(at, HistoryKind.PAYMENT, "Card", "", None, moved=True, reference=reference)
            for reference in (ours, "BANK-77", None)
        ]

    till.records.history = past  # type: ignore[method-assign]
    shown = await customers.history(till.hub, "cus_1")
    assert [row.intent_id for row in shown.rows] == [intent_id, None, None]


@pytest.mark.allow_log("an outside system did not answer")
async def test_a_copy_of_the_history_still_names_it(till: Till) -> None:
    intent_id = await taken(till)
    await customers.read(till.hub, "cus_1")
    reference = (await till.row(PaymentIntent, intent_id)).reference
    at = datetime(2026, 11, 1, tzinfo=UTC)
    item = HistoryItem(at, HistoryKind.PAYMENT, "Card", "", None, moved=True, reference=reference)

    async def past(_customer_id: str, *, limit: int = 50) -> list[HistoryItem]:
        if await receipts_owed(till):
            raise NotSent("down")
        return [item]

    till.records.history = past  # type: ignore[method-assign]
    await customers.history(till.hub, "cus_1")
    await payments.send_receipt(till.hub, till.who, intent_id, ReceiptIn(email=ADDRESS))
    shown = await customers.history(till.hub, "cus_1")
    assert [row.intent_id for row in shown.rows] == [intent_id]
