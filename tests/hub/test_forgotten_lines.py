"""Card sessions and payment links whose jobs were lost: each is followed again, as long as it makes sense."""

from datetime import timedelta

import pytest

from agentdesk.adapters.base import NotSent, Rejected
from agentdesk.domain.capture import CaptureState
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.hub import captures, link_messages, links, payments
from agentdesk.hub.db.tables import Attempt, Call, CaptureSession
from agentdesk.wire import payments as wire
from tests.hub.test_sweeps import LONG_AGO, forget, sweep_twice
from tests.hub.till import Till

pytestmark = [pytest.mark.anyio, pytest.mark.allow_log("forgotten, followed again")]


# ---------------------------------------------------------------- card sessions
async def test_card_session_past_its_deadline_is_closed(till: Till) -> None:
    attempt_id = await till.start(await till.intent())
    await forget(till)
    await till.change(CaptureSession, attempt_id, deadline_at=now() - LONG_AGO)
    await sweep_twice(till)
    assert len(await till.jobs("check_capture")) == 1
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert attempt.capture
    assert (attempt.state, attempt.capture.state) == (AttemptState.NOT_SENT, CaptureState.CLOSED)


async def _closed_here(till: Till) -> str:
    """Return an attempt that the provider never confirmed to be over; every job of it is lost."""
    attempt_id = await till.start(await till.intent())
    till.keypad.fails["cancel"] = NotSent("down")
    await captures.cancel(till.hub, till.who, attempt_id)
    await till.late(attempt_id)
    await forget(till)
    return attempt_id


async def _closed(till: Till, attempt_id: str, ago: timedelta) -> None:
    await till.change(CaptureSession, attempt_id, closed_at=now() - ago)


@pytest.mark.allow_log("cancel not confirmed|forgotten")
async def test_card_session_that_may_be_open_at_the_provider_is_ended_there(till: Till) -> None:
    attempt_id = await _closed_here(till)
    await sweep_twice(till)
    assert await till.jobs("cancel_capture") == await till.jobs("resume_recorder") == []  # not yet
    await _closed(till, attempt_id, timedelta(minutes=2))
    await sweep_twice(till)
    assert len(await till.jobs("cancel_capture")) == len(await till.jobs("resume_recorder")) == 1
    await till.work()
    row = await till.row(CaptureSession, attempt_id)
    assert row.provider_closed_at
    assert row.recorder_resumed_at
    await sweep_twice(till)
    assert await till.jobs("cancel_capture") == await till.jobs("resume_recorder") == []


@pytest.mark.allow_log("cancel not confirmed|forgotten")
@pytest.mark.parametrize("over", ["session", "call"])
async def test_card_session_that_cannot_be_open_any_more_is_left_alone(till: Till, over: str) -> None:
    attempt_id = await _closed_here(till)
    await _closed(till, attempt_id, timedelta(minutes=2) if over == "call" else LONG_AGO)
    (call,) = await till.rows(Call)
    if over == "call":
        await till.change(Call, call.call_id, line_ended_at=now())
    await sweep_twice(till)
    assert await till.jobs("cancel_capture") == []
    assert len(await till.jobs("resume_recorder")) == (over == "session")  # the call goes on


async def test_recorder_is_left_alone_while_the_next_try_takes_a_card_and_after_it(till: Till) -> None:
    intent_id = await till.intent()
    first = await till.start(intent_id)
    await captures.cancel(till.hub, till.who, first)
    second = await till.start(intent_id)
    await forget(till)
    await _closed(till, first, timedelta(minutes=3))
    await sweep_twice(till)
    assert await till.jobs("resume_recorder") == []
    await captures.cancel(till.hub, till.who, second)
    await _closed(till, second, timedelta(minutes=2))
    await till.work()
    await sweep_twice(till)
    assert await till.jobs("resume_recorder") == []
    assert till.recorder.asked[-1][0] == "resume"


# ---------------------------------------------------------------- payment links
async def test_link_whose_page_nobody_makes_is_made(till: Till) -> None:
    attempt_id = await _unmade(till)
    await forget(till)
    await sweep_twice(till)
    assert await till.jobs("open_link") == []  # not yet
    await till.change(Attempt, attempt_id, started_at=now() - LONG_AGO)
    await sweep_twice(till)
    assert len(await till.jobs("open_link")) == 1
    await till.work()
    assert (await till.link_of(attempt_id)).state is LinkState.OPEN


@pytest.mark.allow_log("payment page not made|forgotten")
async def test_page_that_is_tried_again_later_is_left_alone(till: Till) -> None:
    till.pages.fails["open"] = NotSent("does not answer")
    attempt_id = await till.link()
    await till.change(Attempt, attempt_id, started_at=now() - LONG_AGO)
    await sweep_twice(till)
    assert [one["tries"] for one in await till.jobs("open_link")] == [1]


@pytest.mark.parametrize("made", [True, False])
async def test_link_that_nobody_closes_is_closed(till: Till, made: bool) -> None:
    attempt_id = await till.link() if made else await _unmade(till)
    await payments.cancel(till.hub, till.who, attempt_id)
    await forget(till)
    await till.change(Attempt, attempt_id, started_at=now() - LONG_AGO)
    await sweep_twice(till)
    assert len(await till.jobs("close_link" if made else "open_link")) == 1
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT


async def test_an_open_page_whose_chain_of_looks_was_lost_is_looked_at(till: Till) -> None:
    attempt_id = await till.link()
    await sweep_twice(till)
    assert len(await till.jobs("look_at_link")) == 1  # the regular one
    await forget(till)
    till.pages.end(attempt_id, AttemptEvent.APPROVED)  # and the message of it is lost
    await sweep_twice(till)
    assert len(await till.jobs("look_at_link")) == 1
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED


async def test_a_link_that_nobody_sends_is_sent_once_for_each_press(till: Till) -> None:
    attempt_id = await _unmade(till)
    await links.open_page(till.hub, attempt_id, 0)
    await forget(till)
    await sweep_twice(till)
    assert await till.jobs("send_link") == []  # not yet
    await till.change(Attempt, attempt_id, started_at=now() - LONG_AGO)
    for sent in (1, 2):
        await sweep_twice(till)
        assert len(await till.jobs("send_link")) == 1
        await till.work()
        assert len(till.texts.sent) == sent
        await sweep_twice(till)
        assert await till.jobs("send_link") == []
        await link_messages.resend(till.hub, till.who, attempt_id, new_ulid())
        await forget(till)


@pytest.mark.allow_log("link not sent|forgotten")
async def test_a_link_that_was_refused_or_is_closed_is_not_sent_by_a_sweep(till: Till) -> None:
    till.texts.fails["send"] = Rejected("no such number")
    refused = await till.link()
    closed = await _unmade_of(till, await till.intent(invoice="8", minor=5000))
    await links.open_page(till.hub, closed, 0)
    await payments.cancel(till.hub, till.who, closed)
    await forget(till)
    for one in (refused, closed):
        await till.change(Attempt, one, started_at=now() - LONG_AGO)
    await sweep_twice(till)
    assert await till.jobs("send_link") == []


async def _unmade(till: Till) -> str:
    return await _unmade_of(till, await till.intent())


async def _unmade_of(till: Till, intent_id: str) -> str:
    new = wire.NewAttempt(key=new_ulid(), route="link")
    shown = await payments.start_attempt(till.hub, till.who, intent_id, new)
    return shown.attempts[-1].attempt_id
