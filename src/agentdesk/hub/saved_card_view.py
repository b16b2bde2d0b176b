"""Saved cards as they are shown, and why one cannot be charged."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.card import CardSummary
from agentdesk.domain.ids import now
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.saved_card import SavedCardState, is_expired
from agentdesk.domain.saved_card import label as label_of
from agentdesk.hub.context import Hub
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import Attempt, User
from agentdesk.i18n import _
from agentdesk.wire import saved_cards as wire


async def of_customer(hub: Hub, session: AsyncSession, customer_id: str) -> list[wire.SavedCard]:
    """Return the cards kept for a customer, the newest first."""
    rows = await session.execute(
        select(SavedCard, User.name)
        .join(User, User.user_id == SavedCard.agreed_by)
        .where(SavedCard.customer_id == customer_id, SavedCard.state == SavedCardState.KEPT)
        .order_by(SavedCard.kept_at.desc(), SavedCard.card_id)
    )
    return [
        wire.SavedCard(
            card_id=row.card_id,
            brand=row.brand,
            last4=row.last4,
            label=label(row),
            agreed_by=name,
            agreed_at=row.agreed_at,
            off_reason=await why_off(hub, session, row),
            exp_month=row.exp_month,
            exp_year=row.exp_year,
        )
        for row, name in rows.all()
    ]


def label(row: SavedCard) -> str:
    """Return the card in words: `Visa ending 4242, 08/28`."""
    return label_of(_summary(row))


async def why_off(hub: Hub, session: AsyncSession, row: SavedCard) -> str | None:
    """Say why a kept card cannot be charged now, whoever calls; None where it can."""
    if hub.settings.saved_cards is None:
        return _("Saved cards are switched off here.")
    if row.live is hub.settings.test_mode:
        return _("It was saved with real money.") if row.live else _("It was saved in test mode.")
    if is_expired(_summary(row), now().astimezone(hub.settings.zone).date()):
        on = f"{row.exp_month:02}/{(row.exp_year or 0) % 100:02}"
        return _("It expired {on}.").format(on=on)
    if row.provider != hub.vendors.processor.name:
        return _("It is kept at another payment provider.")
    return _("Its bank does not accept it any more.") if await _is_blocked(session, row) else None


async def _is_blocked(session: AsyncSession, row: SavedCard) -> bool:
    """Say whether the bank said, of this saved card, never to try it again."""
    hard = (
        select(Attempt.attempt_id)
        .where(Attempt.saved_card_id == row.card_id, Attempt.state == AttemptState.DECLINED)
        .where(Attempt.decline["hard"].as_boolean())
    )
    return bool(await session.scalar(select(hard.exists())))


def _summary(row: SavedCard) -> CardSummary:
    return CardSummary(row.brand, row.last4, row.exp_month, row.exp_year)
