"""What ends out of its agent's sight: it is listed until they put it away, and the record knows of links."""

from datetime import timedelta

import pytest

from agentdesk.adapters.base import NotSent
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import now
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.hub import calls, days, news
from agentdesk.hub.db.tables import Attempt, AuditEntry, Call, PaymentLink
from agentdesk.wire.calls import WrapUp
from tests.hub.till import Till, refused

pytestmark = pytest.mark.anyio
APPROVED, CLOSED, DECLINED = AttemptEvent.APPROVED, AttemptEvent.CLOSED, AttemptEvent.DECLINED
LATE = pytest.mark.allow_log("late success")


async def ended(till: Till) -> list[tuple[str, AttemptState | None]]:
    """Return what the agent is told of payments that ended after their call."""
    async with till.hub.sessions() as session:
        day = await days.agent_day(session, till.who, till.hub.settings)
    assert not {one.intent_id for one in day.ended} & {one.intent_id for one in day.open_work}
    return [(one.intent_id, one.state) for one in day.ended]


async def wrap_up(till: Till) -> None:
    """Finish every call."""
    for call in await till.rows(Call):
        await till.hang_up(call.call_id)
        await calls.wrap_up(till.hub, till.who, call.call_id, WrapUp(disposition="call_dropped"))


async def unknown(till: Till) -> str:
    """Return an attempt whose charge was not answered."""
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.NO_ANSWER)
    return attempt_id


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (APPROVED, AttemptState.APPROVED),
        (DECLINED, AttemptState.DECLINED),
        (AttemptEvent.ABSENT, AttemptState.NOT_SENT),
    ],
)
async def test_an_unknown_that_ends_after_the_call_is_told_until_it_is_put_away(
    till: Till, event: AttemptEvent, state: AttemptState
) -> None:
    attempt_id = await unknown(till)
    intent_id = (await till.show(attempt_id)).intent_id
    await wrap_up(till)
    assert await ended(till) == []
    await till.learn(attempt_id, event)
    assert await ended(till) == [(intent_id, state)]
    shown = await news.put_away(till.hub, till.who, intent_id, state)
    assert shown.state is state
    assert await ended(till) == []
    assert [one.subject for one in await till.rows(AuditEntry) if one.action == "payment.put_away"] == [
        intent_id
    ]


@pytest.mark.parametrize(
    ("event", "state"), [(APPROVED, AttemptState.APPROVED), (CLOSED, AttemptState.NOT_SENT)]
)
async def test_a_link_that_ends_after_the_call_is_told(
    till: Till, event: AttemptEvent, state: AttemptState
) -> None:
    attempt_id = await till.link()
    await wrap_up(till)
    await till.told(till.pages.end(attempt_id, event))
    assert [one for _, one in await ended(till)] == [state]


async def test_a_charge_on_its_way_at_the_wrap_up_is_told_when_it_ends(till: Till) -> None:
    attempt_id = await till.sending()
    await wrap_up(till)
    await till.charge(attempt_id)
    assert [one for _, one in await ended(till)] == [AttemptState.APPROVED]


async def test_what_ended_in_sight_is_no_news(till: Till) -> None:
    doubted = await unknown(till)
    await till.learn(doubted, DECLINED)
    assert await ended(till) == []
    await till.change(Attempt, doubted, ended_at=now() - 2 * news.SEEN_AFTER)
    await till.paid()
    await wrap_up(till)
    assert await ended(till) == []


async def test_what_ended_with_the_very_press_that_ended_the_call_is_told(till: Till) -> None:
    attempt_id = await unknown(till)
    await till.learn(attempt_id, DECLINED)
    await wrap_up(till)
    assert [one for _, one in await ended(till)] == [AttemptState.DECLINED]


@LATE
async def test_what_became_something_else_meanwhile_is_not_put_away(till: Till) -> None:
    attempt_id = await unknown(till)
    intent_id = (await till.show(attempt_id)).intent_id
    await wrap_up(till)
    await till.learn(attempt_id, DECLINED)
    await till.learn(attempt_id, APPROVED)
    error = await refused(Conflict, news.put_away(till.hub, till.who, intent_id, AttemptState.DECLINED))
    assert error.code == "step_not_possible"
    assert await ended(till) == [(intent_id, AttemptState.APPROVED)]


@LATE
async def test_a_late_success_comes_back_after_it_was_put_away(till: Till) -> None:
    attempt_id = await unknown(till)
    intent_id = (await till.show(attempt_id)).intent_id
    await wrap_up(till)
    await till.learn(attempt_id, DECLINED)
    await news.put_away(till.hub, till.who, intent_id, AttemptState.DECLINED)
    await till.learn(attempt_id, APPROVED)
    assert await ended(till) == [(intent_id, AttemptState.APPROVED)]


async def test_nobody_else_puts_it_away(till: Till) -> None:
    attempt_id = await unknown(till)
    intent_id = (await till.show(attempt_id)).intent_id
    await wrap_up(till)
    await till.learn(attempt_id, DECLINED)
    other = await till.colleague()
    await refused(NotFound, news.put_away(till.hub, other, intent_id, AttemptState.DECLINED))
    assert len(await ended(till)) == 1


# ---------------------------------------------------------------- what it means for the debt
async def taken_elsewhere(till: Till) -> list[str]:
    """Return which of the ended payments another payment took, or may have."""
    async with till.hub.sessions() as session:
        return (await days.agent_day(session, till.who, till.hub.settings)).taken_elsewhere


async def ran_out(till: Till) -> str:
    """Return a payment whose link was not paid in its time, after its call."""
    attempt_id = await till.link()
    await wrap_up(till)
    await till.told(till.pages.end(attempt_id, CLOSED))
    return (await till.show(attempt_id)).intent_id


async def test_a_link_that_ran_out_is_still_owed(till: Till) -> None:
    await ran_out(till)
    await till.paid(minor=5000, invoice="8")
    assert await taken_elsewhere(till) == []


async def test_a_link_that_ran_out_is_not_owed_once_the_next_call_has_paid_it(till: Till) -> None:
    intent_id = await ran_out(till)
    await till.paid()
    assert await taken_elsewhere(till) == [intent_id]


async def test_a_link_that_ran_out_may_be_paid_while_another_charge_is_not_answered(till: Till) -> None:
    intent_id = await ran_out(till)
    await unknown(till)
    assert await taken_elsewhere(till) == [intent_id]


@LATE
@pytest.mark.allow_log("two charges for one debt")
async def test_both_charges_of_one_debt_are_with_a_supervisor_until_the_alarm_is_closed(till: Till) -> None:
    keypad = await unknown(till)
    await till.learn(keypad, DECLINED)
    await till.change(Attempt, keypad, ended_at=now() - 2 * news.SEEN_AFTER)
    link = await till.link()
    await wrap_up(till)
    await till.told(till.pages.end(link, APPROVED))
    assert await taken_elsewhere(till) == []
    await till.learn(keypad, APPROVED)
    assert await taken_elsewhere(till) == [(await till.show(link)).intent_id]
    await till.change(Attempt, keypad, alarm_closed_at=now())
    assert await taken_elsewhere(till) == []


# ---------------------------------------------------------------- the customer's record
async def noted(till: Till) -> list[str]:
    """Return what was written into the customer's record about links."""
    await till.work()
    logged = till.records.logged.items()
    return [one.body for reference, one in logged if str(reference).startswith("LINK-")]


async def test_a_link_that_ran_out_is_in_the_customers_record_once(till: Till) -> None:
    attempt_id = await till.link()
    await wrap_up(till)
    await till.told(till.pages.end(attempt_id, CLOSED))
    await till.told(till.pages.ended[f"cs-{attempt_id}"])
    (body,) = await noted(till)
    assert body.startswith("The payment link for £123.36 for INV-7 was not paid in its time.")
    assert "Nothing was charged. Reference " in body


async def test_a_link_whose_card_was_declined_is_in_the_record(till: Till) -> None:
    attempt_id = await till.link()
    await till.told(till.pages.end(attempt_id, DECLINED))
    (body,) = await noted(till)
    assert body.startswith("The bank declined £123.36 for INV-7 on the payment link.")


@LATE
async def test_the_note_of_a_link_whose_debt_was_paid_another_way_says_so(till: Till) -> None:
    """The keypad's charge was told as not sent, the customer got a link, and then the charge turns up."""
    keypad = await till.sending()
    await till.learn(keypad, AttemptEvent.REFUSED)
    await till.link((await till.show(keypad)).intent_id)
    await till.learn(keypad, APPROVED)
    (body,) = await noted(till)
    assert "was closed: it was paid another way. Reference " in body
    assert "Nothing was charged" not in body
    assert await told_of_payment(till, "It had been told as not charged.")


@LATE
@pytest.mark.allow_log("write-back not done")
async def test_a_note_that_is_written_after_the_link_was_paid_does_not_say_otherwise(till: Till) -> None:
    attempt_id = await till.link()
    till.records.fails["log_activity"] = NotSent("down")
    await till.told(till.pages.end(attempt_id, CLOSED))
    await till.told(till.pages.end(attempt_id, APPROVED))
    await till.due()
    (body,) = await noted(till)
    assert body.startswith("The payment link for £123.36 for INV-7 was paid after all. Reference ")
    assert next(one.subject for one in till.records.logged.values()) == "Payment link paid: £123.36"


@LATE
async def test_a_payment_corrects_the_note_that_its_link_was_not_paid(till: Till) -> None:
    attempt_id = await till.link()
    await till.told(till.pages.end(attempt_id, CLOSED))
    (body,) = await noted(till)
    assert "Nothing was charged" in body
    await till.told(till.pages.end(attempt_id, APPROVED))
    assert await told_of_payment(till, "It had been told as not charged.")


async def test_what_was_told_as_nothing_needs_no_correction(till: Till) -> None:
    await till.paid()
    assert not await told_of_payment(till, "not charged")


@pytest.mark.allow_log("write-back not done|evidence differs")
async def test_no_note_says_that_nothing_was_charged_while_that_is_not_known(till: Till) -> None:
    attempt_id = await till.link()
    till.records.fails["log_activity"] = NotSent("down")
    await till.told(till.pages.end(attempt_id, CLOSED))
    await till.told(till.pages.end(attempt_id, AttemptEvent.PENDING))
    await till.due()
    (body,) = await noted(till)
    assert "is over; it may yet be charged. Reference " in body


async def told_of_payment(till: Till, words: str) -> bool:
    """Say whether the note of the payment has these words."""
    await till.work()
    (body,) = [one.body for key, one in till.records.logged.items() if str(key).startswith("PMT-")]
    return words in body


async def test_a_paid_link_has_no_such_note(till: Till) -> None:
    attempt_id = await till.link()
    await till.told(till.pages.end(attempt_id, APPROVED))
    assert await noted(till) == []


async def test_a_link_that_reached_nobody_is_not_noted(till: Till) -> None:
    attempt_id = await till.link()
    link = await till.link_of(attempt_id)
    assert link.sent_at
    await till.change(PaymentLink, attempt_id, sent_at=None, expires_at=now() + timedelta(minutes=5))
    await till.told(till.pages.end(attempt_id, CLOSED))
    assert await noted(till) == []
