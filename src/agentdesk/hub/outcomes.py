"""Money evidence: the one reducer that a reply, a webhook and a look-up all go through."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import (
    Charge,
    Find,
    MoneyEvidence,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TokenRef,
    VendorError,
)
from agentdesk.domain.ids import now, short_reference
from agentdesk.domain.payment import (
    ENDED,
    MONEY_AT_RISK,
    NO_CHARGE,
    AttemptEvent,
    AttemptState,
    next_state,
)
from agentdesk.hub import declines, news, payment_events, plan_steps, saved_cards, work, write_backs
from agentdesk.hub.alarms import raise_alarm
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, in_line, is_of_other_mode, lock_attempt, paid_meanwhile
from agentdesk.hub.db.tables import Attempt
from agentdesk.hub.duplicates import stand_in_line, tell_stopped
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.link_session import close_others
from agentdesk.hub.look_ups import is_planned, proves_absence, wait
from agentdesk.hub.outcome_words import DECIDED, KIND, LATE, TITLE, TOLD, WHY_NOT_SENT
from agentdesk.hub.payment_view import alarm_is_open, tell
from agentdesk.hub.verdicts import FINAL, Verdict, judge, word_against
from agentdesk.i18n import _
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)

#: A charge whose answer was never recorded (this process died) is unknown after this long: more than
#: the vendor client waits.
FOLLOW_AFTER_S = 30


async def begin_charge(session: AsyncSession, payment: Locked) -> bool:
    """Write down that the charge is being sent. Nothing may be sent before this is committed.

    False, and nothing is written, where the attempt is over, or the debt was paid meanwhile or may have been.
    """
    attempt = payment.attempt
    after = next_state(AttemptState(attempt.state), AttemptEvent.CHARGE)
    if after is None or await paid_meanwhile(session, attempt, or_at_risk=True):
        return False
    attempt.sent_at, attempt.state = now(), after
    await payment_events.record(
        session,
        payment.intent.intent_id,
        attempt.attempt_id,
        TimelineKind.SENT,
        _("Charge sent once"),
        _("attempt {number}, key {attempt_id} written first").format(
            number=attempt.number, attempt_id=short_reference(attempt.attempt_id)
        ),
    )
    await defer(session, Job.ASK_PROCESSOR, after_s=FOLLOW_AFTER_S, attempt_id=attempt.attempt_id)
    return True


async def charge(hub: Hub, attempt_id: str, token: TokenRef | None = None) -> None:
    """Send the committed charge and record the answer; every ending of this leaves a row behind.

    `token` None: the card is one that was saved.
    If this process dies anywhere in here, the job deferred with the intent finds the attempt in
    `sending` and treats it as unknown. If it stood still until that job was due, nothing is sent any more.
    """
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        if payment.attempt.state != AttemptState.SENDING:
            log.warning("charge held back: it is being looked up already", attempt=attempt_id)
            return
        request = Charge(
            attempt_id=attempt_id,
            idempotency_key=payment.attempt.charge_key,
            amount=payment.amount,
            token=token or await saved_cards.token(session, payment.attempt),
            description=f"{hub.settings.business} {payment.intent.reference}",
            reference=payment.intent.reference,
            keep=await saved_cards.keeps(session, attempt_id),
            holder_away=payment.intent.plan_id is not None,
        )
        sent_at = payment.attempt.sent_at
    evidence = await _send(hub, request) if is_in_time(sent_at) else _held_back(hub, attempt_id)
    await learn(hub, attempt_id, evidence)


def is_in_time(sent_at: datetime | None) -> bool:
    """Say whether what was to be sent at an instant may still be: until it is looked up."""
    return sent_at is not None and now() < sent_at + timedelta(seconds=FOLLOW_AFTER_S)


def _held_back(hub: Hub, attempt_id: str) -> MoneyEvidence:
    log.warning("charge held back: it is too late for it", attempt=attempt_id)
    return ours(hub.vendors.processor.name, attempt_id, AttemptEvent.NO_ANSWER)


async def _send(hub: Hub, request: Charge) -> MoneyEvidence:
    """Return the answer as evidence, whatever it is."""
    name = hub.vendors.processor.name
    try:
        return await hub.vendors.processor.charge(request)
    except (NotSent, Rejected) as error:
        log.warning("charge not executed", attempt=request.attempt_id, reason=str(error))
        return ours(name, request.attempt_id, AttemptEvent.REFUSED)
    except (RateLimited, OutcomeUnknown) as error:  # too many: a copy of the request may be let through
        log.warning("charge without an answer", attempt=request.attempt_id, reason=str(error))
        return ours(name, request.attempt_id, AttemptEvent.NO_ANSWER)


def ours(provider: str, attempt_id: str, event: AttemptEvent) -> MoneyEvidence:
    """Return evidence that we ourselves give; once for each attempt and event."""
    return MoneyEvidence(event, provider, "reply", f"{attempt_id}:{event}", our_ref=attempt_id)


async def learn(hub: Hub, attempt_id: str, evidence: MoneyEvidence) -> None:
    """Apply evidence in a transaction of its own."""
    async with hub.sessions.begin() as session:
        await apply(hub, session, await lock_attempt(session, attempt_id), evidence)


async def apply(
    hub: Hub, session: AsyncSession, payment: Locked, evidence: MoneyEvidence, *, accepted: bool = False
) -> None:
    """Reduce evidence into the attempt; the same evidence twice changes nothing.

    Evidence of another amount, another attempt or the other mode is an alarm, never an update, unless a
    supervisor `accepted` its amount.
    """
    attempt = payment.attempt
    waited = work.waits(attempt)
    verdict = judge(hub, payment, evidence, accepted=accepted)
    if _is_nothing_new(attempt, evidence, verdict):
        return
    if evidence.seen_via != "decision" and evidence.event in FINAL:
        attempt.to_confirm = False
    if not await _note(session, payment, evidence, verdict):
        return
    await _act(hub, session, payment, evidence, verdict, accepted=accepted)
    if not (verdict.alarm or verdict.after) and not session.is_modified(attempt):
        return  # the time line has it; nobody sees anything else
    await tell(session, payment.intent)
    if waited or work.waits(attempt):
        await work.changed(session)


def _is_nothing_new(attempt: Attempt, evidence: MoneyEvidence, verdict: Verdict) -> bool:
    """Say whether a look-up, which is repeated, shows what the time line has; only what is new goes there."""
    known = verdict.after is None and (verdict.alarm or "") in (attempt.alarm or "")
    settles = attempt.to_confirm and evidence.event in FINAL
    return known and evidence.seen_via == "lookup" and not settles


async def _act(
    hub: Hub,
    session: AsyncSession,
    payment: Locked,
    evidence: MoneyEvidence,
    verdict: Verdict,
    *,
    accepted: bool,
) -> None:
    attempt = payment.attempt
    if verdict.alarm:
        raise_alarm(attempt, verdict.alarm)
        log.error("evidence differs from the payment", attempt=attempt.attempt_id, difference=verdict.alarm)
    if verdict.after is not None:
        if accepted and evidence.amount:
            took, agreed = evidence.amount, payment.amount
            attempt.charged_minor = took.minor
            attempt.charged_currency = took.currency if took.currency != agreed.currency else None
        await _move(hub, session, payment, verdict.after, evidence)
    elif not verdict.alarm and _is_same(AttemptState(attempt.state), evidence):
        _take(hub, attempt, evidence)  # a webhook that was faster than the reply knows less of the charge


async def _move(
    hub: Hub, session: AsyncSession, payment: Locked, after: AttemptState, evidence: MoneyEvidence
) -> None:
    attempt, before = payment.attempt, AttemptState(payment.attempt.state)
    if _is_late_success(attempt, after):
        attempt.late_success = True
        raise_alarm(attempt, word_against(attempt))
        log.warning("late success: it was told as not charged", attempt=attempt.attempt_id)
    if before in NO_CHARGE and after in MONEY_AT_RISK:
        await _hold_again(session, payment)
    if after is not AttemptState.NOT_SENT:
        attempt.sent_at = attempt.sent_at or evidence.occurred_at or now()
    if after is AttemptState.UNKNOWN:  # of what is not as agreed, only where to look it up
        attempt.provider_ids = {**attempt.provider_ids, **evidence.provider_ids}
    else:
        _take(hub, attempt, evidence)
    attempt.state = after
    await _follow(session, payment, before, evidence)
    await tell_stopped(session, attempt)


def _is_late_success(attempt: Attempt, after: AttemptState | None) -> bool:
    """Say whether money arrived after people were told that nothing was charged, however long after."""
    return after is AttemptState.APPROVED and attempt.ended_at is not None


async def _hold_again(session: AsyncSession, payment: Locked) -> None:
    """Take the debt back where nobody else holds it by now; nobody starts another try meanwhile.

    Where somebody does, their charge is held back by `begin_charge`, and their link is closed here.
    """
    attempt = payment.attempt
    await stand_in_line(session, payment.intent.customer_id)
    attempt.not_sent_reason, attempt.asked, attempt.is_news = None, 0, False
    await close_others(session, attempt, _("Another try of it may be charged after all."))


def _is_same(state: AttemptState, evidence: MoneyEvidence) -> bool:
    return evidence.event.value == state.value


async def _note(
    session: AsyncSession,
    payment: Locked,
    evidence: MoneyEvidence,
    verdict: Verdict,
) -> bool:
    before, after, alarm = AttemptState(payment.attempt.state), verdict.after, verdict.alarm
    if alarm:
        kind, title, detail = TimelineKind.ALARM, _("Evidence differs"), alarm
    elif after is None and _is_same(before, evidence):
        kind, title, detail = KIND[before], _("The same answer again"), ""
    elif after is None:
        kind, title, detail = TimelineKind.NOTE, _("An answer that changes nothing"), TOLD[evidence.event]
    else:
        late = _is_late_success(payment.attempt, after)
        titles = DECIDED if evidence.seen_via == "decision" else TITLE
        kind, title = KIND[after], LATE if late else titles[after]
        detail = (
            _("code {authorization_code}").format(authorization_code=evidence.authorization_code)
            if evidence.authorization_code
            else evidence.note
        )
    return await payment_events.record(
        session,
        payment.intent.intent_id,
        payment.attempt.attempt_id,
        kind,
        title,
        detail,
        source=f"{evidence.provider} {evidence.seen_via}",
        evidence_key=f"{evidence.provider}:{evidence.event_id}",
        data={"event": evidence.event.value, "ids": dict(evidence.provider_ids)},
    )


def _take(hub: Hub, attempt: Attempt, evidence: MoneyEvidence) -> None:
    """Copy what the evidence says of the charge."""
    attempt.provider_ids = {**attempt.provider_ids, **evidence.provider_ids}
    attempt.authorization_code = evidence.authorization_code or attempt.authorization_code
    if evidence.card is not None:
        attempt.card_brand = evidence.card.brand or attempt.card_brand
        attempt.card_last4 = evidence.card.last4 or attempt.card_last4
    if evidence.decline is not None:
        saved = attempt.saved_card_id is not None
        attempt.decline = declines.kept(evidence.decline, hub.settings, saved=saved)


async def _follow(
    session: AsyncSession, payment: Locked, before: AttemptState, evidence: MoneyEvidence
) -> None:
    """Do, in the same transaction, what the new state demands."""
    attempt, after = payment.attempt, AttemptState(payment.attempt.state)
    if after in ENDED:
        attempt.ended_at, attempt.next_ask_at = now(), None
        await saved_cards.ended(session, payment, paid=after is AttemptState.APPROVED)
        await plan_steps.ended(session, payment)  # before the line of approvals: it locks the plan
    if after is AttemptState.APPROVED:
        await close_others(session, attempt, _("It was paid another way."))
        attempt.ended_at = await in_line(session, payment.intent.customer_id)
        await _look_for_a_second_charge(session, payment)
        await write_backs.owe_for_payment(session, payment)
    elif after is AttemptState.NOT_SENT:
        attempt.not_sent_reason = attempt.not_sent_reason or WHY_NOT_SENT[evidence.event]
    elif after in MONEY_AT_RISK:
        await ask_later(session, payment)
    if after in ENDED:
        await news.keep(session, payment, before)


async def _look_for_a_second_charge(session: AsyncSession, payment: Locked) -> None:
    """Raise the alarm where money was taken twice for one debt: that needs a person and a refund.

    Of two charges learnt at once the second has waited in line, and sees the first.
    """
    attempt = payment.attempt
    if (other := await paid_meanwhile(session, attempt)) is None:
        return
    same = other == payment.intent.intent_id
    which = (
        _("Another try of this payment")
        if same
        else _("Payment {other}").format(other=short_reference(other))
    )
    raise_alarm(
        attempt, _("{which} took money for the same debt. One of the two needs a refund.").format(which=which)
    )
    log.error("two charges for one debt", attempt=attempt.attempt_id, other=other)
    ids = payment.intent.intent_id, attempt.attempt_id
    await payment_events.record(session, *ids, TimelineKind.ALARM, _("Charged twice"), attempt.alarm or "")


async def ask_processor(hub: Hub, attempt_id: str) -> Sequence[MoneyEvidence] | None:
    """Look up what became of a charge that has no final answer of the processor, and plan the next look.

    Returns what was found; None where it could not be asked, or needs no asking. Finding nothing before
    the processor's look-up lag is over proves nothing.
    """
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        if not _is_open(payment.attempt) or payment.attempt.sent_at is None:
            return None
        if payment.attempt.state == AttemptState.SENDING:
            lost = ours(hub.vendors.processor.name, attempt_id, AttemptEvent.NO_ANSWER)
            await apply(hub, session, payment, lost)
        query = Find(attempt_id, payment.attempt.provider_ids, payment.attempt.sent_at)
        hidden = is_of_other_mode(payment.attempt, test_mode=hub.settings.test_mode)
    asked_at = now()
    found = await _find(hub, query, hidden=hidden)
    async with hub.sessions.begin() as session:
        await _learn_from_look_up(hub, session, await lock_attempt(session, attempt_id), found, asked_at)
    return found


async def _find(hub: Hub, query: Find, *, hidden: bool) -> Sequence[MoneyEvidence] | None:
    """Return what the processor knows; None where it does not say.

    `hidden`: it is of the other mode, of which our key shows nothing, whatever became of it.
    """
    if hidden:
        log.warning("not looked up: it is of the other mode", attempt=query.attempt_id)
        return None
    try:
        return await hub.vendors.processor.find(query)
    except VendorError as error:
        log.warning("look-up failed", attempt=query.attempt_id, reason=str(error))
        return None


def _is_open(attempt: Attempt) -> bool:
    """Say whether the processor is still to be asked."""
    return AttemptState(attempt.state) in MONEY_AT_RISK or attempt.to_confirm


async def _learn_from_look_up(
    hub: Hub,
    session: AsyncSession,
    payment: Locked,
    found: Sequence[MoneyEvidence] | None,
    asked_at: datetime,
) -> None:
    attempt = payment.attempt
    for evidence in found or ():
        await apply(hub, session, payment, evidence)
    if not _is_open(attempt) or attempt.sent_at is None:
        return
    attempt.asked += is_planned(attempt.next_ask_at, asked_at)
    believed_from = attempt.sent_at + hub.vendors.processor.find_lag
    shown = alarm_is_open(
        attempt
    )  # it has shown something of this attempt: silence after that proves nothing
    if not shown and proves_absence(found, attempt.asked, asked_at, believed_from):
        absent = ours(hub.vendors.processor.name, attempt.attempt_id, AttemptEvent.ABSENT)
        await apply(hub, session, payment, absent)
    if _is_open(attempt):
        await ask_later(session, payment)
        await tell(session, payment.intent)


async def ask_later(session: AsyncSession, payment: Locked) -> None:
    """Plan the next look-up, once: where one is already planned it stays."""
    attempt = payment.attempt
    if attempt.next_ask_at is not None and attempt.next_ask_at > now():
        return
    attempt.next_ask_at = now() + wait(attempt.asked)
    await defer(session, Job.ASK_PROCESSOR, at=attempt.next_ask_at, attempt_id=attempt.attempt_id)
