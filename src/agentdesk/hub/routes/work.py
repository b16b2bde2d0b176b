"""Routes of what waits for a supervisor."""

from fastapi import APIRouter

from agentdesk.domain.people import Permission
from agentdesk.hub import work
from agentdesk.hub.auth import Who
from agentdesk.hub.depends import Db, require
from agentdesk.hub.problems import problems
from agentdesk.wire import work as wire

router = APIRouter(prefix="/v1", tags=["work"], responses=problems(401, 403, 422))
SUPERVISOR: Who = require(Permission.SEE_PAYMENT_LOG)


@router.get("/work")
async def listing(db: Db, _who: Who = SUPERVISOR) -> wire.WorkList:
    """What needs a person, oldest first."""
    return await work.listing(db)
