"""What the time line says of an attempt's outcome."""

from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.wire.payments import TimelineKind

KIND = {
    AttemptState.APPROVED: TimelineKind.APPROVED,
    AttemptState.DECLINED: TimelineKind.DECLINED,
    AttemptState.PENDING: TimelineKind.UNKNOWN,
    AttemptState.UNKNOWN: TimelineKind.UNKNOWN,
    AttemptState.NOT_SENT: TimelineKind.NOT_SENT,
}
TITLE = {
    AttemptState.APPROVED: "Approved",
    AttemptState.DECLINED: "Declined, nothing was charged",
    AttemptState.PENDING: "Not decided yet",
    AttemptState.UNKNOWN: "No answer: the outcome is not known",
    AttemptState.NOT_SENT: "Not sent, nothing was charged",
}
DECIDED = {
    AttemptState.APPROVED: "A supervisor decided: it was charged",
    AttemptState.DECLINED: "A supervisor decided: the bank said no, nothing was charged",
    AttemptState.NOT_SENT: "A supervisor decided: not sent, nothing was charged",
}
LATE = "Approved after all, it had been told as not charged"
TOLD = {
    AttemptEvent.APPROVED: "approved",
    AttemptEvent.DECLINED: "declined",
    AttemptEvent.PENDING: "not decided yet",
    AttemptEvent.REFUSED: "not executed",
    AttemptEvent.NO_ANSWER: "no answer",
    AttemptEvent.ABSENT: "no such charge",
    AttemptEvent.CLOSED: "closed",
}
WHY_NOT_SENT = {
    AttemptEvent.CLOSED: "It was closed before anything was sent.",
    AttemptEvent.REFUSED: "The payment provider did not take the request.",
    AttemptEvent.ABSENT: "The payment provider has no such charge.",
}
