"""What money evidence is held against: the payment as agreed, its mode, and what people were told of it."""

from dataclasses import dataclass

from agentdesk.adapters.base import MoneyEvidence
from agentdesk.domain.payment import NO_CHARGE, AttemptEvent, AttemptState, next_state
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, is_live
from agentdesk.hub.db.tables import Attempt
from agentdesk.i18n import _

#: What the provider says once and for all: a supervisor's word needs no more asking.
FINAL = frozenset({AttemptEvent.APPROVED, AttemptEvent.DECLINED, AttemptEvent.REFUSED, AttemptEvent.ABSENT})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What evidence comes to: the state it leads to, and what about it is for a person; None: neither."""

    after: AttemptState | None
    alarm: str | None


def judge(hub: Hub, payment: Locked, evidence: MoneyEvidence, *, accepted: bool) -> Verdict:
    """Hold evidence against the payment; nothing is changed.

    What differs is an alarm and never an update, unless its amount was `accepted`; but a charge of ours that
    the provider shows puts the money at risk again, whatever was told of it.
    """
    attempt = payment.attempt
    alarm = _difference(hub, payment, evidence, accepted=accepted)
    event: AttemptEvent | None = evidence.event
    if alarm is not None:
        event = AttemptEvent.DIFFERS if _shows_a_charge(attempt, evidence) else None
    if event is None or _is_old_word(attempt, evidence):
        return Verdict(None, alarm)
    after = next_state(AttemptState(attempt.state), event)
    return Verdict(after, alarm or _against_what_was_told(payment, evidence))


def _difference(hub: Hub, payment: Locked, evidence: MoneyEvidence, *, accepted: bool) -> str | None:
    if evidence.our_ref not in (None, payment.attempt.attempt_id):
        return _("The provider answered about another payment.")
    if not accepted and evidence.amount not in (None, payment.charged):
        return _("The provider says {amount}, this payment is {charged}.").format(
            amount=evidence.amount, charged=payment.charged
        )
    if _is_vague(evidence):
        return _("The provider says that it was charged, and not how much or for which payment.")
    if _is_second_charge(payment.attempt, evidence):
        return _("The provider shows a second charge for this attempt.")
    if evidence.live not in (None, is_live(payment.attempt, test_mode=hub.settings.test_mode)):
        return _("A test answer reached the live side, or the reverse.")
    return None


def _is_vague(evidence: MoneyEvidence) -> bool:
    taken = evidence.event is AttemptEvent.APPROVED and evidence.seen_via != "decision"
    return taken and (evidence.amount is None or evidence.our_ref is None)


def _shows_a_charge(attempt: Attempt, evidence: MoneyEvidence) -> bool:
    """Whether the provider has something under this attempt's own number that took money, or may yet."""
    shown = evidence.event in (AttemptEvent.APPROVED, AttemptEvent.PENDING)
    return shown and evidence.our_ref in (None, attempt.attempt_id)


def _is_old_word(attempt: Attempt, evidence: MoneyEvidence) -> bool:
    """Whether it says "not decided yet" of what the provider itself has declined since."""
    declined = attempt.state == AttemptState.DECLINED and not attempt.to_confirm
    return declined and evidence.event is AttemptEvent.PENDING


def _against_what_was_told(payment: Locked, evidence: MoneyEvidence) -> str | None:
    attempt = payment.attempt
    if evidence.event is AttemptEvent.PENDING and attempt.state in NO_CHARGE:
        return _("The provider has this charge and has not decided it; it had been told as not charged.")
    denied = evidence.event in FINAL - {AttemptEvent.APPROVED}
    if denied and attempt.to_confirm and attempt.state == AttemptState.APPROVED:
        return _(
            "The provider says it was not charged; a supervisor had decided that it was. Take its posting "
            "{reference} back in the accounts by hand and tell the customer that it is not paid. Then it can "
            "be taken again."
        ).format(reference=payment.intent.reference)
    return None


def _is_second_charge(attempt: Attempt, evidence: MoneyEvidence) -> bool:
    """Whether money was taken under another of the provider's ids than the ones we know."""
    took_money = attempt.state == AttemptState.APPROVED and evidence.event is AttemptEvent.APPROVED
    known = attempt.provider_ids
    return took_money and any(known.get(name, told) != told for name, told in evidence.provider_ids.items())


def word_against(attempt: Attempt) -> str | None:
    """Return what the provider's answer overrules; None where no supervisor had denied the charge."""
    said = attempt.decision
    decided = said is not None and said["final"] and said["outcome"] != AttemptState.APPROVED
    return _("It was charged; a supervisor had decided that it was not.") if decided else None
