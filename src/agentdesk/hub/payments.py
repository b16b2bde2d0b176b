"""Payment intents and attempts: what the caller agreed to pay, and each try to take it."""

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.allocation import OpenAmount
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CloseCause
from agentdesk.domain.errors import Conflict, Invalid, NotFound, Unavailable
from agentdesk.domain.ids import new_id, payment_reference, short_reference
from agentdesk.domain.money import Money
from agentdesk.domain.payment import HOLDS_DEBT, Advice, AttemptState, may_try
from agentdesk.domain.people import Permission
from agentdesk.hub import (
    agreement,
    attempts,
    audit,
    caller_check,
    calls,
    captures,
    customers,
    declines,
    duplicates,
    links,
    outcomes,
    payment_events,
    plan_view,
    recheck,
    saved_cards,
    write_backs,
)
from agentdesk.hub.auth import Who
from agentdesk.hub.capture_session import SECURING_S, card_session, watch
from agentdesk.hub.context import Hub
from agentdesk.hub.db import tables
from agentdesk.hub.db.query import (
    Locked,
    approved_attempt,
    debt_of,
    in_line,
    lock_intent,
    paid_meanwhile,
    paid_parts,
)
from agentdesk.hub.link_session import LINK
from agentdesk.hub.payment_view import show, tell
from agentdesk.hub.saved_cards import SAVED
from agentdesk.hub.secure_line import secure
from agentdesk.i18n import _
from agentdesk.wire import payments as wire

KEYPAD = "keypad"
#: Who refunds has to see what.
_SEE_ALL = frozenset({Permission.SEE_PAYMENT_LOG, Permission.REFUND})
_DEBT_INDEX = "uq_attempt_debt_one_at_risk"


# ---------------------------------------------------------------- the intent
async def create(hub: Hub, who: Who, new: wire.NewPaymentIntent) -> wire.PaymentIntent:
    """Write down what the caller agreed to pay. The same key gives the same intent.

    Raises Invalid where the amount may not be taken, Conflict where the call or account forbids it.
    """
    async with hub.sessions.begin() as session:
        earlier = await _by_key(session, who, new)
        if earlier is not None:
            return await show(session, earlier)
    known = await customers.read(hub, new.customer_id)
    if known.record.closed:
        raise Conflict("account_closed")
    if known.account is None:
        raise Unavailable("accounts_unavailable")
    async with hub.sessions.begin() as session:
        call = await calls.own(session, who, new.call_id)
        earlier = await _by_key(session, who, new)  # a second press waited for the call
        if earlier is not None:
            return await show(session, earlier)
        if call.customer_id != new.customer_id:
            raise Conflict("customer_not_linked")
        agreed_at = await in_line(session, new.customer_id)  # whatever is approved from here on is later
        left = await _left(session, known, new)
        agreed = await agreement.read(hub, session, who, new, known.account, left)
        await plan_view.refuse_held(session, new.customer_id, agreed.whole or agreed.parts)
        intent = _intent(who, new, agreed, known.record.name, agreed_at)
        session.add(intent)
        await session.flush()
        detail = {"amount_minor": intent.amount_minor, "currency": intent.currency}
        detail |= {"split_of": intent.split_of} if intent.split_of else {}
        audit.append(session, who, "payment.create", subject=intent.intent_id, result="done", detail=detail)
        return await tell(session, intent)


async def _by_key(session: AsyncSession, who: Who, new: wire.NewPaymentIntent) -> str | None:
    """Return the intent this key made. Raises Conflict where it was for another amount or customer."""
    made = await session.scalar(
        select(tables.PaymentIntent).where(
            tables.PaymentIntent.user_id == who.user_id, tables.PaymentIntent.key == new.key
        )
    )
    if made is None:
        return None
    agreed = Money(made.amount_minor, made.currency)
    if (agreed, made.customer_id) != (new.amount.money, new.customer_id):
        raise Conflict("step_not_possible", state=_("already agreed for {agreed}").format(agreed=agreed))
    return made.intent_id


def _intent(
    who: Who, new: wire.NewPaymentIntent, agreed: agreement.Agreed, customer_name: str, agreed_at: datetime
) -> tables.PaymentIntent:
    intent_id = new_id("pi")
    return tables.PaymentIntent(
        intent_id=intent_id,
        key=new.key,
        reference=payment_reference(intent_id),
        call_id=new.call_id,
        customer_id=new.customer_id,
        customer_name=customer_name,
        user_id=who.user_id,
        amount_minor=new.amount.minor,
        currency=new.amount.currency,
        allocations=agreed.rows,
        whole=agreed.whole_rows,
        split_of=new.split_of,
        receipt_email=new.receipt_email,
        created_at=agreed_at,
        version=0,
    )


async def _left(
    session: AsyncSession, known: customers.Known, new: wire.NewPaymentIntent
) -> list[OpenAmount]:
    """Return what is left of each invoice; refuse to take more of one that was paid here just now.

    What the first card of a split paid is known to its second, which pays only what was left.
    """
    assert known.account is not None, "create says so"
    paid = await customers.paid_not_posted(session, new.customer_id, known.account_at, new.split_of)
    left = customers.left(known.account, paid)
    free = Counter({one.invoice_id: one.outstanding.minor for one in left})
    parts = new.allocations or new.whole
    short = {part.invoice_id for part in parts if part.amount.minor > free[part.invoice_id]}
    is_any = not (parts or new.on_account or new.split_of) and new.amount.minor > free.total()
    for intent, attempt in paid:
        if any(is_any or part.invoice_id in short for part in paid_parts(intent, attempt)):
            raise Conflict("already_paid", reference=short_reference(intent.intent_id))
    return left


# ---------------------------------------------------------------- the attempt
async def start_attempt(hub: Hub, who: Who, intent_id: str, new: wire.NewAttempt) -> wire.PaymentIntent:
    """Start one try: hold the debts, then secure the line. The same key starts one attempt.

    Raises Conflict where another attempt holds one of the debts, a like payment was taken lately, the
    payment is already approved, less is owed by now, the caller is not proven, or the call is over, which
    matters not to a link. Whether the line was secured is in the answer; a saved card is being charged.
    """
    if new.route not in (KEYPAD, LINK, SAVED) or not hub.settings.allows(new.route):
        raise Invalid("route_unknown")
    changes = await recheck.changes(hub, intent_id, new.key)
    try:
        attempt_id = await _hold_and_open(hub, who, intent_id, new, changes)
    except duplicates.InTheWay as error:
        raise await duplicates.stop(hub, who, intent_id) from error
    except IntegrityError as error:
        if _DEBT_INDEX not in str(error.orig):
            raise
        raise await duplicates.stop(hub, who, intent_id) from error
    if attempt_id is not None and new.route == KEYPAD:
        await secure(hub, attempt_id)
    if attempt_id is not None and new.route == SAVED:
        hub.start(outcomes.charge(hub, attempt_id))
    async with hub.sessions.begin() as session:
        return await show(session, intent_id)


async def _hold_and_open(
    hub: Hub, who: Who, intent_id: str, new: wire.NewAttempt, changes: str
) -> str | None:
    """Commit the attempt with its key, or return None where this key already has one."""
    async with hub.sessions.begin() as session:
        call = await calls.own(session, who, await _call_of(session, intent_id))
        intent = await lock_intent(session, intent_id)  # after its call, as where a call ends
        earlier = list(
            await session.scalars(
                select(tables.Attempt)
                .where(tables.Attempt.intent_id == intent_id)
                .order_by(tables.Attempt.number)
            )
        )
        if any(attempt.key == new.key for attempt in earlier):
            return None
        _may_start(intent, call, earlier, new.route)
        await duplicates.stand_in_line(session, intent.customer_id)
        await plan_view.refuse_held(session, intent.customer_id, debt_of(intent))
        attempt = await attempts.insert(hub, session, intent, new.key, new.route, len(earlier) + 1)
        capture = card_session(attempt.attempt_id, call.call_ref) if new.route == KEYPAD else None
        session.add_all([capture] if capture else [])
        payment = Locked(intent, attempt, capture)
        paid_by = await paid_meanwhile(session, payment.attempt)  # asked once nobody else can hold the debt
        if paid_by is not None:
            raise Conflict("already_paid", reference=short_reference(paid_by))
        if changes:
            raise Conflict("invoices_changed", changes=changes)
        if new.route == LINK:  # a wrong number is told before a supervisor is asked
            await links.begin(hub, session, payment, call, new)
        elif new.route == KEYPAD:
            await watch(session, payment, SECURING_S)
        attempt_id = payment.attempt.attempt_id
        await caller_check.may_pay(session, hub.settings.check_of(call.queue), call, attempt_id)
        if new.route == SAVED:
            await saved_cards.choose(hub, session, call, payment.attempt, new.saved_card)
        await duplicates.go_on(session, intent, hub.settings.duplicate_minutes)
        if new.route == SAVED:  # the press is the decision: there is no card entry to wait for
            await attempts.charge_now(session, payment)
        detail: dict[str, str | None] = {"attempt_id": attempt_id, "route": new.route}
        detail |= {"saved_card": new.saved_card} if new.route == SAVED else {}
        audit.append(session, who, "payment.attempt", subject=intent_id, result="done", detail=detail)
        await tell(session, intent)
        return attempt_id


async def _call_of(session: AsyncSession, intent_id: str) -> str:
    """Return the call of a payment that people take. Raises NotFound, Conflict."""
    intent = await session.get(tables.PaymentIntent, intent_id)
    if intent is None:
        raise NotFound("payment_unknown")
    if intent.plan_id is not None:
        raise Conflict("step_not_possible", state=_("one that its payment plan takes by itself"))
    return intent.call_id


def _may_start(
    intent: tables.PaymentIntent, call: tables.Call, earlier: list[tables.Attempt], route: str
) -> None:
    if intent.customer_id != call.customer_id:  # whose card, check and contacts would then be used?
        raise Conflict("customer_changed", name=intent.customer_name)
    states = {AttemptState(attempt.state) for attempt in earlier}
    if AttemptState.APPROVED in states:
        raise Conflict("already_paid", reference=short_reference(intent.intent_id))
    if states & HOLDS_DEBT:
        raise Conflict("step_not_possible", state=next(iter(states & HOLDS_DEBT)).value)
    tried = [(AttemptState(one.state), declines.advice(one)) for one in earlier]
    if not may_try(tried, by_link=route == LINK):
        seen = any(advice is Advice.STOP for _state, advice in tried)
        why = _("one that the bank has seen already") if seen else _("out of attempts")
        raise Conflict("step_not_possible", state=why)
    if route == KEYPAD and call.call_ref is None:
        raise Conflict("call_over")
    if route != LINK and call.line_ended_at is not None:
        raise Conflict("call_over")
    if route != LINK and call.state == CallState.HELD:
        raise Conflict("call_held")


async def cancel(hub: Hub, who: Who, attempt_id: str, cause: CloseCause = CloseCause.AGENT) -> None:
    """End a try before any money is sent. Raises Conflict once it is.

    A link stays open where only the agent goes away.
    """
    async with hub.sessions.begin() as session:
        attempt = await session.get_one(tables.Attempt, attempt_id)
    if attempt.route != LINK:
        await captures.cancel(hub, who, attempt_id, cause)
    elif cause is CloseCause.AGENT:
        await links.cancel(hub, who, attempt_id)


async def of_attempt(session: AsyncSession, who: Who, attempt_id: str, *, ends: bool = False) -> str:
    """Return the intent of an attempt this person may act on: their own, or for a supervisor any link.

    Who only `ends` it may also have its customer on the line: their link is in the way. Raises NotFound.
    """
    may = tables.PaymentIntent.user_id == who.user_id
    if Permission.DECIDE_OUTCOME in who.permissions:
        may |= tables.Attempt.route == LINK
    elif ends:
        on_line = select(tables.Call.customer_id).where(*_not_over(who))
        may |= and_(tables.Attempt.route == LINK, tables.PaymentIntent.customer_id.in_(on_line))
    intent_id = await session.scalar(
        select(tables.PaymentIntent.intent_id)
        .join(tables.Attempt, tables.Attempt.intent_id == tables.PaymentIntent.intent_id)
        .where(tables.Attempt.attempt_id == attempt_id, may)
    )
    if intent_id is None:
        raise NotFound("payment_unknown")
    return intent_id


# ---------------------------------------------------------------- reading
async def detail(session: AsyncSession, who: Who, intent_id: str) -> wire.PaymentDetail:
    """Return a payment with its time line. Raises NotFound.

    An agent sees their own, and those of the customer they have on the line: one may stand in the way.
    """
    intent = await readable(session, who, intent_id)
    rows = await session.scalars(
        select(tables.PaymentEvent)
        .where(tables.PaymentEvent.intent_id == intent_id)
        .order_by(tables.PaymentEvent.event_id)
    )
    return wire.PaymentDetail(
        payment=await show(session, intent.intent_id),
        timeline=[wire.TimelineItem.model_validate(row) for row in rows],
    )


async def readable(session: AsyncSession, who: Who, intent_id: str) -> tables.PaymentIntent:
    """Return a payment this person may read: also of a customer they have on the line. Raises NotFound."""
    intent = await session.get(tables.PaymentIntent, intent_id)
    if intent is not None and await _call_with(session, who, intent.customer_id):
        return intent
    return await visible(session, who, intent_id)


async def _call_with(session: AsyncSession, who: Who, customer_id: str) -> tables.Call | None:
    mine = select(tables.Call).where(*_not_over(who), tables.Call.customer_id == customer_id)
    return await session.scalar(mine.limit(1))


def _not_over(who: Who) -> list[ColumnElement[bool]]:
    """Say which calls are this person's and not over."""
    return [tables.Call.user_id == who.user_id, tables.Call.state != CallState.ENDED]


async def visible(session: AsyncSession, who: Who, intent_id: str) -> tables.PaymentIntent:
    """Return a payment this person may see. Raises NotFound."""
    intent = await session.get(tables.PaymentIntent, intent_id)
    allowed = intent is not None and (
        intent.user_id == who.user_id or not _SEE_ALL.isdisjoint(who.permissions)
    )
    if intent is None or not allowed:
        raise NotFound("payment_unknown")
    return intent


# ---------------------------------------------------------------- the receipt
async def send_receipt(hub: Hub, who: Who, intent_id: str, wanted: wire.ReceiptIn) -> wire.PaymentIntent:
    """Owe a receipt of an approved payment to an address.

    Raises Conflict before the approval, and where the caller may not have it sent there.
    """
    email = wanted.email
    async with hub.sessions.begin() as session:
        await readable(session, who, intent_id)
        intent = await lock_intent(session, intent_id)
        call = await _call_with(session, who, intent.customer_id)
        if call is not None and call.call_id != intent.call_id:
            policy = hub.settings.check_of(call.queue)
            await caller_check.may_have_receipt(session, policy, call, email, intent.receipt_email)
        await approved_attempt(session, intent_id)
        intent.receipt_email = email
        await write_backs.owe_receipt(session, intent, email, wanted.key)
        audit.append(session, who, "payment.receipt", subject=intent_id, result="done", detail={})
        await payment_events.record(
            session,
            intent_id,
            None,
            wire.TimelineKind.RECEIPT,
            _("Receipt asked for"),
            _("to {email}").format(email=email),
        )
        return await tell(session, intent)
