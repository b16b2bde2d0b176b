"""Calling a supervisor to a call: asked by its agent, answered by who comes, over when either says so."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import now
from agentdesk.domain.people import Permission
from agentdesk.hub import audit, calls, work
from agentdesk.hub.auth import Who
from agentdesk.hub.call_view import tell
from agentdesk.hub.db.tables import Call
from agentdesk.wire import calls as wire


async def ask(session: AsyncSession, who: Who, call_id: str, new: wire.NewHelp) -> wire.Call:
    """Call a supervisor, or say why one was called. Raises NotFound, Conflict."""
    call = await calls.own(session, who, call_id)
    if call.state == CallState.ENDED:
        raise Conflict("call_over")
    before: dict[str, Any] = call.help or {"asked_at": now().isoformat()}
    reason = new.reason.strip() or before.get("reason", "")
    return await _keep(session, who, call, "call.help", before | {"reason": reason})


async def come(session: AsyncSession, who: Who, call_id: str) -> wire.Call:
    """Say that this supervisor is coming; where another one comes, or nobody is needed, nothing changes.

    Raises NotFound.
    """
    call = await calls.locked(session, call_id)
    wanted = call.help
    if call.help is not None and call.state != CallState.ENDED and not call.help.get("coming_id"):
        coming = {"coming": who.name, "coming_id": who.user_id, "coming_at": now().isoformat()}
        wanted = call.help | coming
    return await _keep(session, who, call, "call.help_coming", wanted)


async def end(session: AsyncSession, who: Who, call_id: str) -> wire.Call:
    """Say that no supervisor is needed any more: its agent, or a supervisor. Raises NotFound."""
    call = await calls.locked(session, call_id)
    if call.user_id != who.user_id and Permission.SEE_PAYMENT_LOG not in who.permissions:
        raise NotFound("call_unknown")
    return await _keep(session, who, call, "call.help_end", None)


async def _keep(
    session: AsyncSession, who: Who, call: Call, action: str, wanted: dict[str, Any] | None
) -> wire.Call:
    """Write down what is new and tell the agent and the supervisors; a second press does nothing."""
    if wanted != call.help:
        call.help = wanted
        detail = {"reason": wanted["reason"]} if wanted else None
        audit.append(session, who, action, subject=call.call_id, result="done", detail=detail)
        await work.changed(session)
    return await tell(session, call)
