"""Card entry that its agent or its call leaves: closed, confirmed by the provider or not, nothing charged."""

import pytest

from agentdesk.adapters.base import OutcomeUnknown
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureEvent, CaptureState, CloseCause
from agentdesk.domain.errors import Conflict
from agentdesk.domain.payment import AttemptState
from agentdesk.hub import calls, captures, payments
from agentdesk.hub.capture_session import CLOSE_WORDS
from agentdesk.hub.db.tables import AuditEntry, CaptureSession
from agentdesk.hub.routes import payments as routes
from agentdesk.hub.routes import people
from agentdesk.wire.captures import CaptureOut
from agentdesk.wire.payments import Attempt
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


async def _live(till: Till) -> tuple[str, str]:
    """Return a call and the attempt whose card is being keyed on it."""
    call_id = await till.call()
    attempt_id = await till.start(await till.intent(call_id=call_id))
    await till.key_card(attempt_id)
    return call_id, attempt_id


async def _closed(till: Till, attempt_id: str) -> tuple[Attempt, CaptureOut]:
    attempt = await till.attempt(attempt_id)
    assert attempt.capture
    return attempt, attempt.capture


async def _submitted(till: Till) -> tuple[str, str]:
    call_id, attempt_id = await _live(till)
    await till.submit(attempt_id)
    return call_id, attempt_id


# ---------------------------------------------------------------- hold and transfer
@pytest.mark.parametrize(
    ("state", "more", "cause"),
    [
        (CallState.HELD, {}, CloseCause.HELD),
        (CallState.CONNECTED, {"transferred": True, "agent": "somebody else"}, CloseCause.TRANSFERRED),
        (CallState.ENDED, {}, CloseCause.HUNG_UP),
    ],
)
async def test_what_takes_the_caller_away_closes_card_entry_at_the_provider(
    till: Till, state: CallState, more: dict[str, object], cause: CloseCause
) -> None:
    call_id, attempt_id = await _live(till)
    await till.line(call_id, state, **more)
    assert (await till.row(CaptureSession, attempt_id)).state == CaptureState.CANCELLING
    await till.work()
    attempt, capture = await _closed(till, attempt_id)
    assert (attempt.state, capture.state, capture.close_cause) == (
        AttemptState.NOT_SENT,
        CaptureState.CLOSED,
        cause,
    )
    assert attempt.not_sent_reason == CLOSE_WORDS[cause]
    assert capture.provider_closed_at
    assert till.keypad.asked[-1] == ("cancel", attempt_id)
    kept = [row for row in await till.rows(AuditEntry) if row.action == "capture.interrupt"]
    assert [row.detail["cause"] for row in kept] == [cause]


@pytest.mark.parametrize("state", [CallState.HELD, CallState.ENDED])
async def test_what_was_submitted_goes_on_to_its_outcome(till: Till, state: CallState) -> None:
    call_id, attempt_id = await _submitted(till)
    await till.line(call_id, state)
    assert await till.token(attempt_id)
    await till.charge(attempt_id)
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED


async def test_told_twice_closes_once(till: Till) -> None:
    call_id, attempt_id = await _live(till)
    await till.line(call_id, CallState.HELD)
    await till.line(call_id, CallState.HELD)
    await till.line(call_id, CallState.ENDED)
    await till.work()
    _, capture = await _closed(till, attempt_id)
    assert capture.close_cause is CloseCause.HELD
    assert [one[0] for one in till.keypad.asked].count("cancel") == 1


async def test_no_card_entry_starts_while_the_caller_is_on_hold(till: Till) -> None:
    call_id, attempt_id = await _live(till)
    await till.line(call_id, CallState.HELD)
    await till.work()
    intent_id = (await till.show(attempt_id)).intent_id
    with pytest.raises(Conflict) as refused:
        await till.start(intent_id)
    assert refused.value.code == "call_held"
    await till.line(call_id, CallState.CONNECTED)
    assert (await till.attempt(await till.start(intent_id))).state is AttemptState.OPEN


async def test_hold_while_the_line_is_being_secured_leaves_no_session_open(till: Till) -> None:
    call_id = await till.call()
    intent_id = await till.intent(call_id=call_id)

    async def hold() -> None:
        await till.line(call_id, CallState.HELD)

    till.keypad.meanwhile["open"] = hold
    attempt_id = await till.start(intent_id)
    await till.work()
    await till.due()
    await till.work()
    attempt, capture = await _closed(till, attempt_id)
    assert attempt.state is AttemptState.NOT_SENT
    assert capture.provider_closed_at
    assert till.keypad.asked[-1] == ("cancel", attempt_id)


async def test_transferred_call_is_the_other_agents(till: Till) -> None:
    other = await till.colleague()
    call_id, attempt_id = await _live(till)
    await till.line(call_id, CallState.CONNECTED, transferred=True, agent=other.username)
    await till.work()
    async with till.hub.sessions() as session:
        assert await calls.current(session, till.who) == []
        assert [one.call_id for one in await calls.current(session, other)] == [call_id]
    assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT
    new = till.agreed(call_id)
    assert (await payments.create(till.hub, other, new)).agent == other.user_id


async def test_transferred_away_from_us_the_agent_wraps_up(till: Till) -> None:
    call_id, _ = await _live(till)
    await till.line(call_id, CallState.CONNECTED, transferred=True)
    async with till.hub.sessions() as session:
        assert [one.state for one in await calls.current(session, till.who)] == [CallState.WRAP_UP]


async def test_transfer_to_the_same_agent_is_none(till: Till) -> None:
    call_id, attempt_id = await _live(till)
    await till.line(call_id, CallState.CONNECTED, transferred=True, agent=till.who.username)
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN


# ---------------------------------------------------------------- the agent goes away
@pytest.mark.parametrize(
    "cause", [CloseCause.SCREEN_LOCKED, CloseCause.ASLEEP, CloseCause.DESK_CLOSED, CloseCause.LINK]
)
async def test_the_desk_says_why_it_cancels(till: Till, cause: CloseCause) -> None:
    _, attempt_id = await _live(till)
    await captures.cancel(till.hub, till.who, attempt_id, cause)
    attempt, capture = await _closed(till, attempt_id)
    assert (attempt.state, capture.close_cause) == (AttemptState.NOT_SENT, cause)
    assert capture.provider_closed_at


async def test_a_locked_screen_does_not_stop_what_was_submitted(till: Till) -> None:
    _, attempt_id = await _submitted(till)
    await captures.cancel(till.hub, till.who, attempt_id, CloseCause.SCREEN_LOCKED)
    assert await till.token(attempt_id)
    await captures.cancel(till.hub, till.who, attempt_id, CloseCause.ASLEEP)
    await till.charge(attempt_id)
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED


async def test_whoever_decides_to_close_the_desk_stops_it_before_the_token(till: Till) -> None:
    _, attempt_id = await _submitted(till)
    await captures.cancel(till.hub, till.who, attempt_id, CloseCause.DESK_CLOSED)
    assert await till.token(attempt_id) is None
    assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT


async def test_a_link_stays_open_where_the_agent_only_goes_away(till: Till) -> None:
    attempt_id = await till.link()
    for cause in (CloseCause.SCREEN_LOCKED, CloseCause.SIGNED_OUT, CloseCause.DESK_CLOSED):
        shown = await routes.cancel(till.hub, attempt_id, till.who, cause)
        assert shown.attempts[-1].state is AttemptState.OPEN
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN


async def test_signing_out_closes_my_card_entry_and_nobody_elses(till: Till) -> None:
    other = await till.colleague()
    _, mine = await _live(till)
    theirs = await till.start(await till.intent(other, invoice="8", minor=5000), other)
    async with till.hub.sessions.begin() as session:
        await captures.signed_out(session, till.who)
    await till.work()
    attempt, capture = await _closed(till, mine)
    assert (attempt.state, capture.close_cause) == (AttemptState.NOT_SENT, CloseCause.SIGNED_OUT)
    assert (await till.attempt(theirs)).state is AttemptState.OPEN


async def test_signing_in_again_in_place_ends_the_session_before_and_no_card_entry(till: Till) -> None:
    _, attempt_id = await _live(till)
    async with till.hub.sessions.begin() as session:
        await people.sign_out(session, till.who, renewed=True)
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN
    async with till.hub.sessions.begin() as session:
        await people.sign_out(session, till.who)
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT


# ---------------------------------------------------------------- the provider's word
@pytest.mark.allow_log("cancel not confirmed")
async def test_closed_there_is_said_only_by_the_provider(till: Till) -> None:
    _, attempt_id = await _live(till)
    till.keypad.fails["cancel"] = OutcomeUnknown("time-out")
    await captures.cancel(till.hub, till.who, attempt_id)
    await till.late(attempt_id)
    attempt, capture = await _closed(till, attempt_id)
    assert (attempt.state, capture.provider_closed_at) == (AttemptState.NOT_SENT, None)
    version = (await till.show(attempt_id)).version
    await till.work()  # it is told again, and answers
    _, capture = await _closed(till, attempt_id)
    assert capture.provider_closed_at
    assert (await till.show(attempt_id)).version > version  # the desk hears of it


@pytest.mark.allow_log("cancel not confirmed")
@pytest.mark.parametrize("event", [CaptureEvent.ENDED, CaptureEvent.FAILED])
async def test_the_providers_own_callback_confirms_too(till: Till, event: CaptureEvent) -> None:
    _, attempt_id = await _live(till)
    till.keypad.fails["cancel"] = OutcomeUnknown("time-out")
    await captures.cancel(till.hub, till.who, attempt_id)
    await till.capture(attempt_id, event, reason="Card entry was cancelled.")
    attempt, capture = await _closed(till, attempt_id)
    assert attempt.not_sent_reason == CLOSE_WORDS[CloseCause.AGENT]
    assert capture.provider_closed_at
