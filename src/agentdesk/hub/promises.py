"""Promises to pay: written down once, told to the customer record, replaced by the next one or withdrawn."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk import dates
from agentdesk.domain import promise as rules
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict, NotFound, Unavailable
from agentdesk.domain.ids import new_id, now, promise_reference, withdrawal_reference
from agentdesk.domain.money import Money
from agentdesk.hub import audit, calls, customers, duplicates, events, promise_view, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.promises import Promise
from agentdesk.hub.db.tables import Call
from agentdesk.i18n import _
from agentdesk.wire import promises as wire
from agentdesk.wire.events import CustomerChanged


async def make(hub: Hub, who: Who, customer_id: str, new: wire.NewPromise) -> wire.Promise:
    """Write a promise down, once for each key; it takes the place of the customer's last one.

    Raises NotFound, Invalid where this may not be promised, Conflict where the call forbids it.
    """
    async with hub.sessions.begin() as session:
        if (earlier := await _by_key(session, who, customer_id, new)) is not None:
            return await _show(hub, session, earlier)
    known = await customers.read(hub, customer_id)
    if known.account is None:
        raise Unavailable("accounts_unavailable")
    async with hub.sessions.begin() as session:
        call = await calls.own(session, who, new.call_id)
        earlier = await _by_key(session, who, customer_id, new)  # a second press waited for the call
        if earlier is not None:
            return await _show(hub, session, earlier)
        _may_promise(call, customer_id)
        await duplicates.stand_in_line(session, customer_id)
        made_at = now()
        owed = await customers.owed(session, known)
        rules.check(
            new.amount.money,
            new.due_on,
            owed=owed,
            today=made_at.astimezone(hub.settings.zone).date(),
            longest_days=hub.settings.promise_days,
        )
        return await _keep(hub, session, who, call, new, made_at)


def _may_promise(call: Call, customer_id: str) -> None:
    if call.state == CallState.ENDED:
        raise Conflict("call_over")
    if call.customer_id != customer_id:
        raise Conflict("customer_not_linked")


async def _by_key(session: AsyncSession, who: Who, customer_id: str, new: wire.NewPromise) -> Promise | None:
    """Return the promise this key made. Raises Conflict where that is another one."""
    made = await session.scalar(select(Promise).where(Promise.user_id == who.user_id, Promise.key == new.key))
    if made is None:
        return None
    amount = Money(made.amount_minor, made.currency)
    if (amount, made.due_on, made.customer_id) != (new.amount.money, new.due_on, customer_id):
        raise Conflict("promise_made", amount=amount, on=dates.in_full(made.due_on))
    return made


async def _keep(
    hub: Hub, session: AsyncSession, who: Who, call: Call, new: wire.NewPromise, made_at: datetime
) -> wire.Promise:
    before = await session.scalar(
        select(Promise).where(Promise.customer_id == call.customer_id, Promise.replaced_at.is_(None))
    )
    if before is not None:
        before.replaced_at = made_at
        await session.flush()  # one stands at a time
    promise_id = new_id("pr")
    row = Promise(
        promise_id=promise_id,
        key=new.key,
        reference=promise_reference(promise_id),
        call_id=call.call_id,
        customer_id=call.customer_id or "",
        user_id=who.user_id,
        amount_minor=new.amount.minor,
        currency=new.amount.currency,
        due_on=new.due_on,
        made_at=made_at,
    )
    session.add(row)
    await session.flush()
    await _tell(session, who, row, before)
    return await _show(hub, session, row)


async def _tell(session: AsyncSession, who: Who, row: Promise, before: Promise | None) -> None:
    """Owe the customer record a note, and note who did it, in the transaction of the promise."""
    amount = Money(row.amount_minor, row.currency)
    body = _("{amount} by {words}. Promised to {name}.").format(
        amount=amount, words=dates.in_full(row.due_on), name=who.name
    )
    if before is not None:
        last = Money(before.amount_minor, before.currency)
        body += " " + _("The promise before it was {last} by {words}.").format(
            last=last, words=dates.in_full(before.due_on)
        )
    await write_backs.owe_note(
        session,
        row,
        row.reference,
        subject=_("Promise to pay {amount}").format(amount=amount),
        body=body,
        detail=_("Promise to pay for the customer record"),
    )
    said = {"amount_minor": row.amount_minor, "currency": row.currency, "due_on": row.due_on.isoformat()}
    audit.append(session, who, "promise.make", subject=row.promise_id, result="done", detail=said)
    await events.publish(session, CustomerChanged(customer_id=row.customer_id), user_id=who.user_id)


async def withdraw(
    hub: Hub, who: Who, customer_id: str, promise_id: str, why: wire.Withdrawal
) -> wire.Promise:
    """Take a promise back that was never meant, once; the one it had replaced stands again.

    Raises NotFound, Conflict where it was kept or replaced.
    """
    async with hub.sessions.begin() as session:
        await duplicates.stand_in_line(session, customer_id)
        row = await session.get(Promise, promise_id)
        if row is None or row.customer_id != customer_id:
            raise NotFound("promise_unknown")
        if row.why_withdrawn is not None:
            return await _show(hub, session, row)
        if (await _show(hub, session, row)).state not in rules.WITHDRAWABLE:
            raise Conflict("promise_over")
        before = await _before(session, row) if row.replaced_at is None else None
        row.withdrawn_by, row.why_withdrawn = who.user_id, why.reason
        row.replaced_at = row.replaced_at or now()
        await session.flush()  # one stands at a time
        if before is not None:
            before.replaced_at = None
        await _tell_withdrawn(session, who, row, before)
        await session.flush()
        return await _show(hub, session, row)


async def _before(session: AsyncSession, row: Promise) -> Promise | None:
    """Return the promise whose place this one took."""
    replaced = (Promise.customer_id == row.customer_id, Promise.replaced_at == row.made_at)
    before: Promise | None = await session.scalar(
        select(Promise).where(*replaced, Promise.why_withdrawn.is_(None))
    )
    return before


async def _tell_withdrawn(session: AsyncSession, who: Who, row: Promise, before: Promise | None) -> None:
    """Owe the customer record a note of its own: the first one stays there."""
    amount = Money(row.amount_minor, row.currency)
    body = _("{amount} by {day} was never promised: {reason}. Withdrawn by {name}.").format(
        amount=amount, day=dates.in_full(row.due_on), reason=row.why_withdrawn, name=who.name
    )
    if before is not None:
        last = Money(before.amount_minor, before.currency)
        body += " " + _("The promise before it stands again: {last} by {day}.").format(
            last=last, day=dates.in_full(before.due_on)
        )
    await write_backs.owe_note(
        session,
        row,
        withdrawal_reference(row.promise_id),
        subject=_("Promise withdrawn, {amount}").format(amount=amount),
        body=body,
        detail=_("Withdrawn promise for the customer record"),
    )
    said = {"reason": row.why_withdrawn, "stands_again": before.promise_id if before else None}
    audit.append(session, who, "promise.withdraw", subject=row.promise_id, result="done", detail=said)
    await events.publish(session, CustomerChanged(customer_id=row.customer_id), user_id=who.user_id)


async def _show(hub: Hub, session: AsyncSession, row: Promise) -> wire.Promise:
    shown = await promise_view.of_customer(hub, session, row.customer_id)
    return next(one for one in shown if one.promise_id == row.promise_id)
