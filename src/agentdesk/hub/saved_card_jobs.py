"""Having the processor keep a card, and let it go: jobs that no payment waits for.

Each step may run again after a crash: the references are committed before the card is attached, so that what
may be kept there can always be let go.
"""

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import Misconfigured, Rejected, TokenRef, VendorError
from agentdesk.adapters.cards import CardPort, KeptCard
from agentdesk.domain.ids import card_reference, now
from agentdesk.domain.saved_card import SavedCardEvent, SavedCardState
from agentdesk.hub import audit, events, plan_steps, write_backs
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, is_of_other_mode
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import User
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.payment_view import tell
from agentdesk.hub.saved_card_view import label
from agentdesk.hub.saved_cards import lock, move, note
from agentdesk.i18n import _
from agentdesk.wire.events import CustomerChanged

log = structlog.get_logger(__name__)

_LONGEST_WAIT_S = 600
_REFUSED = _("The payment provider did not keep it.")


# ---------------------------------------------------------------- keeping
async def keep(hub: Hub, card_id: str, tries: int) -> None:
    """Have the processor keep the card; asked again until it says yes or no."""
    token = await _references(hub, card_id, tries)
    if token is None or token.customer is None:
        return
    try:
        kept = await _cards(hub).keep(token, key=f"{card_id}:keep")
    except VendorError as error:
        await _not_kept(hub, card_id, tries, error)
        return
    async with hub.sessions.begin() as session:
        payment, row = await lock(session, card_id)
        await _learn(session, payment, row, kept)


async def _references(hub: Hub, card_id: str, tries: int) -> TokenRef | None:
    """Return the card's token and customer, asked for once and committed; None where it is not to be kept."""
    async with hub.sessions.begin() as session:
        payment, row = await lock(session, card_id)
        if row.state != SavedCardState.KEEPING:
            await _gone_again(session, row)
            return None
        if await _waits_for_its_mode(hub, session, payment, Job.KEEP_CARD, card_id, tries):
            return None
        if row.token is not None and row.customer_ref is not None:
            return TokenRef(row.provider, row.token, row.customer_ref)
        charge_ids, customer_id = payment.attempt.provider_ids, row.customer_id
        customer_ref = await _known_customer(hub, session, row)
    try:
        token = await _cards(hub).token_of(charge_ids)
        if customer_ref is None:
            key = f"agentdesk:customer:{customer_id}"
            customer_ref = await _cards(hub).open_customer(customer_id, key=key)
    except VendorError as error:
        await _not_kept(hub, card_id, tries, error)
        return None
    async with hub.sessions.begin() as session:
        row = (await lock(session, card_id))[1]
        if row.state != SavedCardState.KEEPING:
            return None  # withdrawn meanwhile, before anything was kept
        row.token, row.customer_ref = token.value, customer_ref
        return TokenRef(row.provider, token.value, customer_ref)


async def _known_customer(hub: Hub, session: AsyncSession, row: SavedCard) -> str | None:
    """Return the processor's customer of another card that is kept for the same person."""
    return await session.scalar(
        select(SavedCard.customer_ref)
        .where(SavedCard.customer_id == row.customer_id, SavedCard.provider == row.provider)
        .where(SavedCard.state == SavedCardState.KEPT, SavedCard.live.is_not(hub.settings.test_mode))
        .limit(1)
    )


async def _gone_again(session: AsyncSession, row: SavedCard) -> None:
    """Let go what this job may have had kept before it broke off, where it was withdrawn since."""
    if row.token is not None and row.state in (SavedCardState.LETTING_GO, SavedCardState.GONE):
        move(row, SavedCardEvent.KEPT)
        row.kept_at = now()  # who is just letting it go asked too early
        await defer(session, Job.LET_CARD_GO, card_id=row.card_id, tries=0)


async def _not_kept(hub: Hub, card_id: str, tries: int, error: VendorError) -> None:
    """Try again later, or note the processor's no. A key of ours that is wrong is no word about the card."""
    log.warning("card not kept", card=card_id, reason=repr(error))
    async with hub.sessions.begin() as session:
        payment, row = await lock(session, card_id)
        if isinstance(error, Misconfigured) or not isinstance(error, Rejected):
            await _later(session, Job.KEEP_CARD, card_id, tries)
        elif move(row, SavedCardEvent.REFUSED):
            row.why, row.token, row.customer_ref = _REFUSED, None, None
            await note(session, payment, _("The card was not saved"), _REFUSED)
            await _tell(session, payment, row)


async def _learn(session: AsyncSession, payment: Locked, row: SavedCard, kept: KeptCard) -> None:
    if not move(row, SavedCardEvent.KEPT):
        await _gone_again(session, row)
        return
    if row.state != SavedCardState.KEPT:  # it was let go before the answer came
        await defer(session, Job.LET_CARD_GO, card_id=row.card_id, tries=0)
        return
    row.brand, row.last4 = kept.card.brand, kept.card.last4
    row.exp_month, row.exp_year = kept.card.exp_month, kept.card.exp_year
    row.live, row.kept_at = kept.live, now()
    await _replace_twins(session, row)
    await note(session, payment, _("Card saved"), label(row))
    agent = await session.get_one(User, row.agreed_by)
    detail = {"card_id": row.card_id, "wording": row.wording}
    audit.append(session, None, "card.keep", subject=payment.intent.intent_id, result="done", detail=detail)
    body = _("{card}. The customer agreed on the phone with {name}, wording {wording}.")
    body = body.format(card=label(row), name=agent.name, wording=row.wording)
    await _owe_note(session, payment, row, _("Card saved"), body)
    await _tell(session, payment, row)


async def _replace_twins(session: AsyncSession, row: SavedCard) -> None:
    """Let the same card go that was kept before: one that another holds right now stays for once."""
    twins = await session.scalars(
        select(SavedCard)
        .where(SavedCard.customer_id == row.customer_id, SavedCard.card_id != row.card_id)
        .where(SavedCard.state == SavedCardState.KEPT, SavedCard.live == row.live)
        .where(SavedCard.brand == row.brand, SavedCard.last4 == row.last4)
        .where(SavedCard.exp_month == row.exp_month, SavedCard.exp_year == row.exp_year)
        .with_for_update(skip_locked=True)
    )
    for twin in twins:
        if twin.token != row.token and move(twin, SavedCardEvent.WITHDRAWN):
            twin.why = _("The same card was saved again.")
            await plan_steps.card_lost(session, twin)
            await defer(session, Job.LET_CARD_GO, card_id=twin.card_id, tries=0)


# ---------------------------------------------------------------- letting go
async def let_go(hub: Hub, card_id: str, tries: int) -> None:
    """Have the processor let the card go, again and again until it confirms it."""
    async with hub.sessions.begin() as session:
        payment, row = await lock(session, card_id)
        if row.state != SavedCardState.LETTING_GO:
            return
        if row.token and await _waits_for_its_mode(hub, session, payment, Job.LET_CARD_GO, card_id, tries):
            return
        token = TokenRef(row.provider, row.token, row.customer_ref) if row.token else None
        kept_at = row.kept_at
    if token is not None:
        try:
            await _cards(hub).let_go(token)
        except VendorError as error:
            log.warning("card not let go", card=card_id, reason=repr(error))
            async with hub.sessions.begin() as session:
                await _later(session, Job.LET_CARD_GO, card_id, tries)
            return
    async with hub.sessions.begin() as session:
        payment, row = await lock(session, card_id)
        if row.kept_at == kept_at:  # else it was attached meanwhile, and another job lets it go again
            await _let_go(session, payment, row)


async def _let_go(session: AsyncSession, payment: Locked, row: SavedCard) -> None:
    card = label(row)
    if not move(row, SavedCardEvent.GONE):
        return
    await plan_steps.card_lost(session, row)
    await note(session, payment, _("The payment provider let the saved card go"), card)
    body = _("{card}. {why}").format(card=card, why=row.why)
    await _owe_note(session, payment, row, _("Saved card removed"), body, withdrawn=True)
    await _tell(session, payment, row)


async def look(hub: Hub, card_id: str) -> None:
    """Ask whether a card is still kept, after its charge was not taken; forget it where it is not."""
    async with hub.sessions.begin() as session:
        row = await session.get_one(SavedCard, card_id)
        if row.state != SavedCardState.KEPT or row.token is None or row.live is hub.settings.test_mode:
            return
        token = TokenRef(row.provider, row.token, row.customer_ref)
    try:
        kept = await _cards(hub).find(token)
    except VendorError as error:
        log.warning("look at a saved card failed", card=card_id, reason=repr(error))
        return  # the next charge of it will be refused again, and ask again
    if kept is None:
        async with hub.sessions.begin() as session:
            payment, row = await lock(session, card_id)
            row.why = _("The payment provider does not have it any more.")
            await _let_go(session, payment, row)


# ---------------------------------------------------------------- telling
async def _owe_note(
    session: AsyncSession,
    payment: Locked,
    row: SavedCard,
    subject: str,
    body: str,
    *,
    withdrawn: bool = False,
) -> None:
    await write_backs.owe_note(
        session,
        payment.intent,
        card_reference(row.card_id, withdrawn=withdrawn),
        subject=subject,
        body=body,
        detail=_("{subject}: for the customer record").format(subject=subject),
    )


async def _tell(session: AsyncSession, payment: Locked, row: SavedCard) -> None:
    await events.publish(session, CustomerChanged(customer_id=row.customer_id))
    await tell(session, payment.intent)


async def _later(session: AsyncSession, job: Job, card_id: str, tries: int) -> None:
    wait_s = float(min(_LONGEST_WAIT_S, 2 ** (tries + 1)))
    await defer(session, job, after_s=wait_s, card_id=card_id, tries=tries + 1)


async def _waits_for_its_mode(
    hub: Hub, session: AsyncSession, payment: Locked, job: Job, card_id: str, tries: int
) -> bool:
    """Put the job off where this hub's key does not see the card: it would seem to be gone, and is not."""
    if not is_of_other_mode(payment.attempt, test_mode=hub.settings.test_mode):
        return False
    log.warning("a saved card is of the other mode", card=card_id, job=job)
    await _later(session, job, card_id, tries)
    return True


def _cards(hub: Hub) -> CardPort:
    assert hub.vendors.cards is not None, "a card is kept, and its processor keeps none any more"
    return hub.vendors.cards
