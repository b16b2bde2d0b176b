"""The steps of a payment plan: by a person, by what became of an instalment, by what became of its card.

Who takes one has locked the plan. It is locked after a payment, the customer's line and the card, and before
the line of approvals: what is owed in here names no call, whose lock comes before all of these.
"""

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.ids import new_id, now, plan_reference, short_reference
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.plan import STANDS, InstalmentState, PlanEvent, PlanState, next_state
from agentdesk.hub import audit, events, plan_view, work, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.query import Locked
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import PaymentIntent
from agentdesk.i18n import _
from agentdesk.wire.events import CustomerChanged

_SUBJECT = {
    PlanEvent.PAUSED: _("Payment plan {reference} is paused"),
    PlanEvent.RESUMED: _("Payment plan {reference} goes on"),
    PlanEvent.CANCELLED: _("Payment plan {reference} is cancelled"),
    PlanEvent.OVER: _("Payment plan {reference} is over"),
}
_PLAN = (
    select(PaymentPlan)
    .where(PaymentPlan.plan_id == bindparam("plan_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_ON_CARD = (
    select(PaymentPlan)
    .where(PaymentPlan.card_id == bindparam("card_id"), PaymentPlan.state == PlanState.ACTIVE)
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def lock(session: AsyncSession, plan_id: str) -> PaymentPlan:
    """Take a plan's row lock, then read."""
    row: PaymentPlan = (await session.scalars(_PLAN, {"plan_id": plan_id})).one()
    return row


async def move(
    session: AsyncSession, row: PaymentPlan, event: PlanEvent, why: str, who: Who | None = None
) -> bool:
    """Take a step and tell everybody; False where the table does not have it. `who` None: the hub itself."""
    after = next_state(PlanState(row.state), event)
    if after is None:
        return False
    waited = work.plan_waits(row)
    row.state, row.why = after, None if after is PlanState.ACTIVE else why
    row.paused_at = now() if after is PlanState.PAUSED else None
    row.paused_by = who.user_id if who and after is PlanState.PAUSED else None
    row.ended_at = None if after in STANDS else now()
    await tell(session, row, _SUBJECT[event], why)
    audit.append(session, who, f"plan.{event}", subject=row.plan_id, result="done", detail={"why": why})
    if waited or work.plan_waits(row):
        await work.changed(session)
    return True


async def tell(
    session: AsyncSession, row: PaymentPlan, subject: str, body: str, *, reference: str | None = None
) -> None:
    """Owe the customer record a note, and have every desk that shows the customer read the plan again.

    `subject` names the plan as `{reference}`; the note's own `reference` None: a new one.
    """
    subject = subject.format(reference=short_reference(row.plan_id))
    detail = _("{subject}: for the customer record").format(subject=subject)
    reference = reference or plan_reference(new_id("note"))
    await write_backs.owe_note(session, row, reference, subject=subject, body=body, detail=detail)
    await events.publish(session, CustomerChanged(customer_id=row.customer_id))


async def halt(session: AsyncSession, row: PaymentPlan, why: str) -> None:
    """Let the plan stand still until a person decides; also one that a person had paused."""
    if await move(session, row, PlanEvent.PAUSED, why) or row.state != PlanState.PAUSED:
        return
    row.why, row.paused_by = why, None
    await tell(session, row, _SUBJECT[PlanEvent.PAUSED], why)
    audit.append(session, None, "plan.paused", subject=row.plan_id, result="done", detail={"why": why})
    await work.changed(session)


# ---------------------------------------------------------------- what became of an instalment
async def ended(session: AsyncSession, payment: Locked) -> None:
    """Do what follows for its plan from how a try ended, in the transaction of its end."""
    plan_id = payment.intent.plan_id
    if plan_id is None:
        return
    row, attempt = await lock(session, plan_id), payment.attempt
    if row.state not in STANDS:
        return
    if attempt.state == AttemptState.APPROVED:
        if not await finish(session, row) and attempt.late_success:
            await halt(session, row, _late(payment))
        return
    words = _(
        "Payment {number} of {amount} was not charged: {why}. Nothing more is taken by itself. Take it with "
        "the customer on the line or send a link, then resume the plan or cancel it."
    )
    why = plan_view.failed(attempt).rstrip(".")
    await halt(session, row, words.format(number=payment.intent.instalment, amount=payment.amount, why=why))


def _late(payment: Locked) -> str:
    words = _(
        "Payment {number} of {amount} was charged after all; it had been told as not charged. Look whether "
        "it was taken another way since, then resume the plan or cancel it."
    )
    return words.format(number=payment.intent.instalment, amount=payment.amount)


async def given_back(
    session: AsyncSession, intent: PaymentIntent, amount: Money, reason: str, name: str
) -> None:
    """Pause the plan that goes on though some of a payment of it goes back; the payment is locked."""
    if intent.plan_id is None:
        return
    row = await lock(session, intent.plan_id)
    words = _(
        "{amount} of payment {number} goes back to the customer: {reason}. By {name}. Nothing more is taken "
        "by itself. Resume the plan where the rest is still owed, or cancel it."
    )
    told = {"amount": amount, "number": intent.instalment, "reason": reason.rstrip("."), "name": name}
    if row.state == PlanState.ACTIVE:
        await halt(session, row, words.format(**told))


async def finish(session: AsyncSession, row: PaymentPlan) -> bool:
    """End the plan where none of its instalments is left to be taken; say whether it did."""
    of = await plan_view.parts(session, row)
    if plan_view.coming(of) is not None or plan_view.in_flight(of):
        return False
    taken = plan_view.paid(row, of)
    agreed = Money(row.total_minor, row.currency)
    words = _("{taken} of the {agreed} of the plan was taken; the rest is not taken by itself.")
    if all(one.state is InstalmentState.PAID for one in of):
        words = _("All payments of the plan were made, {taken}.")
    return await move(session, row, PlanEvent.OVER, words.format(taken=taken, agreed=agreed))


# ---------------------------------------------------------------- what became of its card
async def card_lost(session: AsyncSession, card: SavedCard) -> None:
    """Pause the plan that stands on a card which is not kept any more; the card is locked."""
    row: PaymentPlan | None = await session.scalar(_ON_CARD, {"card_id": card.card_id})
    if row is None:
        return
    words = _("The saved card is not kept any more. {why} Take the rest another way, or make a new plan.")
    await halt(session, row, words.format(why=card.why or ""))
