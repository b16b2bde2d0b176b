"""Which saved cards a customer can be charged with on this call, and why not."""

from agentdesk.desk.proof import Proof, asked, proof
from agentdesk.desk.session import Session
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _, after_colon, ngettext
from agentdesk.wire.readiness import RouteInfo
from agentdesk.wire.saved_cards import SavedCard

#: The way to pay with a card that the customer had kept.
SAVED = "saved"


def cards(session: Session) -> list[SavedCard]:
    """Return the customer's saved cards, the newest first, also those that are off."""
    return session.customer.saved_cards if session.customer else []


def why_off(session: Session, card: SavedCard) -> str:
    """Say why a saved card cannot be charged now; empty where it can."""
    if card.off_reason:
        return card.off_reason
    if _was_refused(session, card):
        return _("The bank has just refused it on this call.")
    return _("Do the caller check first.") if _must_check(session) else ""


def route_on_this_call(session: Session, route: RouteInfo) -> RouteInfo:
    """Return the way to pay as it is for this customer: their card, or why none of theirs can be charged."""
    mine = cards(session)
    able = [one for one in mine if not why_off(session, one)]
    if able:
        more = len(able) - 1
        several = ngettext("{card}, or {count} more", "{card}, or {count} more", more)
        detail = several.format(card=able[0].label, count=more) if more else able[0].label
        return route.model_copy(update={"detail": detail})
    if route.off_reason or not mine:
        return route if route.off_reason else route.model_copy(update={"off_reason": _("No card is saved.")})
    reason = _("{card}: {reason}").format(card=mine[0].label, reason=after_colon(why_off(session, mine[0])))
    return route.model_copy(update={"off_reason": reason})


def _was_refused(session: Session, card: SavedCard) -> bool:
    """Say whether the bank said no to this card on this call, keyed or saved; the hub refuses it, too."""
    tried = [one for payment in session.payments_of_call for one in payment.attempts]
    refused = [one.card for one in tried if one.state is AttemptState.DECLINED and one.card]
    return any((one.brand, one.last4) == (card.brand, card.last4) for one in refused)


def _must_check(session: Session) -> bool:
    rules = session.readiness.saved_cards if session.readiness else None
    if rules is None or not rules.only_checked:
        return False
    return asked(session) is not None and proof(session) is not Proof.PASSED
