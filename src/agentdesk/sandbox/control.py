"""The script API of the sandbox itself: configuration, journal, faults, cards, callers."""

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from agentdesk.sandbox import cards
from agentdesk.sandbox.box import Caller, Sandbox
from agentdesk.sandbox.faults import Fault
from agentdesk.sandbox.journal import Entry
from agentdesk.sandbox.settings import CHANGEABLE


class FaultRequest(BaseModel):
    """See faults.Fault."""

    kind: str
    face: str = ""
    route: str = ""
    count: int | None = 1
    probability: float = Field(1.0, ge=0, le=1)
    delay_s: float = Field(1.0, ge=0)


def router(box: Sandbox) -> APIRouter:
    """Return the routes under /_sim that belong to no vendor."""
    routes = APIRouter(prefix="/_sim")

    @routes.get("/config")
    async def config() -> dict[str, Any]:
        return {name: getattr(box.settings, name) for name in sorted(CHANGEABLE)}

    @routes.post("/config")
    async def configure(changes: dict[str, Any]) -> dict[str, Any]:
        if unknown := changes.keys() - CHANGEABLE:
            raise HTTPException(422, f"cannot change {sorted(unknown)}")
        for name, value in changes.items():
            setattr(box.settings, name, type(getattr(box.settings, name))(value))
        return await config()

    @routes.get("/journal")
    async def journal(after: int = 0) -> list[Entry]:
        return box.journal.after(after)

    @routes.get("/faults")
    async def armed() -> list[Fault]:
        return box.faults.armed()

    @routes.post("/faults", status_code=201)
    async def arm(request: FaultRequest) -> Fault:
        try:
            return box.faults.arm(**request.model_dump())
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @routes.delete("/faults", status_code=204)
    async def disarm_all() -> None:
        box.faults.disarm()

    @routes.delete("/faults/{fault_id}", status_code=204)
    async def disarm(fault_id: int) -> None:
        box.faults.disarm(fault_id)

    @routes.get("/cards")
    async def all_cards() -> list[dict[str, str]]:
        return [
            {"name": c.name, "label": c.label, "brand": c.brand, "last4": c.last4, "does": c.does}
            for c in cards.CARDS
        ]

    @routes.get("/callers")
    async def callers() -> list[Caller]:
        return box.callers

    @routes.post("/callers")
    async def set_callers(known: list[Caller]) -> list[Caller]:
        box.callers[:] = known
        return box.callers

    return routes
