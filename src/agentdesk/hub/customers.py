"""Customers: read from the outside systems, with the last copy where they do not answer."""

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from pydantic import TypeAdapter
from sqlalchemy import delete, false, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters import records
from agentdesk.adapters.base import VendorError
from agentdesk.domain.allocation import OpenAmount
from agentdesk.domain.errors import Invalid, NotFound, Unavailable
from agentdesk.domain.ids import now, withdrawal_reference
from agentdesk.domain.money import Money
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.domain.promise import PromiseState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub import audit, events, plan_view, promise_view, saved_card_view
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.customers import CustomerCopy, CustomerPreference
from agentdesk.hub.db.query import clock, covered, paid_parts
from agentdesk.hub.db.tables import (
    Attempt,
    AttemptDebt,
    PaymentIntent,
    Refund,
    WriteBack,
)
from agentdesk.hub.payment_view import earlier
from agentdesk.wire import customers as wire
from agentdesk.wire.events import CustomerChanged
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import EarlierPayment

log = structlog.get_logger(__name__)

#: Seconds an outside system may take before the last copy is shown instead.
PATIENCE_S = 8.0
#: Seconds for one more look before a card is asked for: the caller waits.
MOMENT_S = 3.0
SEARCH_LIMIT = 20
_RECORD = TypeAdapter(records.Record)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AccountCopy:
    """The account and its open invoices as read together."""

    account: records.Account
    items: list[records.OpenItem]


_ACCOUNT = TypeAdapter(AccountCopy)
_HISTORY = TypeAdapter(list[records.HistoryItem])


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer and when each part was read; `stale` names parts that are copies."""

    record: records.Record
    record_at: datetime
    account: AccountCopy | None
    account_at: datetime | None
    stale: tuple[str, ...]


async def read(hub: Hub, customer_id: str) -> Known:
    """Read record and account at once, each replaced by its last copy where its system does not answer.

    Raises NotFound, or Unavailable where there is no copy of the record either.
    """
    async with hub.sessions.begin() as session:
        read_at = await clock(session)  # before asking: what is posted meanwhile may not be in the answer
    record, account = await asyncio.gather(
        _ask(hub.vendors.crm.record(customer_id)), _ask(_account(hub, customer_id))
    )
    async with hub.sessions.begin() as session:
        copy = await session.get(CustomerCopy, customer_id)
        if record.answered and record.value is None:
            raise NotFound("customer_unknown")
        if record.value is None:
            return _from_copy(copy, account.value, read_at)
        await _keep(session, record.value, account.value, read_at)
        if account.value is not None:
            return Known(record.value, read_at, account.value, read_at, ())
        old = _ACCOUNT.validate_python(copy.account) if copy and copy.account else None
        return Known(record.value, read_at, old, copy.account_at if copy else None, ("accounts",))


def _from_copy(copy: CustomerCopy | None, account: AccountCopy | None, read_at: datetime) -> Known:
    if copy is None:
        raise Unavailable("customer_records_unavailable")
    record = _RECORD.validate_python(copy.record)
    if account is not None:
        return Known(record, copy.record_at, account, read_at, ("customer_records",))
    old = _ACCOUNT.validate_python(copy.account) if copy.account else None
    return Known(record, copy.record_at, old, copy.account_at, ("customer_records", "accounts"))


async def reread(hub: Hub, customer_id: str, split_of: str | None = None) -> list[OpenAmount] | None:
    """Read once more what is left to pay; None where the accounts do not answer within a moment."""
    async with hub.sessions.begin() as session:
        read_at = await clock(session)  # before asking, as in `read`
    answer = await _ask(_account(hub, customer_id), MOMENT_S)
    if answer.value is None:
        return None
    older = or_(CustomerCopy.account_at.is_(None), CustomerCopy.account_at < read_at)
    fresh = {"account": _ACCOUNT.dump_python(answer.value, mode="json"), "account_at": read_at}
    async with hub.sessions.begin() as session:
        await session.execute(
            update(CustomerCopy).where(CustomerCopy.customer_id == customer_id, older).values(fresh)
        )
        paid = await paid_not_posted(session, customer_id, read_at, split_of)
    return left(answer.value, paid)


async def _account(hub: Hub, customer_id: str) -> AccountCopy:
    account, items = await asyncio.gather(
        hub.vendors.accounting.account(customer_id), hub.vendors.accounting.open_items(customer_id)
    )
    return AccountCopy(account, list(items))


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    answered: bool


async def _ask(question: Awaitable[T], patience_s: float = PATIENCE_S) -> _Answer:
    """Wait a little; an outside system that does not answer is a state of the screen, not an error."""
    try:
        async with asyncio.timeout(patience_s):
            return _Answer(await question, answered=True)
    except (VendorError, TimeoutError) as error:
        log.warning("an outside system did not answer", reason=repr(error))
        return _Answer(None, answered=False)


async def _keep(
    session: AsyncSession, record: records.Record, account: AccountCopy | None, read_at: datetime
) -> None:
    row: dict[str, Any] = {
        "customer_id": record.customer_id,
        "record": _RECORD.dump_python(record, mode="json"),
        "record_at": read_at,
    }
    if account is not None:
        row |= {"account": _ACCOUNT.dump_python(account, mode="json"), "account_at": read_at}
    changes = {k: v for k, v in row.items() if k != "customer_id"}
    statement = insert(CustomerCopy).values(row)
    await session.execute(statement.on_conflict_do_update(index_elements=["customer_id"], set_=changes))


async def show(hub: Hub, customer_id: str) -> wire.Customer:
    """Return the customer for the screen, with our own payments that the accounts do not show yet."""
    known = await read(hub, customer_id)
    async with hub.sessions.begin() as session:
        held = await holds(session, customer_id)
        paid = await paid_not_posted(session, customer_id, known.account_at)
        promises = await promise_view.of_customer(hub, session, customer_id)
        preference = await session.get(CustomerPreference, customer_id)
        cards = await saved_card_view.of_customer(hub, session, customer_id)
        planned = await plan_view.newest(session, customer_id)
        plan = await plan_view.show(session, planned) if planned else None
    account, posting = known.account.account if known.account else None, _posting(paid)
    return wire.Customer(
        **{k: v for k, v in asdict(known.record).items() if k != "phones"},
        phones=list(known.record.phones),
        balance=Amount.of(account.balance) if account else None,
        posting_on_account=_on_account(paid, account.balance.currency) if account else None,
        overdue=Amount.of(account.overdue) if account else None,
        credit=Amount.of(account.credit) if account else None,
        open_items=[_item(i, held, posting, plan_view.holds(planned)) for i in _shown(known, posting)],
        record_as_of=known.record_at,
        account_as_of=known.account_at,
        stale=list(known.stale),
        promise=next((one for one in promises if one.state is not PromiseState.WITHDRAWN), None),
        preferred_route=preference.route if preference else None,
        saved_cards=cards,
        last_paid=_last_paid(account),
        plan=plan,
    )


def _last_paid(account: records.Account | None) -> wire.LastPaid | None:
    last = account.last_paid if account else None
    return wire.LastPaid(amount=Amount.of(last.amount), on=last.on) if last else None


async def prefer(hub: Hub, who: Who, customer_id: str, route: str | None) -> wire.Customer:
    """Note the way to pay that a customer prefers; None: not known. Raises Invalid, NotFound, Unavailable.

    It is ours: no CRM we know has a field for it, and every adapter would need a way to write one.
    """
    if route is not None and not hub.settings.allows(route):
        raise Invalid("route_unknown")
    customer = await show(hub, customer_id)
    async with hub.sessions.begin() as session:
        if route is None:
            await session.execute(
                delete(CustomerPreference).where(CustomerPreference.customer_id == customer_id)
            )
        else:
            row = {"route": route}
            statement = insert(CustomerPreference).values(row | {"customer_id": customer_id})
            await session.execute(statement.on_conflict_do_update(index_elements=["customer_id"], set_=row))
        audit.append(
            session, who, "customer.prefer", subject=customer_id, result="done", detail={"route": route}
        )
        await events.publish(session, CustomerChanged(customer_id=customer_id))
    return customer.model_copy(update={"preferred_route": route})


def _shown(known: Known, posting: dict[str, Money]) -> list[records.OpenItem]:
    """Return what is open, and what was paid here and is only reserved in the accounts so far."""
    items = known.account.items if known.account else []
    return [i for i in items if i.outstanding.minor > 0 or i.invoice_id in posting]


def _item(
    item: records.OpenItem,
    held: dict[str, EarlierPayment],
    posting: dict[str, Money],
    planned: dict[str, str],
) -> wire.OpenItem:
    paid, holder = posting.get(item.invoice_id), held.get(item.invoice_id)
    rest = _rest(item, posting)
    return wire.OpenItem(
        invoice_id=item.invoice_id,
        number=item.number,
        description=item.description,
        issued_on=item.issued_on,
        due_on=item.due_on,
        total=Amount.of(item.total),
        outstanding=Amount.of(rest),
        held_by=holder.short_reference if holder else None,
        holder=holder,
        posting=Amount.of(paid) if paid else None,
        plan=planned.get(item.invoice_id),
    )


async def holds(session: AsyncSession, customer_id: str) -> dict[str, EarlierPayment]:
    """Return the invoices that a live attempt holds, and by which payment."""
    rows = await session.execute(
        select(AttemptDebt.debt, PaymentIntent, Attempt)
        .join(Attempt, Attempt.attempt_id == AttemptDebt.attempt_id)
        .join(PaymentIntent, PaymentIntent.intent_id == Attempt.intent_id)
        .where(PaymentIntent.customer_id == customer_id, Attempt.state.in_(HOLDS_DEBT))
    )
    return {
        debt.removeprefix("invoice:"): await earlier(session, intent, attempt)
        for debt, intent, attempt in rows.all()
    }


Paid = tuple[PaymentIntent, Attempt]


async def paid_not_posted(
    session: AsyncSession, customer_id: str, read_at: datetime | None, split_of: str | None = None
) -> list[Paid]:
    """Return approved payments that the accounts may not have shown when they were read.

    None: they were never read, so only what is not posted yet. That a refund waits for its posting says
    nothing of the payment's own. The cards of the split `split_of` are left out: their rest is known.
    """
    posted_since = WriteBack.done_at >= read_at if read_at else false()
    rows = await session.execute(
        select(PaymentIntent, Attempt)
        .ext(distinct_on(PaymentIntent.intent_id))  # of one that was charged twice the first is posted
        .order_by(PaymentIntent.intent_id, Attempt.ended_at)
        .join(WriteBack, WriteBack.intent_id == PaymentIntent.intent_id)
        .join(Attempt, Attempt.intent_id == PaymentIntent.intent_id)
        .where(
            PaymentIntent.customer_id == customer_id,
            Attempt.state == AttemptState.APPROVED,
            WriteBack.kind == WriteBackKind.ACCOUNTS,
            WriteBack.refund_id.is_(None),
            or_(WriteBack.state != WriteBackState.DONE, posted_since),
        )
    )
    paid = [(intent, attempt) for intent, attempt in rows]
    return [one for one in paid if split_of is None or split_of not in (one[0].intent_id, one[0].split_of)]


def _posting(payments: list[Paid]) -> dict[str, Money]:
    """Return what they paid on each invoice."""
    paid: dict[str, Money] = {}
    for intent, attempt in payments:
        for part in paid_parts(intent, attempt):  # both cards of a split may have paid of it
            paid[part.invoice_id] = part.amount + paid.get(part.invoice_id, Money(0, intent.currency))
    return paid


def _on_account(payments: list[Paid], currency: str) -> Amount | None:
    """Return what they paid beyond the invoices they are for; None where nothing."""
    mine = [one for one in payments if one[0].currency == currency]
    rest = sum(covered(*one).minor - sum(part.amount.minor for part in paid_parts(*one)) for one in mine)
    return Amount(minor=rest, currency=currency) if rest else None


def _rest(item: records.OpenItem, posting: dict[str, Money]) -> Money:
    """Return what is surely left to pay: the figure may have what is posting in it already, or not."""
    paid = posting.get(item.invoice_id)
    return Money(max(0, item.outstanding.minor - (paid.minor if paid else 0)), item.outstanding.currency)


async def owed(session: AsyncSession, known: Known) -> Money:
    """Return what is owed, less what was paid here and is not in the balance yet; zero where nothing is."""
    assert known.account is not None, "what is owed is known"
    balance = known.account.account.balance
    paid = await paid_not_posted(session, known.record.customer_id, known.account_at)
    taken = [covered(*one) for one in paid]
    minor = balance.minor - sum(one.minor for one in taken if one.currency == balance.currency)
    return Money(max(0, minor), balance.currency)


def left(account: AccountCopy, paid: list[Paid]) -> list[OpenAmount]:
    """Return what is left to pay on each invoice, oldest due first, once what was paid here is posted.

    The ledger takes the account's own currency only, so an invoice in another one is not among them.
    """
    posting, currency = _posting(paid), account.account.balance.currency
    items = [OpenAmount(one.invoice_id, one.number, _rest(one, posting)) for one in account.items]
    return [one for one in items if one.outstanding.minor > 0 and one.outstanding.currency == currency]


async def search(hub: Hub, text: str) -> wire.Matches:
    """Find customers by words. Raises Unavailable."""
    try:
        found = list(await hub.vendors.crm.search(text, limit=SEARCH_LIMIT + 1))
    except VendorError as error:
        raise Unavailable("customer_records_unavailable") from error
    rows = [wire.Match(**asdict(match)) for match in found[:SEARCH_LIMIT]]
    return wire.Matches(rows=rows, more=len(found) > SEARCH_LIMIT)


async def history(hub: Hub, customer_id: str) -> wire.History:
    """Return the past, newest first, or its last copy. Raises Unavailable where there is neither."""
    answer = await _ask(hub.vendors.crm.history(customer_id))
    async with hub.sessions.begin() as session:
        copy = await session.get(CustomerCopy, customer_id)
        if answer.answered:
            rows, read_at = list(answer.value), now()
            if copy is not None:
                copy.history, copy.history_at = _HISTORY.dump_python(rows, mode="json"), read_at
        elif copy is not None and copy.history is not None and copy.history_at is not None:
            rows, read_at = _HISTORY.validate_python(copy.history), copy.history_at
        else:
            raise Unavailable("customer_records_unavailable")
        promises = await promise_view.of_customer(hub, session, customer_id)
        paid = await _paid_here(session, customer_id, [row.reference for row in rows if row.reference])
    ours = {one.reference for one in promises}  # told by ourselves, with what became of each
    ours |= {withdrawal_reference(one.promise_id) for one in promises}
    lines = [_past(row, paid.get(row.reference or "")) for row in rows if row.reference not in ours]
    lines += [promise_view.line(one) for one in promises]
    return wire.History(rows=sorted(lines, key=lambda line: line.at, reverse=True), as_of=read_at)


async def _paid_here(session: AsyncSession, customer_id: str, references: list[str]) -> dict[str, str]:
    """Return which of our payments of the customer have these references, or a refund that has."""
    mine = PaymentIntent.customer_id == customer_id
    payments = select(PaymentIntent.reference, PaymentIntent.intent_id).where(
        mine, PaymentIntent.reference.in_(references)
    )
    refunds = (
        select(Refund.reference, Refund.intent_id)
        .join(PaymentIntent, PaymentIntent.intent_id == Refund.intent_id)
        .where(mine, Refund.reference.in_(references))
    )
    found = [*await session.execute(payments), *await session.execute(refunds)] if references else []
    return {row.reference: row.intent_id for row in found}


def _past(row: records.HistoryItem, intent_id: str | None) -> wire.HistoryItem:
    return wire.HistoryItem(
        at=row.at,
        kind=row.kind,
        title=row.title,
        detail=row.detail,
        amount=Amount.of(row.amount) if row.amount else None,
        moved=row.moved,
        intent_id=intent_id,
    )
