"""Promises to pay as they are shown: what became of each is told from what was paid since."""

from datetime import datetime, tzinfo

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk import dates
from agentdesk.domain.ids import now, short_reference
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.promise import PromiseState, state
from agentdesk.domain.refund import RefundState
from agentdesk.hub.context import Hub
from agentdesk.hub.db.promises import Promise
from agentdesk.hub.db.query import GIVEN
from agentdesk.hub.db.tables import Attempt, PaymentIntent, Refund, User
from agentdesk.i18n import _
from agentdesk.wire import promises as wire
from agentdesk.wire.customers import HistoryItem, HistoryKind
from agentdesk.wire.model import Amount

#: When money was taken, and how much of it did not go back.
Taken = list[tuple[datetime, int, str]]


async def of_customer(hub: Hub, session: AsyncSession, customer_id: str) -> list[wire.Promise]:
    """Return a customer's promises, newest first."""
    query = (
        select(Promise, User.name)
        .join(User, User.user_id == Promise.user_id)
        .where(Promise.customer_id == customer_id)
        .order_by(Promise.made_at.desc())
    )
    rows = (await session.execute(query)).all()
    taken = await _taken(session, customer_id, rows[-1][0].made_at) if rows else []
    return [_shown(row, name, taken, hub.settings.zone) for row, name in rows]


async def _taken(session: AsyncSession, customer_id: str, since: datetime) -> Taken:
    went_back = (
        select(func.coalesce(func.sum(GIVEN), 0))
        .where(Refund.attempt_id == Attempt.attempt_id, Refund.state == RefundState.DONE)
        .scalar_subquery()
    )
    left = func.coalesce(Attempt.charged_minor, PaymentIntent.amount_minor) - went_back
    agreed = case((left > 0, PaymentIntent.amount_minor), else_=0)
    covered = case((Attempt.charged_currency.is_(None), left), else_=agreed)  # as query.covered
    rows = await session.execute(
        select(Attempt.ended_at, covered, PaymentIntent.currency)
        .join(PaymentIntent, PaymentIntent.intent_id == Attempt.intent_id)
        .where(
            PaymentIntent.customer_id == customer_id,
            Attempt.state == AttemptState.APPROVED,
            Attempt.ended_at >= since,
        )
    )
    return [(at, int(minor), currency) for at, minor, currency in rows if at is not None]


def _shown(row: Promise, made_by: str, taken: Taken, zone: tzinfo) -> wire.Promise:
    paid = sum(minor for at, minor, currency in taken if currency == row.currency and _counts(row, at, zone))
    amount, so_far = Money(row.amount_minor, row.currency), Money(paid, row.currency)
    replaced_on = row.replaced_at.astimezone(zone).date() if row.replaced_at else None
    today = now().astimezone(zone).date()
    return wire.Promise(
        promise_id=row.promise_id,
        reference=row.reference,
        short_reference=short_reference(row.promise_id),
        customer_id=row.customer_id,
        amount=Amount.of(amount),
        due_on=row.due_on,
        state=state(
            amount,
            row.due_on,
            paid=so_far,
            replaced_on=replaced_on,
            today=today,
            withdrawn=row.why_withdrawn is not None,
        ),
        paid=Amount.of(so_far),
        made_by=made_by,
        made_at=row.made_at,
        why_withdrawn=row.why_withdrawn,
    )


def _counts(row: Promise, at: datetime, zone: tzinfo) -> bool:
    """Say whether what was paid at an instant was paid towards the promise."""
    before_next = row.replaced_at is None or at < row.replaced_at
    return row.made_at <= at and before_next and at.astimezone(zone).date() <= row.due_on


def line(promise: wire.Promise) -> HistoryItem:
    """Return a promise as a line of the customer's history."""
    return HistoryItem(
        at=promise.made_at,
        kind=HistoryKind.PROMISE,
        title=_("Promise to pay by {due_on}").format(due_on=dates.in_full(promise.due_on)),
        detail=f"{_became(promise)}, {promise.made_by}",
        amount=promise.amount,
        moved=False,
    )


def _became(promise: wire.Promise) -> str:
    if promise.state is PromiseState.BROKEN:
        return _("Not kept, {paid} of it was paid here").format(paid=promise.paid)
    if promise.state is PromiseState.WITHDRAWN:
        return _("Withdrawn: {reason}").format(reason=promise.why_withdrawn)
    return {
        PromiseState.OPEN: _("Still open"),
        PromiseState.KEPT: _("Kept"),
        PromiseState.REPLACED: _("Replaced by a later one"),
    }[promise.state]
