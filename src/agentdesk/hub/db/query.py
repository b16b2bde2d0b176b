"""Queries that several parts share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.allocation import Allocation, OpenAmount, spread
from agentdesk.domain.capture import LIVE
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.money import Money
from agentdesk.domain.payment import HOLDS_DEBT, MONEY_AT_RISK, AttemptState
from agentdesk.domain.policy import rest
from agentdesk.domain.refund import HOLDS_AMOUNT
from agentdesk.hub.db.locks import AdvisoryLock
from agentdesk.hub.db.tables import Attempt, AttemptDebt, CaptureSession, PaymentIntent, Refund
from agentdesk.i18n import _

#: Among the provider's ids of a charge: one that a supervisor read there and it never told us.
BY_HAND = "by_hand"


@dataclass(slots=True)
class Locked:
    """An attempt with its payment, nobody else writing to either until the transaction ends."""

    intent: PaymentIntent
    attempt: Attempt
    card_entry: CaptureSession | None

    @property
    def capture(self) -> CaptureSession:
        """The card session. Raises Conflict for an attempt that has none: a link, or a saved card."""
        if self.card_entry is None:
            saved, link = _("with a saved card"), _("with the customer, who has a payment link")
            raise Conflict("step_not_possible", state=saved if self.attempt.saved_card_id else link)
        return self.card_entry

    @property
    def amount(self) -> Money:
        """What the payment is for."""
        return Money(self.intent.amount_minor, self.intent.currency)

    @property
    def charged(self) -> Money:
        """What was charged, or is to be."""
        return charged(self.intent, self.attempt)


def charged(intent: PaymentIntent, attempt: Attempt) -> Money:
    """Return what an attempt charged: what was agreed, unless a supervisor accepted another amount."""
    currency = attempt.charged_currency or intent.currency
    return Money(attempt.charged_minor or intent.amount_minor, currency)


def covered(intent: PaymentIntent, attempt: Attempt) -> Money:
    """Return what nobody has to pay any more: what was charged, of another currency what was agreed.

    That is for a person to post; until then nobody is asked for it once more.
    """
    took = charged(intent, attempt)
    return took if took.currency == intent.currency else Money(intent.amount_minor, intent.currency)


def paid_parts(intent: PaymentIntent, attempt: Attempt) -> list[Allocation]:
    """Return what each invoice gets of the charge: as agreed, as far as it goes; more is on account."""
    agreed = [OpenAmount(part.invoice_id, part.number, part.amount) for part in parts_of(intent)]
    return spread(covered(intent, attempt), agreed)


def is_live(attempt: Attempt, *, test_mode: bool) -> bool:
    """Say whether an attempt is of real money; one from before that was kept is as the hub is."""
    return not test_mode if attempt.live is None else attempt.live


def is_of_other_mode(attempt: Attempt, *, test_mode: bool) -> bool:
    """Say whether an attempt is of real money and the hub in test mode, or the reverse.

    The provider's silence about it proves nothing then, for this hub's key does not see it.
    """
    return is_live(attempt, test_mode=test_mode) is test_mode


# Built once: every step of every payment asks these.
_THIS_ATTEMPT = Attempt.attempt_id == bindparam("attempt_id")
_INTENT_OF_ATTEMPT = (
    select(PaymentIntent)
    .where(PaymentIntent.intent_id == select(Attempt.intent_id).where(_THIS_ATTEMPT).scalar_subquery())
    .with_for_update()
)
_INTENT = (
    select(PaymentIntent)
    .where(PaymentIntent.intent_id == bindparam("intent_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_ATTEMPT = (
    select(Attempt, CaptureSession)
    .outerjoin(CaptureSession, CaptureSession.attempt_id == Attempt.attempt_id)
    .where(_THIS_ATTEMPT)
    .execution_options(populate_existing=True)
)


async def lock_attempt(session: AsyncSession, attempt_id: str) -> Locked:
    """Take the payment's row lock, then read. Everything done to one payment is in line behind it.

    Raises NotFound.
    """
    this = {"attempt_id": attempt_id}
    intent = await session.scalar(_INTENT_OF_ATTEMPT, this)
    if intent is None:
        raise NotFound("payment_unknown")
    attempt, capture = (await session.execute(_ATTEMPT, this)).one()
    return Locked(intent, attempt, capture)


@dataclass(slots=True)
class LockedRefund:
    """A refund with its payment and charge, nobody else writing to any until the transaction ends."""

    intent: PaymentIntent
    attempt: Attempt
    refund: Refund

    @property
    def amount(self) -> Money:
        """What goes back, or went."""
        return Money(given_minor(self.refund), charged(self.intent, self.attempt).currency)


async def lock_refund(session: AsyncSession, refund_id: str) -> LockedRefund:
    """Take the payment's row lock, then read. Raises NotFound."""
    intent_id = await session.scalar(select(Refund.intent_id).where(Refund.refund_id == refund_id))
    intent = await lock_intent(session, intent_id or "")
    refund = await session.get_one(Refund, refund_id, populate_existing=True)
    attempt = await session.get_one(Attempt, refund.attempt_id, populate_existing=True)
    return LockedRefund(intent, attempt, refund)


def left_of(took: Money, attempt_id: str, refunds: Iterable[Refund]) -> Money:
    """Return how much of a charge can still be given back; less than nothing where too much went."""
    mine = [one for one in refunds if one.attempt_id == attempt_id and one.state in HOLDS_AMOUNT]
    return Money(took.minor - sum(map(given_minor, mine)), took.currency)


#: `given_minor` in a question to the database.
GIVEN = func.coalesce(Refund.gave_minor, Refund.amount_minor)


def given_minor(refund: Refund) -> int:
    """Return what a refund gives back: what was asked for, unless a supervisor accepted another amount."""
    return refund.amount_minor if refund.gave_minor is None else refund.gave_minor


def told_by_provider(attempt: Attempt) -> bool:
    """Say whether more than a person's word stands for the charge, so that its refund can be followed."""
    return attempt.provider_ids.keys() != {BY_HAND}


def parts_of(intent: PaymentIntent) -> list[Allocation]:
    """Return how much of the payment goes to which invoice; nothing of one on account."""
    return _allocations(intent, intent.allocations)


def whole_of(intent: PaymentIntent) -> list[Allocation]:
    """Return what both cards of a split pay; nothing where it is not split."""
    return _allocations(intent, intent.whole)


def debt_of(intent: PaymentIntent) -> list[Allocation]:
    """Return what nobody else may pay while the payment is at risk: of a split, what both cards pay."""
    return whole_of(intent) or parts_of(intent)


def _allocations(intent: PaymentIntent, rows: list[dict[str, Any]]) -> list[Allocation]:
    return [
        Allocation(row["invoice_id"], row["number"], Money(row["amount_minor"], intent.currency))
        for row in rows
    ]


async def taken_of_split(session: AsyncSession, first_id: str) -> list[tuple[PaymentIntent, Attempt]]:
    """Return every try that took money for a split, with its payment; two of one that was charged twice."""
    rows = await session.execute(
        select(PaymentIntent, Attempt)
        .join(Attempt, Attempt.intent_id == PaymentIntent.intent_id)
        .where(or_(PaymentIntent.intent_id == first_id, PaymentIntent.split_of == first_id))
        .where(Attempt.state == AttemptState.APPROVED)
    )
    return [(intent, attempt) for intent, attempt in rows]


async def first_of_two(session: AsyncSession, intent: PaymentIntent) -> list[str]:
    """Return the tries that may have taken money for the debt before this: those of a split's first card.

    None may where this is no second card's payment, or it is not exactly what the first card left.
    """
    if intent.split_of is None:
        return []
    taken = await taken_of_split(session, intent.split_of)
    others = [one for one in taken if one[0].intent_id != intent.intent_id]
    left = rest(whole_of(intent), [part for one in others for part in paid_parts(*one)])
    return [attempt.attempt_id for _, attempt in others] if left == parts_of(intent) else []


_APPROVED = (
    select(Attempt)
    .where(Attempt.intent_id == bindparam("intent_id"), Attempt.state == AttemptState.APPROVED)
    .order_by(Attempt.ended_at)
)


async def approved_attempt(session: AsyncSession, intent_id: str) -> Attempt:
    """Return the attempt that took the money first. Raises Conflict where none did."""
    attempt: Attempt | None = await session.scalar(_APPROVED, {"intent_id": intent_id})
    if attempt is None:
        raise Conflict("receipt_not_ready")
    return attempt


async def lock_intent(session: AsyncSession, intent_id: str) -> PaymentIntent:
    """Take the payment's row lock. Raises NotFound."""
    intent: PaymentIntent | None = await session.scalar(_INTENT, {"intent_id": intent_id})
    if intent is None:
        raise NotFound("payment_unknown")
    return intent


async def live_captures(session: AsyncSession, call_id: str) -> list[str]:
    """Return the attempts of a call that card entry is live for."""
    return list(await session.scalars(_LIVE_OF_CALL, {"call_id": call_id}))


def _live(*of: ColumnElement[bool]) -> Select[str]:
    """Select the attempts that card entry is live for, in one order for everybody."""
    return (
        select(CaptureSession.attempt_id)
        .join(Attempt, Attempt.attempt_id == CaptureSession.attempt_id)
        .join(PaymentIntent, PaymentIntent.intent_id == Attempt.intent_id)
        .where(*of, CaptureSession.state.in_(LIVE))
        .order_by(CaptureSession.attempt_id)
    )


_LIVE_OF_CALL = _live(PaymentIntent.call_id == bindparam("call_id"))


async def money_of(session: AsyncSession, call_id: str) -> str | None:
    """Return a payment of the call that took money or may have; None where there is none."""
    moved = Attempt.state.in_([*HOLDS_DEBT, AttemptState.APPROVED])
    return await session.scalar(
        select(PaymentIntent.intent_id)
        .join(Attempt, Attempt.intent_id == PaymentIntent.intent_id)
        .where(PaymentIntent.call_id == call_id, moved)
        .order_by(Attempt.started_at)
        .limit(1)
    )


async def live_captures_of(session: AsyncSession, user_id: str) -> list[str]:
    """Return the attempts of a person that card entry is live for, in one order for everybody."""
    return list(await session.scalars(_live(PaymentIntent.user_id == user_id)))


async def live_elsewhere(session: AsyncSession, user_id: str, call_id: str) -> bool:
    """Say whether card entry is live for a payment of this person on a call other than this."""
    live = _live(PaymentIntent.user_id == user_id, PaymentIntent.call_id != call_id)
    return bool(await session.scalar(select(live.exists())))


_CLOCK = select(func.clock_timestamp())


async def clock(session: AsyncSession) -> datetime:
    """Return the database's time: those of two replicas are not to be compared."""
    at: datetime = (await session.execute(_CLOCK)).scalar_one()
    return at


_LINE = func.pg_advisory_xact_lock(
    AdvisoryLock.APPROVAL, func.hashtext(bindparam("customer_id", type_=String))
)
# the clock is read once the lock is held
_IN_LINE = _CLOCK.select_from(select(_LINE).cte("in_line").prefix_with("materialized"))


async def in_line(session: AsyncSession, customer_id: str) -> datetime:
    """Let no payment of this customer be agreed or approved until the transaction ends; return the time.

    Whoever was here before has committed, and has an earlier time. No row that another may hold is locked
    after it.
    """
    at: datetime = (await session.execute(_IN_LINE, {"customer_id": customer_id})).scalar_one()
    return at


_SAME_DEBT = AttemptDebt.debt.in_(
    select(AttemptDebt.debt).where(AttemptDebt.attempt_id == bindparam("attempt_id"))
)
_BY_ANOTHER = (
    select(Attempt.intent_id)
    .join(AttemptDebt, AttemptDebt.attempt_id == Attempt.attempt_id)
    .where(_SAME_DEBT, Attempt.attempt_id.not_in(bindparam("own", expanding=True)))
    .limit(1)
)
_PAID = and_(Attempt.state == AttemptState.APPROVED, Attempt.ended_at >= bindparam("agreed_at"))
_PAID_BY_ANOTHER = _BY_ANOTHER.where(_PAID)
_ALARMED = _PAID_BY_ANOTHER.where(Attempt.alarm.is_not(None), Attempt.alarm_closed_at.is_(None))
_PAID_OR_AT_RISK = _BY_ANOTHER.where(or_(_PAID, Attempt.state.in_(MONEY_AT_RISK)))


async def paid_meanwhile(session: AsyncSession, attempt: Attempt, *, or_at_risk: bool = False) -> str | None:
    """Return the payment whose other attempt took money for one of the attempt's debts since it was agreed.

    What was owed then is no longer owed. None where there is none, or only the first card's of a split.
    `or_at_risk`: or may have taken it, at any time.
    """
    asked = _PAID_OR_AT_RISK if or_at_risk else _PAID_BY_ANOTHER
    other: str | None = await session.scalar(asked, await _others(session, attempt))
    return other


async def is_alarmed_elsewhere(session: AsyncSession, attempt: Attempt) -> bool:
    """Say whether an alarm of such another attempt that took money waits for a person."""
    return await session.scalar(_ALARMED, await _others(session, attempt)) is not None


async def _others(session: AsyncSession, attempt: Attempt) -> dict[str, object]:
    """Return whom to look among: who pays one of the attempt's debts, but for the first card of its split."""
    intent = await session.get_one(PaymentIntent, attempt.intent_id)
    own = [attempt.attempt_id, *await first_of_two(session, intent)]
    return {"attempt_id": attempt.attempt_id, "own": own, "agreed_at": intent.created_at}
