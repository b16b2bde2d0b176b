"""What waits for a supervisor, oldest first: outcomes nobody could tell, alarms, stuck write-backs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from agentdesk.domain.call import CallState
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import MONEY_AT_RISK, AttemptState
from agentdesk.domain.plan import InstalmentState, PlanState
from agentdesk.domain.refund import RefundState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.hub import events, payment_log, plan_view
from agentdesk.hub.db.customers import CustomerCopy
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.refund_requests import RefundRequest
from agentdesk.hub.db.tables import (
    Attempt,
    Call,
    DuplicateStop,
    PaymentIntent,
    Refund,
    User,
    WriteBack,
)
from agentdesk.hub.payment_view import PERSON_AFTER, alarm_is_open, write_back
from agentdesk.i18n import _, ngettext
from agentdesk.wire import work as wire
from agentdesk.wire.calls import Help
from agentdesk.wire.events import WorkChanged
from agentdesk.wire.payment_log import PaymentRow
from agentdesk.wire.plans import PaymentPlan as PaymentPlanOut

_MOST = 200


async def listing(session: AsyncSession) -> wire.WorkList:
    """Return the oldest of what waits, and how much there is."""
    found = [await source(session) for source in _SOURCES]
    rows = sorted((row for rows, _ in found for row in rows), key=lambda row: (row.since, row.key))
    return wire.WorkList(rows=rows[:_MOST], count=sum(count for _, count in found), as_of=now())


async def changed(session: AsyncSession) -> None:
    """Tell every desk that the list is another; who may see it asks for it."""
    await events.publish(session, WorkChanged())


def waits(attempt: Attempt) -> bool:
    """Say whether the attempt is on the list: its outcome or its alarm waits for a person."""
    late = attempt.sent_at is not None and attempt.sent_at + PERSON_AFTER <= now()
    return (AttemptState(attempt.state) in MONEY_AT_RISK and late) or alarm_is_open(attempt)


Found = tuple[Sequence[wire.WorkItem], int]


async def _unknown(session: AsyncSession) -> Found:
    person_from = now() - PERSON_AFTER
    wanted = and_(Attempt.state.in_(MONEY_AT_RISK), Attempt.sent_at <= person_from)
    attempts, count = await _oldest(session, Attempt, wanted, Attempt.sent_at)
    return await _items(session, wire.WorkKind.UNKNOWN, attempts, "sent_at", _asked), count


def _asked(attempt: Attempt) -> str:
    said = attempt.decision
    if said and not said["final"]:
        return _("{said} says it was not charged. A second supervisor has to confirm it.").format(
            said=said["by"][0]
        )
    if attempt.alarm and alarm_is_open(attempt):
        return _("{alarm} The debt is locked.").format(alarm=attempt.alarm)
    words = ngettext(
        "The provider was asked once and has not told. The debt is locked.",
        "The provider was asked {asked} times and has not told. The debt is locked.",
        attempt.asked,
    )
    return words.format(asked=attempt.asked)


async def _refunds(session: AsyncSession) -> Found:
    wanted = and_(Refund.state == RefundState.UNKNOWN, Refund.sent_at <= now() - PERSON_AFTER)
    refunds, count = await _oldest(session, Refund, wanted, Refund.sent_at)
    return await _items(session, wire.WorkKind.UNKNOWN, refunds, "sent_at", _refund_asked), count


def _refund_asked(refund: Refund) -> str:
    said = refund.decision
    if said and not said["final"]:
        return _(
            "{said} says that the refund never went back. A second supervisor has to confirm it."
        ).format(said=said["by"][0])
    if refund.alarm:
        return _("A refund: {alarm} Its amount is held.").format(alarm=refund.alarm)
    words = ngettext(
        "A refund: the provider was asked once and has not told. Its amount is held.",
        "A refund: the provider was asked {asked} times and has not told. Its amount is held.",
        refund.asked,
    )
    return words.format(asked=refund.asked)


async def _asked_refunds(session: AsyncSession) -> Found:
    wanted = RefundRequest.allowed.is_(None)
    asked, count = await _oldest(session, RefundRequest, wanted, RefundRequest.asked_at)
    payments = await payment_log.rows(session, [one.intent_id for one in asked])
    by = {one.user_id: one.name for one in await session.scalars(select(User))}
    return [
        wire.WorkItem(
            key=f"{wire.WorkKind.REFUND}:{one.request_id}",
            kind=wire.WorkKind.REFUND,
            since=one.asked_at,
            detail=_("{by} asks to refund {one}: {reason}").format(
                by=by[one.user_id], one=_money(one, payments[one.intent_id]), reason=one.reason
            ),
            customer_name=payments[one.intent_id].customer_name,
            agent_name=by[one.user_id],
            payment=payments[one.intent_id],
            write_back=None,
        )
        for one in asked
    ], count


def _money(asked: RefundRequest, payment: PaymentRow) -> Money:
    return Money(asked.amount_minor, payment.amount.currency)


async def _alarms(session: AsyncSession) -> Found:
    raised = or_(Attempt.alarm.is_not(None), Attempt.late_success)
    wanted = and_(raised, Attempt.alarm_closed_at.is_(None))
    attempts, count = await _oldest(session, Attempt, wanted, Attempt.alarm_at)
    return await _items(session, wire.WorkKind.ALARM, attempts, "alarm_at", _alarm), count


def _alarm(attempt: Attempt) -> str:
    return attempt.alarm or _("Approved after all; it had been told as not charged.")


async def _parked(session: AsyncSession) -> Found:
    wanted = WriteBack.state == WriteBackState.PARKED
    return await _write_backs(session, wire.WorkKind.PARKED, wanted)


async def _overdue(session: AsyncSession) -> Found:
    wanted = and_(WriteBack.state == WriteBackState.QUEUED, WriteBack.overdue_at.is_not(None))
    return await _write_backs(session, wire.WorkKind.OVERDUE, wanted)


async def _duplicates(session: AsyncSession) -> Found:
    later = aliased(DuplicateStop)
    on_the_line = select(PaymentIntent.intent_id).join(Call, Call.call_id == PaymentIntent.call_id)
    wanted = and_(
        DuplicateStop.asked_at.is_not(None),
        DuplicateStop.decided_at.is_(None),
        DuplicateStop.passed_at.is_(None),
        ~exists().where(later.intent_id == DuplicateStop.intent_id, later.number > DuplicateStop.number),
        DuplicateStop.intent_id.in_(on_the_line.where(Call.line_ended_at.is_(None))),
    )
    stops, count = await _oldest(session, DuplicateStop, wanted, DuplicateStop.asked_at)
    before = {one.attempt_id: await session.get_one(Attempt, one.attempt_id) for one in stops}
    ids = [one.intent_id for one in (*stops, *before.values())]
    payments = await payment_log.rows(session, ids)
    return [
        wire.WorkItem(
            key=f"{wire.WorkKind.DUPLICATE}:{one.stop_id}",
            kind=wire.WorkKind.DUPLICATE,
            since=one.asked_at or one.stopped_at,
            detail=_second(payments[before[one.attempt_id].intent_id]),
            customer_name=payments[one.intent_id].customer_name,
            agent_name=payments[one.intent_id].agent_name,
            payment=payments[one.intent_id],
            write_back=None,
        )
        for one in stops
    ], count


def _second(before: PaymentRow) -> str:
    return _(
        "May be a second payment: {agent_name} took {amount} before it, payment "
        "{short_reference}. The caller waits."
    ).format(agent_name=before.agent_name, amount=before.amount, short_reference=before.short_reference)


async def _help(session: AsyncSession) -> Found:
    asked_at = Call.help["asked_at"].astext  # null, too, where a replica of the version before wrote its null
    wanted = and_(asked_at.is_not(None), Call.state != CallState.ENDED)
    asked, count = await _oldest(session, Call, wanted, asked_at)
    return await _calls(session, wire.WorkKind.HELP, asked, _called), count


def _called(call: Call) -> dict[str, Any]:
    help = Help.model_validate(call.help)
    reason = help.reason or _("No reason was given.")
    coming = _("{name} is coming. {reason}").format(name=help.coming, reason=reason)
    return {"since": help.asked_at, "detail": coming if help.coming else reason, "help": help}


async def _unrecorded(session: AsyncSession) -> Found:
    since = Call.unrecorded_since
    found, count = await _oldest(session, Call, since.is_not(None), since)
    return await _calls(session, wire.WorkKind.UNRECORDED, found, _off), count


def _off(call: Call) -> dict[str, Any]:
    words = _(
        "The recorder did not start again after card entry: what is said since then is not recorded. No "
        "money moved by this, and no card data is in the recording. If the call goes on, start the recorder "
        "by hand in the phone system."
    )
    return {"since": call.unrecorded_since, "detail": words}


async def _plans(session: AsyncSession) -> Found:
    wanted = and_(PaymentPlan.state == PlanState.PAUSED, PaymentPlan.paused_by.is_(None))
    paused, count = await _oldest(session, PaymentPlan, wanted, PaymentPlan.paused_at)
    names = await _names(session, [one.customer_id for one in paused])
    shown = [await plan_view.show(session, one) for one in paused]
    failed = {one.plan_id: _failed(one) for one in shown}
    payments = await payment_log.rows(session, [one for one in failed.values() if one])
    return [
        wire.WorkItem(
            key=f"{wire.WorkKind.PLAN}:{row.plan_id}",
            kind=wire.WorkKind.PLAN,
            since=row.paused_at,
            detail=row.why or "",
            customer_name=names.get(row.customer_id, row.customer_id),
            agent_name=plan.made_by,
            payment=payments.get(failed[row.plan_id] or ""),
            write_back=None,
            plan=plan,
        )
        for row, plan in zip(paused, shown, strict=True)
    ], count


def _failed(plan: PaymentPlanOut) -> str | None:
    """Return the payment of the newest instalment that was not paid."""
    unpaid = [one.intent_id for one in plan.instalments if one.state is InstalmentState.FAILED]
    return unpaid[-1] if unpaid else None


def plan_waits(row: PaymentPlan) -> bool:
    """Say whether a plan is on the list: the hub let it stand still."""
    return row.state == PlanState.PAUSED and row.paused_by is None


_SOURCES = (
    *(_help, _unrecorded, _duplicates, _asked_refunds, _unknown, _refunds, _alarms, _plans),
    *(_parked, _overdue),
)


async def _oldest(
    session: AsyncSession, table: type[Any], wanted: ColumnElement[bool], since: Any
) -> tuple[Sequence[Any], int]:
    rows = await session.scalars(select(table).where(wanted).order_by(since).limit(_MOST))
    return rows.all(), await session.scalar(select(func.count()).select_from(table).where(wanted)) or 0


async def _items(
    session: AsyncSession, kind: wire.WorkKind, found: Sequence[Any], since: str, say: Any
) -> list[wire.WorkItem]:
    payments = await payment_log.rows(session, [one.intent_id for one in found])
    return [
        wire.WorkItem(
            key=f"{kind}:{one.refund_id if isinstance(one, Refund) else one.attempt_id}",
            kind=kind,
            since=getattr(one, since) or one.started_at,
            detail=say(one),
            customer_name=payments[one.intent_id].customer_name,
            agent_name=payments[one.intent_id].agent_name,
            payment=payments[one.intent_id],
            write_back=None,
        )
        for one in found
    ]


async def _write_backs(session: AsyncSession, kind: wire.WorkKind, wanted: ColumnElement[bool]) -> Found:
    owed, count = await _oldest(session, WriteBack, wanted, WriteBack.created_at)
    payments = await payment_log.rows(session, [one.intent_id for one in owed if one.intent_id])
    people = await _of_calls(session, [one.call_id for one in owed if one.call_id])
    names = await _names(session, [one.customer_id for one in owed])
    items = []
    for one in owed:
        payment = payments.get(one.intent_id or "")
        of_call = people.get(one.call_id or "", (names.get(one.customer_id, one.customer_id), ""))
        customer, agent = (payment.customer_name, payment.agent_name) if payment else of_call
        items.append(
            wire.WorkItem(
                key=f"{kind}:{one.write_back_id}",
                kind=kind,
                since=one.created_at,
                detail=one.detail,
                customer_name=customer,
                agent_name=agent,
                payment=payment,
                write_back=write_back(one),
            )
        )
    return items, count


async def _calls(
    session: AsyncSession, kind: wire.WorkKind, found: Sequence[Call], say: Any
) -> list[wire.WorkItem]:
    people = await _of_calls(session, [one.call_id for one in found])
    return [
        wire.WorkItem(
            key=f"{kind}:{one.call_id}",
            kind=kind,
            customer_name=people[one.call_id][0],
            agent_name=people[one.call_id][1],
            payment=None,
            write_back=None,
            call_id=one.call_id,
            **say(one),
        )
        for one in found
    ]


async def _of_calls(session: AsyncSession, call_ids: list[str]) -> dict[str, tuple[str, str]]:
    """Return the customer's and the agent's name of each call."""
    rows = await session.execute(
        select(Call.call_id, Call.customer_id, CustomerCopy.record["name"].astext, User.name)
        .outerjoin(CustomerCopy, CustomerCopy.customer_id == Call.customer_id)
        .outerjoin(User, User.user_id == Call.user_id)
        .where(Call.call_id.in_(call_ids))
    )
    return {call_id: (name or customer or "", agent or "") for call_id, customer, name, agent in rows}


async def _names(session: AsyncSession, customer_ids: list[str]) -> dict[str, str]:
    """Return the names of customers as they were last read, by their id."""
    rows = await session.execute(
        select(CustomerCopy.customer_id, CustomerCopy.record["name"].astext.label("name")).where(
            CustomerCopy.customer_id.in_(customer_ids)
        )
    )
    return {row.customer_id: row.name for row in rows}
