"""Which words are due for a try to pay, and for what stops one."""

from datetime import datetime

from agentdesk.desk.screens.call.steps import Step
from agentdesk.domain.capture import CaptureState, CardField, CloseCause
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.payment import HOLDS_DEBT, Advice, AttemptState
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.wire.captures import CaptureOut, FieldOut, FieldState
from agentdesk.wire.links import LinkOut
from agentdesk.wire.payments import Attempt, PaymentIntent, Stop

_FIELD_STEPS = {
    CardField.NUMBER: Step.NUMBER,
    CardField.EXPIRY: Step.EXPIRY,
    CardField.SECURITY_CODE: Step.SECURITY_CODE,
}
_REMEDY_STEPS = {
    Remedy.SLOWLY: Step.KEY_SLOWLY,
    Remedy.OTHER_ROUTE: Step.BY_LINK,
    Remedy.OTHER_CARD: Step.OTHER_BRAND,
}
_TROUBLE_STEPS = {Trouble.SILENT: Step.STILL_THERE}
_OUTCOME_STEPS = {
    AttemptState.SENDING: Step.SENDING,
    AttemptState.PENDING: Step.CHECKING,
    AttemptState.UNKNOWN: Step.CHECKING,
    AttemptState.APPROVED: Step.APPROVED,
}
_CAPTURE_STEPS = {
    CaptureState.SECURING: Step.SECURING,
    CaptureState.TOKENISING: Step.SENDING,
    CaptureState.TOKENISED: Step.SENDING,
    CaptureState.SPENT: Step.SENDING,
    CaptureState.CANCELLING: Step.CANCELLING,
    CaptureState.CLOSED: Step.CANCELLING,  # the attempt's own end is on its way
}
_LINK_STEPS = {
    LinkWay.TEXT: Step.LINK,
    LinkWay.EMAIL: Step.LINK_EMAILED,
    LinkWay.QR: Step.LINK_SHOWN,
}
_CHECKED = (AttemptState.SENDING, AttemptState.PENDING, AttemptState.UNKNOWN)
_SUBMITTED = (CaptureState.TOKENISING, CaptureState.TOKENISED, CaptureState.SPENT)


def stop_step(stop: Stop) -> Step:
    """Return what is said where another payment stops this one."""
    earlier = stop.earlier
    if earlier.state in HOLDS_DEBT:
        link = earlier.route == "link" and earlier.state is AttemptState.OPEN
        return Step.LINK_OPEN if link else Step.BEING_PAID
    if stop.allowed is False:
        return Step.NOT_ALLOWED
    return Step.SUPERVISOR_ASKED if stop.asked_at and stop.allowed is None else Step.SECOND_PAYMENT


def attempt_step(attempt: Attempt, now: datetime, *, may_try_again: bool, by_link: bool) -> Step:
    """Return what is said while the caller is on the line; `by_link`: the bank wants one, and it can be."""
    if attempt.state is AttemptState.DECLINED and by_link:
        return Step.CONFIRM if may_try_again else Step.CONFIRM_LAST
    if attempt.state is AttemptState.NOT_SENT:
        return _not_sent_step(attempt) if may_try_again else Step.NO_MORE
    if attempt.state is AttemptState.DECLINED:
        return _declined_step(attempt, may_try_again=may_try_again)
    if attempt.state is not AttemptState.OPEN:
        return _outcome_step(attempt)
    if attempt.link:
        return _link_step(attempt.link, now)
    return _capture_step(attempt.capture) if attempt.capture else Step.SECURING


def hung_up_step(attempt: Attempt) -> Step:
    """Return what is to be known once the caller has hung up."""
    if attempt.link and attempt.state is AttemptState.OPEN:
        return Step.HUNG_UP_LINK
    return Step.HUNG_UP_CHECKING if _may_be_charged(attempt) else Step.HUNG_UP


def _outcome_step(attempt: Attempt) -> Step:
    if attempt.charged:
        return Step.APPROVED_OTHER_AMOUNT
    step = _OUTCOME_STEPS[attempt.state]
    return Step.ANSWER_DIFFERS if step is Step.CHECKING and attempt.alarm_open else step


def link_is_over(attempt: Attempt | None, now: datetime) -> bool:
    """Say whether the time of a link is over that nobody has told the end of yet."""
    link = attempt.link if attempt and attempt.state is AttemptState.OPEN else None
    return link is not None and now >= link.expires_at


def _link_step(link: LinkOut, now: datetime) -> Step:
    if link.state in (LinkState.CLOSING, LinkState.CLOSED):  # the attempt's own end is on its way
        return Step.LINK_CLOSING
    if now >= link.expires_at:
        return Step.LINK_OVER
    if link.problem:
        return Step.LINK_LOST
    is_made = link.state is LinkState.OPEN and (link.sent_at is not None or link.way is LinkWay.QR)
    return _LINK_STEPS[link.way] if is_made else Step.LINK_MAKING


def _declined_step(attempt: Attempt, *, may_try_again: bool) -> Step:
    advice = attempt.decline.advice if attempt.decline else None
    if advice is Advice.STOP:
        return Step.BANK_SAW_IT
    if not may_try_again:
        return Step.NO_MORE
    return Step.TRY_LATER if advice is Advice.SAME_CARD_LATER else Step.DECLINED


def _not_sent_step(attempt: Attempt) -> Step:
    capture = attempt.capture
    if capture is not None and capture.close_cause is not None:
        decided = capture.close_cause in (CloseCause.AGENT, CloseCause.LINK)
        return Step.CANCELLED if decided else Step.INTERRUPTED
    link = attempt.link
    if link and link.sent_at and attempt.ended_at:
        return Step.LINK_RAN_OUT if attempt.ended_at >= link.expires_at else Step.LINK_CLOSED
    if link or attempt.route == "saved":
        return Step.NOT_SENT
    return Step.NOT_SECURED if capture is None or capture.secured_at is None else Step.NOT_SENT


def _capture_step(capture: CaptureOut) -> Step:
    if capture.state in _CAPTURE_STEPS:
        return _CAPTURE_STEPS[capture.state]
    open_fields = [one.field for one in capture.fields if one.state is not FieldState.DONE]
    if capture.can_submit or not open_fields:
        return Step.READY
    first = next(one for one in capture.fields if one.state is not FieldState.DONE)
    return _finding_step(first) or _FIELD_STEPS[first.field]


def _finding_step(field: FieldOut) -> Step | None:
    """Return what is said of a field that failed, or is keyed slowly."""
    if field.state is FieldState.LIVE and field.slow:
        return Step.KEYING_SLOWLY
    if field.finding is None:
        return None
    return _REMEDY_STEPS.get(field.finding.remedy) or _TROUBLE_STEPS.get(
        field.finding.trouble, Step.KEY_AGAIN
    )


def may_try_again(payment: PaymentIntent | None) -> bool:
    """Say whether a try that took nothing may be followed by another."""
    return payment is not None and payment.may_try(by_link=False)


def _may_be_charged(attempt: Attempt) -> bool:
    # an open attempt too: what was collected may be on its way when the line goes down
    sent = attempt.capture is not None and attempt.capture.state in _SUBMITTED
    return attempt.state in _CHECKED or (attempt.state is AttemptState.OPEN and sent)
