"""Routes of calls: screen pop, customer, wrap-up."""

from fastapi import APIRouter

from agentdesk.domain.people import Permission
from agentdesk.hub import audit, calls, help, secure_line
from agentdesk.hub.auth import Who
from agentdesk.hub.depends import Db, HubDep, require
from agentdesk.hub.problems import problems
from agentdesk.wire.calls import Call, LinkCustomer, NewCall, NewCallerCheck, NewHelp, WrapUp

router = APIRouter(prefix="/v1/calls", tags=["calls"], responses=problems(401, 403, 422))
AGENT: Who = require(Permission.TAKE_PAYMENT)
SUPERVISOR: Who = require(Permission.SEE_PAYMENT_LOG)


@router.get("/current")
async def current(db: Db, who: Who = AGENT) -> list[Call]:
    """Ringing calls that nobody took, and my own that are not finished; oldest first."""
    return await calls.current(db, who)


@router.post("", status_code=201, responses=problems(409, 503))
async def tell(hub: HubDep, new: NewCall, who: Who = AGENT) -> Call:
    """Tell of a call by hand; it is mine at once."""
    return await calls.told_by_hand(hub, who, new)


@router.post("/refusals", status_code=204)
async def note_refusal(db: Db, who: Who = AGENT) -> None:
    """A field of the desk took a card number away; the fact is all that is kept."""
    audit.append(db, who, "card_number", subject="call", result="refused")


@router.get("/{call_id}", responses=problems(404))
async def show(hub: HubDep, call_id: str, who: Who = AGENT) -> Call:
    """A call of mine, or one that nobody took; a supervisor sees all."""
    return await calls.show(hub, who, call_id)


@router.post("/{call_id}/answer", responses=problems(404, 409, 503))
async def answer(hub: HubDep, call_id: str, who: Who = AGENT) -> Call:
    """Take a ringing call."""
    return await calls.answer(hub, who, call_id)


@router.put("/{call_id}/customer", responses=problems(404, 409, 503))
async def choose_customer(hub: HubDep, call_id: str, link: LinkCustomer, who: Who = AGENT) -> Call:
    """Say whose call it is, or take the customer off."""
    return await calls.choose_customer(hub, who, call_id, link.customer_id)


@router.put("/{call_id}/check", responses=problems(404, 409))
async def check(hub: HubDep, call_id: str, new: NewCallerCheck, who: Who = AGENT) -> Call:
    """Keep how the caller proved who they are; what they said is not kept."""
    return await calls.check(hub, who, call_id, new)


@router.put("/{call_id}/help", responses=problems(404, 409))
async def call_supervisor(db: Db, call_id: str, new: NewHelp, who: Who = AGENT) -> Call:
    """Call a supervisor to my call, or say why one was called."""
    return await help.ask(db, who, call_id, new)


@router.post("/{call_id}/help/coming", responses=problems(404))
async def come(db: Db, call_id: str, who: Who = SUPERVISOR) -> Call:
    """Say that I am coming; only one supervisor does, and the answer tells who."""
    return await help.come(db, who, call_id)


@router.delete("/{call_id}/help", responses=problems(404))
async def end_help(db: Db, call_id: str, who: Who = AGENT) -> Call:
    """Say that no supervisor is needed any more."""
    return await help.end(db, who, call_id)


@router.post("/{call_id}/unrecorded/seen", responses=problems(404))
async def see_unrecorded(db: Db, call_id: str, who: Who = SUPERVISOR) -> Call:
    """Say that it is known that the call is not recorded any more."""
    return await secure_line.seen(db, who, call_id)


@router.post("/{call_id}/wrap-up", responses=problems(404, 409))
async def wrap_up(hub: HubDep, call_id: str, wrap: WrapUp, who: Who = AGENT) -> Call:
    """Finish the call with a reason and a note."""
    return await calls.wrap_up(hub, who, call_id, wrap)
