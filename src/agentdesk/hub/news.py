"""How payments ended that their agent has out of sight: told until the agent puts them away."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import link_reference
from agentdesk.domain.payment import AttemptState
from agentdesk.hub import audit, posting, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, is_alarmed_elsewhere, lock_intent, paid_meanwhile
from agentdesk.hub.db.tables import Attempt, Call, PaymentIntent, PaymentLink
from agentdesk.hub.link_session import LINK
from agentdesk.hub.payment_view import show, tell
from agentdesk.i18n import _
from agentdesk.wire import payments as wire

#: What ended so shortly before the wrap-up may not have been seen.
SEEN_AFTER = timedelta(seconds=5)


async def keep(session: AsyncSession, payment: Locked, before: AttemptState) -> None:
    """Keep that an attempt has just ended, where its agent waited for that or has left the call.

    What ends in sight is put away by the wrap-up: whichever of the two commits first, nothing is lost.
    What a payment plan takes is nobody's news: its plan tells where it is not paid.
    """
    attempt = payment.attempt
    if payment.intent.plan_id is not None:
        return
    left = await session.scalar(select(Call.wrapped_up_at).where(Call.call_id == payment.intent.call_id))
    was_awaited = attempt.route == LINK or before in (AttemptState.PENDING, AttemptState.UNKNOWN)
    attempt.is_news = was_awaited or left is not None
    if attempt.route == LINK and attempt.state != AttemptState.APPROVED:
        await _note_unpaid(session, payment)


async def seen(session: AsyncSession, call: Call, at: datetime) -> None:
    """Put away what ended while the agent had it in sight: the call is wrapped up now."""
    of_call = select(PaymentIntent.intent_id).where(PaymentIntent.call_id == call.call_id)
    in_sight = (Attempt.is_news, Attempt.intent_id.in_(of_call), Attempt.ended_at < at - SEEN_AFTER)
    await session.execute(update(Attempt).where(*in_sight).values(is_news=False))


async def of_agent(session: AsyncSession, who: Who) -> list[str]:
    """Return the agent's payments that ended out of their sight, the oldest end first."""
    wanted = (
        select(PaymentIntent.intent_id)
        .join(Attempt, Attempt.intent_id == PaymentIntent.intent_id)
        .join(Call, Call.call_id == PaymentIntent.call_id)
        .where(Attempt.is_news, PaymentIntent.user_id == who.user_id)
        .where(Call.wrapped_up_at.is_not(None) | Call.user_id.is_distinct_from(who.user_id))
        .order_by(Attempt.ended_at)
    )
    return list(dict.fromkeys(await session.scalars(wanted)))


async def is_taken_elsewhere(session: AsyncSession, payment: wire.PaymentIntent) -> bool:
    """Say whether another payment took money for the debt of one that ended, or may have.

    Of one that took money itself: whether an alarm of the other waits for a supervisor.
    """
    of_it = [one for one in payment.attempts if one.state is payment.state]
    attempt = await session.get_one(Attempt, of_it[-1].attempt_id)
    if payment.state is AttemptState.APPROVED:
        return await is_alarmed_elsewhere(session, attempt)
    return await paid_meanwhile(session, attempt, or_at_risk=True) is not None


async def put_away(hub: Hub, who: Who, intent_id: str, state: AttemptState) -> wire.PaymentIntent:
    """Take the person's payment off that list; `state` is what they saw of it.

    Raises NotFound, Conflict where it is another by now.
    """
    async with hub.sessions.begin() as session:
        intent = await lock_intent(session, intent_id)
        if intent.user_id != who.user_id:
            raise NotFound("payment_unknown")
        now_in = (await show(session, intent_id)).state
        if now_in is not state:
            raise Conflict("step_not_possible", state=now_in.value if now_in else "")
        of_it = (Attempt.intent_id == intent_id, Attempt.is_news)
        await session.execute(update(Attempt).where(*of_it).values(is_news=False))
        audit.append(
            session, who, "payment.put_away", subject=intent_id, result="done", detail={"state": state}
        )
        return await tell(session, intent)


async def _note_unpaid(session: AsyncSession, payment: Locked) -> None:
    """Owe the customer record a note of a link that went out and was not paid."""
    link = await session.get(PaymentLink, payment.attempt.attempt_id)
    if link is not None and link.sent_at is not None:
        of_link = {posting.OF_LINK: payment.attempt.attempt_id}
        detail = _("Note of an unpaid link for the customer record")
        reference = link_reference(payment.attempt.attempt_id)
        await write_backs.owe_note(session, payment.intent, reference, detail=detail, **of_link)
