"""Getting a payment link to the customer: by text, by mail, or as a picture on the agent's screen.

Whoever has the address can pay, so it goes to the one recipient that was committed with the link. What is
sent again is the same link: a message whose answer was lost may arrive twice.
"""

import io

import segno
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk import dates
from agentdesk.adapters.base import MessageEvidence, Rejected, VendorError
from agentdesk.adapters.links import TextMessage
from agentdesk.domain.errors import Conflict, NotAllowed, NotFound
from agentdesk.domain.ids import now, short_reference
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.hub import caller_check, mail, payment_events
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.customers import CustomerCopy
from agentdesk.hub.db.query import Locked, is_of_other_mode, paid_meanwhile
from agentdesk.hub.db.tables import Call, PaymentLink
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.link_session import MAX_TRIES, close_unpaid, lock_link, lock_own, note_press, wait_s
from agentdesk.hub.mail import Letter
from agentdesk.hub.payment_view import recipient, tell
from agentdesk.i18n import _, speaking
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)

_SENT = {LinkWay.TEXT: _("Link texted"), LinkWay.EMAIL: _("Link emailed")}
_SILENT = {
    LinkWay.TEXT: _("The text service does not answer. It is tried again."),
    LinkWay.EMAIL: _("The mail server does not answer. It is tried again."),
}
_REFUSED = {
    LinkWay.TEXT: _("The text service did not take it."),
    LinkWay.EMAIL: _("The mail server did not take it. Check the address."),
}
#: After the last try: only a refusal says that it did not arrive.
_UNCLEAR = {
    LinkWay.TEXT: _("The text service gave no clear answer. The link may have arrived."),
    LinkWay.EMAIL: _("The mail server gave no clear answer. The link may have arrived."),
}
_OTHER_MODE = _("It was made for real money and this hub is in test mode, or the reverse: it is not sent.")
#: Pixels of one square of the picture.
_SQUARE = 8


async def send(hub: Hub, attempt_id: str, tries: int) -> None:
    """Send the link the way that was chosen; again where the answer was lost."""
    async with hub.sessions.begin() as session:
        payment, link = await lock_link(session, attempt_id)
        if link.state != LinkState.OPEN or link.url is None:
            return
        if await paid_meanwhile(session, payment.attempt):  # by a late success that did not see this link
            await close_unpaid(session, link)
            await tell(session, payment.intent)
            return
        if is_of_other_mode(payment.attempt, test_mode=hub.settings.test_mode):
            link.problem, link.to_send = _OTHER_MODE, False
            await _note(session, payment, _("Link not sent"), link.problem)
            await tell(session, payment.intent)
            return
        copy = await session.get(CustomerCopy, payment.intent.customer_id)
        with speaking(copy.record.get("language") if copy else None):
            message = _letter(hub, payment, link) if link.way == LinkWay.EMAIL else _text(hub, payment, link)
    try:
        message_id = await _hand_over(hub, message)
    except VendorError as error:
        log.warning("link not sent", attempt=attempt_id, reason=repr(error))
        await _not_sent(hub, attempt_id, tries, final=isinstance(error, Rejected))
        return
    async with hub.sessions.begin() as session:
        payment, link = await lock_link(session, attempt_id)
        if message_id is None or link.message_id != message_id:
            # what became of a text may have been told before this reply came
            link.message_id, link.problem = message_id, None
        link.sent_at, link.to_send = now(), False
        await _note(session, payment, _SENT[LinkWay(link.way)], _("to {link}").format(link=recipient(link)))
        await tell(session, payment.intent)


async def _hand_over(hub: Hub, message: TextMessage | Letter) -> str | None:
    """Return the message's id; None where it has none that is ever told of."""
    if isinstance(message, Letter):
        await mail.send(hub.settings.mail, message)
        return None
    if hub.vendors.messages is None:  # it was when this link was made
        raise Rejected(_("no text service is set up"))
    return await hub.vendors.messages.send(message)


def _text(hub: Hub, payment: Locked, link: PaymentLink) -> TextMessage:
    name = hub.vendors.messages.name if hub.vendors.messages else ""
    body = _("{business}: pay {amount} securely by {until} at {url}").format(
        business=hub.settings.business, amount=payment.amount, until=_until(hub, link), url=link.url
    )
    return TextMessage(link.sent_to, body, f"{hub.settings.public_url}/webhooks/{name}/{link.attempt_id}")


def _letter(hub: Hub, payment: Locked, link: PaymentLink) -> Letter:
    business, reference = hub.settings.business, short_reference(payment.intent.intent_id)
    subject = _("Pay {amount} to {business}").format(amount=payment.amount, business=business)
    words = _(
        "Here is the page on which you can pay {amount} to {business} by card. It is open until "
        "{until}.\n\n{url}\n\nThe link is for you alone: do not pass it on. We never ask "
        "for a card number by email.\nReference {reference}.\n"
    ).format(
        amount=payment.amount, business=business, until=_until(hub, link), url=link.url, reference=reference
    )
    # another press is another mail; a try whose answer was lost is the same one
    return Letter(link.sent_to, subject, words, f"{link.attempt_id}:{link.resend_key or ''}")


def _until(hub: Hub, link: PaymentLink) -> str:
    at = link.expires_at.astimezone(hub.settings.zone)
    if link.way == LinkWay.TEXT:
        return f"{at:%H:%M}"
    return _("{time} on {day}").format(time=f"{at:%H:%M}", day=dates.long(at))


async def _not_sent(hub: Hub, attempt_id: str, tries: int, *, final: bool) -> None:
    async with hub.sessions.begin() as session:
        payment, link = await lock_link(session, attempt_id)
        if not final and tries + 1 < MAX_TRIES:
            link.problem = _SILENT[LinkWay(link.way)]
            await defer(session, Job.SEND_LINK, after_s=wait_s(tries), attempt_id=attempt_id, tries=tries + 1)
        else:
            link.problem, link.to_send = (_REFUSED if final else _UNCLEAR)[LinkWay(link.way)], False
            await _note(session, payment, _("Link not sent"), link.problem)
        await tell(session, payment.intent)


async def resend(hub: Hub, who: Who, attempt_id: str, key: str) -> None:
    """Send the same link to the same recipient again, once for each key.

    To another number or address only a new link may go: who got this one keeps it. Raises Conflict where it
    is not open.
    """
    async with hub.sessions.begin() as session:
        payment, link = await lock_own(session, attempt_id)
        if link.resend_key == key:
            return
        if link.state != LinkState.OPEN or link.way == LinkWay.QR:
            raise Conflict("step_not_possible", state=payment.attempt.state)
        link.resend_key, link.to_send = key, True
        link.message_id = link.delivered_at = link.problem = None
        await defer(session, Job.SEND_LINK, attempt_id=attempt_id, tries=0)
        note_press(session, who, "link.resend", payment)
        await tell(session, payment.intent)


async def texted(session: AsyncSession, attempt_id: str, evidence: MessageEvidence) -> None:
    """Note whether the text reached the phone, which may be told before the reply to it is here.

    Any of a link's texts that arrives brings the link; that one did not counts for the last one only.
    Raises NotFound where the attempt has no link.
    """
    if await session.get(PaymentLink, attempt_id) is None:
        raise NotFound("payment_unknown")
    payment, link = await lock_link(session, attempt_id)
    if not evidence.delivered and link.message_id not in (None, evidence.message_id):
        return
    link.message_id = link.message_id or evidence.message_id
    if evidence.delivered:
        link.delivered_at, link.problem = now(), None
    else:
        link.problem = _("The text did not reach the phone.")
    await _note(session, payment, _("Link delivered") if evidence.delivered else _("Link not delivered"))
    await tell(session, payment.intent)


async def picture(hub: Hub, who: Who, attempt_id: str) -> bytes:
    """Return an open link as a QR code (PNG). That it was shown, and to whom, is written down first.

    Raises NotAllowed where the firm shows none, Conflict where the link is not open, its debt is paid, or the
    caller is not proven.
    """
    if not hub.settings.sends_links_by(LinkWay.QR):
        raise NotAllowed("link_way_off")
    async with hub.sessions.begin() as session:
        payment, link = await lock_own(session, attempt_id)
        call = await session.get_one(Call, payment.intent.call_id)
        caller_check.may_show(hub.settings.check_of(call.queue), call)
        if await paid_meanwhile(session, payment.attempt):
            await close_unpaid(session, link)
            await tell(session, payment.intent)
        elif link.state == LinkState.OPEN and link.url is not None:
            await _note_shown(session, who, payment, link)
            await tell(session, payment.intent)
            return _drawn(link.url)  # given away once this is committed
        state = payment.attempt.state
    raise Conflict("step_not_possible", state=state)


async def _note_shown(session: AsyncSession, who: Who, payment: Locked, link: PaymentLink) -> None:
    if link.way == LinkWay.QR:
        link.sent_at = link.sent_at or now()
    note_press(session, who, "link.qr", payment)
    await _note(
        session, payment, _("Link shown as a QR code"), _("on the screen of {name}").format(name=who.name)
    )


def _drawn(url: str) -> bytes:
    png = io.BytesIO()
    segno.make(url, error="m", micro=False).save(png, kind="png", scale=_SQUARE)
    return png.getvalue()


async def _note(session: AsyncSession, payment: Locked, title: str, detail: str = "") -> None:
    ids = payment.intent.intent_id, payment.attempt.attempt_id
    await payment_events.record(session, *ids, TimelineKind.LINK, title, detail)
