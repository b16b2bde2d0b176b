"""A payment as its screen shows it, and telling its agent when it changed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from agentdesk.domain.ids import short_reference
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.payment import ENDED, MONEY_AT_RISK, AttemptState, attempts_left
from agentdesk.domain.refund import RefundState
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.hub import capture_view, declines, events
from agentdesk.hub.db import tables
from agentdesk.hub.db.query import charged, debt_of, given_minor, left_of, parts_of, whole_of
from agentdesk.hub.db.refund_requests import RefundRequest
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.wire import payments as wire
from agentdesk.wire.events import CustomerChanged, PaymentChanged
from agentdesk.wire.links import LinkOut
from agentdesk.wire.model import Amount
from agentdesk.wire.refunds import RefundRequest as RefundRequestOut
from agentdesk.wire.saved_cards import Consent

#: When a person is asked to decide an outcome that no evidence has ended.
PERSON_AFTER = timedelta(minutes=5)
#: How long a supervisor's permission to take a like payment waits for its first try.
ALLOWED_FOR = timedelta(minutes=10)

#: Only a payment that nobody is taking can stand still before its next try.
_MAY_BE_STOPPED = frozenset({None, AttemptState.DECLINED, AttemptState.NOT_SENT})

_AGREED_BY = aliased(tables.User)
# One question, asked at every step: each attempt comes once for each write-back, which are a few of both.
_WHOLE = (
    select(
        tables.PaymentIntent,
        tables.User.name,
        select(tables.Refund).where(tables.Refund.intent_id == tables.PaymentIntent.intent_id).exists(),
        select(RefundRequest).where(RefundRequest.intent_id == tables.PaymentIntent.intent_id).exists(),
        tables.Attempt,
        tables.CaptureSession,
        tables.PaymentLink,
        SavedCard,
        _AGREED_BY.name.label("agreed_by"),
        tables.WriteBack,
    )
    .join(tables.User, tables.User.user_id == tables.PaymentIntent.user_id)
    .outerjoin(tables.Attempt, tables.Attempt.intent_id == tables.PaymentIntent.intent_id)
    .outerjoin(tables.CaptureSession, tables.CaptureSession.attempt_id == tables.Attempt.attempt_id)
    .outerjoin(tables.PaymentLink, tables.PaymentLink.attempt_id == tables.Attempt.attempt_id)
    .outerjoin(SavedCard, SavedCard.attempt_id == tables.Attempt.attempt_id)
    .outerjoin(_AGREED_BY, _AGREED_BY.user_id == SavedCard.agreed_by)
    .outerjoin(tables.WriteBack, tables.WriteBack.intent_id == tables.PaymentIntent.intent_id)
    .where(tables.PaymentIntent.intent_id == bindparam("intent_id"))
    .order_by(tables.Attempt.number, tables.WriteBack.created_at, tables.WriteBack.kind)
)


async def show(session: AsyncSession, intent_id: str) -> wire.PaymentIntent:
    """Return the payment in full."""
    rows = (await session.execute(_WHOLE, {"intent_id": intent_id})).all()
    intent, agent_name, has_refunds, was_asked_for_one, *_ = rows[0]
    tried = {row.Attempt: row for row in rows if row.Attempt}
    attempts = [_attempt(intent, one, row) for one, row in tried.items()]
    owed = list(dict.fromkeys(row.WriteBack for row in rows if row.WriteBack))
    counting = _counting(attempts)
    took = [one for one in attempts if one.state is AttemptState.APPROVED]
    given = await _refunds(session, intent_id) if has_refunds else []
    state = counting.state if counting else None
    return wire.PaymentIntent(
        intent_id=intent_id,
        reference=intent.reference,
        short_reference=short_reference(intent_id),
        call_id=intent.call_id,
        customer_id=intent.customer_id,
        customer_name=intent.customer_name,
        agent=intent.user_id,
        agent_name=agent_name,
        amount=Amount(minor=intent.amount_minor, currency=intent.currency),
        allocations=[wire.AllocationOut.model_validate(one) for one in parts_of(intent)],
        whole=[wire.AllocationOut.model_validate(one) for one in whole_of(intent)],
        split_of=intent.split_of,
        receipt_email=intent.receipt_email,
        state=state,
        attempts=attempts,
        attempts_left=0 if intent.plan_id else attempts_left(one.state for one in attempts),
        write_backs=[write_back(row) for row in owed if row.refund_id is None],
        refunds=[_refund(_took(intent, took, one), one, by, owed) for one, by in given],
        refund_request=await _refund_request(session, intent) if was_asked_for_one else None,
        refunded=_refunded(intent, took, given),
        refundable=_refundable(intent, took, given),
        stop=await _stop(session, intent) if state in _MAY_BE_STOPPED else None,
        plan=short_reference(intent.plan_id) if intent.plan_id else None,
        created_at=intent.created_at,
        version=intent.version,
    )


async def _refunds(session: AsyncSession, intent_id: str) -> list[tuple[tables.Refund, str]]:
    """Return the payment's refunds, oldest first, with the names of who asked for them."""
    rows = await session.execute(
        select(tables.Refund, tables.User.name)
        .join(tables.User, tables.User.user_id == tables.Refund.user_id)
        .where(tables.Refund.intent_id == intent_id)
        .order_by(tables.Refund.sent_at, tables.Refund.refund_id)
    )
    return [(refund, name) for refund, name in rows]


async def _refund_request(session: AsyncSession, intent: tables.PaymentIntent) -> RefundRequestOut | None:
    """Return the newest wish for a refund over somebody's limit."""
    decider = aliased(tables.User)
    found = await session.execute(
        select(RefundRequest, tables.User.name, decider.name)
        .join(tables.User, tables.User.user_id == RefundRequest.user_id)
        .outerjoin(decider, decider.user_id == RefundRequest.decided_by)
        .where(RefundRequest.intent_id == intent.intent_id)
        .order_by(RefundRequest.number.desc())
        .limit(1)
    )
    for row, asked_by, decided_by in found:
        return RefundRequestOut(
            request_id=row.request_id,
            amount=Amount(minor=row.amount_minor, currency=intent.currency),
            reason=row.reason,
            asked_by=asked_by,
            asked_by_id=row.user_id,
            asked_at=row.asked_at,
            allowed=row.allowed,
            decided_by=decided_by,
            decided_at=row.decided_at,
            why=row.why,
        )
    return None


def _took(intent: tables.PaymentIntent, took: list[wire.Attempt], refund: tables.Refund) -> Amount:
    """Return what the charge took that a refund is of."""
    agreed = Amount(minor=intent.amount_minor, currency=intent.currency)
    charges = (one.charged for one in took if one.attempt_id == refund.attempt_id)
    return next(charges, None) or agreed


def _refund(took: Amount, row: tables.Refund, asked_by: str, owed: list[tables.WriteBack]) -> wire.Refund:
    state = RefundState(row.state)
    unsure = state in (RefundState.PENDING, RefundState.UNKNOWN)
    return wire.Refund(
        refund_id=row.refund_id,
        reference=row.reference,
        amount=Amount(minor=given_minor(row), currency=took.currency),
        reason=row.reason,
        asked_by=asked_by,
        state=state,
        reversed=state is RefundState.FAILED and row.done_at is not None,
        why=row.why,
        alarm=row.alarm,
        check=_checked(row.sent_at, row.asked, row.next_ask_at) if unsure else None,
        sent_at=row.sent_at,
        done_at=row.done_at,
        write_backs=[write_back(one) for one in owed if one.refund_id == row.refund_id],
    )


def _refunded(
    intent: tables.PaymentIntent, took: list[wire.Attempt], given: list[tuple[tables.Refund, str]]
) -> Amount | None:
    done = [one for one, _ in given if one.state == RefundState.DONE]
    if not done:
        return None
    currency = _took(intent, took, done[-1]).currency  # of two that differ the newer is told
    same = [given_minor(one) for one in done if _took(intent, took, one).currency == currency]
    return Amount(minor=sum(same), currency=currency)


def _refundable(
    intent: tables.PaymentIntent, took: list[wire.Attempt], given: list[tuple[tables.Refund, str]]
) -> Amount | None:
    rows = [one for one, _ in given]
    agreed = Amount(minor=intent.amount_minor, currency=intent.currency)
    left = [left_of((one.charged or agreed).money, one.attempt_id, rows) for one in took]
    most = max(left, key=lambda one: one.minor, default=None)
    return Amount(minor=max(0, most.minor), currency=most.currency) if most else None


async def tell(session: AsyncSession, intent: tables.PaymentIntent) -> wire.PaymentIntent:
    """Tell the payment's agent its new form, when the transaction commits, and return it.

    One that a plan takes is on nobody's screen: who shows its customer reads them again.
    """
    intent.version += 1
    await session.flush()
    shown = await show(session, intent.intent_id)
    if intent.plan_id is not None:
        await events.publish(session, CustomerChanged(customer_id=intent.customer_id))
    else:
        await events.publish(session, PaymentChanged(payment=shown), user_id=intent.user_id)
    return shown


async def tell_asker(session: AsyncSession, intent: tables.PaymentIntent, user_id: str) -> None:
    """Tell whoever asked for a refund of the payment its form, too, where its agent is somebody else."""
    if user_id != intent.user_id:
        shown = await show(session, intent.intent_id)
        await events.publish(session, PaymentChanged(payment=shown), user_id=user_id)


async def standing(session: AsyncSession, intent_id: str) -> tables.DuplicateStop | None:
    """Return what stops a payment: the newest stop, unless the payment went on."""
    newest = await session.scalar(
        select(tables.DuplicateStop)
        .where(tables.DuplicateStop.intent_id == intent_id)
        .order_by(tables.DuplicateStop.number.desc())
        .limit(1)
    )
    return newest if newest is not None and newest.passed_at is None else None


async def _stop(session: AsyncSession, intent: tables.PaymentIntent) -> wire.Stop | None:
    row = await standing(session, intent.intent_id)
    if row is None:
        return None
    attempt = await session.get_one(tables.Attempt, row.attempt_id)
    holder = await session.get_one(tables.PaymentIntent, attempt.intent_id)
    decided_by = await session.get_one(tables.User, row.decided_by) if row.decided_by else None
    paid = {part.invoice_id for part in debt_of(holder)}
    return wire.Stop(
        stop_id=row.stop_id,
        earlier=await earlier(session, holder, attempt),
        same_invoices=[part.number for part in debt_of(intent) if part.invoice_id in paid],
        stopped_at=row.stopped_at,
        can_ask=attempt.state == AttemptState.APPROVED,
        asked_at=row.asked_at,
        allowed=row.allowed,
        decided_by=decided_by.name if decided_by else None,
        decided_at=row.decided_at,
        reason=row.reason,
        allowed_until=row.decided_at + ALLOWED_FOR if row.allowed and row.decided_at else None,
    )


async def earlier(
    session: AsyncSession, intent: tables.PaymentIntent, attempt: tables.Attempt
) -> wire.EarlierPayment:
    """Return a payment as the one that stands in the way of another."""
    agent = await session.get_one(tables.User, intent.user_id)
    return wire.EarlierPayment(
        intent_id=intent.intent_id,
        short_reference=short_reference(intent.intent_id),
        amount=Amount.of(charged(intent, attempt)),
        numbers=[part.number for part in debt_of(intent)],
        agent_name=agent.name,
        route=attempt.route,
        state=AttemptState(attempt.state),
        card=card(attempt.card_brand, attempt.card_last4),
        started_at=attempt.started_at,
        sent_at=attempt.sent_at,
        ended_at=attempt.ended_at if attempt.state in ENDED else None,
    )


def card(brand: str | None, last4: str | None) -> wire.CardOut | None:
    """Return the card in words; None where nothing is known of it."""
    if not (brand or last4):
        return None
    return wire.CardOut(brand=brand, last4=last4)


def _counting(attempts: list[wire.Attempt]) -> wire.Attempt | None:
    """The attempt that tells the payment's state: the approved one, one at risk, else the last."""
    rank = {AttemptState.APPROVED: 2} | dict.fromkeys(MONEY_AT_RISK, 1)
    return max(attempts, key=lambda a: (rank.get(a.state, 0), a.number), default=None)


def _attempt(intent: tables.PaymentIntent, row: tables.Attempt, beside: Any) -> wire.Attempt:
    capture, link, saved = beside.CaptureSession, beside.PaymentLink, beside.SavedCard
    return wire.Attempt(
        attempt_id=row.attempt_id,
        number=row.number,
        route=row.route,
        state=AttemptState(row.state),
        charged=Amount.of(charged(intent, row)) if row.charged_minor else None,
        card=card(row.card_brand, row.card_last4),
        capture=capture_view.show(capture) if capture else None,
        link=_link(link) if link else None,
        decline=declines.show(row.decline) if row.state == AttemptState.DECLINED else None,
        check=_check(row),
        not_sent_reason=row.not_sent_reason if row.state == AttemptState.NOT_SENT else None,
        authorization_code=row.authorization_code,
        late_success=row.late_success,
        alarm=row.alarm,
        alarm_open=alarm_is_open(row),
        consent=_consent(saved, beside.agreed_by) if saved else None,
        decision=_decision(row),
        started_at=row.started_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at if row.state in ENDED else None,
    )


def _consent(row: SavedCard, by: str) -> Consent:
    return Consent(state=SavedCardState(row.state), wording=row.wording, by=by, at=row.agreed_at, why=row.why)


def _check(row: tables.Attempt) -> wire.CheckOut | None:
    if row.state not in (AttemptState.UNKNOWN, AttemptState.PENDING) or row.sent_at is None:
        return None
    return _checked(row.sent_at, row.asked, row.next_ask_at)


def _checked(since: datetime, asked: int, next_at: datetime | None) -> wire.CheckOut:
    return wire.CheckOut(since=since, asked=asked, next_at=next_at, person_from=since + PERSON_AFTER)


def masked(number: str) -> str:
    """Return a telephone number by its last three digits."""
    return f"•••• {number[-3:]}"


def recipient(row: tables.PaymentLink) -> str:
    """Return where a link went: a number by its last digits, an email address, or nothing."""
    return masked(row.sent_to) if row.way == LinkWay.TEXT else row.sent_to


def _link(row: tables.PaymentLink) -> LinkOut:
    return LinkOut(
        state=LinkState(row.state),
        way=LinkWay(row.way),
        sent_to=recipient(row),
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        problem=row.problem,
        expires_at=row.expires_at,
    )


def write_back(row: tables.WriteBack) -> wire.WriteBack:
    """Return the update owed, without what it writes."""
    return wire.WriteBack.model_validate({name: getattr(row, name) for name in wire.WriteBack.model_fields})


def alarm_is_open(row: tables.Attempt) -> bool:
    """Say whether an alarm or a late success waits for a person."""
    return (row.alarm is not None or row.late_success) and row.alarm_closed_at is None


def _decision(row: tables.Attempt) -> wire.DecisionOut | None:
    """Return what supervisors said, as long as it counts or can come to count."""
    said = row.decision
    if said is None or said["final"] is (row.state in MONEY_AT_RISK):  # overruled, or never confirmed
        return None
    return wire.DecisionOut(**{name: said[name] for name in wire.DecisionOut.model_fields})
