"""Payment links: the customer pays on a page of the provider's, under the same debt as every other try.

The attempt stays open, and holds its debts, until the provider says how the page ended. Whatever is done
with the page is done by a job that follows a committed fact, so it survives this process and the call. The
provider's messages about a page are a reason to look; what the look finds is the evidence.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import Misconfigured, MoneyEvidence, Rejected, VendorError
from agentdesk.adapters.links import LinkPort, OpenLink
from agentdesk.domain.contact import is_email
from agentdesk.domain.errors import Conflict, Invalid, NotAllowed
from agentdesk.domain.ids import now
from agentdesk.domain.link import LinkEvent, LinkState, LinkWay
from agentdesk.domain.payment import NO_CHARGE, AttemptEvent, AttemptState
from agentdesk.hub import outcomes
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, is_of_other_mode
from agentdesk.hub.db.tables import Call, PaymentLink
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.link_session import MAX_TRIES, close, lock_link, lock_own, move, note_press, wait_s
from agentdesk.hub.numbers import e164
from agentdesk.hub.payment_view import tell
from agentdesk.i18n import _, pgettext
from agentdesk.wire.payments import NewAttempt

log = structlog.get_logger(__name__)

#: Seconds between looks at an open page, for the message that is lost.
LOOK_EVERY_S = 60
#: News of a closed page is looked for about an hour: a page that the provider has dropped never answers.
_NEWS_TRIES = 60
#: So long after its end nobody can pay on a page: what the provider cannot tell of it by then is unknown.
OVER_AFTER = timedelta(minutes=5)


# ---------------------------------------------------------------- opening
async def begin(hub: Hub, session: AsyncSession, payment: Locked, call: Call, new: NewAttempt) -> None:
    """Write down that a link is wanted; a job makes the page once this is committed.

    Raises Invalid where there is nothing to send it to, NotAllowed where links do not go this way here.
    """
    assert hub.settings.link is not None, "the route is allowed"
    attempt_id, sent_to = payment.attempt.attempt_id, _recipient(hub, call, new)
    # committed with the key: the same key with another end would be another page
    expires_at = (now() + timedelta(minutes=hub.settings.link.minutes)).replace(microsecond=0)
    session.add(
        PaymentLink(
            attempt_id=attempt_id,
            state=LinkState.OPENING,
            way=new.send_by,
            sent_to=sent_to,
            expires_at=expires_at,
            looks=0,
        )
    )
    await session.flush()
    await defer(session, Job.OPEN_LINK, attempt_id=attempt_id, tries=0)


def _recipient(hub: Hub, call: Call, new: NewAttempt) -> str:
    """Return the number in E.164, the email address, or nothing for a QR code."""
    if not hub.settings.sends_links_by(new.send_by):
        raise NotAllowed("link_way_off")
    if new.send_by is LinkWay.QR:
        return ""
    if new.send_by is LinkWay.EMAIL:
        address = new.send_to or ""
        if not is_email(address):
            raise Invalid("link_needs_email", email=address or pgettext("an email address", "Nothing"))
        return address
    number = e164(new.send_to, hub.settings.region) if new.send_to else call.number
    if number is None:
        raise Invalid("phone_invalid", phone=new.send_to) if new.send_to else Invalid("link_needs_number")
    return number


async def open_page(hub: Hub, attempt_id: str, tries: int) -> None:
    """Have the provider make the page, with the attempt's own key however often this runs."""
    async with hub.sessions.begin() as session:
        payment, link = await lock_link(session, attempt_id)
        if link.session_id is not None or link.state == LinkState.CLOSED:
            return
        is_hidden = is_of_other_mode(payment.attempt, test_mode=hub.settings.test_mode)
        request = _request(hub, payment, link)
    if is_hidden:
        log.warning("payment page not made: it is of the other mode", attempt=attempt_id)
        await _not_opened(hub, attempt_id, tries, final=True)
        return
    try:
        opened = await _pages(hub).open(request)
    except VendorError as error:
        log.warning("payment page not made", attempt=attempt_id, reason=repr(error))
        await _not_opened(hub, attempt_id, tries, final=isinstance(error, Rejected))
        return
    async with hub.sessions.begin() as session:
        payment, link = await lock_link(session, attempt_id)
        if link.session_id is not None:
            return  # made twice with one key: it is the same page
        link.session_id = opened.session_id
        if move(link, LinkEvent.OPENED):
            link.url = opened.url
            link.to_send = link.way != LinkWay.QR
            if link.to_send:
                await defer(session, Job.SEND_LINK, attempt_id=attempt_id, tries=0)
            await _look_again(session, link)
        elif link.state == LinkState.CLOSING:
            await defer(session, Job.CLOSE_LINK, attempt_id=attempt_id, tries=0)
        await tell(session, payment.intent)


def _request(hub: Hub, payment: Locked, link: PaymentLink) -> OpenLink:
    return OpenLink(
        attempt_id=link.attempt_id,
        idempotency_key=payment.attempt.charge_key,
        amount=payment.amount,
        description=f"{hub.settings.business} {payment.intent.reference}",
        reference=payment.intent.reference,
        expires_at=link.expires_at,
        thanks_url=hub.settings.thanks_url,
    )


async def _not_opened(hub: Hub, attempt_id: str, tries: int, *, final: bool) -> None:
    """Try again, or give up: nobody was given the address of a page that may exist, so nobody can pay."""
    async with hub.sessions.begin() as session:
        payment, link = await lock_link(session, attempt_id)
        if link.session_id is not None:
            return
        if not final and tries + 1 < MAX_TRIES:
            await defer(session, Job.OPEN_LINK, after_s=wait_s(tries), attempt_id=attempt_id, tries=tries + 1)
        elif move(link, LinkEvent.FAILED):
            payment.attempt.not_sent_reason = link.close_reason or _("The payment page could not be made.")
            closed = outcomes.ours(_provider(hub), attempt_id, AttemptEvent.CLOSED)
            await outcomes.apply(hub, session, payment, closed)


# ---------------------------------------------------------------- how it ended
async def rung(hub: Hub, session: AsyncSession, payment: Locked, evidence: MoneyEvidence) -> None:
    """The provider has news of a link: look now. Its messages come late and in any order, a look does not.

    That a page was paid which we take for closed is believed at once: no look of ours follows it any more.
    """
    attempt_id = payment.attempt.attempt_id
    link = await session.get_one(PaymentLink, attempt_id)
    if link.state == LinkState.CLOSED and evidence.event is AttemptEvent.APPROVED:
        await outcomes.apply(hub, session, payment, evidence)
    await defer(session, Job.LOOK_AT_LINK, attempt_id=attempt_id, look=0)


async def look(hub: Hub, attempt_id: str, look: int, tries: int = 0) -> None:
    """Ask the provider how the page ended, and plan the next regular look while it has not.

    `look` 0: there is news of it. Of a closed page no other look follows: it is looked for again.
    """
    async with hub.sessions.begin() as session:
        session_id = (await session.get_one(PaymentLink, attempt_id)).session_id
    if session_id is None:
        return
    found = await _answer(attempt_id, lambda: _pages(hub).find(session_id), _("look at a link failed"))
    async with hub.sessions.begin() as session:
        payment, link = await lock_link(session, attempt_id)
        await _learn(hub, session, payment, link, found)
        if look == link.looks and link.state != LinkState.CLOSED:
            await _look_again(session, link)
        elif found is None and look == 0 and payment.attempt.state in NO_CHARGE and tries < _NEWS_TRIES:
            await defer(
                session,
                Job.LOOK_AT_LINK,
                after_s=wait_s(tries),
                attempt_id=attempt_id,
                look=0,
                tries=tries + 1,
            )


async def _answer(
    attempt_id: str, ask: Callable[[], Awaitable[Sequence[MoneyEvidence]]], failed: str
) -> Sequence[MoneyEvidence] | None:
    """Return how the page ended; None where the provider did not say, which `failed` says in the log."""
    try:
        return await ask()
    except VendorError as error:
        log.warning(failed, attempt=attempt_id, reason=repr(error))
        return None


async def _look_again(session: AsyncSession, link: PaymentLink) -> None:
    """Plan the next regular look. It is numbered, so that one that runs twice is followed by one."""
    link.looks += 1
    await defer(
        session,
        Job.LOOK_AT_LINK,
        after_s=LOOK_EVERY_S,
        attempt_id=link.attempt_id,
        look=link.looks,
    )


async def _learn(
    hub: Hub,
    session: AsyncSession,
    payment: Locked,
    link: PaymentLink,
    found: Sequence[MoneyEvidence] | None,
) -> None:
    """Apply how the page ended; nothing found: it is still open, None: the provider does not say."""
    attempt = payment.attempt
    if not found and (found is not None or now() < link.expires_at + OVER_AFTER):
        return
    move(link, LinkEvent.ENDED)
    why = link.close_reason or _("The link expired before it was paid.")
    attempt.not_sent_reason = attempt.not_sent_reason or why
    for evidence in found or ():
        await outcomes.apply(hub, session, payment, evidence)
    if attempt.state == AttemptState.OPEN:  # its page is over, and nothing said of it was of this payment
        lost = outcomes.ours(_provider(hub), attempt.attempt_id, AttemptEvent.NO_ANSWER)
        ids = found[0].provider_ids if found else {}
        lost = replace(lost, provider_ids=ids, occurred_at=attempt.started_at)
        await outcomes.apply(hub, session, payment, lost)


# ---------------------------------------------------------------- closing
async def cancel(hub: Hub, who: Who, attempt_id: str) -> None:
    """Have the page closed. The attempt is over when the provider confirms it, not before.

    Raises Conflict where it has ended otherwise.
    """
    async with hub.sessions.begin() as session:
        payment, link = await lock_own(session, attempt_id)
        if payment.attempt.state == AttemptState.NOT_SENT or link.state == LinkState.CLOSING:
            return
        by = _("You") if payment.intent.user_id == who.user_id else who.name
        if not await close(session, link, _("{by} expired the link.").format(by=by)):
            raise Conflict("step_not_possible", state=payment.attempt.state)
        note_press(session, who, "link.cancel", payment)
        await tell(session, payment.intent)


async def close_page(hub: Hub, attempt_id: str, tries: int) -> None:
    """Have the provider close the page, again and again until it says how the page ended."""
    async with hub.sessions.begin() as session:
        link = await session.get_one(PaymentLink, attempt_id)
        session_id, wanted = link.session_id, link.state == LinkState.CLOSING
    if session_id is None or not wanted:
        return
    found = await _answer(attempt_id, lambda: _pages(hub).expire(session_id), _("link not closed"))
    async with hub.sessions.begin() as session:
        payment, link = await lock_link(session, attempt_id)
        await _learn(hub, session, payment, link, found)
        if link.state == LinkState.CLOSING:
            await defer(
                session, Job.CLOSE_LINK, after_s=wait_s(tries), attempt_id=attempt_id, tries=tries + 1
            )


def _pages(hub: Hub) -> LinkPort:
    """Raises Misconfigured where links were switched off: one that is under way goes on holding its debt."""
    if hub.vendors.link is None:
        raise Misconfigured("no payment links are set up any more")
    return hub.vendors.link


def _provider(hub: Hub) -> str:
    return (hub.vendors.link or hub.vendors.processor).name
