"""A supervisor's word on a payment or a refund: never on one's own, not too early, once for each press."""

from datetime import datetime
from typing import Any

from agentdesk.domain.errors import Conflict, NotAllowed
from agentdesk.domain.ids import now
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import Attempt, Refund
from agentdesk.hub.payment_view import PERSON_AFTER
from agentdesk.i18n import _
from agentdesk.wire.work import Decision, RefundOutcome

#: Where evidence comes from that is a supervisor's word.
SOURCE = "supervisor"
Word = Decision | RefundOutcome


def refuse_own(who: Who, user_id: str) -> None:
    """Raise NotAllowed where a person would decide of what is theirs."""
    if user_id == who.user_id:
        raise NotAllowed("not_your_own")


def refuse_too_early(hub: Hub, sent_at: datetime) -> None:
    """Raise Conflict while the provider still has time to tell by itself."""
    person_from = sent_at + PERSON_AFTER
    if person_from > now():
        at = f"{person_from.astimezone(hub.settings.zone):%H:%M:%S}"  # the business's own time
        raise Conflict("decision_too_early", at=at)


def is_said(of: Attempt | Refund, word: Word) -> bool:
    """Say whether this press was taken already."""
    return word.key in (of.decision or {}).get("keys", ())


def told(word: Word) -> str:
    """Say what a supervisor saw, and why they decided."""
    return _("Saw: {seen}. Why: {reason}.").format(seen=word.seen.rstrip("."), reason=word.reason.rstrip("."))


def joined(before: dict[str, Any] | None, who: Who, word: Word, *, alone: bool) -> dict[str, Any]:
    """Return the decision with this word in it: `alone`, or where another person said the same, it counts."""
    words = word.model_dump(mode="json", exclude={"key"}) | {"at": now().isoformat()}
    second = (
        before is not None
        and not before["final"]  # what counted once and was overruled: two have to say it anew
        and before["outcome"] == word.outcome
        and who.user_id not in before["people"]
    )
    first = before if before is not None and second else {"keys": [], "people": [], "by": []}
    people = {
        "keys": [*first["keys"], word.key],
        "people": [*first["people"], who.user_id],
        "by": [*first["by"], who.name],
        "final": second or alone,
    }
    return words | people
