"""An open payment link in words: what happened with it, and what can be done next."""

from datetime import date, datetime

from agentdesk.desk import times
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.outcome import Step
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.i18n import _, after_colon
from agentdesk.wire.links import LinkOut

#: Sending it again by its way: icon, title, detail, and the words once it was sent.
_AGAIN = {
    LinkWay.TEXT: ("chat-text", _("Text it again"), _("The same link to {to}"), _("Texted to {to}")),
    LinkWay.EMAIL: ("envelope-simple", _("Email it again"), _("The same link to {to}"), _("Emailed to {to}")),
    LinkWay.QR: (
        "qr-code",
        _("Show the QR code"),
        _("Only to the customer; it is written down"),
        _("Shown here"),
    ),
}


def next_steps(model: PaymentViewModel, link: LinkOut) -> list[Step]:
    """Return what can be done with an open link, also what cannot, with why."""
    icon, title, detail, _sent = _AGAIN[link.way]
    model_link = model.link
    again = model_link.why_not_qr if link.way is LinkWay.QR else model_link.why_not_resend
    move = _("This link is expired first, so it cannot be paid twice")
    steps = [
        _step("resend", icon, title, detail.format(to=link.sent_to), "F7", again),
        _step("move", "pencil-simple", _("Send it somewhere else"), move, "F3", model_link.why_not_resend),
    ]
    if link.way is not LinkWay.QR:
        shown = _("For a customer who stands in front of you")
        steps.append(_step("qr", "qr-code", _("Show it as a QR code"), shown, "F2", model_link.why_not_qr))
    return steps


def _step(key: str, icon: str, title: str, detail: str, shortcut: str, why: str) -> Step:
    said = _("Not offered: {why}").format(why=after_colon(why)) if why else detail
    return Step(key, icon, title, said, None if why else shortcut, bool(why))


def words(amount: str, link: LinkOut, now: datetime, *, moves_to: str = "") -> tuple[str, str]:
    """Return the title of an open link and what it means for the money."""
    until = _("until {minute}").format(minute=times.minute_of(link.expires_at, times.local_day(now)))
    if moves_to:
        meaning = _(
            "The new one for {amount} goes to {moves_to} when nobody can pay on this one any more."
        ).format(amount=amount, moves_to=moves_to)
        return _("The link is being replaced"), meaning
    if link.state is LinkState.CLOSING:
        return _("The link is being expired"), _(
            "{amount} may still be paid until the provider confirms it."
        ).format(amount=amount)
    if now >= link.expires_at:
        return _("The link has run out"), _("The provider is being asked whether {amount} was paid.").format(
            amount=amount
        )
    if link.state is LinkState.OPENING:
        return _("The link is being made"), _(
            "The customer gets it in a moment and can pay {amount} {until}."
        ).format(amount=amount, until=until)
    if link.problem:
        return _("The link may not have arrived"), _(
            "Nothing is paid yet, and {amount} can be paid on it {until}. F7 sends it again."
        ).format(amount=amount, until=until)
    return (
        _("Waiting for the customer to pay"),
        _("The link for {amount} is open {until}. Its end shows here.").format(amount=amount, until=until),
    )


def outlook(link: LinkOut) -> str:
    """Say of an open link what holds when the call is finished now."""
    if link.state is LinkState.OPENING:
        return _("The link is still being made")
    if link.state is not LinkState.OPEN:
        return _("Until it is closed it may be paid")
    return _("The link may not have arrived") if link.problem else _("The link stays open")


def rows(link: LinkOut, today: date) -> list[tuple[str, str, str]]:
    """Return what has happened with a link: result, statement, time."""
    made = ("open" if link.state is LinkState.OPENING else "ok", _("The payment page is ready"), "")
    *_again, sent_words = _AGAIN[link.way]
    if link.problem:
        sent = "failed" if link.sent_at is None else "slow"
        return [
            made,
            (sent, link.problem, _("to {sent_to}").format(sent_to=link.sent_to)),
            _paid(link, today),
        ]
    at = times.second_of(link.sent_at, today) if link.sent_at else ""
    gone = ("ok" if link.sent_at else "open", sent_words.format(to=link.sent_to), at)
    if link.way is not LinkWay.TEXT:  # nobody tells whether a mail arrived or a code was scanned
        return [made, gone, _paid(link, today)]
    arrived = times.second_of(link.delivered_at, today) if link.delivered_at else ""
    delivered = ("ok" if arrived else "open", _("The text reached the phone"), arrived)
    return [made, gone, delivered, _paid(link, today)]


def _paid(link: LinkOut, today: date) -> tuple[str, str, str]:
    return (
        "open",
        _("Paid by the customer"),
        _("can be until {minute}").format(minute=times.minute_of(link.expires_at, today)),
    )
