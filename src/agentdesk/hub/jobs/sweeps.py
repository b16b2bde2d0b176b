"""Sweeps: what waits longer than it should is followed again, and what nobody needs any more is dropped.

Every job commits with the fact it follows, so a sweep should find nothing. It is for what a lost message,
a restored database or a bug of ours left lying. Of many replicas one sweeps at a time, and a sweep only
does what the fact's own job would have done, which is nothing where that was done already.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from procrastinate import App
from sqlalchemy import Select, case, delete, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.call import CallState
from agentdesk.domain.capture import LIVE, CaptureState
from agentdesk.domain.ids import now
from agentdesk.domain.link import LIVE as LIVE_LINKS
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import MONEY_AT_RISK
from agentdesk.domain.refund import HOLDS_AMOUNT as REFUND_HOLDS
from agentdesk.domain.refund import MONEY_AT_RISK as REFUND_AT_RISK
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.hub import auth, calls, captures, events, outcomes, overdue, plan_charges, write_backs
from agentdesk.hub.capture_session import SESSION_S
from agentdesk.hub.context import Hub
from agentdesk.hub.db import write_back_line
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import (
    Attempt,
    Call,
    CaptureSession,
    Event,
    PaymentIntent,
    PaymentLink,
    Refund,
    SignInTry,
    UserSession,
)
from agentdesk.hub.jobs.defer import Job, defer

log = structlog.get_logger(__name__)

#: What is due this long and has no job that is due or running was forgotten.
FORGOTTEN_AFTER = timedelta(minutes=1)
JOBS_KEPT_HOURS = 24 * 7
#: Sessions and counted sign-in failures that are over are kept this long, for whoever asks what happened.
_KEPT_FOR = timedelta(days=7)
_FOLLOW_AFTER = timedelta(seconds=outcomes.FOLLOW_AFTER_S)
_MOST = 500  # at once; the rest comes with the next sweep

_FOLLOWED = text(
    "select args->>:name from procrastinate_jobs where task_name = :job and status in ('todo', 'doing')"
    " and (:planned or attempts > 0 or scheduled_at is null or scheduled_at <= now())"
)


@dataclass(frozen=True, slots=True)
class _Forgotten:
    """What waits for a job; `planned`: one that will run at any time follows it.

    That is for what does not say itself when its next one is due.
    """

    job: Job
    name: str
    due: Select[Any]
    planned: bool = False


def _forgotten(before: datetime) -> list[_Forgotten]:
    keeping, letting_go = (_on_its_way(one) for one in (SavedCardState.KEEPING, SavedCardState.LETTING_GO))
    return [
        _Forgotten(Job.ASK_PROCESSOR, "attempt_id", _never_asked(before)),
        _Forgotten(Job.ASK_REFUND, "refund_id", _refund_never_asked(before)),
        _Forgotten(Job.CHECK_CAPTURE, "attempt_id", _past_deadline(before)),
        _Forgotten(Job.OPEN_LINK, "attempt_id", _never_opened(before), planned=True),
        _Forgotten(Job.CLOSE_LINK, "attempt_id", _with_a_page({LinkState.CLOSING}), planned=True),
        _Forgotten(Job.LOOK_AT_LINK, "attempt_id", _with_a_page(LIVE_LINKS), planned=True),
        _Forgotten(Job.SEND_LINK, "attempt_id", _never_sent(before), planned=True),
        _Forgotten(Job.CANCEL_CAPTURE, "attempt_id", _open_at_provider(before), planned=True),
        _Forgotten(Job.RESUME_RECORDER, "attempt_id", _not_recording(before), planned=True),
        _Forgotten(Job.KEEP_CARD, "card_id", keeping, planned=True),
        _Forgotten(Job.LET_CARD_GO, "card_id", letting_go, planned=True),
        _Forgotten(Job.MATCH_CALL, "call_id", _never_matched(before)),
    ]


async def sweep(hub: Hub) -> None:
    """Follow again what was forgotten, and take the instalments of payment plans that are due.

    Calls whose end was never told are ended, card entry nobody looks at is closed, and what is overdue is
    flagged.

    A part that breaks is told in the log, and the others do not wait for it.
    """
    before = now() - FORGOTTEN_AFTER
    parts: dict[str, Callable[[], Awaitable[None]]] = {
        one.job: partial(_defer_again, hub, one) for one in _forgotten(before)
    }
    parts |= {
        Job.WRITE_BACK: partial(_write_again, hub, before),
        "calls without an end": partial(calls.end_lost, hub),
        "overdue write-backs": partial(overdue.flag, hub),
        "card entry nobody looks at": partial(captures.close_unwatched, hub),
        "instalments that are due": partial(plan_charges.take, hub),
    }
    for name, part in parts.items():
        try:
            await part()
        except Exception:  # whatever it is, it comes again with the next sweep
            log.exception("a part of the sweep broke", part=name)


def _never_asked(before: datetime) -> Select[Any]:
    due = func.coalesce(Attempt.next_ask_at, Attempt.sent_at + _FOLLOW_AFTER)
    asked_on = Attempt.state.in_(MONEY_AT_RISK) | Attempt.to_confirm
    return select(Attempt.attempt_id).where(asked_on, due < before)


def _refund_never_asked(before: datetime) -> Select[Any]:
    first = case((Refund.state.in_(REFUND_AT_RISK), Refund.sent_at + _FOLLOW_AFTER))
    can_change = Refund.state.in_(REFUND_HOLDS) | Refund.to_confirm
    return select(Refund.refund_id).where(can_change, func.coalesce(Refund.next_ask_at, first) < before)


def _past_deadline(before: datetime) -> Select[Any]:
    live = CaptureSession.state.in_(LIVE)
    return select(CaptureSession.attempt_id).where(live, CaptureSession.deadline_at < before)


def _never_opened(before: datetime) -> Select[Any]:
    given_up = (PaymentLink.state == LinkState.CLOSING) & PaymentLink.session_id.is_(None)
    no_page = (PaymentLink.state == LinkState.OPENING) | given_up
    of_attempt = select(PaymentLink.attempt_id).join(Attempt, Attempt.attempt_id == PaymentLink.attempt_id)
    return of_attempt.where(no_page, Attempt.started_at < before)


def _with_a_page(states: Collection[LinkState]) -> Select[Any]:
    has_page = PaymentLink.session_id.is_not(None)
    pages = select(PaymentLink.attempt_id).where(PaymentLink.state.in_(states), has_page)
    return pages.order_by(PaymentLink.expires_at)  # those nobody looks at come to the front


def _never_sent(before: datetime) -> Select[Any]:
    of_attempt = select(PaymentLink.attempt_id).join(Attempt, Attempt.attempt_id == PaymentLink.attempt_id)
    # a replica from before `to_send` sends and leaves it as it is
    not_yet = PaymentLink.sent_at.is_(None) | PaymentLink.resend_key.is_not(None)
    to_send = (PaymentLink.state == LinkState.OPEN) & PaymentLink.to_send & not_yet
    return of_attempt.where(to_send, Attempt.started_at < before)


def _on_a_line() -> Select[Any]:
    """Select the card sessions of calls that go on."""
    return (
        select(CaptureSession)
        .join(Attempt, Attempt.attempt_id == CaptureSession.attempt_id)
        .join(PaymentIntent, PaymentIntent.intent_id == Attempt.intent_id)
        .join(Call, Call.call_id == PaymentIntent.call_id)
        .where(Call.state != CallState.ENDED, Call.line_ended_at.is_(None), Call.call_ref.is_not(None))
    )


def _open_at_provider(before: datetime) -> Select[Any]:
    """Select what we closed and the provider did not say it has, for as long as it can be open there."""
    ours = (CaptureSession.state == CaptureState.CLOSED) & CaptureSession.session_id.is_not(None)
    can_be = CaptureSession.closed_at.between(before - timedelta(seconds=SESSION_S), before)
    of_line = _on_a_line().with_only_columns(CaptureSession.attempt_id)
    return of_line.where(ours, can_be, CaptureSession.provider_closed_at.is_(None))


def _not_recording(before: datetime) -> Select[Any]:
    """Select the last card session of each call where it is over and the recorder did not say it goes on."""
    newest_first = CaptureSession.closed_at.desc().nulls_first()
    last = _on_a_line().ext(distinct_on(Call.call_id)).order_by(Call.call_id, newest_first).subquery().c
    return select(last.attempt_id).where(last.closed_at < before, last.recorder_resumed_at.is_(None))


def _on_its_way(state: SavedCardState) -> Select[Any]:
    return select(SavedCard.card_id).where(SavedCard.state == state)


def _never_matched(before: datetime) -> Select[Any]:
    nobody = Call.customer_id.is_(None) & (func.jsonb_array_length(Call.matches) == 0)
    open_ = Call.state.not_in((CallState.WRAP_UP, CallState.ENDED))
    asked = Call.match_problem.is_not(None)
    return select(Call.call_id).where(open_, nobody, ~asked, Call.started_at < before)


async def _defer_again(hub: Hub, of: _Forgotten) -> None:
    """Defer the job of all that is due, except where one is about to run, running or failed and waits."""
    async with hub.sessions.begin() as session:
        found: Sequence[str] = (await session.scalars(of.due.limit(_MOST))).all()
        followed = await _followed(session, of.job, of.name, planned=of.planned) if found else set()
        for subject in found:
            if subject not in followed:
                log.warning("forgotten, followed again", job=of.job, subject=subject)
                arguments: dict[str, Any] = {of.name: subject}
                await defer(session, of.job, **arguments)


async def _write_again(hub: Hub, before: datetime) -> None:
    async with hub.sessions.begin() as session:
        found = (await session.scalars(write_back_line.forgotten(before).limit(_MOST))).all()
        followed = await _followed(session, Job.WRITE_BACK, "write_back_id") if found else set()
        for row in found:
            if row.write_back_id not in followed:
                log.warning("forgotten, followed again", job=Job.WRITE_BACK, subject=row.write_back_id)
                await write_backs.run(session, row)


async def _followed(session: AsyncSession, job: Job, name: str, *, planned: bool = False) -> set[str]:
    return set(await session.scalars(_FOLLOWED, {"job": job, "name": name, "planned": planned}))


async def clean(hub: Hub, queue: App) -> None:
    """Drop old events and jobs, and sessions and sign-in failures that are long over."""
    at = now()
    async with hub.sessions.begin() as session:
        await session.execute(delete(Event).where(Event.at < at - events.KEPT_FOR))
        await session.execute(delete(UserSession).where(UserSession.expires_at < at - _KEPT_FOR))
        blocked = SignInTry.blocked_until < at - auth.LONGEST_DELAY - _KEPT_FOR
        await session.execute(delete(SignInTry).where(blocked))
    await queue.job_manager.delete_old_jobs(JOBS_KEPT_HOURS, include_failed=False)
