"""Payment plans as they are shown: what became of each instalment is told from its payment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk import dates
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import short_reference
from agentdesk.domain.money import Money, total
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.plan import STANDS, InstalmentState, PlanState, Rhythm, instalment_state
from agentdesk.hub import declines, saved_card_view
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.query import covered
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import Attempt, PaymentIntent, User
from agentdesk.i18n import _, listed
from agentdesk.wire import plans as wire
from agentdesk.wire.model import Amount


@dataclass(frozen=True, slots=True)
class Part:
    """An instalment and its payment; `amount` is that of the payment where it took less than was agreed."""

    number: int
    due_on: date
    amount: Money
    state: InstalmentState
    intent: PaymentIntent | None
    attempt: Attempt | None
    skipped: str | None  # why


async def parts(session: AsyncSession, row: PaymentPlan) -> list[Part]:
    """Return a plan's instalments in order."""
    found = await session.execute(
        select(PaymentIntent, Attempt)
        .outerjoin(Attempt, Attempt.intent_id == PaymentIntent.intent_id)
        .where(PaymentIntent.plan_id == row.plan_id)
    )
    tried = {intent.instalment: (intent, attempt) for intent, attempt in found}
    skipped = {one["number"]: one["why"] for one in row.skipped}
    return [
        _part(row, one, tried.get(one["number"], (None, None)), skipped.get(one["number"]))
        for one in row.instalments
    ]


def _part(
    row: PaymentPlan,
    agreed: dict[str, Any],
    tried: tuple[PaymentIntent | None, Attempt | None],
    skipped: str | None,
) -> Part:
    intent, attempt = tried
    state = AttemptState(attempt.state) if attempt else None
    minor = intent.amount_minor if intent else agreed["amount_minor"]
    return Part(
        number=agreed["number"],
        due_on=date.fromisoformat(agreed["due_on"]),
        amount=Money(minor, row.currency),
        state=instalment_state(state, skipped=skipped is not None),
        intent=intent,
        attempt=attempt,
        skipped=skipped,
    )


def coming(of: Sequence[Part]) -> Part | None:
    """Return the instalment that is next; None where none is left."""
    return next((one for one in of if one.state is InstalmentState.DUE), None)


def taking(of: Sequence[Part]) -> list[Part]:
    """Return those that are being charged, or may have been."""
    return [one for one in of if one.state is InstalmentState.TAKING]


def in_flight(of: Sequence[Part]) -> bool:
    """Say whether one of them is being charged, or may have been."""
    return bool(taking(of))


def paid(row: PaymentPlan, of: Sequence[Part]) -> Money:
    """Return what the payments of a plan took."""
    taken = [
        covered(one.intent, one.attempt)
        for one in of
        if one.intent and one.attempt and one.state is InstalmentState.PAID
    ]
    return total(taken, row.currency)


# ---------------------------------------------------------------- what an active one holds
async def active(session: AsyncSession, customer_id: str) -> PaymentPlan | None:
    """Return the customer's plan that takes its next instalment by itself."""
    return await session.scalar(
        select(PaymentPlan).where(
            PaymentPlan.customer_id == customer_id, PaymentPlan.state == PlanState.ACTIVE
        )
    )


async def refuse_held(session: AsyncSession, customer_id: str, debt: Collection[Allocation]) -> None:
    """Raise Conflict where the customer's active plan takes one of these invoices.

    The answer holds where the caller stands in line for the customer: nobody makes or resumes one meanwhile.
    """
    row = await active(session, customer_id)
    if row is None:
        return
    wanted = {part.invoice_id for part in debt}
    held = [one["number"] for one in row.invoices if one["invoice_id"] in wanted]
    left = (InstalmentState.DUE, InstalmentState.TAKING)
    following = next((one for one in await parts(session, row) if one.state in left), None)
    if held and following is not None:
        raise Conflict(
            "in_plan",
            numbers=listed(held),
            reference=short_reference(row.plan_id),
            amount=following.amount,
            on=dates.in_full(following.due_on),
        )


def holds(row: PaymentPlan | None) -> dict[str, str]:
    """Return the invoices that a plan takes while it is active, each with its short reference."""
    if row is None or row.state != PlanState.ACTIVE:
        return {}
    return {one["invoice_id"]: short_reference(row.plan_id) for one in row.invoices}


# ---------------------------------------------------------------- as desks see them
async def newest(session: AsyncSession, customer_id: str) -> PaymentPlan | None:
    """Return the customer's plan that stands, or the newest that is over."""
    return await session.scalar(
        select(PaymentPlan)
        .where(PaymentPlan.customer_id == customer_id)
        .order_by(PaymentPlan.state.in_(STANDS).desc(), PaymentPlan.made_at.desc())
        .limit(1)
    )


async def show(session: AsyncSession, row: PaymentPlan) -> wire.PaymentPlan:
    """Return a plan as desks see it."""
    of = await parts(session, row)
    card = await session.get_one(SavedCard, row.card_id)
    maker = await session.get_one(User, row.user_id)
    following = coming(of) if row.state in STANDS else None
    return wire.PaymentPlan(
        plan_id=row.plan_id,
        reference=row.reference,
        short_reference=short_reference(row.plan_id),
        customer_id=row.customer_id,
        state=PlanState(row.state),
        why=row.why,
        card_id=row.card_id,
        card=saved_card_view.label(card),
        total=Amount(minor=row.total_minor, currency=row.currency),
        paid=Amount.of(paid(row, of)),
        numbers=[one["number"] for one in row.invoices],
        rhythm=Rhythm(row.rhythm),
        instalments=[_instalment(one) for one in of],
        next=_instalment(following) if following else None,
        receipt_email=row.receipt_email,
        made_by=maker.name,
        made_at=row.made_at,
    )


def _instalment(part: Part) -> wire.Instalment:
    return wire.Instalment(
        number=part.number,
        due_on=part.due_on,
        amount=Amount.of(part.amount),
        state=part.state,
        intent_id=part.intent.intent_id if part.intent else None,
        why=why(part),
    )


def why(part: Part) -> str | None:
    """Say why an instalment was not charged, or is left out; None where it was, or may yet be."""
    if part.state is InstalmentState.SKIPPED:
        return part.skipped
    if part.state is not InstalmentState.FAILED or part.attempt is None:
        return None
    return failed(part.attempt)


def failed(attempt: Attempt) -> str:
    """Say why a try took nothing."""
    if attempt.state == AttemptState.DECLINED:
        return declines.show(attempt.decline).title
    return attempt.not_sent_reason or _("Nothing was sent.")
