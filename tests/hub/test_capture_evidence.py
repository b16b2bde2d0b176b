"""What the keypad service reports, in every order, and what its silence means."""

from datetime import timedelta

import pytest

from agentdesk.adapters.base import TokenRef
from agentdesk.domain.capture import CaptureEvent, CaptureState, CardField, FieldProblem
from agentdesk.domain.ids import now
from agentdesk.domain.payment import AttemptState
from agentdesk.hub import capture_evidence, captures
from agentdesk.hub.db.tables import CaptureSession
from agentdesk.wire.captures import CaptureOut, FieldOut, FieldState
from tests.hub.till import CARD, Till

pytestmark = pytest.mark.anyio
NUMBER, EXPIRY = CardField.NUMBER, CardField.EXPIRY


async def _open(till: Till) -> str:
    return await till.start(await till.intent())


async def _asked(till: Till, card_field: CardField = NUMBER) -> str:
    attempt_id = await _open(till)
    await captures.ask_field(till.hub, till.who, attempt_id, card_field)
    return attempt_id


async def _shown(till: Till, attempt_id: str) -> CaptureOut:
    capture = (await till.attempt(attempt_id)).capture
    assert capture
    return capture


async def _field(till: Till, attempt_id: str, card_field: CardField = NUMBER) -> FieldOut:
    return next(one for one in (await _shown(till, attempt_id)).fields if one.field is card_field)


async def _time_passes(till: Till, attempt_id: str) -> None:
    await till.change(CaptureSession, attempt_id, deadline_at=now() - timedelta(seconds=1))
    await capture_evidence.check_deadline(till.hub, attempt_id)


async def _waits_s(till: Till, attempt_id: str) -> float:
    row = await till.row(CaptureSession, attempt_id)
    return float((row.deadline_at - now()).total_seconds())


@pytest.mark.allow_log("word of another card session")
@pytest.mark.parametrize("other", [{"session_id": "PK_other"}, {"call_ref": "CA_other"}])
async def test_word_of_another_session_or_call_is_an_alarm_and_never_a_charge(
    till: Till, other: dict[str, str]
) -> None:
    attempt_id = await till.submitted()
    for event, more in ((CaptureEvent.TOKEN, {"token": TokenRef("bank", "pm_1")}), (CaptureEvent.ENDED, {})):
        assert await till.capture(attempt_id, event, **more, **other) is None
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.OPEN, True)
    assert (await _shown(till, attempt_id)).state is CaptureState.TOKENISING
    assert (await till.titles(attempt_id)).count("Evidence differs") == 1
    ours = await till.row(CaptureSession, attempt_id)
    same = {"session_id": ours.session_id, "call_ref": ours.call_ref}
    assert await till.capture(attempt_id, CaptureEvent.TOKEN, token=TokenRef("bank", "pm_1"), **same)


async def test_keys_are_counted_and_never_backwards(till: Till) -> None:
    attempt_id = await _asked(till)
    for digits in (3, 5, 4):
        await till.capture(attempt_id, CaptureEvent.PROGRESS, field=NUMBER, digits=digits)
    assert (await _field(till, attempt_id)).digits == 5


async def test_keys_move_the_deadline(till: Till) -> None:
    attempt_id = await _asked(till)
    await till.change(CaptureSession, attempt_id, deadline_at=now() + timedelta(seconds=2))
    await till.capture(attempt_id, CaptureEvent.PROGRESS, field=NUMBER, digits=3)
    assert await _waits_s(till, attempt_id) > 20
    deadline = (await _field(till, attempt_id)).deadline
    assert deadline
    assert (deadline - now()).total_seconds() > 20


async def test_keys_add_no_jobs_and_the_fields_own_looks_again_at_the_moved_deadline(till: Till) -> None:
    attempt_id = await _asked(till)
    before = await till.jobs("check_capture")
    for digits in (1, 2, 3):
        await till.capture(attempt_id, CaptureEvent.PROGRESS, field=NUMBER, digits=digits)
    assert await till.jobs("check_capture") == before
    await capture_evidence.check_deadline(till.hub, attempt_id)
    added = (await till.jobs("check_capture"))[len(before) :]
    moved = (await till.row(CaptureSession, attempt_id)).deadline_at
    assert [one["at"] > moved for one in added] == [True]


async def test_a_look_adds_none_where_a_later_step_brings_its_own(till: Till) -> None:
    attempt_id = await _asked(till)
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    before = await till.jobs("check_capture")
    await capture_evidence.check_deadline(till.hub, attempt_id)
    assert await till.jobs("check_capture") == before


async def test_field_in_shows_the_card_and_readies_the_next(till: Till) -> None:
    attempt_id = await _asked(till)
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    assert (await _field(till, attempt_id)).state is FieldState.DONE
    assert (await _field(till, attempt_id, EXPIRY)).state is FieldState.READY
    card = (await till.attempt(attempt_id)).card
    assert card
    assert card.label == "Visa ending 4242"


async def test_agent_has_time_to_read_back_after_a_field_is_in(till: Till) -> None:
    attempt_id = await _asked(till)
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    assert await _waits_s(till, attempt_id) > 300
    await till.key_card(attempt_id)
    assert await _waits_s(till, attempt_id) > 300
    await capture_evidence.check_deadline(till.hub, attempt_id)
    assert (await _shown(till, attempt_id)).state is CaptureState.COLLECTED


async def test_bad_field_says_why_and_can_be_asked_again(till: Till) -> None:
    attempt_id = await _asked(till)
    await till.capture(attempt_id, CaptureEvent.FIELD_BAD, field=NUMBER, problem=FieldProblem.INVALID)
    bad = await _field(till, attempt_id)
    assert (bad.state, bad.problem, bad.digits) == (FieldState.FAILED, FieldProblem.INVALID, None)
    assert await _waits_s(till, attempt_id) > 300
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    good = await _field(till, attempt_id)
    assert (good.state, good.problem, good.tries) == (FieldState.DONE, None, 2)


async def test_late_word_of_an_earlier_try_does_not_undo_a_field_that_is_in(till: Till) -> None:
    attempt_id = await _asked(till)
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    await till.capture(attempt_id, CaptureEvent.FIELD_BAD, field=NUMBER, problem=FieldProblem.INVALID)
    await till.capture(attempt_id, CaptureEvent.PROGRESS, field=NUMBER, digits=3)
    assert (await _field(till, attempt_id)).state is FieldState.DONE


async def test_security_code_is_never_counted(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    assert (await _field(till, attempt_id, CardField.SECURITY_CODE)).digits is None


@pytest.mark.parametrize("event", [CaptureEvent.ENDED, CaptureEvent.FAILED])
async def test_session_that_ends_closes_the_attempt_and_says_why(till: Till, event: CaptureEvent) -> None:
    attempt_id = await _asked(till)
    await till.capture(attempt_id, event, reason="The caller pressed star, which ends card entry.")
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "The caller pressed star, which ends card entry.",
    )
    assert len(await till.jobs("resume_recorder")) == 1


# ---------------------------------------------------------------- the token
async def test_token_is_charged_once(till: Till) -> None:
    attempt_id = await till.submitted()
    assert await till.token(attempt_id) == TokenRef("bank", "pm_1")
    assert await till.token(attempt_id) is None
    assert (await till.attempt(attempt_id)).state == AttemptState.SENDING


async def test_token_nobody_submitted_for_is_dropped(till: Till) -> None:
    attempt_id = await _open(till)
    await till.key_card(attempt_id)
    assert await till.token(attempt_id) is None
    assert (await till.attempt(attempt_id)).state == AttemptState.OPEN


async def test_token_after_a_cancel_is_dropped(till: Till) -> None:
    attempt_id = await till.submitted()

    async def token() -> None:
        assert await till.token(attempt_id) is None

    till.keypad.meanwhile["cancel"] = token
    await captures.cancel(till.hub, till.who, attempt_id)
    assert (await till.attempt(attempt_id)).state == AttemptState.NOT_SENT
    assert till.bank.asked == []


async def test_token_after_the_deadline_is_dropped(till: Till) -> None:
    attempt_id = await till.submitted()
    await _time_passes(till, attempt_id)
    assert await till.token(attempt_id) is None
    attempt = await till.attempt(attempt_id)
    assert attempt.state == AttemptState.NOT_SENT
    assert "in time" in str(attempt.not_sent_reason)
    assert len(await till.jobs("cancel_capture")) == 1


# ---------------------------------------------------------------- silence
async def test_field_that_times_out_can_be_asked_again(till: Till) -> None:
    attempt_id = await _asked(till)
    await _time_passes(till, attempt_id)
    field = await _field(till, attempt_id)
    assert (field.state, field.problem) == (FieldState.FAILED, FieldProblem.TIMED_OUT)
    assert (await till.attempt(attempt_id)).state == AttemptState.OPEN


@pytest.mark.parametrize("keyed", [False, True])
async def test_session_that_is_open_for_too_long_is_closed(till: Till, keyed: bool) -> None:
    attempt_id = await _open(till)
    if keyed:
        await till.key_card(attempt_id)
    await _time_passes(till, attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "The card session was open for too long.",
    )
    await till.work()
    assert till.keypad.asked[-1] == ("cancel", attempt_id)


async def test_when_it_closes_by_itself_is_told_while_it_is_the_agents_turn(till: Till) -> None:
    attempt_id = await _open(till)
    ends = (await till.row(CaptureSession, attempt_id)).deadline_at
    assert (await _shown(till, attempt_id)).deadline == ends
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    asked = await _shown(till, attempt_id)
    assert (asked.deadline, asked.fields[0].deadline is None) == (None, False), "the field has its own"
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    again = (await _shown(till, attempt_id)).deadline
    assert again is not None and again > ends
    await till.change(CaptureSession, attempt_id, state=CaptureState.TOKENISING)
    assert (await _shown(till, attempt_id)).deadline is None


async def test_deadline_that_was_moved_changes_nothing(till: Till) -> None:
    attempt_id = await _asked(till)
    await capture_evidence.check_deadline(till.hub, attempt_id)
    assert (await _field(till, attempt_id)).state is FieldState.LIVE


async def test_session_that_is_over_has_no_deadline(till: Till) -> None:
    attempt_id = await till.sending()
    await capture_evidence.check_deadline(till.hub, attempt_id)
    assert (await _shown(till, attempt_id)).state is CaptureState.SPENT
