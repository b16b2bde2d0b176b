"""Securing the line and giving it back: recorder and card session, in every order."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from agentdesk.adapters.base import NotSent, OutcomeUnknown, Rejected, VendorError
from agentdesk.domain.capture import CaptureEvent, CaptureState
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Role
from agentdesk.hub import calls, captures, payments, secure_line, work
from agentdesk.hub.db.tables import Attempt, AuditEntry, CaptureSession, Event
from agentdesk.wire.calls import Call
from agentdesk.wire.payments import NewAttempt
from agentdesk.wire.work import WorkItem, WorkKind
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


async def _capture(till: Till, attempt_id: str) -> CaptureSession:
    row: CaptureSession = await till.row(CaptureSession, attempt_id)
    return row


async def test_line_is_secured_when_recorder_and_provider_acknowledged(till: Till) -> None:
    attempt_id = await till.start(await till.intent())
    capture = await _capture(till, attempt_id)
    assert (capture.state, capture.session_id) == (CaptureState.COLLECTING, f"PK-{attempt_id}")
    assert capture.recorder_paused_at
    assert capture.tones_masked_at
    assert "Line secured" in await till.titles(attempt_id)


@pytest.mark.allow_log("recorder did not pause")
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (OutcomeUnknown("time-out"), "The recorder did not answer."),
        (Rejected("the recording is stopped, not paused"), "The recorder refused to pause."),
    ],
)
async def test_recorder_that_does_not_pause_keeps_card_entry_shut(
    till: Till, answer: VendorError, said: str
) -> None:
    till.recorder.fails["pause"] = answer
    attempt_id = await till.start(await till.intent())
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (AttemptState.NOT_SENT, said)
    assert till.keypad.asked == []
    assert len(await till.jobs("resume_recorder")) == 1  # it may have paused all the same


@pytest.mark.allow_log("card session did not open")
async def test_provider_that_refuses_keeps_card_entry_shut(till: Till) -> None:
    till.keypad.fails["open"] = Rejected("session already started")
    attempt_id = await till.start(await till.intent())
    assert (await till.attempt(attempt_id)).state == AttemptState.NOT_SENT
    await till.work()
    assert [one[0] for one in till.recorder.asked] == ["pause", "resume"]


async def test_lost_answer_of_the_provider_is_made_good_by_its_first_callback(till: Till) -> None:
    till.keypad.fails["open"] = OutcomeUnknown("time-out")
    attempt_id = await till.start(await till.intent())
    assert (await _capture(till, attempt_id)).state == CaptureState.SECURING
    await till.capture(attempt_id, CaptureEvent.SECURED, session_id="PK-late")
    capture = await _capture(till, attempt_id)
    assert (capture.state, capture.session_id) == (CaptureState.COLLECTING, "PK-late")


async def test_callback_before_the_reply_secures_once(till: Till) -> None:
    async def callback() -> None:
        async with till.hub.sessions() as session:
            attempt_id = str(await session.scalar(select(Attempt.attempt_id)))
        await till.capture(attempt_id, CaptureEvent.SECURED, session_id=f"PK-{attempt_id}")

    till.keypad.meanwhile["open"] = callback
    attempt_id = await till.start(await till.intent())
    assert (await till.titles(attempt_id)).count("Line secured") == 1


async def _started_and_cancelled_during(till: Till, part: str) -> str:
    """Start an attempt that the agent cancels while this part is being asked."""
    intent_id = await till.intent()

    async def cancel() -> None:
        async with till.hub.sessions() as session:
            attempt_id = str(await session.scalar(select(Attempt.attempt_id)))
        await captures.cancel(till.hub, till.who, attempt_id)
        await till.work()  # the recorder is resumed before its pause is acknowledged

    asked = till.recorder if part == "pause" else till.keypad
    asked.meanwhile[part] = cancel
    shown = await payments.start_attempt(
        till.hub, till.who, intent_id, NewAttempt(key=new_ulid(), route="keypad")
    )
    return shown.attempts[-1].attempt_id


async def test_recorder_paused_after_a_cancel_goes_on_again(till: Till) -> None:
    attempt_id = await _started_and_cancelled_during(till, "pause")
    await till.work()
    assert [one[0] for one in till.recorder.asked] == ["pause", "resume", "resume"]
    assert till.keypad.asked == []  # no card session is opened for what was cancelled
    assert (await till.attempt(attempt_id)).state == AttemptState.NOT_SENT


@pytest.mark.allow_log("recorder did not pause")
async def test_recorder_whose_pause_is_unsure_after_a_cancel_goes_on_again(till: Till) -> None:
    till.recorder.fails["pause"] = OutcomeUnknown("time-out")
    await _started_and_cancelled_during(till, "pause")
    await till.work()
    assert [one[0] for one in till.recorder.asked] == ["pause", "resume", "resume"]


async def test_session_that_opens_after_a_cancel_is_ended_at_the_provider(till: Till) -> None:
    attempt_id = await _started_and_cancelled_during(till, "open")
    await till.work()
    assert [one[0] for one in till.keypad.asked] == ["open", "cancel"]
    assert (await _capture(till, attempt_id)).state == CaptureState.CLOSED


# ---------------------------------------------------------------- giving it back
async def test_recorder_goes_on_when_card_entry_is_over(till: Till) -> None:
    attempt_id = await till.sending()
    await till.work()
    assert till.recorder.asked[-1][0] == "resume"
    assert (await _capture(till, attempt_id)).recorder_resumed_at


@pytest.mark.allow_log("recorder did not resume")
async def test_recorder_that_does_not_resume_is_asked_again_then_told(till: Till) -> None:
    attempt_id = await till.sending()
    for tries in range(7):
        till.recorder.fails["resume"] = NotSent("down")
        await secure_line.resume_recorder(till.hub, attempt_id, tries)
    assert "The recorder did not start again" in await till.titles(attempt_id)
    again = [one["tries"] for one in await till.jobs("resume_recorder") if one["tries"]]
    assert again == [1, 2, 3, 4, 5, 6]


@pytest.mark.allow_log("recorder did not resume")
async def test_a_recorder_that_stays_off_says_nothing_of_the_money(till: Till) -> None:
    """It is said once, and an absence is proven all the same."""
    attempt_id = await till.sending()
    await till.change(Attempt, attempt_id, sent_at=now() - timedelta(hours=1))
    for _ in range(2):  # as a sweep has it tried until the call ends
        till.recorder.fails["resume"] = NotSent("down")
        await secure_line.resume_recorder(till.hub, attempt_id, 6)
    assert (await till.titles(attempt_id)).count("The recorder did not start again") == 1
    for _ in range(6):
        await till.ask(attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.NOT_SENT, False)


async def _unrecorded(till: Till) -> tuple[str, str]:
    """Return a call that is not recorded any more, and the attempt after whose card entry that is so."""
    call_id = await till.call()
    attempt_id = await till.start(await till.intent(call_id=call_id))
    await captures.cancel(till.hub, till.who, attempt_id)
    await _not_resumed(till, attempt_id)
    return call_id, attempt_id


async def _not_resumed(till: Till, attempt_id: str) -> None:
    till.recorder.fails["resume"] = NotSent("down")
    await secure_line.resume_recorder(till.hub, attempt_id, 6)


async def _waiting(till: Till) -> list[WorkItem]:
    async with till.hub.sessions() as session:
        return (await work.listing(session)).rows


async def _seen(till: Till, call_id: str) -> Call:
    ruth = await till.colleague(Role.SUPERVISOR)
    async with till.hub.sessions.begin() as session:
        return await secure_line.seen(session, ruth, call_id)


async def _events(till: Till, kind: str) -> int:
    return [row.kind for row in await till.rows(Event)].count(kind)


@pytest.mark.allow_log("recorder did not resume")
async def test_a_call_that_is_not_recorded_any_more_waits_for_a_person(till: Till) -> None:
    call_id, attempt_id = await _unrecorded(till)
    (item,) = await _waiting(till)
    assert (item.kind, item.call_id, item.payment) == (WorkKind.UNRECORDED, call_id, None)
    assert (item.customer_name, item.agent_name) == ("Amara Okafor", "Priya Nair")
    assert item.since == (await _capture(till, attempt_id)).closed_at
    assert "start the recorder by hand" in item.detail
    assert await _events(till, "work") == 1
    assert (await calls.show(till.hub, till.who, call_id)).recording is False
    await till.hang_up(call_id)  # what was said is still not on the tape
    assert [one.key for one in await _waiting(till)] == [item.key]


@pytest.mark.allow_log("recorder did not resume")
async def test_a_recorder_that_starts_after_all_needs_nobody(till: Till) -> None:
    call_id, attempt_id = await _unrecorded(till)
    await secure_line.resume_recorder(till.hub, attempt_id, 0)
    assert await _waiting(till) == []
    assert await _events(till, "work") == 2
    assert (await calls.show(till.hub, till.who, call_id)).recording is True


@pytest.mark.allow_log("recorder did not resume")
async def test_what_a_supervisor_has_seen_does_not_come_again(till: Till) -> None:
    """Though it is tried until the call ends; the agent sees the truth all the while."""
    call_id, attempt_id = await _unrecorded(till)
    for _ in range(2):
        shown = await _seen(till, call_id)
        assert shown.recording is False
    await _not_resumed(till, attempt_id)
    assert await _waiting(till) == []
    assert [one.subject for one in await till.rows(AuditEntry) if one.action == "call.unrecorded_seen"] == [
        call_id
    ]
    assert await _events(till, "work") == 2


@pytest.mark.allow_log("recorder did not resume")
async def test_a_later_card_entry_of_the_call_is_told_again(till: Till) -> None:
    call_id, first = await _unrecorded(till)
    (item,) = await _waiting(till)
    intent_id = (await till.show(first)).intent_id
    second = await till.start(intent_id)
    await captures.cancel(till.hub, till.who, second)
    await _not_resumed(till, second)
    assert [one.since for one in await _waiting(till)] == [item.since]  # since the first
    await _seen(till, call_id)
    third = await till.start(intent_id)
    await captures.cancel(till.hub, till.who, third)
    await _not_resumed(till, third)
    assert [one.since for one in await _waiting(till)] == [(await _capture(till, third)).closed_at]


async def test_recorder_stays_paused_while_the_next_try_takes_a_card(till: Till) -> None:
    """A late job of the first try must not record the card of the second."""
    intent_id = await till.intent()
    first = await till.start(intent_id)
    await captures.cancel(till.hub, till.who, first)
    second = await till.start(intent_id)
    await secure_line.resume_recorder(till.hub, first, 0)
    assert [one[0] for one in till.recorder.asked] == ["pause", "pause"]
    await captures.cancel(till.hub, till.who, second)
    await till.work()
    assert till.recorder.asked[-1][0] == "resume"


async def test_next_try_waits_for_a_recorder_that_is_being_resumed(till: Till) -> None:
    intent_id = await till.intent()
    first = await till.start(intent_id)
    await captures.cancel(till.hub, till.who, first)
    pressed: list[asyncio.Task[str]] = []

    async def press() -> None:
        pressed.append(asyncio.create_task(till.start(intent_id)))
        done, _ = await asyncio.wait(pressed, timeout=0.3)
        assert not done

    till.recorder.meanwhile["resume"] = press
    await secure_line.resume_recorder(till.hub, first, 0)
    second = await pressed[0]
    assert [one[0] for one in till.recorder.asked] == ["pause", "resume", "pause"]
    assert (await _capture(till, second)).secured_at


async def test_ended_call_has_nothing_to_resume(till: Till) -> None:
    call_id = await till.call()
    attempt_id = await till.start(await till.intent(call_id=call_id))
    await till.hang_up(call_id)
    await till.work()
    assert [one[0] for one in till.recorder.asked] == ["pause"]
    assert (await till.attempt(attempt_id)).state == AttemptState.NOT_SENT
