"""Refunds over a limit: asked for, allowed by somebody else or not, and sent once."""

import asyncio

import pytest

from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.people import Role
from agentdesk.domain.refund import RefundEvent, RefundState
from agentdesk.hub import days, payment_log, refund_requests, refunds, work
from agentdesk.hub.auth import Who
from agentdesk.hub.db.refund_requests import RefundRequest
from agentdesk.hub.db.tables import AuditEntry, PaymentIntent, Refund
from agentdesk.wire import payments as wire
from agentdesk.wire.model import Amount
from agentdesk.wire.refunds import NewRefund, RefundDecision
from agentdesk.wire.refunds import RefundRequest as Asked
from agentdesk.wire.work import WorkKind
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
ALL = 12336


@pytest.fixture
async def ruth(till: Till) -> Who:
    """A supervisor without a limit."""
    return await till.colleague(Role.SUPERVISOR)


@pytest.fixture
async def sam(till: Till) -> Who:
    """An agent who may refund up to £50."""
    sam = await till.colleague()
    object.__setattr__(sam, "limit", Amount(minor=5000, currency="GBP"))
    object.__setattr__(sam, "may_refund", True)
    return sam


def wish(minor: int = 8000, key: str = "") -> NewRefund:
    """Return what somebody wants to go back."""
    amount = Amount(minor=minor, currency="GBP")
    return NewRefund(key=key or new_ulid(), amount=amount, reason="Billed twice")


async def _ask(till: Till, who: Who, attempt_id: str, new: NewRefund | None = None) -> Asked:
    intent_id = (await till.show(attempt_id)).intent_id
    async with till.hub.sessions.begin() as session:
        shown = await refund_requests.ask(till.hub, session, who, intent_id, new or wish())
    assert shown.refund_request is not None
    return shown.refund_request


async def _decide(till: Till, who: Who, asked: Asked, *, allow: bool = True) -> wire.PaymentIntent:
    word = RefundDecision(allow=allow, why="Seen the two bills")
    return await refund_requests.decide(till.hub, who, asked.request_id, word)


async def _refused(doing: object) -> str:
    with pytest.raises(AgentDeskError) as why:
        await doing  # type: ignore[misc]
    return why.value.code


async def test_over_the_limit_it_is_asked_for_and_nothing_is_sent(till: Till, sam: Who) -> None:
    attempt_id = await till.paid()
    assert await _refused(till.give_back(sam, attempt_id, 8000)) == "refund_over_limit"
    asked = await _ask(till, sam, attempt_id)
    assert (asked.amount.minor, asked.reason, asked.asked_by_id) == (8000, "Billed twice", sam.user_id)
    assert (asked.allowed, asked.decided_by) == (None, None)
    assert await till.rows(Refund) == []
    assert not [one for one in till.bank.asked if one[0] == "refund"]
    async with till.hub.sessions() as session:
        waiting = (await work.listing(session)).rows
    assert [(one.kind, one.agent_name, one.detail) for one in waiting] == [
        (WorkKind.REFUND, "Sam", "Sam asks to refund £80.00: Billed twice")
    ]


async def test_allowed_it_is_sent_once_as_who_asked_wanted_it(till: Till, sam: Who, ruth: Who) -> None:
    attempt_id = await till.paid()
    asked = await _ask(till, sam, attempt_id)
    twice = await asyncio.gather(_decide(till, ruth, asked), _decide(till, ruth, asked))
    shown = await till.show(attempt_id)
    assert shown.refund_request is not None
    assert (shown.refund_request.allowed, shown.refund_request.decided_by) == (True, "Sam")
    assert [(one.amount.minor, one.reason, one.state) for one in shown.refunds] == [
        (8000, "Billed twice", RefundState.DONE)
    ]
    assert len(twice) == 2
    assert len([one for one in till.bank.asked if one[0] == "refund"]) == 1
    assert [row.user_id for row in await till.rows(Refund)] == [sam.user_id]
    log = [(row.action, row.result, row.user_id) for row in await till.rows(AuditEntry)]
    assert ("payment.refund_request", "asked", sam.user_id) in log
    assert ("payment.refund_request", "allowed", ruth.user_id) in log
    assert ("payment.refund", "done", ruth.user_id) in log
    async with till.hub.sessions() as session:
        assert (await work.listing(session)).rows == []


async def day_of(till: Till, who: Who) -> wire.AgentDay:
    """Return what the person is told between calls."""
    async with till.hub.sessions() as session:
        return await days.agent_day(session, who, till.hub.settings)


@pytest.mark.parametrize("allow", [True, False])
async def test_who_asked_sees_that_it_waits_and_then_what_was_said(
    till: Till, sam: Who, ruth: Who, *, allow: bool
) -> None:
    attempt_id = await till.paid()  # somebody else's payment
    asked = await _ask(till, sam, attempt_id)
    assert [one.refund_request for one in (await day_of(till, sam)).open_work] == [asked]
    assert (await day_of(till, ruth)).open_work == []
    await _decide(till, ruth, asked, allow=allow)
    day = await day_of(till, sam)
    assert day.open_work == []
    assert [one.refund_request and one.refund_request.allowed for one in day.answered] == [allow]
    assert (await day_of(till, ruth)).answered == []
    assert await _refused(refund_requests.put_away(till.hub, ruth, asked.request_id)) == "payment_unknown"
    for _ in range(2):  # the press came twice
        await refund_requests.put_away(till.hub, sam, asked.request_id)
    assert (await day_of(till, sam)).answered == []
    log = [(row.action, row.user_id) for row in await till.rows(AuditEntry)]
    assert log.count(("refund.put_away", sam.user_id)) == 1


async def test_who_takes_it_back_is_told_nothing(till: Till, sam: Who) -> None:
    asked = await _ask(till, sam, await till.paid())
    await _decide(till, sam, asked, allow=False)
    day = await day_of(till, sam)
    assert (day.open_work, day.answered) == ([], [])


async def test_nobody_allows_their_own_but_may_take_it_back(till: Till, ruth: Who) -> None:
    object.__setattr__(ruth, "limit", Amount(minor=100, currency="GBP"))
    attempt_id = await till.paid()
    asked = await _ask(till, ruth, attempt_id)
    assert await _refused(_decide(till, ruth, asked)) == "not_your_own"
    await _decide(till, ruth, asked, allow=False)
    shown = (await till.show(attempt_id)).refund_request
    assert shown is not None
    assert (shown.allowed, shown.why) == (False, "Seen the two bills")
    assert "Sam took back the refund of £80.00" in await till.titles(attempt_id)
    await _ask(till, ruth, attempt_id)  # and then ask anew


async def test_the_database_itself_takes_no_word_of_who_asked(till: Till, sam: Who) -> None:
    asked = await _ask(till, sam, await till.paid())
    with pytest.raises(Exception, match="never_by_who_asked"):
        await till.change(
            RefundRequest,
            asked.request_id,
            allowed=True,
            why="x",
            decided_by=sam.user_id,
            decided_at=asked.asked_at,
        )


async def test_who_only_refunds_decides_nothing_of_others(till: Till, sam: Who, ruth: Who) -> None:
    object.__setattr__(ruth, "limit", Amount(minor=100, currency="GBP"))
    asked = await _ask(till, ruth, await till.paid())
    assert await _refused(_decide(till, sam, asked)) == "not_allowed"
    assert await _refused(_decide(till, sam, asked, allow=False)) == "not_allowed"


async def test_a_supervisors_own_limit_counts_too_and_leaves_it_waiting(
    till: Till, sam: Who, ruth: Who
) -> None:
    object.__setattr__(ruth, "limit", Amount(minor=7999, currency="GBP"))
    attempt_id = await till.paid()
    asked = await _ask(till, sam, attempt_id)
    assert await _refused(_decide(till, ruth, asked)) == "refund_over_limit"
    shown = (await till.show(attempt_id)).refund_request
    assert shown is not None
    assert shown.allowed is None
    assert await till.rows(Refund) == []


async def test_what_went_back_meanwhile_cannot_go_again(till: Till, sam: Who, ruth: Who) -> None:
    attempt_id = await till.paid()
    asked = await _ask(till, sam, attempt_id)
    await till.give_back(ruth, attempt_id, ALL - 7999)
    assert await _refused(_decide(till, ruth, asked)) == "refund_too_much"
    await till.give_back(ruth, attempt_id, 7999)
    assert await _refused(_decide(till, ruth, asked)) == "refund_none_left"


async def test_decided_is_decided(till: Till, sam: Who, ruth: Who) -> None:
    asked = await _ask(till, sam, await till.paid())
    await _decide(till, ruth, asked, allow=False)
    other = await till.colleague(Role.SUPERVISOR)
    assert await _refused(_decide(till, other, asked)) == "refund_decided"
    assert await _refused(_decide(till, ruth, asked)) == "refund_decided"
    assert await till.rows(Refund) == []


async def test_two_supervisors_at_once_send_one_refund(till: Till, sam: Who, ruth: Who) -> None:
    attempt_id = await till.paid()
    asked = await _ask(till, sam, attempt_id)
    other = await till.colleague(Role.SUPERVISOR)
    ends = await asyncio.gather(
        _decide(till, ruth, asked), _decide(till, other, asked), return_exceptions=True
    )
    assert len([one for one in ends if isinstance(one, AgentDeskError)]) == 1
    assert len(await till.rows(Refund)) == 1


async def test_one_waits_at_a_time_and_one_press_asks_once(till: Till, sam: Who) -> None:
    attempt_id, new = await till.paid(), wish()
    first = await _ask(till, sam, attempt_id, new)
    assert await _ask(till, sam, attempt_id, new) == first
    assert await _refused(_ask(till, sam, attempt_id, wish(9000, new.key))) == "refund_asked"
    assert await _refused(_ask(till, sam, attempt_id)) == "refund_asked"
    assert len(await till.rows(RefundRequest)) == 1


async def test_what_needs_no_question_or_cannot_go_back_is_not_asked(till: Till, sam: Who) -> None:
    attempt_id = await till.paid()
    assert await _refused(_ask(till, sam, attempt_id, wish(5000))) == "refund_within_limit"
    assert await _refused(_ask(till, sam, attempt_id, wish(ALL + 1))) == "refund_too_much"
    assert await _refused(_ask(till, sam, attempt_id, wish(0))) == "amount_zero"
    nothing = await till.sending(minor=4999, invoice="8")
    assert await _refused(_ask(till, sam, nothing, wish(5001))) == "refund_nothing_taken"


@pytest.mark.parametrize("answer", [RefundEvent.DONE, RefundEvent.PENDING])
async def test_small_parts_are_no_way_round_the_limit(
    till: Till, sam: Who, ruth: Who, answer: RefundEvent
) -> None:
    till.bank.refund_answer = answer
    attempt_id = await till.paid()
    await till.give_back(sam, attempt_id, 5000)
    assert await _refused(till.give_back(sam, attempt_id, 1)) == "refund_over_limit"
    other = await till.colleague()
    object.__setattr__(other, "limit", sam.limit)
    object.__setattr__(other, "may_refund", True)
    assert await _refused(till.give_back(other, attempt_id, 1)) == "refund_over_limit"
    asked = await _ask(till, sam, attempt_id, wish(5000))
    object.__setattr__(ruth, "limit", Amount(minor=9999, currency="GBP"))
    assert await _refused(_decide(till, ruth, asked)) == "refund_over_limit"
    object.__setattr__(ruth, "limit", Amount(minor=10000, currency="GBP"))
    assert len((await _decide(till, ruth, asked)).refunds) == 2


async def test_what_did_not_go_back_does_not_count(till: Till, sam: Who) -> None:
    attempt_id = await till.paid()
    till.bank.refund_answer = RefundEvent.FAILED
    await till.give_back(sam, attempt_id, 5000)
    till.bank.refund_answer = RefundEvent.DONE
    assert (await till.give_back(sam, attempt_id, 5000)).state is RefundState.DONE


async def test_who_dies_after_allowing_leaves_a_refund_that_is_followed(
    till: Till, sam: Who, ruth: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await _ask(till, sam, await till.paid())

    async def dies(*_: object) -> None:
        raise ConnectionError("the process ends here")

    monkeypatch.setattr(refund_requests.refund_outcomes, "send", dies)
    with pytest.raises(ConnectionError):
        await _decide(till, ruth, asked)
    [refund] = await till.rows(Refund)
    assert refund.state == RefundState.SENDING
    assert [one["refund_id"] for one in await till.jobs("ask_refund")] == [refund.refund_id]


# ---------------------------------------------------------------- finding what to refund
async def _found(till: Till, text: str) -> list[str]:
    async with till.hub.sessions() as session:
        return [one.intent_id for one in await payment_log.refundable(session, text, "GBP")]


async def test_an_approved_payment_is_found_by_reference_amount_or_last_four(till: Till, sam: Who) -> None:
    attempt_id = await till.paid()
    payment = await till.show(attempt_id)
    for text in (
        payment.reference,
        payment.short_reference,
        payment.short_reference.lower(),
        payment.short_reference.replace("-", ""),
        "123.36",
        "£123.36",
        " 4242 ",
    ):
        assert await _found(till, text) == [payment.intent_id], text
    for text in ("Amara", "123.3", "424", payment.short_reference[-4:], "", "%", "PMT-", "________"):
        assert await _found(till, text) == [], text
    seen = await refunds.refund(till.hub, sam, payment.intent_id, wish(100))
    assert seen.refunds[0].asked_by == "Sam"


async def test_what_took_no_money_is_not_found(till: Till) -> None:
    await till.sending()
    assert await _found(till, "123.36") == []
    assert len(await till.rows(PaymentIntent)) == 1
