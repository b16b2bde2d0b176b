"""Routes of payments: intents, attempts, card sessions, the log."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.capture import CardField, CloseCause
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Permission
from agentdesk.hub import (
    captures,
    days,
    duplicates,
    link_messages,
    news,
    payment_log,
    payment_view,
    payments,
    plan_changes,
    receipts,
    refund_requests,
    refunds,
    saved_cards,
)
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import approved_attempt
from agentdesk.hub.depends import Db, HubDep, require
from agentdesk.hub.payment_log import Filters
from agentdesk.hub.problems import problems
from agentdesk.wire import payments as wire
from agentdesk.wire.captures import Submit
from agentdesk.wire.links import Resend
from agentdesk.wire.payment_log import PaymentLogPage, PaymentRow
from agentdesk.wire.plans import PaymentPlan, PlanChange
from agentdesk.wire.receipts import ReceiptPage
from agentdesk.wire.refunds import NewRefund, RefundDecision
from agentdesk.wire.saved_cards import NewConsent

router = APIRouter(prefix="/v1", tags=["payments"], responses=problems(401, 403, 422))
AGENT: Who = require(Permission.TAKE_PAYMENT)
SUPERVISOR: Who = require(Permission.SEE_PAYMENT_LOG)
REFUNDER: Who = require(Permission.REFUND)
DECIDER: Who = require(Permission.ALLOW_DUPLICATE)


@router.get("/agent-day")
async def agent_day(hub: HubDep, db: Db, who: Who = AGENT) -> wire.AgentDay:
    """My day, and the payments of mine that need an eye."""
    return await days.agent_day(db, who, hub.settings)


@router.post("/payment-intents/{intent_id}/put-away", responses=problems(404, 409))
async def put_away(hub: HubDep, intent_id: str, seen: wire.PutAway, who: Who = AGENT) -> wire.PaymentIntent:
    """Take a payment of mine that ended after its call off the list of such."""
    return await news.put_away(hub, who, intent_id, seen.state)


@router.post("/payment-intents", status_code=201, responses=problems(404, 409, 503))
async def create(hub: HubDep, new: wire.NewPaymentIntent, who: Who = AGENT) -> wire.PaymentIntent:
    """Write down what the caller agreed to pay; nothing is sent."""
    return await payments.create(hub, who, new)


@router.get("/payment-intents/{intent_id}", responses=problems(404))
async def detail(db: Db, intent_id: str, who: Who = AGENT) -> wire.PaymentDetail:
    """A payment with its time line."""
    return await payments.detail(db, who, intent_id)


@router.post("/payment-intents/{intent_id}/attempts", status_code=201, responses=problems(404, 409))
async def start_attempt(
    hub: HubDep, intent_id: str, new: wire.NewAttempt, who: Who = AGENT
) -> wire.PaymentIntent:
    """Start a try: secure the line and open the card session."""
    return await payments.start_attempt(hub, who, intent_id, new)


@router.post("/attempts/{attempt_id}/fields/{field}", status_code=202, responses=problems(404, 409, 503))
async def ask_field(
    hub: HubDep, attempt_id: str, field: CardField, who: Who = AGENT, slow: bool = False
) -> wire.PaymentIntent:
    """Ask the caller for a field, or again; `slow` gives them longer for each key, from now on."""
    await _mine(hub, who, attempt_id)
    await captures.ask_field(hub, who, attempt_id, field, slow=slow)
    return await _shown(hub, who, attempt_id)


@router.post("/attempts/{attempt_id}/submit", status_code=202, responses=problems(404, 409))
async def submit(
    hub: HubDep, attempt_id: str, told: Submit | None = None, who: Who = AGENT
) -> wire.PaymentIntent:
    """Send the payment, once; the body says what was read back to the caller."""
    await _mine(hub, who, attempt_id)
    await captures.submit(hub, who, attempt_id, told or Submit())
    return await _shown(hub, who, attempt_id)


@router.post("/attempts/{attempt_id}/cancel", responses=problems(404, 409))
async def cancel(
    hub: HubDep, attempt_id: str, who: Who = AGENT, because: CloseCause = CloseCause.AGENT
) -> wire.PaymentIntent:
    """End the try before anything is sent; a payment link is over only once the provider confirms it.

    The link may be a colleague's, of a customer whom I have on the line.
    """
    await _mine(hub, who, attempt_id, ends=True)
    await payments.cancel(hub, who, attempt_id, because)
    return await _shown(hub, who, attempt_id, ends=True)


@router.post("/attempts/{attempt_id}/watched", status_code=204, responses=problems(404))
async def watched(db: Db, hub: HubDep, attempt_id: str, who: Who = AGENT) -> None:
    """Tell that my desk shows this card entry; one of which nothing is heard for too long is closed."""
    await _mine(hub, who, attempt_id)
    await captures.watch_over(db, attempt_id)


@router.post("/attempts/{attempt_id}/digits-refused", status_code=204, responses=problems(404))
async def digits_refused(db: Db, hub: HubDep, attempt_id: str, who: Who = AGENT) -> None:
    """Keep that digits were typed on my desk while the caller keyed a card; they were thrown away there."""
    await _mine(hub, who, attempt_id)
    await captures.refuse_digits(db, who, attempt_id)


@router.put("/attempts/{attempt_id}/consent", responses=problems(404, 409))
async def agree(hub: HubDep, attempt_id: str, new: NewConsent, who: Who = AGENT) -> wire.PaymentIntent:
    """Note that my caller agreed to have the card kept that they are keying."""
    await _mine(hub, who, attempt_id)
    await saved_cards.agree(hub, who, attempt_id, new.wording)
    return await _shown(hub, who, attempt_id)


@router.delete("/attempts/{attempt_id}/consent", responses=problems(404, 409))
async def take_consent_back(hub: HubDep, attempt_id: str, who: Who = AGENT) -> wire.PaymentIntent:
    """Note that my caller does not want the card kept after all."""
    await _mine(hub, who, attempt_id)
    await saved_cards.take_back(hub, who, attempt_id)
    return await _shown(hub, who, attempt_id)


@router.delete("/saved-cards/{card_id}", status_code=204, responses=problems(404))
async def withdraw(hub: HubDep, card_id: str, who: Who = AGENT) -> None:
    """Let a saved card go because its holder wants it."""
    await saved_cards.withdraw(hub, who, card_id)


@router.get("/plans/{plan_id}", responses=problems(404))
async def plan(db: Db, plan_id: str, _who: Who = AGENT) -> PaymentPlan:
    """A payment plan, with what became of each of its payments."""
    return await plan_changes.read(db, plan_id)


@router.post("/plans/{plan_id}/changes", responses=problems(404, 409))
async def change_plan(hub: HubDep, plan_id: str, wanted: PlanChange, who: Who = AGENT) -> PaymentPlan:
    """Pause, resume or cancel a plan, or leave out its next payment; my customer's, or as a supervisor."""
    return await plan_changes.change(hub, who, plan_id, wanted)


@router.post("/attempts/{attempt_id}/resend", status_code=202, responses=problems(404, 409))
async def resend(hub: HubDep, attempt_id: str, again: Resend, who: Who = AGENT) -> wire.PaymentIntent:
    """Send the payment link to the same number or address again, once for each key."""
    await _mine(hub, who, attempt_id)
    await link_messages.resend(hub, who, attempt_id, again.key)
    return await _shown(hub, who, attempt_id)


@router.post(
    "/attempts/{attempt_id}/qr",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, **problems(404, 409)},
)
async def qr(hub: HubDep, attempt_id: str, who: Who = AGENT) -> Response:
    """The payment link as a picture, for a customer who stands before the agent's screen."""
    await _mine(hub, who, attempt_id)
    drawn = await link_messages.picture(hub, who, attempt_id)
    return Response(drawn, media_type="image/png")


@router.post("/duplicate-stops/{stop_id}/ask", status_code=202, responses=problems(404, 409))
async def ask_supervisor(db: Db, stop_id: str, who: Who = AGENT) -> wire.PaymentIntent:
    """Ask a supervisor to let my stopped payment go on."""
    return await duplicates.ask(db, who, stop_id)


@router.post("/duplicate-stops/{stop_id}/decision", responses=problems(404, 409))
async def decide_stop(
    db: Db, stop_id: str, word: wire.StopDecision, who: Who = DECIDER
) -> wire.PaymentIntent:
    """Let a stopped payment go on once, or refuse it; never one's own."""
    return await duplicates.decide(db, who, stop_id, word)


@router.post("/payment-intents/{intent_id}/receipt", status_code=202, responses=problems(404, 409))
async def send_receipt(
    hub: HubDep, intent_id: str, wanted: wire.ReceiptIn, who: Who = AGENT
) -> wire.PaymentIntent:
    """Send a receipt to an address, once for each key."""
    return await payments.send_receipt(hub, who, intent_id, wanted)


@router.get("/payment-intents/{intent_id}/receipt", responses=problems(404, 409))
async def receipt_page(hub: HubDep, db: Db, intent_id: str, who: Who = AGENT) -> ReceiptPage:
    """What the customer gets as the receipt of an approved payment, and in the mail around it."""
    return receipts.page(await _receipt(hub, db, who, intent_id))


@router.get(
    "/payment-intents/{intent_id}/receipt.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, **problems(404, 409)},
)
async def receipt(hub: HubDep, db: Db, intent_id: str, who: Who = AGENT) -> Response:
    """The receipt of an approved payment."""
    drawn = receipts.pdf(await _receipt(hub, db, who, intent_id))
    return Response(drawn, media_type="application/pdf")


@router.post("/payment-intents/{intent_id}/refunds", status_code=201, responses=problems(404, 409))
async def refund(hub: HubDep, intent_id: str, new: NewRefund, who: Who = REFUNDER) -> wire.PaymentIntent:
    """Give money back, once; the answer tells how that went."""
    return await refunds.refund(hub, who, intent_id, new)


@router.post("/payment-intents/{intent_id}/refund-requests", status_code=201, responses=problems(404, 409))
async def ask_refund(
    hub: HubDep, db: Db, intent_id: str, new: NewRefund, who: Who = REFUNDER
) -> wire.PaymentIntent:
    """Ask a supervisor for a refund that is over my limit; nothing is sent."""
    return await refund_requests.ask(hub, db, who, intent_id, new)


@router.post("/refund-requests/{request_id}/decision", responses=problems(404, 409))
async def decide_refund(
    hub: HubDep, request_id: str, word: RefundDecision, who: Who = REFUNDER
) -> wire.PaymentIntent:
    """Let a refund go out that somebody asked for, or not; taking back one's own is refusing it."""
    return await refund_requests.decide(hub, who, request_id, word)


@router.post("/refund-requests/{request_id}/put-away", responses=problems(404))
async def put_answer_away(hub: HubDep, request_id: str, who: Who = AGENT) -> wire.PaymentIntent:
    """Take what was said to my wish for a refund off the list of such."""
    return await refund_requests.put_away(hub, who, request_id)


@router.get("/refundable")
async def refundable(
    hub: HubDep, db: Db, q: Annotated[str, Query(min_length=1, max_length=80)], _who: Who = REFUNDER
) -> list[PaymentRow]:
    """Approved payments of exactly this reference, amount or last four digits, newest first."""
    return await payment_log.refundable(db, q, hub.settings.currency)


@router.get("/payments")
async def log(
    hub: HubDep,
    db: Db,
    who: Who = SUPERVISOR,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    agent: Annotated[str | None, Query(max_length=64)] = None,
    route: Annotated[str | None, Query(max_length=40)] = None,
    state: AttemptState | None = None,
    q: Annotated[str | None, Query(min_length=1, max_length=80)] = None,
    smallest: Annotated[int | None, Query(alias="min", ge=0, le=10**12)] = None,
    largest: Annotated[int | None, Query(alias="max", ge=0, le=10**12)] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PaymentLogPage:
    """The payment log, newest first. `min` and `max` in minor units."""
    amount = payment_log.amount_of(q, hub.settings.currency) if q else None
    filters = Filters(since, until, agent, route, state, q, smallest, largest, amount)
    return await payment_log.page(db, filters, cursor, limit, hub.settings.currency)


async def _receipt(hub: Hub, db: AsyncSession, who: Who, intent_id: str) -> receipts.Receipt:
    intent = await payments.readable(db, who, intent_id)
    attempt = await approved_attempt(db, intent_id)
    return await receipts.prepare(db, intent, attempt, hub.settings)


async def _mine(hub: Hub, who: Who, attempt_id: str, *, ends: bool = False) -> None:
    async with hub.sessions.begin() as session:
        await payments.of_attempt(session, who, attempt_id, ends=ends)


async def _shown(hub: Hub, who: Who, attempt_id: str, *, ends: bool = False) -> wire.PaymentIntent:
    async with hub.sessions.begin() as session:
        intent_id = await payments.of_attempt(session, who, attempt_id, ends=ends)
        return await payment_view.show(session, intent_id)
