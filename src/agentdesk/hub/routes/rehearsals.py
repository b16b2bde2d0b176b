"""Routes of rehearsals: what can be practised, starting it, and how everybody did."""

from fastapi import APIRouter

from agentdesk.domain.people import Permission
from agentdesk.hub import rehearsals
from agentdesk.hub.auth import Who
from agentdesk.hub.depends import Db, HubDep, require
from agentdesk.hub.problems import problems
from agentdesk.wire.rehearsals import NewRehearsal, Rehearsal, Rehearsals

router = APIRouter(prefix="/v1/rehearsals", tags=["rehearsals"], responses=problems(401, 403, 422))
AGENT: Who = require(Permission.TAKE_PAYMENT)
TRAINER: Who = require(Permission.SEE_PAYMENT_LOG)


@router.get("")
async def listing(hub: HubDep, who: Who = AGENT) -> Rehearsals:
    """The exercises, how they went the last time, and the one that goes on."""
    return await rehearsals.listing(hub, who)


@router.post("", status_code=201, responses=problems(404, 409, 503))
async def start(hub: HubDep, new: NewRehearsal, who: Who = AGENT) -> Rehearsal:
    """Have a pretended caller put through to me."""
    return await rehearsals.start(hub, who, new)


@router.get("/results")
async def results(db: Db, _who: Who = TRAINER) -> list[Rehearsal]:
    """Everybody's rehearsals, the newest first."""
    return await rehearsals.results(db)


@router.post("/{rehearsal_id}/leave", responses=problems(404))
async def leave(hub: HubDep, rehearsal_id: str, who: Who = AGENT) -> Rehearsal:
    """End a rehearsal of mine without a score."""
    return await rehearsals.leave(hub, who, rehearsal_id)
