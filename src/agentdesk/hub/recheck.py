"""One more look at what is owed just before a try starts: another system may have been paid meanwhile."""

from typing import Any

from sqlalchemy import select

from agentdesk.domain.allocation import OpenAmount
from agentdesk.domain.money import Money
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.hub import customers, events
from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import Attempt, PaymentIntent
from agentdesk.i18n import _
from agentdesk.wire.events import CustomerChanged


async def changes(hub: Hub, intent_id: str, key: str) -> str:
    """Say which invoices have less open than was agreed to pay; empty where none has.

    Also empty where the accounts do not answer, which stops nobody, and where no new try can start: the
    same press came twice, or a try of this payment took the money or may have.
    """
    intent = await _to_start(hub, intent_id, key)
    if intent is None:
        return ""
    open_now = await customers.reread(hub, intent.customer_id, intent.split_of)
    said = [] if open_now is None else _less(intent.allocations, intent.currency, open_now)
    if said:
        async with hub.sessions.begin() as session:
            changed = CustomerChanged(customer_id=intent.customer_id)
            await events.publish(session, changed, user_id=intent.user_id)
    return "; ".join(said)


async def _to_start(hub: Hub, intent_id: str, key: str) -> PaymentIntent | None:
    async with hub.sessions.begin() as session:
        intent = await session.get(PaymentIntent, intent_id)
        tried = await session.scalars(select(Attempt).where(Attempt.intent_id == intent_id))
        busy = [*HOLDS_DEBT, AttemptState.APPROVED]
        started = any(one.key == key or one.state in busy for one in tried)
    return None if started else intent


def _less(parts: list[dict[str, Any]], currency: str, open_now: list[OpenAmount]) -> list[str]:
    left = {item.invoice_id: item.outstanding for item in open_now}
    said = []
    for part in parts:
        agreed = Money(part["amount_minor"], currency)
        owed = left.get(part["invoice_id"])
        if owed is None:
            said.append(_("{part} is no longer open").format(part=part["number"]))
        elif owed.currency != currency or owed.minor < agreed.minor:
            said.append(
                _("{part} has {owed} open, less than {agreed}").format(
                    part=part["number"], owed=owed, agreed=agreed
                )
            )
    return said
