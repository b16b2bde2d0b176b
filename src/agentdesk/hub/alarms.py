"""Alarms: what puts a payment before a person."""

from agentdesk.domain.ids import now
from agentdesk.hub.db.tables import Attempt
from agentdesk.hub.payment_view import alarm_is_open


def raise_alarm(attempt: Attempt, words: str | None) -> None:
    """Put the attempt before a person, beside what waits there already.

    Words that a person has closed do not come again.
    """
    if words and words in (attempt.alarm or ""):
        return
    still = attempt.alarm if alarm_is_open(attempt) or not words else None
    attempt.alarm = " ".join(filter(None, (still, words))) or None
    attempt.alarm_at, attempt.alarm_closed_at = now(), None
