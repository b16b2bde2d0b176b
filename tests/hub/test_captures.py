"""The agent's steps in a card session: asking, submitting, cancelling, and presses that come twice."""

from collections.abc import Awaitable
from datetime import timedelta

import pytest

from agentdesk.adapters.base import NotSent, OutcomeUnknown, Rejected
from agentdesk.domain.capture import CaptureEvent, CaptureState, CardField, CloseCause, FieldProblem
from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import AgentDeskError, Conflict, NotFound, Unavailable
from agentdesk.domain.ids import now
from agentdesk.domain.payment import AttemptState
from agentdesk.hub import captures
from agentdesk.hub.capture_session import UNWATCHED_AFTER_S
from agentdesk.hub.db.tables import AuditEntry, CaptureSession, PaymentEvent
from agentdesk.wire.captures import FieldState, ReadBack, Submit
from tests.hub.till import CARD, Till

pytestmark = pytest.mark.anyio
NUMBER, EXPIRY, CODE = CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE


async def _open(till: Till) -> str:
    return await till.start(await till.intent())


async def _refused(error: type[AgentDeskError], work: Awaitable[None]) -> AgentDeskError:
    with pytest.raises(error) as refused:
        await work
    return refused.value


async def _actions(till: Till) -> list[str]:
    return [row.action for row in await till.rows(AuditEntry)]


async def _fields(till: Till, attempt_id: str) -> list[str]:
    capture = (await till.attempt(attempt_id)).capture
    assert capture
    return [one.state.value for one in capture.fields]


# ---------------------------------------------------------------- asking
async def test_field_is_live_before_the_provider_is_asked(till: Till) -> None:
    attempt_id = await _open(till)
    seen: list[str] = []

    async def look() -> None:
        seen.extend(await _fields(till, attempt_id))

    till.keypad.meanwhile["request_field"] = look
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    assert seen == ["live", "waiting", "waiting"]
    assert (await _actions(till))[-1] == "capture.ask_number"


async def test_every_ask_has_a_key_of_its_own(till: Till) -> None:
    attempt_id = await _open(till)
    for _ in range(2):
        await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    keys = [one[2] for one in till.keypad.asked if one[0] == "request_field"]
    assert keys == [f"{attempt_id}:1", f"{attempt_id}:2"]


async def test_fields_come_one_after_another(till: Till) -> None:
    attempt_id = await _open(till)
    ask = captures.ask_field
    early = await _refused(Conflict, ask(till.hub, till.who, attempt_id, EXPIRY))
    assert early.code == "step_not_possible"
    await ask(till.hub, till.who, attempt_id, NUMBER)
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    await ask(till.hub, till.who, attempt_id, EXPIRY)
    both = await _refused(Conflict, ask(till.hub, till.who, attempt_id, NUMBER))
    assert "still collecting" in both.text
    assert (await _refused(NotFound, ask(till.hub, till.who, "pa_none", NUMBER))).code == "payment_unknown"


async def test_field_the_provider_does_not_listen_for_can_be_asked_again(till: Till) -> None:
    attempt_id = await _open(till)
    till.keypad.fails["request_field"] = NotSent("down")
    refused = await _refused(Unavailable, captures.ask_field(till.hub, till.who, attempt_id, NUMBER))
    assert refused.code == "capture_unavailable"
    assert (await _fields(till, attempt_id))[0] == FieldState.FAILED
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)


async def test_field_whose_ask_has_no_answer_may_be_listened_for(till: Till) -> None:
    attempt_id = await _open(till)
    till.keypad.fails["request_field"] = OutcomeUnknown("time-out")
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    assert (await _fields(till, attempt_id))[0] == FieldState.LIVE


async def test_refusal_that_comes_after_the_field_is_in_changes_nothing(till: Till) -> None:
    attempt_id = await _open(till)

    async def keyed() -> None:
        await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)

    till.keypad.meanwhile["request_field"] = keyed
    till.keypad.fails["request_field"] = Rejected("not now")
    await _refused(Unavailable, captures.ask_field(till.hub, till.who, attempt_id, NUMBER))
    assert (await _fields(till, attempt_id))[0] == FieldState.DONE


async def test_field_asked_again_must_come_in_before_submit(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    await captures.ask_field(till.hub, till.who, attempt_id, CODE)
    missing = await _refused(Conflict, till.submit(attempt_id))
    assert (missing.code, missing.params["fields"]) == ("fields_missing", "Security code")
    await till.capture(attempt_id, CaptureEvent.FIELD_BAD, field=CODE, problem=FieldProblem.INVALID)
    missing = await _refused(Conflict, till.submit(attempt_id))
    assert missing.params["fields"] == "Security code"


async def test_another_card_is_never_sent_with_the_expiry_and_code_of_the_one_before(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    shown = await till.attempt(attempt_id)
    assert shown.card is None
    assert await _fields(till, attempt_id) == [FieldState.LIVE, FieldState.WAITING, FieldState.WAITING]
    other = CardSummary("mastercard", "4444")
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=other)
    await till.capture(attempt_id, CaptureEvent.ALL_IN)  # the provider keeps what was keyed before
    missing = await _refused(Conflict, till.submit(attempt_id))
    assert (missing.code, missing.params["fields"]) == ("fields_missing", "Expiry date, Security code")
    for card_field in (EXPIRY, CODE):
        await captures.ask_field(till.hub, till.who, attempt_id, card_field)
        await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=card_field, card=other)
        await till.capture(attempt_id, CaptureEvent.ALL_IN)
    await till.submit(attempt_id)
    charged = (await till.attempt(attempt_id)).card
    assert charged is not None and (charged.brand, charged.last4) == ("mastercard", "4444")


# ---------------------------------------------------------------- a desk that is not heard any more
async def _unheard(till: Till, attempt_id: str) -> None:
    long_ago = now() - timedelta(seconds=UNWATCHED_AFTER_S + 1)
    await till.change(CaptureSession, attempt_id, watched_at=long_ago)


async def test_card_entry_that_no_desk_shows_any_more_is_closed(till: Till) -> None:
    attempt_id = await _open(till)
    await captures.close_unwatched(till.hub)
    assert (await till.attempt(attempt_id)).state == AttemptState.OPEN
    await _unheard(till, attempt_id)
    await captures.close_unwatched(till.hub)
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "Your desk had lost its connection.",
    )
    assert attempt.capture and attempt.capture.close_cause is CloseCause.OUT_OF_SIGHT
    assert [one[0] for one in till.keypad.asked] == ["open", "cancel"]
    assert [one[0] for one in till.recorder.asked] == ["pause", "resume"]
    assert "capture.interrupt" in await _actions(till)


async def test_card_entry_of_a_desk_that_is_heard_stays_open(till: Till) -> None:
    attempt_id = await _open(till)
    await _unheard(till, attempt_id)
    async with till.hub.sessions.begin() as session:
        await captures.watch_over(session, attempt_id)
    await captures.close_unwatched(till.hub)
    assert (await till.attempt(attempt_id)).state == AttemptState.OPEN


async def test_what_was_submitted_goes_on_without_a_desk(till: Till) -> None:
    attempt_id = await till.submitted()
    await _unheard(till, attempt_id)
    await captures.close_unwatched(till.hub)
    await till.token(attempt_id)
    await till.charge(attempt_id)
    assert (await till.attempt(attempt_id)).state == AttemptState.APPROVED


# ---------------------------------------------------------------- submitting
async def test_submit_asks_for_the_token_once(till: Till) -> None:
    attempt_id = await till.submitted()
    refused = await _refused(Conflict, till.submit(attempt_id))
    assert refused.code == "step_not_possible"
    assert [one[0] for one in till.keypad.asked].count("submit") == 1
    assert (await _actions(till))[-1] == "capture.submit"


async def test_what_was_read_back_is_kept_with_the_submit(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    at = now().replace(microsecond=0)
    await captures.submit(till.hub, till.who, attempt_id, Submit(read_back={ReadBack.AMOUNT: at}))
    entry = [one for one in await till.rows(AuditEntry) if one.action == "capture.submit"][-1]
    assert entry.detail["read_back"] == {"amount": at.isoformat()}
    line = next(one for one in await till.rows(PaymentEvent) if one.title == "Submitted by the agent")
    assert line.detail == "read back and agreed: the amount"


async def test_without_a_tick_nothing_is_said_to_be_read_back(till: Till) -> None:
    await till.submitted()
    entry = [one for one in await till.rows(AuditEntry) if one.action == "capture.submit"][-1]
    assert entry.detail["read_back"] == {}
    line = next(one for one in await till.rows(PaymentEvent) if one.title == "Submitted by the agent")
    assert line.detail == ""


async def test_submit_before_every_field_is_in_names_them(till: Till) -> None:
    refused = await _refused(Conflict, till.submit(await _open(till)))
    assert refused.params["fields"] == "Card number, Expiry date, Security code"


@pytest.mark.allow_log("submit refused")
async def test_submit_the_provider_refuses_ends_both_sessions(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    till.keypad.fails["submit"] = NotSent("down")
    await till.submit(attempt_id)
    assert (await till.attempt(attempt_id)).state == AttemptState.NOT_SENT
    await till.work()
    assert till.keypad.asked[-1] == ("cancel", attempt_id)  # else the next try finds a session open


async def test_submit_without_an_answer_waits_for_the_token(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    till.keypad.fails["submit"] = OutcomeUnknown("time-out")
    await till.submit(attempt_id)
    assert await till.token(attempt_id)


async def test_token_that_is_faster_than_the_reply_is_charged(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    tokens: list[object] = []

    async def token() -> None:
        tokens.append(await till.token(attempt_id))

    till.keypad.meanwhile["submit"] = token
    till.keypad.fails["submit"] = OutcomeUnknown("time-out")
    await till.submit(attempt_id)
    assert tokens != [None]
    assert (await till.attempt(attempt_id)).state == AttemptState.SENDING


# ---------------------------------------------------------------- cancelling
async def test_cancel_frees_the_debt_once_the_provider_confirmed(till: Till) -> None:
    attempt_id = await _open(till)
    await captures.cancel(till.hub, till.who, attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (AttemptState.NOT_SENT, "You cancelled it.")
    assert (await _actions(till))[-1] == "capture.cancel"
    assert till.keypad.asked[-1] == ("cancel", attempt_id)


async def test_cancel_twice_is_no_error(till: Till) -> None:
    attempt_id = await _open(till)

    async def again() -> None:
        await captures.cancel(till.hub, till.who, attempt_id)

    till.keypad.meanwhile["cancel"] = again
    await captures.cancel(till.hub, till.who, attempt_id)
    await captures.cancel(till.hub, till.who, attempt_id)
    assert (await _actions(till)).count("capture.cancel") == 1


@pytest.mark.allow_log("cancel not confirmed")
async def test_cancel_the_provider_does_not_confirm_waits_for_the_deadline(till: Till) -> None:
    attempt_id = await _open(till)
    till.keypad.fails["cancel"] = OutcomeUnknown("time-out")
    await captures.cancel(till.hub, till.who, attempt_id)
    assert (await till.row(CaptureSession, attempt_id)).state == CaptureState.CANCELLING
    assert (await till.attempt(attempt_id)).state == AttemptState.OPEN


@pytest.mark.allow_log("cancel not confirmed")
@pytest.mark.parametrize(("error", "again"), [(NotSent("down"), 1), (Rejected("call is over"), 0)])
async def test_session_closed_here_is_ended_there_as_soon_as_the_provider_answers(
    till: Till, error: Exception, again: int
) -> None:
    attempt_id = await _open(till)
    await captures.cancel(till.hub, till.who, attempt_id)
    till.keypad.fails["cancel"] = error
    await captures.cancel_at_provider(till.hub, attempt_id)
    assert len(await till.jobs("cancel_capture")) == again


async def test_cancel_is_refused_once_money_is_sent(till: Till) -> None:
    attempt_id = await till.sending()
    refused = await _refused(Conflict, captures.cancel(till.hub, till.who, attempt_id))
    assert refused.code == "step_not_possible"
    await till.charge(attempt_id)
    await _refused(Conflict, captures.cancel(till.hub, till.who, attempt_id))
    assert (await till.attempt(attempt_id)).state == AttemptState.APPROVED


async def test_submit_after_a_cancel_is_refused(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    await captures.cancel(till.hub, till.who, attempt_id)
    await _refused(Conflict, till.submit(attempt_id))


# ---------------------------------------------------------------- the caller hangs up
async def test_hanging_up_before_submit_charges_nothing(till: Till) -> None:
    call_id = await till.call()
    attempt_id = await till.start(await till.intent(call_id=call_id))
    await till.key_card(attempt_id)
    await till.hang_up(call_id)
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert attempt.state == AttemptState.NOT_SENT
    assert "hung up" in str(attempt.not_sent_reason)


async def test_hanging_up_after_submit_goes_on_to_the_outcome(till: Till) -> None:
    call_id = await till.call()
    attempt_id = await till.start(await till.intent(call_id=call_id))
    await till.key_card(attempt_id)
    await till.submit(attempt_id)
    await till.hang_up(call_id)
    assert await till.token(attempt_id)
    await till.charge(attempt_id)
    assert (await till.attempt(attempt_id)).state == AttemptState.APPROVED
