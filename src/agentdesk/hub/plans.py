"""Payment plans: what a caller agrees to, written down once for each press; nothing is taken by it today."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk import dates
from agentdesk.domain import allocation, plan, policy
from agentdesk.domain.allocation import OpenAmount
from agentdesk.domain.call import CallState
from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import Conflict, Invalid, Unavailable
from agentdesk.domain.ids import new_id, now, plan_reference, short_reference
from agentdesk.domain.money import Money, total
from agentdesk.domain.plan import STANDS, PlanState
from agentdesk.domain.saved_card import label
from agentdesk.hub import (
    audit,
    caller_check,
    calls,
    customers,
    duplicates,
    plan_steps,
    plan_view,
    saved_cards,
)
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.query import paid_parts
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import Call
from agentdesk.hub.policies import Plans
from agentdesk.i18n import _, listed
from agentdesk.wire import plans as wire


async def make(hub: Hub, who: Who, customer_id: str, new: wire.NewPlan) -> wire.PaymentPlan:
    """Write down what the caller agreed to, once for each key; nothing is taken today.

    Raises NotFound, Invalid where this may not be agreed, Conflict where call, card or another payment
    forbids it, Unavailable.
    """
    async with hub.sessions.begin() as session:
        if (earlier := await _by_key(session, who, customer_id, new)) is not None:
            return await plan_view.show(session, earlier)
    policies = rules(hub)
    known = await customers.read(hub, customer_id)
    if known.record.closed:
        raise Conflict("account_closed")
    if known.account is None or "accounts" in known.stale:
        raise Unavailable("accounts_unavailable")
    async with hub.sessions.begin() as session:
        call = await calls.own(session, who, new.call_id)
        earlier = await _by_key(session, who, customer_id, new)  # a second press waited for the call
        if earlier is not None:
            return await plan_view.show(session, earlier)
        may_agree(hub, call, customer_id)
        if new.wording != policies.wording:
            raise Conflict("plan_wording")
        await duplicates.stand_in_line(session, customer_id)
        await _refuse_second(session, customer_id)
        chosen = await _free(hub, session, known, list(dict.fromkeys(new.invoices)))
        card = await saved_cards.of_caller(hub, session, call, new.saved_card)
        instalments = _agreed(hub, who, new, chosen, card)
        row = _row(hub, who, call, new, chosen, instalments, policies)
        session.add(row)
        await session.flush()
        await _tell(session, who, row, card)
        return await plan_view.show(session, row)


def rules(hub: Hub) -> Plans:
    """Return the firm's rules. Raises Conflict where no plan is made here."""
    if hub.settings.plans is None or hub.vendors.cards is None:
        raise Conflict("plan_off")
    return hub.settings.plans


async def _by_key(session: AsyncSession, who: Who, customer_id: str, new: wire.NewPlan) -> PaymentPlan | None:
    """Return the plan this key made. Raises Conflict where that is another one."""
    made = await session.scalar(
        select(PaymentPlan).where(PaymentPlan.user_id == who.user_id, PaymentPlan.key == new.key)
    )
    if made is None:
        return None
    agreed = plan.schedule(new.total.money, new.count, new.first_on, new.rhythm)
    before = (made.customer_id, made.card_id, made.instalments)
    if before != (customer_id, new.saved_card, _instalments(agreed)):
        raise Conflict("plan_stands", reference=short_reference(made.plan_id))
    return made


def may_agree(hub: Hub, call: Call, customer_id: str) -> None:
    """Raise Conflict unless the caller is on the line, is this customer and is proven."""
    if call.state == CallState.ENDED or call.line_ended_at is not None:
        raise Conflict("call_over")
    if call.state == CallState.HELD:
        raise Conflict("call_held")
    if call.customer_id != customer_id:
        raise Conflict("customer_not_linked")
    caller_check.may_agree(hub.settings.check_of(call.queue), call)


async def _refuse_second(session: AsyncSession, customer_id: str) -> None:
    standing = await session.scalar(
        select(PaymentPlan.plan_id).where(
            PaymentPlan.customer_id == customer_id, PaymentPlan.state.in_(STANDS)
        )
    )
    if standing is not None:
        raise Conflict("plan_stands", reference=short_reference(standing))


async def _free(
    hub: Hub, session: AsyncSession, known: customers.Known, chosen: list[str]
) -> list[OpenAmount]:
    """Return what is left of the chosen invoices, oldest due first; no payment holds one or is posting.

    Raises Invalid where one is not open, Conflict.
    """
    assert known.account is not None, "make says so"
    customer_id = known.record.customer_id
    held = await customers.holds(session, customer_id)
    for invoice_id in chosen:
        if invoice_id in held:
            holder = held[invoice_id]
            raise Conflict(
                "already_being_paid",
                reference=holder.short_reference,
                amount=holder.amount,
                at=f"{holder.started_at.astimezone(hub.settings.zone):%H:%M}",  # the business's time
            )
    paid = await customers.paid_not_posted(session, customer_id, known.account_at)
    for intent, attempt in paid:
        posting = [one.number for one in paid_parts(intent, attempt) if one.invoice_id in chosen]
        if posting:
            reference = short_reference(intent.intent_id)
            raise Conflict("plan_posting", reference=reference, number=listed(posting))
    left = {one.invoice_id: one for one in customers.left(known.account, paid)}
    for invoice_id in chosen:
        if invoice_id not in left:
            raise Invalid("invoice_unknown", number=invoice_id)
    return [one for one in left.values() if one.invoice_id in chosen]


def _agreed(
    hub: Hub, who: Who, new: wire.NewPlan, chosen: list[OpenAmount], card: SavedCard
) -> list[plan.Instalment]:
    """Return what is taken when. Raises Invalid where the firm's rules or the agent's limit forbid it."""
    agreed = new.total.money
    if any(one.outstanding.currency != agreed.currency for one in chosen):
        raise Invalid("currency_mismatch", expected=chosen[0].outstanding.currency, got=agreed.currency)
    owed = total([one.outstanding for one in chosen], agreed.currency)
    if agreed != owed:
        raise Conflict("plan_total", owed=owed, total=agreed)
    of = plan.schedule(agreed, new.count, new.first_on, new.rhythm)
    today = now().astimezone(hub.settings.zone).date()
    plan.check(rules(hub).policy, of, card_of(card), today)
    allocation.check_limit(agreed, who.limit.money if who.limit else None)
    for one in (of[0], of[-1]):
        policy.check_size(hub.settings.amounts.policy, one.amount)
    return of


def card_of(card: SavedCard) -> CardSummary:
    """Return the card as the domain knows it."""
    return CardSummary(card.brand, card.last4, card.exp_month, card.exp_year)


def _row(
    hub: Hub,
    who: Who,
    call: Call,
    new: wire.NewPlan,
    chosen: list[OpenAmount],
    instalments: list[plan.Instalment],
    policies: Plans,
) -> PaymentPlan:
    plan_id = new_id("pl")
    return PaymentPlan(
        plan_id=plan_id,
        key=new.key,
        reference=plan_reference(plan_id),
        call_id=call.call_id,
        customer_id=call.customer_id or "",
        user_id=who.user_id,
        card_id=new.saved_card,
        live=not hub.settings.test_mode,
        state=PlanState.ACTIVE,
        total_minor=new.total.minor,
        currency=new.total.currency,
        rhythm=new.rhythm,
        invoices=[
            {"invoice_id": one.invoice_id, "number": one.number, "amount_minor": one.outstanding.minor}
            for one in chosen
        ],
        instalments=_instalments(instalments),
        skipped=[],
        receipt_email=new.receipt_email,
        wording=policies.wording,
        words=policies.words,
        made_at=now(),
    )


def _instalments(of: list[plan.Instalment]) -> list[dict[str, int | str]]:
    return [
        {"number": one.number, "due_on": one.due_on.isoformat(), "amount_minor": one.amount.minor}
        for one in of
    ]


async def _tell(session: AsyncSession, who: Who, row: PaymentPlan, card: SavedCard) -> None:
    """Owe the customer record a note, and note who did it and which words were read, with the plan."""
    days = [
        _("{amount} on {day}").format(
            amount=Money(one["amount_minor"], row.currency),
            day=dates.in_full(date.fromisoformat(one["due_on"])),
        )
        for one in row.instalments
    ]
    words = _("{card} pays {numbers} by itself: {days}. Agreed on the phone with {name}, wording {wording}.")
    body = words.format(
        card=label(card_of(card)),
        numbers=listed([one["number"] for one in row.invoices]),
        days=listed(days),
        name=who.name,
        wording=row.wording,
    )
    await plan_steps.tell(
        session, row, _("Payment plan {reference} is agreed"), body, reference=row.reference
    )
    said = {"card_id": row.card_id, "total_minor": row.total_minor, "currency": row.currency}
    said |= {"instalments": row.instalments, "wording": row.wording, "words": saved_cards.digest(row.words)}
    audit.append(session, who, "plan.make", subject=row.plan_id, result="done", detail=said)
