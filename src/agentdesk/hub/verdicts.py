"""What money evidence is held against: the payment as agreed, its mode, and what people were told of it."""

from agentdesk.adapters.base import MoneyEvidence
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, is_live
from agentdesk.hub.db.tables import Attempt
from agentdesk.i18n import _

#: What the provider says once and for all: a supervisor's word needs no more asking.
FINAL = frozenset({AttemptEvent.APPROVED, AttemptEvent.DECLINED, AttemptEvent.REFUSED, AttemptEvent.ABSENT})


def difference(hub: Hub, payment: Locked, evidence: MoneyEvidence, *, accepted: bool) -> str | None:
    """Say how evidence differs from the payment; None where it may be taken as it is."""
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
    return _against_what_was_told(payment.attempt, evidence)


def _is_vague(evidence: MoneyEvidence) -> bool:
    taken = evidence.event is AttemptEvent.APPROVED and evidence.seen_via != "decision"
    return taken and (evidence.amount is None or evidence.our_ref is None)


def _against_what_was_told(attempt: Attempt, evidence: MoneyEvidence) -> str | None:
    if exists_after_all(attempt, evidence):
        return _("The provider has this charge and has not decided it; it had been told as not charged.")
    denied = evidence.event in FINAL - {AttemptEvent.APPROVED}
    if denied and attempt.to_confirm and attempt.state == AttemptState.APPROVED:
        return _("The provider says it was not charged; a supervisor had decided that it was.")
    return None


def exists_after_all(attempt: Attempt, evidence: MoneyEvidence) -> bool:
    """Whether money may yet move that people were told will not; an old word before a decline is none."""
    unconfirmed = attempt.to_confirm and attempt.state == AttemptState.DECLINED
    told = unconfirmed or attempt.state == AttemptState.NOT_SENT
    return told and evidence.event is AttemptEvent.PENDING


def _is_second_charge(attempt: Attempt, evidence: MoneyEvidence) -> bool:
    """Whether money was taken under another of the provider's ids than the ones we know."""
    took_money = attempt.state == AttemptState.APPROVED and evidence.event is AttemptEvent.APPROVED
    known = attempt.provider_ids
    return took_money and any(known.get(name, told) != told for name, told in evidence.provider_ids.items())
