"""The duplicate guard: what stops a payment, who lets it go on; no permission opens a debt at risk."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from agentdesk.domain.errors import AgentDeskError, Conflict, NotAllowed, NotFound
from agentdesk.domain.ids import now
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.refund import RefundEvent
from agentdesk.hub import captures, customers, duplicates, payments
from agentdesk.hub.auth import Who
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.tables import Attempt, AuditEntry, DuplicateStop, Event
from agentdesk.wire import payments as wire
from tests.hub.test_work import listed
from tests.hub.till import Till

pytestmark = pytest.mark.anyio

YES = wire.StopDecision(allow=True, reason="He wants to pay the gas as well")
NO = wire.StopDecision(allow=False, reason="He was read the wrong bill")


async def _refused(till: Till, intent_id: str, who: Who | None = None) -> AgentDeskError:
    with pytest.raises(Conflict) as refused:
        await till.start(intent_id, who)
    return refused.value


async def _shown(till: Till, intent_id: str) -> wire.PaymentIntent:
    async with till.hub.sessions() as session:
        return (await payments.detail(session, till.who, intent_id)).payment


async def _stop(till: Till, intent_id: str) -> wire.Stop:
    stop = (await _shown(till, intent_id)).stop
    assert stop is not None
    return stop


async def _ask(till: Till, intent_id: str, who: Who | None = None) -> str:
    """Start, be stopped, ask; return the stop's id."""
    assert (await _refused(till, intent_id, who)).code == "possible_duplicate"
    stops = [row for row in await till.rows(DuplicateStop) if row.intent_id == intent_id]
    stop_id = max(stops, key=lambda row: row.number).stop_id
    async with till.hub.sessions.begin() as session:
        await duplicates.ask(session, who or till.who, stop_id)
    return str(stop_id)


async def _decide(till: Till, stop_id: str, word: wire.StopDecision, who: Who | None = None) -> Who:
    supervisor = who or await till.colleague(Role.SUPERVISOR)
    async with till.hub.sessions.begin() as session:
        await duplicates.decide(session, supervisor, stop_id, word)
    return supervisor


async def _paid_in_part(till: Till, minor: int = 5000) -> str:
    """Return an approved try of a part of invoice 7, which the accounts show."""
    attempt_id = await till.paid(minor=minor)
    await till.work()
    return attempt_id


async def _ended_permission(till: Till) -> tuple[str, str]:
    """Return a payment that was allowed too long ago, and the stop that says so."""
    await _paid_in_part(till)
    intent_id = await till.intent(minor=5000, invoice="8")
    stop_id = await _ask(till, intent_id)
    await _decide(till, stop_id, YES)
    ended = now() - duplicates.ALLOWED_FOR - timedelta(seconds=1)
    await till.change(DuplicateStop, stop_id, decided_at=ended)
    return intent_id, stop_id


# ---------------------------------------------------------------- what stops
async def test_same_amount_of_the_same_customer_is_stopped_and_shows_the_payment_before(till: Till) -> None:
    before = await till.show(await _paid_in_part(till))
    intent_id = await till.intent(minor=5000, invoice="8")
    refused = await _refused(till, intent_id)
    at = before.attempts[0].ended_at
    assert at
    assert (refused.code, refused.params) == (
        "possible_duplicate",
        {
            "agent": "Priya Nair",
            "amount": "£50.00",
            "at": f"{at.astimezone(till.hub.settings.zone):%H:%M}",
            "card": "Visa ending 4242",
            "reference": before.short_reference,
        },
    )
    stop = await _stop(till, intent_id)
    assert (stop.earlier.intent_id, stop.earlier.amount, stop.same_invoices) == (
        before.intent_id,
        before.amount,
        [],
    )
    assert (stop.can_ask, stop.asked_at, stop.allowed) == (True, None, None)
    assert len(await till.rows(Attempt)) == 1
    assert "payment.stop" in [row.action for row in await till.rows(AuditEntry)]


@pytest.mark.allow_log("failed after it was done")
async def test_a_payment_that_all_went_back_stops_nothing_unless_its_refund_fails(till: Till) -> None:
    attempt_id, ruth = await _paid_in_part(till), await till.colleague(Role.SUPERVISOR)
    intent_id = await till.intent(minor=5000, invoice="8")
    refund = await till.give_back(ruth, attempt_id, 4999)
    assert (await _refused(till, intent_id)).code == "possible_duplicate"
    await till.give_back(ruth, attempt_id, 1)
    await till.learn_of_refund(refund.refund_id, RefundEvent.FAILED)  # that money is with us again
    assert (await _refused(till, intent_id)).code == "possible_duplicate"
    till.bank.refund_answer = RefundEvent.PENDING
    refund = await till.give_back(ruth, attempt_id, 4999)
    assert (await _refused(till, intent_id)).code == "possible_duplicate"
    await till.learn_of_refund(refund.refund_id, RefundEvent.DONE)
    assert await till.start(intent_id)


async def test_same_invoice_is_stopped_whatever_the_amount(till: Till) -> None:
    await _paid_in_part(till)
    intent_id = await till.intent(minor=2000)
    assert (await _refused(till, intent_id)).code == "possible_duplicate"
    assert (await _stop(till, intent_id)).same_invoices == ["INV-7"]


async def test_another_amount_and_invoice_is_not_stopped(till: Till) -> None:
    await _paid_in_part(till)
    assert await till.start(await till.intent(minor=4999, invoice="8"))


@pytest.mark.parametrize(("age", "stopped"), [(29.5, True), (30.5, False)])
async def test_the_window_has_an_edge(till: Till, age: float, stopped: bool) -> None:
    before = await _paid_in_part(till)
    await till.change(Attempt, before, ended_at=now() - timedelta(minutes=age))
    intent_id = await till.intent(minor=5000, invoice="8")
    if stopped:
        assert (await _refused(till, intent_id)).code == "possible_duplicate"
    else:
        assert await till.start(intent_id)


async def test_without_a_window_only_the_debt_is_held(database_url: str, sessions: Sessions) -> None:
    till = Till(database_url, sessions, duplicate_minutes=0)
    await till.open()
    await _paid_in_part(till)
    first = await till.start(await till.intent(minor=5000, invoice="8"))
    assert await till.start(await till.intent(minor=5000))
    held = await till.intent(minor=5000, invoice="8")
    assert (await _refused(till, held)).code == "already_being_paid"
    assert (await _stop(till, held)).earlier.state == AttemptState.OPEN
    await captures.cancel(till.hub, till.who, first)
    await till.hub.finish()


async def test_the_stop_says_who_holds_the_debt_and_what_became_of_it(till: Till) -> None:
    first = await till.sending()
    second = await till.intent()
    assert (await _refused(till, second)).code == "already_being_paid"
    stop = await _stop(till, second)
    assert (stop.earlier.state, stop.can_ask) == (AttemptState.SENDING, False)
    await till.learn(first, AttemptEvent.NO_ANSWER, amount=None)
    assert (await _stop(till, second)).earlier.state == AttemptState.UNKNOWN
    told = [row.data["payment"] for row in await till.rows(Event) if row.kind == "payment"]
    mine = [one["stop"]["earlier"]["state"] for one in told if one["intent_id"] == second and one["stop"]]
    assert mine == ["sending", "unknown"]
    await till.learn(first, AttemptEvent.DECLINED, amount=None)
    assert await till.start(second)
    assert (await _shown(till, second)).stop is None


async def test_the_same_amount_at_risk_stops_another_invoice_too(till: Till) -> None:
    await till.start(await till.intent(minor=5000))
    other = await till.intent(minor=5000, invoice="8")
    assert (await _refused(till, other)).code == "already_being_paid"
    assert not (await _stop(till, other)).can_ask


async def test_one_stop_is_written_down_once(till: Till) -> None:
    await _paid_in_part(till)
    intent_id = await till.intent(minor=5000, invoice="8")
    for _ in range(2):
        await _refused(till, intent_id)
    assert len(await till.rows(DuplicateStop)) == 1


async def test_a_held_invoice_names_its_holder(till: Till) -> None:
    before = await till.show(await till.start(await till.intent()))
    shown = await customers.show(till.hub, "cus_1")
    held = {item.invoice_id: item for item in shown.open_items}
    holder = held["7"].holder
    assert holder
    assert (held["7"].held_by, holder.intent_id) == (before.short_reference, before.intent_id)
    assert held["8"].holder is None


# ---------------------------------------------------------------- at once
async def test_two_agents_at_once_take_the_same_amount_once(till: Till) -> None:
    """Different invoices, so no index stands between them: only the line they stand in."""
    people = [till.who, await till.colleague()]
    for _ in range(5):
        both = [
            await till.intent(who, minor=5000, invoice=one)
            for who, one in zip(people, ("7", "8"), strict=True)
        ]
        results: list[Any] = await asyncio.gather(
            *(till.start(one, who) for one, who in zip(both, people, strict=True)), return_exceptions=True
        )
        started = [one for one in results if isinstance(one, str)]
        assert len(started) == 1, results
        assert [one.code for one in results if not isinstance(one, str)] == ["already_being_paid"]
        await captures.cancel(till.hub, people[results.index(started[0])], started[0])


async def test_two_payments_at_once_do_not_share_a_permission(till: Till) -> None:
    await _paid_in_part(till)
    first, second = [await till.intent(minor=5000, invoice="8") for _ in range(2)]
    await _decide(till, await _ask(till, first), YES)
    results: list[Any] = await asyncio.gather(till.start(first), till.start(second), return_exceptions=True)
    assert isinstance(results[0], str), results
    assert results[1].code in ("possible_duplicate", "already_being_paid")


# ---------------------------------------------------------------- asking and deciding
async def test_a_supervisor_lets_it_go_on_and_everything_is_written(till: Till) -> None:
    await _paid_in_part(till)
    intent_id = await till.intent(minor=5000, invoice="8")
    stop_id = await _ask(till, intent_id)
    assert (await _stop(till, intent_id)).asked_at
    await _decide(till, stop_id, YES)
    stop = await _stop(till, intent_id)
    assert (stop.allowed, stop.decided_by, stop.reason) == (True, "Sam", YES.reason)
    told = [row for row in await till.rows(Event) if row.kind == "payment"][-1]
    assert (told.user_id, told.data["payment"]["stop"]["allowed"]) == (till.who.user_id, True)
    attempt_id = await till.start(intent_id)
    assert (await _shown(till, intent_id)).stop is None
    titles = await till.titles(attempt_id)
    assert titles[:3] == ["Stopped, nothing was sent", "Priya Nair asked a supervisor", "Sam allowed it"]
    actions = [row.action for row in await till.rows(AuditEntry)]
    assert actions.count("payment.ask_duplicate") == actions.count("payment.decide_duplicate") == 1
    entry = next(row for row in await till.rows(AuditEntry) if row.action == "payment.decide_duplicate")
    assert (entry.result, entry.detail["reason"]) == ("allowed", YES.reason)


async def test_a_permission_is_for_one_payment(till: Till) -> None:
    await _paid_in_part(till)
    intent_id = await till.intent(minor=5000, invoice="8")
    await _decide(till, await _ask(till, intent_id), YES)
    first = await till.start(intent_id)
    await captures.cancel(till.hub, till.who, first)
    assert await till.start(intent_id)  # another card for the same payment
    await captures.cancel(till.hub, till.who, (await _shown(till, intent_id)).attempts[-1].attempt_id)
    again = await till.intent(minor=5000, invoice="8")
    assert (await _refused(till, again)).code == "possible_duplicate"
    other_amount = await till.intent(minor=2000)
    assert (await _refused(till, other_amount)).code == "possible_duplicate"


async def test_a_permission_ends(till: Till) -> None:
    intent_id, stop_id = await _ended_permission(till)
    assert (await _refused(till, intent_id)).code == "possible_duplicate"
    fresh = await _stop(till, intent_id)
    assert (fresh.stop_id == stop_id, fresh.asked_at) == (False, None)
    with pytest.raises(Conflict):
        await _decide(till, stop_id, YES)  # the old question is over


async def test_a_permission_covers_the_payment_it_names_and_no_later_one(till: Till) -> None:
    await _paid_in_part(till, 2000)
    intent_id = await till.intent(minor=2000, invoice="8")
    await _decide(till, await _ask(till, intent_id), YES)
    newer = await till.intent(minor=2000)
    await till.change(Attempt, (await till.rows(Attempt))[0].attempt_id, ended_at=now() - timedelta(hours=1))
    attempt_id = await till.start(newer)
    await till.change(Attempt, attempt_id, state=AttemptState.APPROVED, sent_at=now(), ended_at=now())
    assert (await _refused(till, intent_id)).code == "possible_duplicate"


async def test_asking_again_after_the_permission_ended_is_another_question(till: Till) -> None:
    intent_id, stop_id = await _ended_permission(till)
    async with till.hub.sessions.begin() as session:
        asked = await duplicates.ask(session, till.who, stop_id)
    assert asked.stop
    assert (asked.stop.stop_id == stop_id, asked.stop.allowed) == (False, None)
    await _decide(till, asked.stop.stop_id, YES)
    assert await till.start(intent_id)


async def test_what_is_asked_is_on_the_supervisors_list_while_the_caller_waits(till: Till) -> None:
    await _paid_in_part(till)
    call_id = await till.call()
    intent_id = await till.intent(call_id=call_id, minor=5000, invoice="8")
    stop_id = await _ask(till, intent_id)
    assert [
        (row.key, row.agent_name, row.payment and row.payment.intent_id) for row in await listed(till)
    ] == [(f"duplicate:{stop_id}", "Priya Nair", intent_id)]
    told = await _told_of_work(till)
    await _decide(till, stop_id, NO)
    assert await listed(till) == []
    again = await till.intent(call_id=call_id, minor=5000, invoice="8")
    await _ask(till, again)
    assert len(await listed(till)) == 1
    await till.hang_up(call_id)
    assert await listed(till) == []
    assert await _told_of_work(till) == told + 3


async def _told_of_work(till: Till) -> int:
    return [row.kind for row in await till.rows(Event)].count("work")


async def test_a_refusal_stays(till: Till) -> None:
    await _paid_in_part(till)
    intent_id = await till.intent(minor=5000, invoice="8")
    stop_id = await _ask(till, intent_id)
    who = await _decide(till, stop_id, NO)
    assert (await _refused(till, intent_id)).code == "possible_duplicate"
    stop = await _stop(till, intent_id)
    assert (stop.stop_id, stop.allowed, stop.reason) == (stop_id, False, NO.reason)
    with pytest.raises(Conflict) as decided:
        await _decide(till, stop_id, YES)
    await _decide(till, stop_id, NO, who)  # the same press twice: its answer was lost
    assert (decided.value.code, decided.value.params) == ("duplicate_decided", {"name": "Sam"})


async def test_no_permission_opens_a_debt_at_risk(till: Till) -> None:
    await _paid_in_part(till)
    intent_id = await till.intent(minor=2000)
    await _decide(till, await _ask(till, intent_id), YES)
    supervisor = await till.colleague(Role.SUPERVISOR)
    other = await till.intent(supervisor, minor=3000)
    await _decide(till, await _ask(till, other, supervisor), YES)
    await till.start(other, supervisor)
    assert (await _refused(till, intent_id)).code == "already_being_paid"
    stop_id = (await _stop(till, intent_id)).stop_id
    async with till.hub.sessions.begin() as session:
        with pytest.raises(Conflict) as refused:
            await duplicates.ask(session, till.who, stop_id)
    assert refused.value.params == {"state": "open"}


async def test_a_supervisor_does_not_allow_their_own(till: Till) -> None:
    await _paid_in_part(till)
    supervisor = await till.colleague(Role.SUPERVISOR)
    stop_id = await _ask(till, await till.intent(supervisor, minor=5000, invoice="8"), supervisor)
    with pytest.raises(NotAllowed) as refused:
        await _decide(till, stop_id, YES, supervisor)
    assert refused.value.code == "not_your_own"


async def test_only_the_agent_asks_and_nobody_decides_unasked(till: Till) -> None:
    await _paid_in_part(till)
    intent_id = await till.intent(minor=5000, invoice="8")
    await _refused(till, intent_id)
    stop_id = (await _stop(till, intent_id)).stop_id
    with pytest.raises(Conflict):
        await _decide(till, stop_id, YES)
    other = await till.colleague()
    async with till.hub.sessions.begin() as session:
        with pytest.raises(NotFound):
            await duplicates.ask(session, other, stop_id)
        with pytest.raises(NotFound):
            await duplicates.ask(session, till.who, "stop_none")
        for _ in range(2):
            assert (await duplicates.ask(session, till.who, stop_id)).stop
    assert [row.action for row in await till.rows(AuditEntry)].count("payment.ask_duplicate") == 1


async def test_two_supervisors_at_once_make_one_decision(till: Till) -> None:
    await _paid_in_part(till)
    stop_id = await _ask(till, await till.intent(minor=5000, invoice="8"))
    people = [await till.colleague(Role.SUPERVISOR) for _ in range(2)]
    results = await asyncio.gather(
        _decide(till, stop_id, YES, people[0]),
        _decide(till, stop_id, NO, people[1]),
        return_exceptions=True,
    )
    assert [getattr(one, "code", None) for one in results].count("duplicate_decided") == 1


async def test_an_agent_sees_the_payments_of_the_customer_on_the_line(till: Till) -> None:
    before = await till.show(await till.paid())
    agent = await till.colleague()
    async with till.hub.sessions() as session:
        with pytest.raises(NotFound):
            await payments.detail(session, agent, before.intent_id)
    await till.call(agent)
    async with till.hub.sessions() as session:
        assert (await payments.detail(session, agent, before.intent_id)).timeline
