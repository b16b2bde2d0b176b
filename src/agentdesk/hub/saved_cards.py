"""Saved cards: the caller's consent, what follows from it, and charging a card that is kept.

A consent belongs to one try, is given before its charge is sent, and is worth nothing unless that charge is
approved: then a job has the processor keep the card, which the payment does not wait for.
"""

import hashlib

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import TokenRef
from agentdesk.domain.call import CheckResult
from agentdesk.domain.capture import CaptureState
from agentdesk.domain.errors import Conflict, Invalid, NotFound
from agentdesk.domain.ids import new_id, now
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.saved_card import SavedCardEvent, SavedCardState, next_state
from agentdesk.hub import audit, events, payment_events, plan_steps, saved_card_view
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, lock_attempt
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import Attempt, Call, PaymentIntent
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.payment_view import tell
from agentdesk.hub.policies import SavedCards
from agentdesk.i18n import _, after_colon
from agentdesk.wire.events import CustomerChanged
from agentdesk.wire.payments import TimelineKind

#: The route of attempts that charge a card the customer had kept.
SAVED = "saved"
_NOT_PAID = _("The payment was not taken.")
_IN_TIME = (CaptureState.COLLECTING, CaptureState.COLLECTED)


# ---------------------------------------------------------------- the consent
async def agree(hub: Hub, who: Who, attempt_id: str, wording: str) -> None:
    """Note that the caller agreed to have the card kept that they are keying. The same twice is one consent.

    Raises NotAllowed where no card is kept here, Conflict where it is too late or other words were read.
    """
    rules = hub.settings.saved_cards
    if rules is None or hub.vendors.cards is None:
        raise Conflict("saved_cards_off")
    if wording != rules.wording:
        raise Conflict("consent_changed", wording=rules.wording)
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        row = await of_attempt(session, attempt_id)
        if row is not None and row.state == SavedCardState.AGREED and row.wording == wording:
            return
        in_time = CaptureState(payment.capture.state) in _IN_TIME
        if payment.attempt.state != AttemptState.OPEN or not in_time:
            raise Conflict("consent_too_late")
        _write(session, payment, row, rules, who, hub.vendors.cards.name)
        detail = {"attempt_id": attempt_id, "wording": wording, "words": digest(rules.words)}
        subject = payment.intent.intent_id
        audit.append(session, who, "card.agree", subject=subject, result="done", detail=detail)
        version = _("wording {wording}").format(wording=wording)
        await note(session, payment, _("The caller agreed to have the card saved"), version)
        await tell(session, payment.intent)


def digest(words: str) -> str:
    """Return what proves which words were read: they stand beside the consent, this in the audit chain."""
    return hashlib.sha256(words.encode()).hexdigest()


def _write(
    session: AsyncSession,
    payment: Locked,
    row: SavedCard | None,
    rules: SavedCards,
    who: Who,
    provider: str,
) -> None:
    said = {
        "wording": rules.wording,
        "words": rules.words,
        "agreed_by": who.user_id,
        "agreed_at": now(),
        "why": None,
        "ended_at": None,
    }
    if row is not None:
        if move(row, SavedCardEvent.AGREED):
            for name, value in said.items():
                setattr(row, name, value)
        return
    ids = {"attempt_id": payment.attempt.attempt_id, "customer_id": payment.intent.customer_id}
    state = SavedCardState.AGREED
    session.add(SavedCard(card_id=new_id("card"), state=state, provider=provider, **ids, **said))


async def take_back(hub: Hub, who: Who, attempt_id: str) -> None:
    """Note that the caller does not want the card kept after all; whatever was kept of it is let go."""
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        row = await of_attempt(session, attempt_id)
        if row is None:
            return
        await _withdraw(session, who, payment, row)


# ---------------------------------------------------------------- with the payment's outcome
async def keeps(session: AsyncSession, attempt_id: str) -> bool:
    """Say whether the charge of a try has to tell that its card may be kept."""
    row = await of_attempt(session, attempt_id)
    return row is not None and row.state == SavedCardState.AGREED


_OF_ATTEMPT = (
    select(SavedCard)
    .where(SavedCard.attempt_id == bindparam("attempt_id"))
    .execution_options(populate_existing=True)
)


async def of_attempt(session: AsyncSession, attempt_id: str) -> SavedCard | None:
    """Return the consent of a try, whose payment is locked."""
    row: SavedCard | None = await session.scalar(_OF_ATTEMPT, {"attempt_id": attempt_id})
    return row


async def ended(session: AsyncSession, payment: Locked, *, paid: bool) -> None:
    """Do what follows from how a try ended, in the transaction of its end.

    The card of an approved one is kept where its caller agreed; of any other the consent is over. A saved
    card that was not charged may be gone at the processor.
    """
    attempt = payment.attempt
    row = await of_attempt(session, attempt.attempt_id)
    if row is not None and paid and move(row, SavedCardEvent.PAID):
        row.brand, row.last4 = attempt.card_brand, attempt.card_last4
        await defer(session, Job.KEEP_CARD, card_id=row.card_id, tries=0)
    elif row is not None and not paid and move(row, SavedCardEvent.UNPAID):
        row.why = _NOT_PAID
    if attempt.saved_card_id is not None and attempt.state == AttemptState.NOT_SENT:
        await defer(session, Job.LOOK_AT_CARD, card_id=attempt.saved_card_id)


def move(row: SavedCard, event: SavedCardEvent) -> bool:
    """Take a step; False where the table does not have it. What is over leaves no expiry behind.

    The references of a card that is gone stay: what was attached late is let go again by them.
    """
    after = next_state(SavedCardState(row.state), event)
    if after is None:
        return False
    row.state = after
    if after in (SavedCardState.NOT_KEPT, SavedCardState.GONE):
        row.ended_at = now()
        row.exp_month = row.exp_year = None
    return True


# ---------------------------------------------------------------- charging it
async def choose(hub: Hub, session: AsyncSession, call: Call, attempt: Attempt, card_id: str | None) -> None:
    """Name the card that a new try charges; nobody can withdraw it before this transaction ends.

    Raises as `of_caller`.
    """
    name(attempt, await of_caller(hub, session, call, card_id))


def name(attempt: Attempt, row: SavedCard) -> None:
    """Let a new try charge a card."""
    attempt.saved_card_id, attempt.card_brand, attempt.card_last4 = row.card_id, row.brand, row.last4


async def of_caller(hub: Hub, session: AsyncSession, call: Call, card_id: str | None) -> SavedCard:
    """Lock and return a card that the caller may pay with.

    Raises NotFound where it is not this customer's, Conflict where it cannot be charged now.
    """
    row = await locked(session, card_id)
    if row is None or row.customer_id != call.customer_id or row.state != SavedCardState.KEPT:
        raise NotFound("saved_card_unknown")
    rules = hub.settings.saved_cards
    checked = call.caller_check is not None and call.caller_check["result"] == CheckResult.PASSED
    if rules is not None and rules.only_checked and hub.settings.check_of(call.queue) and not checked:
        raise Conflict("saved_card_needs_check")
    await refuse_off(hub, session, row)
    if await _just_refused(session, call, row):
        raise Conflict("saved_card_refused", card=saved_card_view.label(row))
    return row


async def locked(session: AsyncSession, card_id: str | None) -> SavedCard | None:
    """Lock and return a card; None where there is none."""
    return await session.get(SavedCard, card_id or "", with_for_update=True, populate_existing=True)


async def refuse_off(hub: Hub, session: AsyncSession, row: SavedCard) -> None:
    """Raise Conflict where a card cannot be charged now, whoever asks."""
    why = await saved_card_view.why_off(hub, session, row)
    if why is not None:
        raise Conflict("saved_card_off", card=saved_card_view.label(row), reason=after_colon(why))


async def _just_refused(session: AsyncSession, call: Call, row: SavedCard) -> bool:
    """Say whether the bank refused this card on this call already, keyed or saved."""
    refused = (
        select(Attempt.attempt_id)
        .join(PaymentIntent, PaymentIntent.intent_id == Attempt.intent_id)
        .where(PaymentIntent.call_id == call.call_id, Attempt.state == AttemptState.DECLINED)
        .where(Attempt.card_brand == row.brand, Attempt.card_last4 == row.last4)
    )
    return bool(await session.scalar(select(refused.exists())))


async def token(session: AsyncSession, attempt: Attempt) -> TokenRef:
    """Return what the processor charges for a try with a saved card. Raises Invalid where it is gone."""
    row = await session.get(SavedCard, attempt.saved_card_id or "")
    if row is None or row.token is None:
        raise Invalid("saved_card_unknown")
    return TokenRef(row.provider, row.token, row.customer_ref)


# ---------------------------------------------------------------- withdrawing
async def withdraw(hub: Hub, who: Who, card_id: str) -> None:
    """Let a card go because its holder wants it; it is offered no more from now on. Raises NotFound."""
    async with hub.sessions.begin() as session:
        payment, row = await lock(session, card_id)
        await _withdraw(session, who, payment, row)


async def lock(session: AsyncSession, card_id: str) -> tuple[Locked, SavedCard]:
    """Lock the payment that a card came with, then the card. Raises NotFound."""
    attempt_id = await session.scalar(select(SavedCard.attempt_id).where(SavedCard.card_id == card_id))
    if attempt_id is None:
        raise NotFound("saved_card_unknown")
    payment = await lock_attempt(session, attempt_id)
    row = await session.get_one(SavedCard, card_id, with_for_update=True, populate_existing=True)
    return payment, row


async def _withdraw(session: AsyncSession, who: Who, payment: Locked, row: SavedCard) -> None:
    if not move(row, SavedCardEvent.WITHDRAWN):
        return  # withdrawn already, or nothing was kept
    row.withdrawn_by, row.why = who.user_id, _("The customer withdrew it.")
    await plan_steps.card_lost(session, row)
    if row.state == SavedCardState.LETTING_GO:
        await defer(session, Job.LET_CARD_GO, card_id=row.card_id, tries=0)
    detail = {"card_id": row.card_id, "attempt_id": row.attempt_id}
    subject = payment.intent.intent_id
    audit.append(session, who, "card.withdraw", subject=subject, result="done", detail=detail)
    await note(session, payment, _("The customer withdrew the saved card"), who.name)
    await events.publish(session, CustomerChanged(customer_id=row.customer_id))
    await tell(session, payment.intent)


async def note(session: AsyncSession, payment: Locked, title: str, detail: str = "") -> None:
    """Add a line to the time line of the payment that the card came with."""
    ids = payment.intent.intent_id, payment.attempt.attempt_id
    await payment_events.record(session, *ids, TimelineKind.NOTE, title, detail)
