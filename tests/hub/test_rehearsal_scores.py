"""Rehearsals are scored by what is on record: each exercise done right, and some done wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from agentdesk.adapters.base import CallEvidence, OutcomeUnknown
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict
from agentdesk.domain.exercises import EXERCISES, ExerciseCode
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.payment import AttemptEvent
from agentdesk.domain.rehearsal import QUEUE
from agentdesk.hub import (
    audit,
    calls,
    captures,
    payments,
    promises,
    refund_requests,
    rehearsals,
)
from agentdesk.hub.db import tables
from agentdesk.hub.db.rehearsals import Rehearsal
from agentdesk.wire.calls import WrapUp
from agentdesk.wire.model import Amount
from agentdesk.wire.promises import NewPromise
from agentdesk.wire.refunds import NewRefund
from tests.hub.players import Players, finish, goes_on, off, rehearsing, started, wish
from tests.hub.till import Till, refused

pytestmark = pytest.mark.anyio

E = ExerciseCode
OWED = 12336  # on the bill that the ledger has due with the other one; the lower number comes first


@pytest.fixture
def players(till: Till) -> Players:
    """Give who plays callers for the till."""
    return rehearsing(till)


async def _over(till: Till, call_id: str) -> None:
    await calls.wrap_up(till.hub, till.who, call_id, WrapUp(disposition="enquiry"))


async def test_a_plain_payment_done_right(till: Till, players: Players) -> None:
    made, call_id = await started(till)
    await till.paid(call_id=call_id)
    current = await goes_on(till)
    assert current is not None
    assert current.line == 1  # the caller says thank you
    assert await finish(till, call_id) == dict.fromkeys(EXERCISES[E.PLAIN].rules, True)
    listed = await rehearsals.listing(till.hub, till.who)
    last = next(one.last for one in listed.exercises if one.exercise is E.PLAIN)
    assert (listed.current, last and last.rehearsal_id) == (None, made.rehearsal_id)
    log = [row.detail for row in await till.rows(tables.AuditEntry) if row.action == "rehearsal.score"]
    assert log == [{"exercise": "plain", "passed": 4, "of": 4}]


async def test_what_was_not_done_is_scored_so(till: Till, players: Players) -> None:
    _, call_id = await started(till)
    scored = await finish(till, call_id)
    assert scored == {"paid": False, "own_account": False, "charged_once": False, "nothing_typed": True}


async def test_other_calls_are_of_no_rehearsal(till: Till, players: Players) -> None:
    await rehearsals.start(till.hub, till.who, wish())
    await _over(till, await till.call())
    told = await till.call()
    await till.change(tables.Call, told, call_ref=None)
    await _over(till, told)
    assert [row.score for row in await till.rows(Rehearsal)] == [None]


async def test_a_second_card_on_the_same_payment(till: Till, players: Players) -> None:
    _, call_id = await started(till, E.OTHER_CARD)
    till.bank.answer = AttemptEvent.DECLINED
    intent_id = (await till.show(await till.paid(call_id=call_id))).intent_id
    assert (await _line(till)) == 1
    till.bank.answer = AttemptEvent.APPROVED
    attempt_id = await till.submitted_of(intent_id, till.who)
    await till.token(attempt_id)
    await till.charge(attempt_id)
    assert all((await finish(till, call_id)).values())


async def _line(till: Till) -> int:
    current = await goes_on(till)
    assert current is not None
    return current.line


@pytest.mark.allow_log("charge without an answer")
async def test_an_answer_that_is_lost_and_waited_for(till: Till, players: Players) -> None:
    _, call_id = await started(till, E.LOST_ANSWER)
    till.bank.fails["charge"] = OutcomeUnknown("no answer")
    attempt_id = await till.paid(call_id=call_id)
    assert await _line(till) == 1
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    assert all((await finish(till, call_id)).values())


@pytest.mark.allow_log("charge without an answer")
async def test_a_second_payment_while_the_first_is_unknown_is_scored_so(till: Till, players: Players) -> None:
    _, call_id = await started(till, E.LOST_ANSWER)
    till.bank.fails["charge"] = OutcomeUnknown("no answer")
    await till.paid(call_id=call_id)
    second = await till.intent(call_id=call_id)
    assert (await refused(Conflict, till.start(second))).code == "already_being_paid"
    scored = await finish(till, call_id)
    assert scored == {"waited": False, "outcome_known": False, "charged_once": False}


async def test_a_guard_that_refused_before_anything_was_made_counts(till: Till, players: Players) -> None:
    _, call_id = await started(till, E.PAID_ALREADY)
    await till.paid(call_id=call_id)
    async with till.hub.sessions.begin() as session:  # as refusals.note keeps it
        audit.append(
            session, till.who, "payments.create", subject="none", result="refused",
            detail={"code": "already_paid"},
        )  # fmt: skip
        audit.append(
            session, till.who, "payments.create", subject="none", result="refused",
            detail={"code": "amount_zero"},
        )  # fmt: skip
    assert await finish(till, call_id) == {"paid": True, "not_again": False, "charged_once": True}


async def test_a_line_that_goes_dead_and_a_link(till: Till, players: Players) -> None:
    made, call_id = await started(till, E.HANGS_UP_KEYING)
    intent_id = await till.intent(call_id=call_id)
    await till.start(intent_id)
    assert await _line(till) == 1
    async with till.hub.sessions.begin() as session:
        gone = CallEvidence(f"CA-{made.rehearsal_id}", CallState.ENDED, new_ulid())
        await calls.apply(till.hub, session, gone)
    await till.work()
    assert await _line(till) == 2
    await till.link(intent_id)
    assert all((await finish(till, call_id)).values())


async def test_the_account_that_came_up_is_taken_off_first(till: Till, players: Players) -> None:
    _, call_id = await started(till, E.WITHHELD)
    await calls.choose_customer(till.hub, till.who, call_id, None)
    await _as(till, E.WRONG_ACCOUNT)
    await calls.choose_customer(till.hub, till.who, call_id, "cus_1")
    await till.paid(call_id=call_id)
    assert all((await finish(till, call_id)).values())


async def _as(till: Till, exercise: E) -> None:
    """Let the rehearsal that goes on be of another exercise: two customers are a matter of casting."""
    (row,) = await till.rows(Rehearsal)
    await till.change(Rehearsal, row.rehearsal_id, exercise=exercise)


async def test_digits_on_the_desk_and_at_the_door_count(till: Till, players: Players) -> None:
    for who, address in ((till.who, ""), (None, till.who.address), (None, "192.0.2.7")):
        _, call_id = await started(till, E.READS_ALOUD)
        attempt_id = await till.start(await till.intent(call_id=call_id))
        async with till.hub.sessions.begin() as session:
            if who is not None:
                await captures.refuse_digits(session, who, attempt_id)
            else:  # as the door notes it, before anybody looks who sends
                audit.append(session, None, "card_number", subject="body", result="refused", address=address)
        await payments.cancel(till.hub, till.who, attempt_id)
        scored = await finish(till, call_id)
        assert scored["nothing_typed"] is (address == "192.0.2.7")
        await _long_ago(till)


async def _long_ago(till: Till) -> None:
    """Let the payments so far be older than what the guards look at."""
    async with till.hub.sessions.begin() as session:
        before = now() - timedelta(hours=2)
        await session.execute(update(tables.PaymentIntent).values(created_at=before))


async def test_a_part_and_the_promise_of_the_rest(till: Till, players: Players) -> None:
    made, call_id = await started(till, E.PART_PAYMENT)
    await till.paid(call_id=call_id, minor=6100)
    assert await _line(till) == 1
    rest, rest_on = made.cast.rest, made.cast.rest_on
    assert rest
    assert rest_on
    new = NewPromise(key=new_ulid(), call_id=call_id, amount=rest, due_on=rest_on)
    await promises.make(till.hub, till.who, "cus_1", new)
    assert all((await finish(till, call_id)).values())


async def test_a_refund_over_the_limit_goes_to_a_supervisor(till: Till, players: Players) -> None:
    await _large(till)
    made, call_id = await started(till, E.LARGE_REFUND)
    (payment,) = await till.rows(tables.PaymentIntent)
    new = NewRefund(key=new_ulid(), amount=made.cast.amount, reason="Not owed")
    async with till.hub.sessions.begin() as session:
        await refund_requests.ask(till.hub, session, till.who, payment.intent_id, new)
    assert await _line(till) == 1
    assert all((await finish(till, call_id)).values())
    assert await off(till, E.LARGE_REFUND) == "rehearsal_needs_payment"  # that one is asked for


async def test_a_part_given_back_to_stay_under_the_limit_is_scored_so(till: Till, players: Players) -> None:
    attempt_id = await _large(till)
    _, call_id = await started(till, E.LARGE_REFUND)
    await till.give_back(till.who, attempt_id, 100)
    scored = await finish(till, call_id)
    assert scored == {"asked_for_all": False, "not_in_parts": False, "nothing_typed": True}


async def _large(till: Till) -> str:
    """Let somebody without a limit have taken a payment; this agent may give back up to £50."""
    attempt_id = await till.paid()
    call_id = (await till.show(attempt_id)).call_id
    await _over(till, call_id)
    await till.change(tables.Call, call_id, queue=QUEUE)
    till.who = replace(till.who, limit=Amount(minor=5000, currency="GBP"), may_refund=True)
    assert await off(till, E.LARGE_REFUND) is None
    return attempt_id


async def test_no_payment_is_asked_back_that_no_rehearsal_took(till: Till, players: Players) -> None:
    attempt_id = await _large(till)
    await till.change(tables.Attempt, attempt_id, live=True)
    assert await off(till, E.LARGE_REFUND) == "rehearsal_needs_payment"
    await till.change(tables.Attempt, attempt_id, live=False)
    await till.change(tables.Call, (await till.show(attempt_id)).call_id, queue="billing")
    assert await off(till, E.LARGE_REFUND) == "rehearsal_needs_payment"


async def test_nobody_to_pay_back_is_said(till: Till, players: Players) -> None:
    till.who = replace(till.who, limit=Amount(minor=5000, currency="GBP"), may_refund=True)
    error = await refused(Conflict, rehearsals.start(till.hub, till.who, wish(E.LARGE_REFUND)))
    assert error.code == "rehearsal_needs_payment"
