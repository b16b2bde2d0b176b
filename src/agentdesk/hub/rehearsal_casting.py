"""Who rings in a rehearsal: somebody of the sandbox's customers who owes what the exercise needs."""

import random
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import VendorError
from agentdesk.adapters.records import OpenItem
from agentdesk.adapters.rehearsals import RehearsalPort
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.exercises import ExerciseCode
from agentdesk.domain.ids import now, short_reference
from agentdesk.domain.link import LinkWay
from agentdesk.domain.money import Money
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.domain.people import Permission
from agentdesk.domain.rehearsal import QUEUE
from agentdesk.hub import customers, plan_view
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.locks import AdvisoryLock
from agentdesk.hub.db.refund_requests import RefundRequest
from agentdesk.hub.db.rehearsals import Rehearsal
from agentdesk.hub.db.tables import Attempt, Call, PaymentIntent, Refund
from agentdesk.hub.settings import Settings
from agentdesk.wire.model import Amount
from agentdesk.wire.rehearsals import Cast

#: How many customers are looked at for one who fits.
_MOST_LOOKED_AT = 25
#: A bill that is worth two parts.
_WORTH_PARTS = 2000
#: When the caller says they pay the rest.
_REST_IN = timedelta(days=14)
_SAYS_TEXT_ME = {
    ExerciseCode.BAD_LINE,
    ExerciseCode.PAYS_LATER,
    ExerciseCode.HANGS_UP_KEYING,
    ExerciseCode.BANK_CONFIRMS,
}


@dataclass(frozen=True, slots=True)
class Role:
    """Who plays: the customer who really calls, the number that shows (None: withheld), and their words."""

    customer_id: str
    number: str | None
    cast: Cast


@dataclass(frozen=True, slots=True)
class _Somebody:
    number: str
    customer_id: str
    name: str
    account: str
    bill: OpenItem


async def why_not(session: AsyncSession, who: Who, settings: Settings, exercise: ExerciseCode) -> str | None:
    """Return the code of why this person cannot start an exercise here; None where they can."""
    if exercise is ExerciseCode.LARGE_REFUND:
        return await _no_refund(session, who)
    texts = settings.link is not None and LinkWay.TEXT in settings.link.ways
    if not settings.allows("keypad") or (exercise in _SAYS_TEXT_ME and not texts):
        return "rehearsal_needs_routes"
    if exercise is ExerciseCode.PART_PAYMENT and not _takes_parts(settings):
        return "rehearsal_needs_parts"
    return None


def _takes_parts(settings: Settings) -> bool:
    policy = settings.amounts.policy
    return policy.parts and policy.lookup != "fixed"


async def _no_refund(session: AsyncSession, who: Who) -> str | None:
    if Permission.REFUND not in who.permissions or who.limit is None:
        return "rehearsal_needs_limit"
    return None if await _large_payment(session, who) else "rehearsal_needs_payment"


async def choose(hub: Hub, port: RehearsalPort, who: Who, exercise: ExerciseCode) -> Role:
    """Return who rings. Raises Conflict where nobody fits, Unavailable where nobody can be asked."""
    if exercise is ExerciseCode.LARGE_REFUND:
        return await _wants_back(hub, who)
    try:
        return await _wants_to_pay(hub, port, who, exercise)
    except VendorError as error:
        raise Unavailable("rehearsal_unavailable") from error


async def _wants_to_pay(hub: Hub, port: RehearsalPort, who: Who, exercise: ExerciseCode) -> Role:
    found: list[_Somebody] = []
    wanted = 2 if exercise is ExerciseCode.WRONG_ACCOUNT else 1
    async for one in _who_owes(hub, port, who, exercise):
        found.append(one)
        if len(found) == wanted:
            return _role(hub, exercise, found)
    raise Conflict("rehearsal_no_customer")


def _role(hub: Hub, exercise: ExerciseCode, found: list[_Somebody]) -> Role:
    caller, phone = found[0], found[-1]
    owed = caller.bill.outstanding
    amount, rest, rest_on = owed, None, None
    if exercise is ExerciseCode.PART_PAYMENT:
        amount = Money(owed.minor // 200 * 100, owed.currency)
        rest = Amount.of(owed - amount)
        longest = min(_REST_IN, timedelta(days=hub.settings.promise_days))
        rest_on = (now().astimezone(hub.settings.zone) + longest).date()
    cast = Cast(
        name=caller.name,
        account=caller.account,
        number=caller.bill.number,
        amount=Amount.of(amount),
        other=phone.name if phone is not caller else "",
        owed=Amount.of(owed),
        rest=rest,
        rest_on=rest_on,
    )
    return Role(caller.customer_id, None if exercise is ExerciseCode.WITHHELD else phone.number, cast)


async def _who_owes(
    hub: Hub, port: RehearsalPort, who: Who, exercise: ExerciseCode
) -> AsyncIterator[_Somebody]:
    """Yield customers with a number of their own and a bill this person may take, in no order."""
    numbers = list(await port.numbers())
    async with hub.sessions.begin() as session:
        busy = await _busy(session, who, hub.settings.duplicate_minutes)
    least = _WORTH_PARTS if exercise is ExerciseCode.PART_PAYMENT else 1
    for number in random.sample(numbers, min(len(numbers), _MOST_LOOKED_AT)):
        matches = await hub.vendors.crm.find_by_phone(number)
        if len(matches) != 1 or not matches[0].exact or matches[0].customer_id in busy:
            continue
        known = await customers.read(hub, matches[0].customer_id)
        async with hub.sessions() as session:
            planned = plan_view.holds(await plan_view.active(session, matches[0].customer_id))
        bill = _bill(known, who, least, planned)
        if bill is not None:
            record = known.record
            yield _Somebody(number, record.customer_id, record.name, record.account or "", bill)


def _bill(known: customers.Known, who: Who, least: int, planned: Collection[str]) -> OpenItem | None:
    """Return the bill due first; None where there is none to take, or the account cannot be read now.

    One that a payment plan takes by itself is none to take.
    """
    if known.record.closed or known.stale or known.account is None:
        return None
    most = who.limit.minor if who.limit else None
    bills = [
        one
        for one in known.account.items
        if one.invoice_id not in planned
        and one.outstanding.currency == known.account.account.balance.currency
        and one.outstanding.minor >= least
        and (most is None or one.outstanding.minor <= most)
    ]
    return min(bills, key=lambda one: (one.due_on, one.number), default=None)


async def _busy(session: AsyncSession, who: Who, minutes: int) -> set[str]:
    """Return the customers whom the duplicate guard would stop, and those who ring somebody else now."""
    lately = await session.scalars(
        select(PaymentIntent.customer_id).where(
            PaymentIntent.created_at > now() - timedelta(minutes=max(1, minutes))
        )
    )
    at_risk = await session.scalars(
        select(PaymentIntent.customer_id)
        .join(Attempt, Attempt.intent_id == PaymentIntent.intent_id)
        .where(Attempt.state.in_(HOLDS_DEBT))
    )
    return {*lately, *at_risk, *await _ringing(session, who)}


async def _ringing(session: AsyncSession, who: Who) -> set[str]:
    """Return the customers who ring somebody else now."""
    others = Rehearsal.ended_at.is_(None) & (Rehearsal.user_id != who.user_id)
    return set(await session.scalars(select(Rehearsal.customer_id).where(others)))


async def is_free(session: AsyncSession, who: Who, exercise: ExerciseCode, customer_id: str) -> bool:
    """Say whether nobody else drew this caller meanwhile; nobody can before the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(AdvisoryLock.CASTING)))
    wants_back = exercise is ExerciseCode.LARGE_REFUND  # of a payment, and there is one caller for it
    return wants_back or customer_id not in await _ringing(session, who)


# ---------------------------------------------------------------- a refund
async def _wants_back(hub: Hub, who: Who) -> Role:
    async with hub.sessions.begin() as session:
        intent = await _large_payment(session, who)
    if intent is None:
        raise Conflict("rehearsal_needs_payment")
    known = await customers.read(hub, intent.customer_id)
    cast = Cast(
        name=known.record.name,
        account=known.record.account or "",
        number=short_reference(intent.intent_id),
        amount=Amount(minor=intent.amount_minor, currency=intent.currency),
    )
    return Role(intent.customer_id, next(iter(known.record.phones), None), cast)


async def _large_payment(session: AsyncSession, who: Who) -> PaymentIntent | None:
    """Return the newest payment of a rehearsal over the person's limit of which nothing went back.

    Nor is anything asked for. Of any other payment nobody pretended to be the customer.
    """
    if who.limit is None:
        return None
    given = select(func.count()).where(Refund.intent_id == PaymentIntent.intent_id).scalar_subquery()
    asked = select(func.count()).where(RefundRequest.intent_id == PaymentIntent.intent_id).scalar_subquery()
    intent: PaymentIntent | None = await session.scalar(
        select(PaymentIntent)
        .join(Attempt, Attempt.intent_id == PaymentIntent.intent_id)
        .join(Call, Call.call_id == PaymentIntent.call_id)
        .where(Call.queue == QUEUE, Attempt.live.is_not(True))
        .where(Attempt.state == AttemptState.APPROVED, Attempt.charged_minor.is_(None))
        .where(PaymentIntent.amount_minor > who.limit.minor, PaymentIntent.currency == who.limit.currency)
        .where(given == 0, asked == 0)
        .order_by(PaymentIntent.created_at.desc())
        .limit(1)
    )
    return intent
