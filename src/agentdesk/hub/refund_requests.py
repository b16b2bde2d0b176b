"""Refunds over a limit: asking a supervisor, and their word, which is never on one's own."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from agentdesk.domain.ids import new_id, now
from agentdesk.domain.money import Money
from agentdesk.domain.people import Permission
from agentdesk.hub import audit, payment_events, payments, refund_outcomes, refunds, work
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import lock_intent
from agentdesk.hub.db.refund_requests import RefundRequest
from agentdesk.hub.db.tables import PaymentIntent, User
from agentdesk.hub.payment_view import show, tell, tell_asker
from agentdesk.hub.supervisor_word import refuse_own
from agentdesk.i18n import _
from agentdesk.wire import payments as wire
from agentdesk.wire.refunds import NewRefund, RefundDecision

_DECIDED = {
    "allowed": _("{name} allowed the refund of {amount}"),
    "refused": _("{name} refused the refund of {amount}"),
    "took back": _("{name} took back the refund of {amount}"),
}


async def ask(
    hub: Hub, session: AsyncSession, who: Who, intent_id: str, new: NewRefund
) -> wire.PaymentIntent:
    """Ask a supervisor for a refund that is over one's limit; the same key asks once.

    Raises NotFound, Invalid where the amount may not go back or needs no question, Conflict where one
    waits already.
    """
    await payments.visible(session, who, intent_id)
    intent = await lock_intent(session, intent_id)
    if not await _has_key(session, intent, new):
        amount = new.amount.money
        refunds.check_amount(intent, amount)
        if await refunds.over_limit(session, who, intent, amount) is None:
            raise Invalid("refund_within_limit", amount=amount)
        await refunds.charge_for(hub, session, intent, amount)
        await _refuse_second(session, intent)
        session.add(
            RefundRequest(
                request_id=new_id("rr"),
                intent_id=intent_id,
                user_id=who.user_id,
                key=new.key,
                amount_minor=new.amount.minor,
                reason=new.reason.strip(),
                asked_at=now(),
            )
        )
        await session.flush()
        title = _("{name} asked for a refund of {amount}").format(name=who.name, amount=amount)
        await _tell(session, who, intent, "asked", title, new.reason.strip(), amount_minor=amount.minor)
        await tell_asker(session, intent, who.user_id)
    return await show(session, intent_id)


async def _has_key(session: AsyncSession, intent: PaymentIntent, new: NewRefund) -> bool:
    """Say whether the key has a request. Raises Conflict where that is of another amount."""
    made = await session.scalar(
        select(RefundRequest).where(RefundRequest.intent_id == intent.intent_id, RefundRequest.key == new.key)
    )
    if made is not None and Money(made.amount_minor, intent.currency) != new.amount.money:
        raise await _asked_already(session, intent, made)
    return made is not None


async def _refuse_second(session: AsyncSession, intent: PaymentIntent) -> None:
    waits = await session.scalar(
        select(RefundRequest).where(
            RefundRequest.intent_id == intent.intent_id, RefundRequest.allowed.is_(None)
        )
    )
    if waits is not None:
        raise await _asked_already(session, intent, waits)


async def _asked_already(session: AsyncSession, intent: PaymentIntent, made: RefundRequest) -> Conflict:
    by = await session.get_one(User, made.user_id)
    return Conflict("refund_asked", name=by.name, amount=Money(made.amount_minor, intent.currency))


async def decide(hub: Hub, who: Who, request_id: str, word: RefundDecision) -> wire.PaymentIntent:
    """Let a refund go out, once, or not. Who asked may take the wish back, and never allow it.

    Raises NotFound, NotAllowed for one's own, Invalid where it is over this person's limit, too, or more
    than is left by now, Conflict where it is decided.
    """
    async with hub.sessions.begin() as session:
        row, intent = await _locked(session, request_id)
        _may_decide(who, row, allow=word.allow)
        if row.decided_by == who.user_id and row.allowed == word.allow:
            return await show(session, intent.intent_id)  # the press came twice
        if row.decided_by is not None:
            raise Conflict("refund_decided", name=(await session.get_one(User, row.decided_by)).name)
        row.allowed, row.why, row.decided_at, row.decided_by = word.allow, word.why, now(), who.user_id
        row.is_news = who.user_id != row.user_id
        amount = Money(row.amount_minor, intent.currency)
        said = "allowed" if word.allow else "refused" if row.user_id != who.user_id else "took back"
        title = _DECIDED[said].format(name=who.name, amount=amount)
        await _tell(session, who, intent, said, title, word.why, request_id=request_id)
        await tell_asker(session, intent, row.user_id)
        refund_id = await _send_later(hub, session, who, intent, row, amount) if word.allow else None
    if refund_id is not None:
        await refund_outcomes.send(hub, refund_id)
    async with hub.sessions.begin() as session:
        return await show(session, intent.intent_id)


async def of_asker(session: AsyncSession, who: Who, *, decided: bool) -> list[str]:
    """Return payments of which the person asked for a refund: those that wait, or those `decided` since.

    What was decided is kept until they put it away.
    """
    of_it = RefundRequest.is_news if decided else RefundRequest.allowed.is_(None)
    mine = select(RefundRequest.intent_id).where(RefundRequest.user_id == who.user_id, of_it)
    return list(dict.fromkeys(await session.scalars(mine.order_by(RefundRequest.number))))


async def put_away(hub: Hub, who: Who, request_id: str) -> wire.PaymentIntent:
    """Tell the person no more what was said to their wish. Raises NotFound, also for somebody else's."""
    async with hub.sessions.begin() as session:
        row, intent = await _locked(session, request_id)
        if row.user_id != who.user_id:
            raise NotFound("payment_unknown")
        if row.is_news:
            of_it = RefundRequest.intent_id == row.intent_id, RefundRequest.user_id == who.user_id
            await session.execute(update(RefundRequest).where(*of_it).values(is_news=False))
            audit.append(
                session,
                who,
                "refund.put_away",
                subject=intent.intent_id,
                result="done",
                detail={"request_id": request_id},
            )
        return await show(session, intent.intent_id)


def _may_decide(who: Who, row: RefundRequest, *, allow: bool) -> None:
    if allow:
        refuse_own(who, row.user_id)
    if row.user_id != who.user_id and Permission.ALLOW_REFUND not in who.permissions:
        raise NotAllowed("not_allowed")


async def _send_later(
    hub: Hub, session: AsyncSession, who: Who, intent: PaymentIntent, row: RefundRequest, amount: Money
) -> str:
    """Write the refund down, in the transaction that allows it."""
    await refunds.check_limit(session, who, intent, amount)
    attempt = await refunds.charge_for(hub, session, intent, amount)
    asker = await session.get_one(User, row.user_id)
    wish = refunds.Wish(row.request_id, amount, row.reason, asker.user_id, asker.name)
    return await refunds.write_down(session, who, intent, attempt, wish)


async def _locked(session: AsyncSession, request_id: str) -> tuple[RefundRequest, PaymentIntent]:
    row = await session.get(RefundRequest, request_id)
    if row is None:
        raise NotFound("payment_unknown")
    intent = await lock_intent(session, row.intent_id)
    await session.refresh(row)
    return row, intent


async def _tell(
    session: AsyncSession,
    who: Who,
    intent: PaymentIntent,
    result: str,
    title: str,
    words: str,
    **said: Any,
) -> None:
    detail = {"reason": words, **said}
    audit.append(
        session, who, "payment.refund_request", subject=intent.intent_id, result=result, detail=detail
    )
    await payment_events.record(session, intent.intent_id, None, wire.TimelineKind.NOTE, title, words)
    await tell(session, intent)
    await work.changed(session)
