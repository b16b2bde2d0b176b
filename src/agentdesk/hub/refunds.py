"""Refunds: who may give how much of a payment back, and writing it down before it is sent."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.errors import Conflict, Invalid
from agentdesk.domain.ids import new_id, now, refund_reference, short_reference
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.refund import HOLDS_AMOUNT, RefundState
from agentdesk.hub import audit, payment_events, payments, plan_steps, refund_outcomes
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db import tables
from agentdesk.hub.db.query import (
    BY_HAND,
    GIVEN,
    charged,
    is_of_other_mode,
    left_of,
    lock_intent,
    told_by_provider,
)
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.outcomes import FOLLOW_AFTER_S
from agentdesk.hub.payment_view import show, tell
from agentdesk.i18n import _
from agentdesk.wire import payments as wire
from agentdesk.wire.refunds import NewRefund


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to go back, why, and who wants it: their user id and name."""

    key: str
    amount: Money
    reason: str
    user_id: str
    name: str


async def refund(hub: Hub, who: Who, intent_id: str, new: NewRefund) -> wire.PaymentIntent:
    """Give money back once; the answer tells how that went. The same key gives the same refund.

    Raises NotFound, Invalid where the amount may not be given back, Conflict where nothing can be.
    """
    refund_id = await _write_down(hub, who, intent_id, new)
    if refund_id is not None:
        await refund_outcomes.send(hub, refund_id)
    async with hub.sessions.begin() as session:
        return await show(session, intent_id)


async def _write_down(hub: Hub, who: Who, intent_id: str, new: NewRefund) -> str | None:
    """Commit the refund with its key, or return None where this key already has one."""
    async with hub.sessions.begin() as session:
        await payments.visible(session, who, intent_id)
        intent = await lock_intent(session, intent_id)
        if await _has_key(session, intent, new):
            return None
        amount = new.amount.money
        if amount.minor <= 0:
            raise Invalid("amount_zero")
        await check_limit(session, who, intent, amount)
        attempt = await charge_for(hub, session, intent, amount)
        wish = Wish(new.key, amount, new.reason.strip(), who.user_id, who.name)
        return await write_down(session, who, intent, attempt, wish)


async def write_down(
    session: AsyncSession, who: Who, intent: tables.PaymentIntent, attempt: tables.Attempt, wish: Wish
) -> str:
    """Add a refund with its key to the transaction, with the job that follows it; return its id.

    `who` lets it go out. It is to be sent once the transaction is committed.
    """
    refund = _refund(attempt, wish)
    session.add(refund)
    await session.flush()
    amount = {"amount_minor": refund.amount_minor, "currency": wish.amount.currency}
    detail = {"refund_id": refund.refund_id, "reason": refund.reason, **amount}
    audit.append(session, who, "payment.refund", subject=intent.intent_id, result="done", detail=detail)
    await _note(session, wish, refund)
    await plan_steps.given_back(session, intent, wish.amount, wish.reason, wish.name)
    # if this process dies before the answer is recorded, this finds the refund in `sending`
    await defer(session, Job.ASK_REFUND, after_s=FOLLOW_AFTER_S, refund_id=refund.refund_id)
    await tell(session, intent)
    return refund.refund_id


async def _has_key(session: AsyncSession, intent: tables.PaymentIntent, new: NewRefund) -> bool:
    """Say whether the key has a refund. Raises Conflict where that is of another amount."""
    made = await session.scalar(
        select(tables.Refund).where(tables.Refund.intent_id == intent.intent_id, tables.Refund.key == new.key)
    )
    if made is None:
        return False
    took = charged(intent, await session.get_one(tables.Attempt, made.attempt_id))
    asked = Money(made.amount_minor, took.currency)
    if asked != new.amount.money:
        raise Conflict("step_not_possible", state=_("already being refunded by {asked}").format(asked=asked))
    return True


def check_amount(intent: tables.PaymentIntent, amount: Money) -> None:
    """Raise Invalid for an amount that is none, or of another currency than agreed."""
    if amount.minor <= 0:
        raise Invalid("amount_zero")
    if amount.currency != intent.currency:
        raise Invalid("currency_mismatch", expected=intent.currency, got=amount.currency)


async def over_limit(
    session: AsyncSession, who: Who, intent: tables.PaymentIntent, amount: Money
) -> Money | None:
    """Return what would have gone back in all, where they may not let it go by themselves; else None."""
    limit = who.limit.money if who.limit else None
    if limit is None:
        return None
    in_all = await _in_all(session, intent, amount)
    return None if in_all.currency == limit.currency and in_all.minor <= limit.minor else in_all


async def check_limit(session: AsyncSession, who: Who, intent: tables.PaymentIntent, amount: Money) -> None:
    """Raise Invalid unless the person may give this much back by themselves."""
    if who.limit is not None and amount.currency != who.limit.currency:
        raise Invalid("limit_other_currency", currency=amount.currency, limit=who.limit)
    in_all = await over_limit(session, who, intent, amount)
    if in_all is not None:
        raise Invalid("refund_over_limit", amount=in_all, limit=who.limit)


async def _in_all(session: AsyncSession, intent: tables.PaymentIntent, amount: Money) -> Money:
    """Return the amount with what went back of the payment before, or may have, whoever let it go."""
    given = select(func.coalesce(func.sum(GIVEN), 0)).where(
        tables.Refund.intent_id == intent.intent_id, tables.Refund.state.in_(HOLDS_AMOUNT)
    )
    return Money(amount.minor + int(await session.scalar(given) or 0), amount.currency)


async def charge_for(
    hub: Hub, session: AsyncSession, intent: tables.PaymentIntent, amount: Money
) -> tables.Attempt:
    """Return the charge to give the amount back of.

    Raises Conflict where nothing was taken, nothing is left or it was taken in the other mode, Invalid where
    less is left or another currency was taken.
    """
    attempt, left = await _charge_of(session, intent, amount)
    if attempt is None:
        raise Conflict("refund_nothing_taken")
    if is_of_other_mode(attempt, test_mode=hub.settings.test_mode):
        raise Conflict("refund_other_mode")
    if not told_by_provider(attempt):
        raise Conflict("refund_by_hand", reference=attempt.provider_ids[BY_HAND])
    if left.minor <= 0:
        raise Conflict("refund_none_left")
    if amount.currency != left.currency:
        raise Invalid("currency_mismatch", expected=left.currency, got=amount.currency)
    if amount.minor > left.minor:
        raise Invalid("refund_too_much", amount=amount, left=left)
    return attempt


async def _charge_of(
    session: AsyncSession, intent: tables.PaymentIntent, amount: Money
) -> tuple[tables.Attempt | None, Money]:
    """Return the charge to give the amount back of, and how much of it can be.

    Where a payment was charged twice, the later charge comes first as long as it suffices: the accounts know
    of the other only. One that only a person's word stands for comes last.
    """
    took = await session.scalars(
        select(tables.Attempt)
        .where(tables.Attempt.intent_id == intent.intent_id)
        .where(tables.Attempt.state == AttemptState.APPROVED)
        .order_by(tables.Attempt.ended_at.desc())
    )
    of_payment = select(tables.Refund).where(tables.Refund.intent_id == intent.intent_id)
    given = list(await session.scalars(of_payment))
    known_first = sorted(took, key=told_by_provider, reverse=True)
    left = [(one, left_of(charged(intent, one), one.attempt_id, given)) for one in known_first]
    most = max(left, key=lambda one: one[1].minor, default=(None, Money(0, intent.currency)))
    of_currency = [one for one in left if one[1].currency == amount.currency]
    return next((one for one in of_currency if one[1].minor >= amount.minor), most)


def _refund(attempt: tables.Attempt, wish: Wish) -> tables.Refund:
    refund_id = new_id("rf")
    return tables.Refund(
        refund_id=refund_id,
        intent_id=attempt.intent_id,
        attempt_id=attempt.attempt_id,
        user_id=wish.user_id,
        key=wish.key,
        refund_key=f"{refund_id}:refund",
        reference=refund_reference(refund_id),
        amount_minor=wish.amount.minor,
        reason=wish.reason,
        state=RefundState.SENDING,
        provider_ids={},
        asked=0,
        sent_at=now(),
    )


async def _note(session: AsyncSession, wish: Wish, refund: tables.Refund) -> None:
    await payment_events.record(
        session,
        refund.intent_id,
        refund.attempt_id,
        wire.TimelineKind.REFUND,
        _("Refund of {amount} sent once").format(amount=wish.amount),
        _("{reason}, {name}, key {refund_id} written first").format(
            reason=wish.reason, name=wish.name, refund_id=short_reference(refund.refund_id)
        ),
    )
