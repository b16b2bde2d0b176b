"""What is true of a payment's money now: a badge, and a sentence with what it means."""

from datetime import datetime
from typing import NamedTuple

from agentdesk.desk import times
from agentdesk.desk.counting import badge_kind, counting, refund_kind, taken
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _
from agentdesk.wire.links import LinkOut
from agentdesk.wire.payments import AgentDay, Attempt, PaymentIntent
from agentdesk.wire.refunds import RefundRequest

_POSTING = {
    WriteBackState.DONE: _("It is posted to the accounts."),
    WriteBackState.QUEUED: _("It is being posted to the accounts. Do not take it again."),
    WriteBackState.PARKED: _("The accounts do not have it yet: a person sees to that. Do not take it again."),
}


class Standing(NamedTuple):
    """Where a payment stands: the kind of its badge, and what that means."""

    kind: str
    words: str


def standing(payment: PaymentIntent, now: datetime) -> Standing:
    """Return where the payment stands now, money first."""
    attempt = counting(payment)
    if attempt is None:
        why = _("It was stopped: another payment is in the way. Nothing was charged.")
        return Standing("held", why) if payment.stop else Standing(badge_kind(None), _not_started())
    if attempt.state is AttemptState.APPROVED:
        return _approved(payment, attempt)
    return Standing(badge_kind(attempt.state, by_link=attempt.link is not None), _words(attempt, now))


def what_to_do(payment: PaymentIntent, day: AgentDay) -> str:
    """Return what is left for the agent to do about a payment of the day that ended after its call."""
    attempt = counting(payment)
    elsewhere = payment.intent_id in day.taken_elsewhere
    if attempt and attempt.state is AttemptState.APPROVED:
        return _after_success(attempt, elsewhere=elsewhere)
    if elsewhere:
        return _(
            "Another payment took money for it, or may have: look at what is owed before you ask for it."
        )
    if not payment.allocations:
        return _("It was for the account: nothing is owed by it.")
    if attempt and attempt.link:
        return _("It is still owed: ring the customer back, or send a new link.")
    return _("It is still owed: ring the customer back, it can be taken again.")


def _after_success(attempt: Attempt, *, elsewhere: bool) -> str:
    if attempt.alarm_open:
        return _("A supervisor looks at it first: do not ring the customer back yet.")
    if elsewhere:
        return _("Another payment took money for it too; a supervisor looks at the two.")
    return _("Nothing is left to do.") if attempt.link else _("Ring the customer back if you said you would.")


def answer_kind(asked: RefundRequest) -> str:
    """Return the kind of badge of a refund that somebody asked for and a supervisor decided."""
    return "allowed" if asked.allowed else "refused"


def answer_words(asked: RefundRequest) -> str:
    """Say to who asked for a refund what a supervisor decided, and what that means for the money."""
    words = _("{by} refused the refund of {amount}: {why}. Nothing was sent: tell the customer.")
    if asked.allowed:
        words = _("{by} allowed the refund of {amount}: {why}. It was sent; open it to see where it is.")
    by = asked.decided_by or _("A supervisor")
    return words.format(by=by, amount=asked.amount, why=(asked.why or "").rstrip("."))


def link_words(link: LinkOut, now: datetime) -> str:
    """Return where a link that may be paid is, and until when."""
    if link.state is LinkState.CLOSING:
        return _("The link is being expired; it may still be paid until the provider confirms it.")
    if now >= link.expires_at:
        return _("The link has run out; the provider is being asked whether it was paid.")
    until = times.minute_of(link.expires_at, times.local_day(now))
    if link.problem:
        return _("{problem} The link is open until {until}, nothing is paid yet.").format(
            problem=link.problem, until=until
        )
    if link.sent_at is None:
        return _("The link is being made, open until {until}. Nothing is paid yet.").format(until=until)
    if not link.sent_to:
        return _("The link was shown as a QR code, open until {until}. Nothing is paid yet.").format(
            until=until
        )
    return _("Link sent to {to}, open until {until}. Nothing is paid yet.").format(
        to=link.sent_to, until=until
    )


def _not_started() -> str:
    return _("It was agreed and not started. Nothing was charged.")


def _words(attempt: Attempt, now: datetime) -> str:
    if attempt.state is AttemptState.OPEN:
        return link_words(attempt.link, now) if attempt.link else _("Card entry is live. Nothing was sent.")
    if attempt.state in (AttemptState.DECLINED, AttemptState.NOT_SENT):
        return _not_charged(attempt)
    return _followed(attempt, now)


def _approved(payment: PaymentIntent, attempt: Attempt) -> Standing:
    post = next((one for one in payment.write_backs if one.kind is WriteBackKind.ACCOUNTS), None)
    said = [
        _("Approved, code {code}.").format(code=attempt.authorization_code)
        if attempt.authorization_code
        else _("Approved."),
        _POSTING[post.state] if post else "",
        _("{amount} went back to the card.").format(amount=payment.refunded) if payment.refunded else "",
        (attempt.alarm or "") if attempt.alarm_open else "",
    ]
    kind = "posting" if post and post.state is not WriteBackState.DONE else "approved"
    kind = refund_kind(payment.refunded, taken(payment)) if payment.refunded else kind
    return Standing(kind, " ".join(one for one in said if one))


def _not_charged(attempt: Attempt) -> str:
    if attempt.decline:
        return _("{reason}. Nothing was charged.").format(reason=attempt.decline.title.rstrip("."))
    if attempt.not_sent_reason:
        return _("{reason} Nothing was charged.").format(reason=attempt.not_sent_reason)
    return _("Nothing was charged.")


def _followed(attempt: Attempt, now: datetime) -> str:
    if attempt.state is AttemptState.SENDING:
        return _("It is on its way to the bank. Do not take it again.")
    if attempt.alarm_open and attempt.alarm:
        return _("{alarm} Money may have been taken: a supervisor looks at it, do not take it again.").format(
            alarm=attempt.alarm
        )
    if attempt.state is AttemptState.PENDING:
        return _("The bank has it and has not decided. It is followed up by itself; do not take it again.")
    words = _("The bank has not answered; it may have been charged.")
    check = attempt.check
    follow = _("It is followed up by itself; do not take it again.")
    if check and check.next_at:
        follow = _("It is followed up by itself, next at {second}; do not take it again.").format(
            second=times.second_of(check.next_at, times.local_day(now))
        )
    return f"{words} {follow}"
