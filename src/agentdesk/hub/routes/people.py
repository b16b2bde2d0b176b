"""Signing in and out, set-up, people."""

from typing import Annotated

from fastapi import APIRouter, Request

from agentdesk.domain.errors import NotAllowed
from agentdesk.domain.people import Permission
from agentdesk.hub import auth, captures, people
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.depends import Db, HubDep, SignedIn, address, require
from agentdesk.hub.problems import problems
from agentdesk.hub.settings import is_loopback
from agentdesk.wire import people as wire

router = APIRouter(prefix="/v1", tags=["people"])

_Admin = Annotated[Who, require(Permission.MANAGE_PEOPLE)]
_Supervisor = Annotated[Who, require(Permission.SEE_PAYMENT_LOG)]


@router.post("/sessions", status_code=201, responses=problems(401, 429))
async def sign_in(hub: HubDep, request: Request, given: wire.SignIn) -> wire.Session:
    """Sign in with name and password."""
    token, who = await auth.sign_in(hub, given.username, given.password, address(request))
    return _session(hub, token, who)


@router.delete("/sessions/current", status_code=204, responses=problems(401, 422))
async def sign_out(db: Db, who: SignedIn, renewed: bool = False) -> None:
    """End this session, and the card entry of whoever leaves; `renewed`: they go on in another session."""
    if not renewed:
        await captures.signed_out(db, who)
    await auth.sign_out(db, who, renewed=renewed)


@router.get("/me", responses=problems(401))
async def me(hub: HubDep, who: SignedIn) -> wire.Person:
    """Say who is signed in."""
    return people.show(hub, who)


@router.get("/set-up")
async def set_up_needed(db: Db) -> wire.SetUpState:
    """Say whether the first administrator is still to be made."""
    return wire.SetUpState(needed=await people.set_up_needed(db))


@router.post("/set-up", status_code=201, responses=problems(403, 409))
async def set_up(hub: HubDep, db: Db, request: Request, new: wire.SetUp) -> wire.Session:
    """Make the first administrator and sign them in; works once, and from the hub's own machine only."""
    if not is_loopback(address(request)):
        raise NotAllowed("set_up_elsewhere")
    user = await people.set_up(db, new, address(request))
    await db.flush()
    return _session(hub, *await auth.open_session(hub, db, user, address(request)))


@router.get("/people", responses=problems(401, 403))
async def everybody(hub: HubDep, db: Db, _admin: _Admin) -> list[wire.Person]:
    """List all accounts by name."""
    return [people.show(hub, user) for user in await people.everybody(db)]


@router.get("/agents", responses=problems(401, 403))
async def agents(db: Db, _who: _Supervisor) -> list[wire.Colleague]:
    """Name everybody who may have taken a payment."""
    return [wire.Colleague(user_id=user.user_id, name=user.name) for user in await people.everybody(db)]


@router.post("/people", status_code=201, responses=problems(401, 403, 409))
async def create(hub: HubDep, db: Db, admin: _Admin, new: wire.NewPerson) -> wire.Person:
    """Make an account."""
    return people.show(hub, await people.create(db, admin, new))


def _session(hub: Hub, token: str, who: Who) -> wire.Session:
    return wire.Session(token=token, expires_at=who.expires_at, person=people.show(hub, who))
