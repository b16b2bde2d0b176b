"""Callers who agree to have their cards kept, on the till of these tests."""

from sqlalchemy import select

from agentdesk.domain.ids import new_ulid
from agentdesk.hub import audit, customers, payments, saved_cards
from agentdesk.hub.context import Hub
from agentdesk.hub.db import tables
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.policies import SavedCards
from agentdesk.wire.payments import Attempt, NewAttempt
from agentdesk.wire.saved_cards import SavedCard as Shown
from tests.hub.till import Till

WORDING = SavedCards().wording


async def keyed(till: Till, intent_id: str | None = None) -> str:
    """Return a try whose card is keyed and not submitted."""
    attempt_id = await till.start(intent_id or await till.intent())
    await till.key_card(attempt_id)
    return attempt_id


async def agreed(till: Till, intent_id: str | None = None) -> str:
    """Return a try whose caller agreed to have the card kept."""
    attempt_id = await keyed(till, intent_id)
    await saved_cards.agree(till.hub, till.who, attempt_id, WORDING)
    return attempt_id


async def approved(till: Till, intent_id: str | None = None) -> str:
    """Return an approved try whose caller agreed; the job that keeps its card has not run."""
    attempt_id = await agreed(till, intent_id)
    await till.submit(attempt_id)
    assert await till.token(attempt_id)
    await till.charge(attempt_id)
    return attempt_id


async def kept(till: Till) -> Shown:
    """Return a card that is kept since a payment of invoice 7."""
    await approved(till)
    await till.work()
    (card,) = await cards(till)
    return card


async def second(till: Till, call_id: str | None = None) -> str:
    """Return another payment of the same customer, of invoice 8."""
    return await till.intent(minor=5000, invoice="8", **({"call_id": call_id} if call_id else {}))


async def charge(till: Till, card_id: str | None, intent_id: str | None = None, key: str = "") -> Attempt:
    """Charge a saved card, and wait for the answer."""
    new = NewAttempt(key=key or new_ulid(), route="saved", saved_card=card_id)
    intent_id = intent_id or await second(till)
    shown = await payments.start_attempt(till.hub, till.who, intent_id, new)
    await till.hub.finish()
    return await till.attempt(shown.attempts[-1].attempt_id)


async def cards(till: Till) -> list[Shown]:
    """Return the customer's saved cards as a desk sees them."""
    return (await customers.show(till.hub, "cus_1")).saved_cards


async def the_row(till: Till) -> SavedCard:
    """Return the only consent there is."""
    (row,) = await till.rows(SavedCard)
    assert isinstance(row, SavedCard)
    return row


async def actions(hub: Hub) -> list[str]:
    """Return what the audit log has about saved cards; its chain holds."""
    async with hub.sessions.begin() as session:
        assert await audit.verify(session) is None
        entries = await session.scalars(select(tables.AuditEntry).order_by(tables.AuditEntry.entry_id))
        return [f"{one.action} {one.result}" for one in entries if one.action.startswith("card.")]
