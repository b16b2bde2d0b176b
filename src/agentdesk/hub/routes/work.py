"""Routes of what waits for a supervisor, and of what they do about it."""

from fastapi import APIRouter

from agentdesk.domain.people import Permission
from agentdesk.hub import decisions, refund_decisions, work, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.depends import Db, HubDep, require
from agentdesk.hub.problems import problems
from agentdesk.wire import work as wire
from agentdesk.wire.payments import PaymentIntent, WriteBack

router = APIRouter(prefix="/v1", tags=["work"], responses=problems(401, 403, 422))
SUPERVISOR: Who = require(Permission.SEE_PAYMENT_LOG)
DECIDER: Who = require(Permission.DECIDE_OUTCOME)
REPLAYER: Who = require(Permission.REPLAY_WRITE_BACK)


@router.get("/work")
async def listing(db: Db, _who: Who = SUPERVISOR) -> wire.WorkList:
    """What needs a person, oldest first."""
    return await work.listing(db)


@router.post("/attempts/{attempt_id}/decision", responses=problems(404, 409))
async def decide(hub: HubDep, attempt_id: str, decision: wire.Decision, who: Who = DECIDER) -> PaymentIntent:
    """Say what became of a payment that no look-up could tell; the provider is asked first."""
    return await decisions.decide(hub, who, attempt_id, decision)


@router.post("/attempts/{attempt_id}/look-up", responses=problems(404))
async def look_up(hub: HubDep, attempt_id: str, who: Who = DECIDER) -> PaymentIntent:
    """Ask the provider again, now."""
    return await decisions.look_up(hub, who, attempt_id)


@router.post("/attempts/{attempt_id}/alarm/close", responses=problems(404, 409))
async def close_alarm(db: Db, attempt_id: str, why: wire.CloseAlarm, who: Who = DECIDER) -> PaymentIntent:
    """Settle an alarm; it stays in the time line."""
    return await decisions.close_alarm(db, who, attempt_id, why.reason, why.seen)


@router.post("/refunds/{refund_id}/decision", responses=problems(404, 409))
async def decide_refund(
    hub: HubDep, refund_id: str, decision: wire.RefundOutcome, who: Who = DECIDER
) -> PaymentIntent:
    """Say what became of a refund that no look-up could tell; the provider is asked first."""
    return await refund_decisions.decide(hub, who, refund_id, decision)


@router.post("/write-backs/{write_back_id}/replay", responses=problems(404, 409))
async def replay(db: Db, write_back_id: str, who: Who = REPLAYER) -> WriteBack:
    """Try a parked write-back again."""
    return await write_backs.replay(db, who, write_back_id)


@router.post("/write-backs/{write_back_id}/done-by-hand", responses=problems(404, 409))
async def mark_done(db: Db, write_back_id: str, done: wire.DoneByHand, who: Who = REPLAYER) -> WriteBack:
    """Note that a person wrote a parked one into the other system."""
    return await write_backs.mark_done(db, who, write_back_id, done.reference, done.reason)
