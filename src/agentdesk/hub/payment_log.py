"""The payment log: filters, pages by key, totals."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from agentdesk.domain.errors import Invalid
from agentdesk.domain.ids import now, short_reference
from agentdesk.domain.money import Money
from agentdesk.domain.payment import MONEY_AT_RISK, AttemptState
from agentdesk.domain.refund import RefundState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub.db.query import GIVEN, charged
from agentdesk.hub.db.tables import Attempt, PaymentIntent, Refund, User, WriteBack
from agentdesk.hub.payment_view import card
from agentdesk.wire.model import Amount
from agentdesk.wire.payment_log import PaymentLogPage, PaymentRow, PaymentTotals

#: `84,00` where the hub writes `84.00`, and the reverse: the desk may speak another language.
_OTHER_MARKS = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the log shows; None means all. Amounts in minor units; `q` looks in reference, name, last four."""

    since: datetime | None = None
    until: datetime | None = None
    agent: str | None = None
    route: str | None = None
    state: AttemptState | None = None
    q: str | None = None
    smallest: int | None = None
    largest: int | None = None
    amount: int | None = None  # what `q` says where it is an amount

    def digest(self) -> str:
        """Return a short mark of these filters, so that a cursor of other filters is refused."""
        text = json.dumps(asdict(self), default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


#: Of a reference; what people read to each other is eight.
_SHORTEST_MARK = 8
_MOST_REFUNDABLE = 20
_RANK = case((Attempt.state == AttemptState.APPROVED, 2), (Attempt.state.in_(MONEY_AT_RISK), 1), else_=0)
#: The attempt that tells the payment's state, as payment_view has it; lateral, so that a page looks up
#: the attempts of its own rows only.
_COUNTING = aliased(
    Attempt,
    select(Attempt)
    .where(Attempt.intent_id == PaymentIntent.intent_id)
    .order_by(_RANK.desc(), Attempt.number.desc())
    .limit(1)
    .lateral(),
)
#: As `query.charged`.
_AMOUNT: ColumnElement[int] = func.coalesce(_COUNTING.charged_minor, PaymentIntent.amount_minor)
_CURRENCY: ColumnElement[str] = func.coalesce(_COUNTING.charged_currency, PaymentIntent.currency)


async def page(
    session: AsyncSession, filters: Filters, cursor: str | None, limit: int, currency: str
) -> PaymentLogPage:
    """Return payments newest first, at most `limit`, after the cursor; totals on the first page only.

    Raises Invalid where the cursor belongs to other filters.
    """
    query = _matching(filters).order_by(PaymentIntent.created_at.desc(), PaymentIntent.intent_id.desc())
    if cursor is not None:
        query = query.where(
            tuple_(PaymentIntent.created_at, PaymentIntent.intent_id) < _position(cursor, filters)
        )
    found = (await session.execute(query.limit(limit + 1))).all()
    shown = found[:limit]
    ids = [intent.intent_id for intent, _, _ in shown]
    owed, back = await _write_backs(session, ids), await _refunded(session, ids)
    last = shown[-1][0] if len(found) > limit else None
    return PaymentLogPage(
        rows=[_row(intent, attempt, agent, owed, back) for intent, attempt, agent in shown],
        cursor=_cursor(last, filters) if last is not None else None,
        totals=await _totals(session, filters, currency) if cursor is None else None,
    )


async def rows(session: AsyncSession, intent_ids: list[str]) -> dict[str, PaymentRow]:
    """Return these payments as the log shows them, by their id."""
    found = await session.execute(_matching(Filters()).where(PaymentIntent.intent_id.in_(intent_ids)))
    owed, back = await _write_backs(session, intent_ids), await _refunded(session, intent_ids)
    return {intent.intent_id: _row(intent, attempt, agent, owed, back) for intent, attempt, agent in found}


def _matching(filters: Filters) -> Select[PaymentIntent, Attempt, User]:
    query = (
        select(PaymentIntent, _COUNTING, User)
        .select_from(PaymentIntent)
        .outerjoin(_COUNTING, true())
        .join(User, User.user_id == PaymentIntent.user_id)
    )
    return query.where(true(), *_conditions(filters))


def _conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.since:
        yield PaymentIntent.created_at >= filters.since
    if filters.until:
        yield PaymentIntent.created_at < filters.until
    if filters.agent:
        yield PaymentIntent.user_id == filters.agent
    if filters.route:
        yield _COUNTING.route == filters.route
    if filters.state:
        yield _COUNTING.state == filters.state
    if filters.smallest is not None:
        yield filters.smallest <= _AMOUNT
    if filters.largest is not None:
        yield filters.largest >= _AMOUNT
    if filters.q:
        yield _words(filters.q, filters.amount)


def _words(text: str, amount: int | None) -> ColumnElement[bool]:
    bare = text.strip()
    return or_(
        PaymentIntent.reference.icontains(bare, autoescape=True),
        PaymentIntent.reference.iendswith(bare.replace("-", ""), autoescape=True),  # as people read it
        PaymentIntent.customer_name.icontains(bare, autoescape=True),
        _COUNTING.card_last4 == bare,
        _AMOUNT.is_not_distinct_from(amount),
    )


def amount_of(text: str, currency: str) -> int | None:
    """Return the amount that the words are, in minor units; None where they are none."""
    for written in (text, text.translate(_OTHER_MARKS)):
        with suppress(Invalid):
            return Money.parse(written, currency).minor
    return None


async def refundable(session: AsyncSession, text: str, currency: str) -> list[PaymentRow]:
    """Return the newest approved payments of exactly this reference, amount or last four digits.

    For people who refund and do not see the log: who cannot say one of them finds nothing.
    """
    bare = text.strip()
    exact = [_COUNTING.card_last4 == bare, _AMOUNT.is_not_distinct_from(amount_of(bare, currency))]
    mark = bare.upper().removeprefix("PMT-").replace("-", "")
    if len(mark) >= _SHORTEST_MARK:
        exact.append(PaymentIntent.reference.iendswith(mark, autoescape=True))
    wanted = _matching(Filters(state=AttemptState.APPROVED)).where(or_(*exact))
    newest = wanted.order_by(PaymentIntent.created_at.desc()).limit(_MOST_REFUNDABLE)
    ids = [intent.intent_id for intent, _, _ in await session.execute(newest)]
    found = await rows(session, ids)
    return [found[one] for one in ids]


def _row(
    intent: PaymentIntent,
    attempt: Attempt | None,
    agent: User,
    owed: dict[tuple[str, str], str],
    refunded: dict[str, int],
) -> PaymentRow:
    back = refunded.get(intent.intent_id)
    amount = Amount.of(charged(intent, attempt)) if attempt else _agreed(intent)
    states = [owed.get((intent.intent_id, kind.value)) for kind in WriteBackKind]
    return PaymentRow(
        intent_id=intent.intent_id,
        short_reference=short_reference(intent.intent_id),
        created_at=intent.created_at,
        customer_name=intent.customer_name,
        agent_name=agent.name,
        route=attempt.route if attempt else None,
        card=card(attempt.card_brand, attempt.card_last4) if attempt else None,
        amount=amount,
        state=AttemptState(attempt.state) if attempt else None,
        write_backs=[WriteBackState(state) if state else None for state in states],
        refunded=amount.model_copy(update={"minor": back}) if back else None,
        plan=short_reference(intent.plan_id) if intent.plan_id else None,
    )


def _agreed(intent: PaymentIntent) -> Amount:
    return Amount(minor=intent.amount_minor, currency=intent.currency)


async def _write_backs(session: AsyncSession, intent_ids: list[str]) -> dict[tuple[str, str], str]:
    """Return the state of each kind: the payment's own, unless that of a refund is not done yet."""
    of_refund = case((WriteBack.refund_id.is_(None), 1), (WriteBack.state == WriteBackState.DONE, 0), else_=2)
    rows = await session.execute(
        select(WriteBack.intent_id, WriteBack.kind, WriteBack.state)
        .where(WriteBack.intent_id.in_(intent_ids))
        .order_by(of_refund, WriteBack.created_at)
    )
    return {(intent_id or "", kind): state for intent_id, kind, state in rows}


async def _refunded(session: AsyncSession, intent_ids: list[str]) -> dict[str, int]:
    """Return what went back of each payment, in minor units."""
    rows = await session.execute(
        select(Refund.intent_id, func.sum(GIVEN))
        .where(Refund.intent_id.in_(intent_ids), Refund.state == RefundState.DONE)
        .group_by(Refund.intent_id)
    )
    return {intent_id: int(minor) for intent_id, minor in rows}


async def _totals(session: AsyncSession, filters: Filters, currency: str) -> PaymentTotals:
    """Count and sum what matches, in the hub's currency."""
    inner = _matching(filters).with_only_columns(
        PaymentIntent.intent_id, _AMOUNT.label("minor"), _COUNTING.state.label("state")
    )
    found = inner.where(_CURRENCY.in_([currency])).subquery()
    approved = found.c.state == AttemptState.APPROVED
    at_risk = found.c.state.in_(MONEY_AT_RISK)
    sent = found.c.state.in_([AttemptState.APPROVED, AttemptState.DECLINED, *MONEY_AT_RISK])
    row = await session.execute(
        select(
            func.count(),
            func.count().filter(approved),
            func.coalesce(func.sum(found.c.minor).filter(approved), 0),
            func.count().filter(at_risk),
            func.coalesce(func.sum(found.c.minor).filter(at_risk), 0),
            func.count().filter(sent),
        ).select_from(found)
    )
    went_back = select(func.sum(GIVEN)).where(
        Refund.state == RefundState.DONE, Refund.intent_id.in_(select(found.c.intent_id))
    )
    refunded = await session.scalar(went_back)
    count, approved_count, approved_minor, risk_count, risk_minor, sent_count = row.one()
    return PaymentTotals(
        count=count,
        approved_count=approved_count,
        approved=Amount(minor=int(approved_minor), currency=currency),
        at_risk_count=risk_count,
        at_risk=Amount(minor=int(risk_minor), currency=currency),
        sent_count=sent_count,
        refunded=Amount(minor=int(refunded), currency=currency) if refunded else None,
        as_of=now(),
    )


def _cursor(last: PaymentIntent, filters: Filters) -> str:
    place = [last.created_at.isoformat(), last.intent_id, filters.digest()]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _position(cursor: str, filters: Filters) -> tuple[datetime, str]:
    try:
        created_at, intent_id, digest = json.loads(base64.urlsafe_b64decode(cursor))
        place = datetime.fromisoformat(created_at), str(intent_id)
    except (ValueError, TypeError) as error:
        raise Invalid("cursor_invalid") from error
    if digest != filters.digest():
        raise Invalid("cursor_invalid")
    return place
