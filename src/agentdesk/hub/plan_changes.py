"""What people change of a payment plan: pause it, resume it, leave out what is next, cancel it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk import dates
from agentdesk.domain import plan
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from agentdesk.domain.ids import now
from agentdesk.domain.people import Permission
from agentdesk.domain.plan import STANDS, InstalmentState, PlanEvent, PlanState
from agentdesk.domain.saved_card import SavedCardState, is_expired, label
from agentdesk.hub import audit, duplicates, plan_steps, plan_view, plans, saved_cards
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import Call
from agentdesk.i18n import _, listed
from agentdesk.wire import plans as wire
from agentdesk.wire.plans import PlanWish

_OVER = {PlanState.DONE: _("over"), PlanState.CANCELLED: _("cancelled")}
_LEADS_TO = {
    PlanWish.PAUSE: PlanState.PAUSED,
    PlanWish.RESUME: PlanState.ACTIVE,
    PlanWish.CANCEL: PlanState.CANCELLED,
}


async def read(session: AsyncSession, plan_id: str) -> wire.PaymentPlan:
    """Return a plan. Raises NotFound."""
    return await plan_view.show(session, await _known(session, plan_id))


async def change(hub: Hub, who: Who, plan_id: str, wanted: wire.PlanChange) -> wire.PaymentPlan:
    """Change a plan; a second press changes nothing.

    Raises NotFound, NotAllowed, Invalid, Conflict where it is over or the card cannot be charged.
    """
    if wanted.wish is PlanWish.SKIP and wanted.number is None:
        raise Invalid("field_invalid", field="number", reason=_("say which payment is left out"))
    async with hub.sessions.begin() as session:
        row = await _known(session, plan_id)
        await _may_change(hub, session, who, row, wanted.wish)
        await duplicates.stand_in_line(session, row.customer_id)
        card = await saved_cards.locked(session, row.card_id)
        row = await plan_steps.lock(session, plan_id)
        if not _is_so(row, wanted):
            if row.state not in STANDS:
                raise Conflict("plan_over", state=_OVER[PlanState(row.state)])
            await _change(hub, session, who, row, card, wanted)
            await session.flush()
        return await plan_view.show(session, row)


async def _known(session: AsyncSession, plan_id: str) -> PaymentPlan:
    row = await session.get(PaymentPlan, plan_id)
    if row is None:
        raise NotFound("plan_unknown")
    return row


async def _may_change(hub: Hub, session: AsyncSession, who: Who, row: PaymentPlan, wish: PlanWish) -> None:
    """Let a supervisor, and who has the customer on the line. Raises NotAllowed.

    To have their card charged again the caller says yes as they did at first. Raises Conflict.
    """
    if Permission.DECIDE_OUTCOME in who.permissions:
        return
    mine = (Call.user_id == who.user_id, Call.customer_id == row.customer_id, Call.state != CallState.ENDED)
    call = await session.scalar(select(Call).where(*mine).order_by(Call.started_at.desc()).limit(1))
    if call is None:
        raise NotAllowed("not_allowed")
    if wish is PlanWish.RESUME:
        plans.may_agree(hub, call, row.customer_id)


def _is_so(row: PaymentPlan, wanted: wire.PlanChange) -> bool:
    """Say whether that was done already."""
    if wanted.wish is PlanWish.SKIP:
        return any(one["number"] == wanted.number for one in row.skipped)
    return row.state == _LEADS_TO[wanted.wish]


async def _change(
    hub: Hub,
    session: AsyncSession,
    who: Who,
    row: PaymentPlan,
    card: SavedCard | None,
    wanted: wire.PlanChange,
) -> None:
    why = _("{reason}. By {name}.").format(reason=wanted.reason.rstrip("."), name=who.name)
    if wanted.wish is PlanWish.SKIP:
        await _skip_next(session, who, row, wanted.number, why)
    elif wanted.wish is PlanWish.RESUME:
        await _resume(hub, session, who, row, card, why)
    else:
        event = PlanEvent.PAUSED if wanted.wish is PlanWish.PAUSE else PlanEvent.CANCELLED
        for one in plan_view.taking(await plan_view.parts(session, row)):
            words = _("Payment {number} of {amount} is being charged already.")
            why += " " + words.format(number=one.number, amount=one.amount)
        await plan_steps.move(session, row, event, why, who)


async def _skip_next(session: AsyncSession, who: Who, row: PaymentPlan, number: int | None, why: str) -> None:
    """Leave out the instalment that is next; what it was to pay stays owed."""
    following = plan_view.coming(await plan_view.parts(session, row))
    if following is None or following.number != number:
        raise Conflict("plan_not_next", number=number)
    row.skipped = [*row.skipped, {"number": number, "why": why}]
    await session.flush()
    words = _("Payment {number} of {amount} is left out and stays owed. {why}")
    body = words.format(number=number, amount=following.amount, why=why)
    await plan_steps.tell(session, row, _("Payment plan {reference} leaves a payment out"), body)
    said = {"number": number, "why": why}
    audit.append(session, who, "plan.skip", subject=row.plan_id, result="done", detail=said)
    await plan_steps.finish(session, row)


async def _resume(
    hub: Hub, session: AsyncSession, who: Who, row: PaymentPlan, card: SavedCard | None, why: str
) -> None:
    """Let it go on, without what is too late; where nothing is left it is over.

    Raises NotFound, Invalid, Conflict where the card cannot be charged, or not until the end.
    """
    plans.rules(hub)
    if card is None or card.state != SavedCardState.KEPT:
        raise NotFound("saved_card_unknown")
    await saved_cards.refuse_off(hub, session, card)
    today = now().astimezone(hub.settings.zone).date()
    due = [one for one in await plan_view.parts(session, row) if one.state is InstalmentState.DUE]
    if due and is_expired(plans.card_of(card), due[-1].due_on):
        raise Invalid("plan_card_ends", card=label(plans.card_of(card)), on=dates.in_full(due[-1].due_on))
    late = [one for one in due if plan.is_too_late(one.due_on, today)]
    if late:
        because = _("Its day was over when the plan was resumed.")
        row.skipped = [*row.skipped, *({"number": one.number, "why": because} for one in late)]
        await session.flush()
        days = listed([dates.in_full(one.due_on) for one in late])
        why += " " + _("Left out, and still owed: {days}.").format(days=days)
    await plan_steps.move(session, row, PlanEvent.RESUMED, why, who)
    await plan_steps.finish(session, row)
