"""An open payment link in words: what happened with it, and what can be done next."""

from datetime import datetime

from agentdesk.desk import times
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.outcome import Step
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.wire.links import LinkOut

#: Sending it again by its way: icon, title, detail, and the words once it was sent.
_AGAIN = {
    LinkWay.TEXT: ("chat-text", "Text it again", "The same link to {to}", "Texted to {to}"),
    LinkWay.EMAIL: ("envelope-simple", "Email it again", "The same link to {to}", "Emailed to {to}"),
    LinkWay.QR: ("qr-code", "Show the QR code", "Only to the customer; it is written down", "Shown here"),
}


def next_steps(model: PaymentViewModel, link: LinkOut) -> list[Step]:
    """Return what can be done with an open link, also what cannot, with why."""
    icon, title, detail, _ = _AGAIN[link.way]
    model_link = model.link
    again = model_link.why_not_qr if link.way is LinkWay.QR else model_link.why_not_resend
    move = "This link is expired first, so it cannot be paid twice"
    steps = [
        _step("resend", icon, title, detail.format(to=link.sent_to), "F7", again),
        _step("move", "pencil-simple", "Send it somewhere else", move, "F3", model_link.why_not_move),
    ]
    if link.way is not LinkWay.QR:
        shown = "For a customer who stands in front of you"
        steps.append(_step("qr", "qr-code", "Show it as a QR code", shown, "F2", model_link.why_not_qr))
    return steps


def _step(key: str, icon: str, title: str, detail: str, shortcut: str, why: str) -> Step:
    said = f"Not offered: {why[:1].lower()}{why[1:]}" if why else detail
    return Step(key, icon, title, said, None if why else shortcut, bool(why))


def words(amount: str, link: LinkOut, now: datetime, *, moves_to: str = "") -> tuple[str, str]:
    """Return the title of an open link and what it means for the money."""
    until = f"until {times.minute(link.expires_at)}"
    if moves_to:
        meaning = f"The new one for {amount} goes to {moves_to} when nobody can pay on this one any more."
        return "The link is being replaced", meaning
    if link.state is LinkState.CLOSING:
        return "The link is being expired", f"{amount} may still be paid until the provider confirms it."
    if now >= link.expires_at:
        return "The link has run out", f"The provider is being asked whether {amount} was paid."
    if link.state is LinkState.OPENING:
        return "The link is being made", f"The customer gets it in a moment and can pay {amount} {until}."
    return (
        "Waiting for the customer to pay",
        f"The link for {amount} is open {until}. Its end shows here.",
    )


def rows(link: LinkOut) -> list[tuple[str, str, str]]:
    """Return what has happened with a link: result, statement, time."""
    made = ("open" if link.state is LinkState.OPENING else "ok", "The payment page is ready", "")
    *_, sent_words = _AGAIN[link.way]
    if link.problem:
        sent = "failed" if link.sent_at is None else "slow"
        return [made, (sent, link.problem, f"to {link.sent_to}"), _paid(link)]
    at = times.second(link.sent_at) if link.sent_at else ""
    gone = ("ok" if link.sent_at else "open", sent_words.format(to=link.sent_to), at)
    if link.way is not LinkWay.TEXT:  # nobody tells whether a mail arrived or a code was scanned
        return [made, gone, _paid(link)]
    arrived = times.second(link.delivered_at) if link.delivered_at else ""
    delivered = ("ok" if arrived else "open", "The text reached the phone", arrived)
    return [made, gone, delivered, _paid(link)]


def _paid(link: LinkOut) -> tuple[str, str, str]:
    return "open", "Paid by the customer", f"can be until {times.minute(link.expires_at)}"
