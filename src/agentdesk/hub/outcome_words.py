"""What the time line says of an attempt's outcome."""

from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.i18n import _
from agentdesk.wire.payments import TimelineKind

KIND = {
    AttemptState.APPROVED: TimelineKind.APPROVED,
    AttemptState.DECLINED: TimelineKind.DECLINED,
    AttemptState.PENDING: TimelineKind.UNKNOWN,
    AttemptState.UNKNOWN: TimelineKind.UNKNOWN,
    AttemptState.NOT_SENT: TimelineKind.NOT_SENT,
}
TITLE = {
    AttemptState.APPROVED: _("Approved"),
    AttemptState.DECLINED: _("Declined, nothing was charged"),
    AttemptState.PENDING: _("Not decided yet"),
    AttemptState.UNKNOWN: _("No answer: the outcome is not known"),
    AttemptState.NOT_SENT: _("Not sent, nothing was charged"),
}
DECIDED = {
    AttemptState.APPROVED: _("A supervisor decided: it was charged"),
    AttemptState.DECLINED: _("A supervisor decided: the bank said no, nothing was charged"),
    AttemptState.NOT_SENT: _("A supervisor decided: not sent, nothing was charged"),
}
LATE = _("Approved after all, it had been told as not charged")
TOLD = {
    AttemptEvent.APPROVED: _("approved"),
    AttemptEvent.DECLINED: _("declined"),
    AttemptEvent.PENDING: _("not decided yet"),
    AttemptEvent.REFUSED: _("not executed"),
    AttemptEvent.NO_ANSWER: _("no answer"),
    AttemptEvent.ABSENT: _("no such charge"),
    AttemptEvent.CLOSED: _("closed"),
}
WHY_NOT_SENT = {
    AttemptEvent.CLOSED: _("It was closed before anything was sent."),
    AttemptEvent.REFUSED: _("The payment provider did not take the request."),
    AttemptEvent.ABSENT: _("The payment provider has no such charge."),
}
