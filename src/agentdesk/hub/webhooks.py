"""Webhooks: verify on raw bytes, store once, apply. A message is used at most once.

Storing and applying are one transaction: a message that could not be applied is not stored, and the
answer 500 makes a vendor that retries send it again. For one that does not, a deadline or a look-up
finds out.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import (
    BadSignature,
    CallEvidence,
    CaptureEvidence,
    Evidence,
    Ignored,
    MessageEvidence,
    MoneyEvidence,
    RawWebhook,
    RefundedTotal,
    RefundEvidence,
    Rejected,
    TokenRef,
)
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import Invalid, NotAllowed, NotFound
from agentdesk.domain.ids import now
from agentdesk.hub import (
    calls,
    capture_evidence,
    link_messages,
    links,
    outcomes,
    refund_outcomes,
    refund_totals,
)
from agentdesk.hub.context import Hub
from agentdesk.hub.db.inbox import WebhookMessage, WebhookRefusal
from agentdesk.hub.db.query import lock_attempt, lock_refund
from agentdesk.hub.link_session import LINK
from agentdesk.i18n import _

log = structlog.get_logger(__name__)

#: Cardholder data that vendors send in clear, what could be charged, and where one could pay: not kept.
_DROPPED = re.compile(
    r"expir|exp_month|exp_year|postal|post_?code|security_?code|cvc|billing|token"
    r"|customer_details|customer_email|^url$",
    re.IGNORECASE,
)
#: Signed, readable and about somebody else's money; each has its words.
_NOT_FOR_US = frozenset({"wrong_mode", "wrong_account"})


# Built once: every message is kept, and most of them are counted.
_MESSAGES, _REFUSALS = (one.metadata.tables[one.__tablename__] for one in (WebhookMessage, WebhookRefusal))
_KEEP = insert(_MESSAGES).on_conflict_do_nothing().returning(_MESSAGES.c.message_id)
_COUNT = insert(_REFUSALS).on_conflict_do_update(
    index_elements=["provider", "reason"], set_={"count": _REFUSALS.c.count + 1, "last_at": func.now()}
)
_Arrived = tuple[str, asyncio.Task[calls.Found] | None]


async def receive(hub: Hub, provider: str, target: str, raw: RawWebhook) -> None:
    """Take one message of a provider. `target` is what the URL names: an attempt id, or empty.

    Raises NotFound for an unknown provider, NotAllowed for a message that is not authentic.
    """
    port = hub.vendors.webhooks.get(provider)
    if port is None:
        raise NotFound("not_found")
    try:
        evidence = port.receive(raw)
    except BadSignature as error:
        await _refuse(hub, provider, "signature")
        raise NotAllowed("webhook_refused") from error
    except Rejected as error:
        await _refuse(hub, provider, error.vendor_code or "unreadable")
        if error.vendor_code in _NOT_FOR_US:
            raise NotAllowed(error.vendor_code) from error
        raise Invalid("field_invalid", field="body", reason=_("not what this provider sends")) from error
    await _use(hub, provider, target, raw, evidence)


async def _use(hub: Hub, provider: str, target: str, raw: RawWebhook, evidence: Sequence[Evidence]) -> None:
    charges: list[tuple[str, TokenRef]] = []
    arrived: list[_Arrived] = []
    async with hub.sessions.begin() as session:
        if not await _store(session, provider, target, raw, evidence):
            await _count(session, provider, "duplicate")
            return
        for item in evidence:
            if isinstance(item, Ignored):
                await _count(session, provider, "ignored")
            elif isinstance(item, CaptureEvidence):
                token = await _capture(session, target, item)
                charges += [(target, token)] if token else []
            elif isinstance(item, MoneyEvidence):
                await _money(hub, session, item)
            elif isinstance(item, RefundEvidence):
                await _refund(hub, session, item)
            elif isinstance(item, RefundedTotal):
                await _refunded(hub, session, item)
            elif isinstance(item, MessageEvidence):
                await _texted(session, target, item)
            elif isinstance(item, CallEvidence):
                arrived += await _call(hub, session, item)
    for attempt_id, token in charges:
        hub.start(outcomes.charge(hub, attempt_id, token))
    for call_id, looking in arrived:
        hub.start(calls.match(hub, call_id, looking))


async def _call(hub: Hub, session: AsyncSession, evidence: CallEvidence) -> list[_Arrived]:
    """Return the call where it is new and must be matched after the commit."""
    looking = calls.look_ahead(hub, evidence)
    call_id = await calls.apply(hub, session, evidence)
    if call_id is not None:
        return [(call_id, looking)]
    if looking is not None:
        looking.cancel()
    return []


async def _capture(session: AsyncSession, attempt_id: str, evidence: CaptureEvidence) -> TokenRef | None:
    try:
        payment = await lock_attempt(session, attempt_id)
    except NotFound:
        log.warning("webhook for an attempt that is not ours", target=attempt_id)
        await _count(session, evidence.provider, "not_ours")
        return None
    return await capture_evidence.apply(session, payment, evidence)


async def _money(hub: Hub, session: AsyncSession, evidence: MoneyEvidence) -> None:
    try:
        payment = await lock_attempt(session, evidence.our_ref or "")
    except NotFound:
        log.warning("webhook about money that is not ours", provider=evidence.provider)
        await _count(session, evidence.provider, "not_ours")
        return
    if payment.attempt.route == LINK:
        await links.rung(hub, session, payment, evidence)
        return
    await outcomes.apply(hub, session, payment, evidence)


async def _refund(hub: Hub, session: AsyncSession, evidence: RefundEvidence) -> None:
    try:
        held = await lock_refund(session, evidence.our_ref or "")
    except NotFound:
        log.warning("webhook about a refund that is not ours", provider=evidence.provider)
        await _count(session, evidence.provider, "not_ours")
        return
    await refund_outcomes.apply(hub, session, held, evidence)


async def _refunded(hub: Hub, session: AsyncSession, evidence: RefundedTotal) -> None:
    try:
        payment = await lock_attempt(session, evidence.attempt_id)
    except NotFound:
        log.warning("webhook about money that is not ours", provider=evidence.provider)
        await _count(session, evidence.provider, "not_ours")
        return
    await refund_totals.see(session, payment, evidence)


async def _texted(session: AsyncSession, attempt_id: str, evidence: MessageEvidence) -> None:
    try:
        await link_messages.texted(session, attempt_id, evidence)
    except NotFound:
        log.warning("webhook for a link that is not ours", target=attempt_id)
        await _count(session, evidence.provider, "not_ours")


async def _store(
    session: AsyncSession, provider: str, target: str, raw: RawWebhook, evidence: Sequence[Evidence]
) -> bool:
    """Keep the message; False where it is here already, at whatever address of ours it came.

    Its sender's signature need not cover the address.
    """
    digest = hashlib.sha256(raw.body).hexdigest()
    row = {
        "provider": provider,
        "event_key": evidence[0].event_id if evidence else digest,
        "kind": _kind(evidence),
        "target": target,
        "body": scrubbed(raw.body),
        "received_at": now(),
        "applied_at": now(),
    }
    return await session.scalar(_KEEP, row) is not None


def _kind(evidence: Sequence[Evidence]) -> str:
    first = evidence[0] if evidence else None
    if isinstance(first, Ignored):
        return f"ignored:{first.kind}"
    return type(first).__name__ if first else "empty"


def scrubbed(body: bytes) -> str:
    """Return the body without expiry, post code, holder, token and what looks like a card number."""
    text = body.decode("utf-8", "replace")
    try:
        kept = read = json.dumps(_without(json.loads(text)), ensure_ascii=False)
    except ValueError:
        pairs = [(k, v) for k, v in parse_qsl(text, keep_blank_values=True) if not _DROPPED.search(k)]
        kept, read = urlencode(pairs), "\n".join(word for pair in pairs for word in pair)
    return "[not kept: it held something like a card number]" if looks_like_pan(read) else kept


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without(v) for k, v in value.items() if not _DROPPED.search(k)}
    if isinstance(value, list):
        return [_without(v) for v in value]
    return value


async def not_used(session: AsyncSession) -> list[WebhookRefusal]:
    """Return how many messages were refused, came again or were of no use, by provider and reason."""
    in_order = select(WebhookRefusal).order_by(WebhookRefusal.provider, WebhookRefusal.reason)
    return list(await session.scalars(in_order))


async def _refuse(hub: Hub, provider: str, reason: str) -> None:
    async with hub.sessions.begin() as session:
        await _count(session, provider, reason)


async def _count(session: AsyncSession, provider: str, reason: str) -> None:
    row = {"provider": provider, "reason": reason, "count": 1, "last_at": now()}
    await session.execute(_COUNT, row)
