"""The script API of rehearsals: a caller who plays a part, put through to one agent."""

from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from agentdesk.sandbox import calls_api, cards
from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.calls import Autopilot, Call


class Part(BaseModel):
    """What the caller does by themselves, see calls.Autopilot. `says_digits`: aloud, at once."""

    cards: list[str] = Field(min_length=1, max_length=5)
    gap_ms: int = Field(150, ge=0)
    slips: list[Literal["", "wrong", "lost", "extra", "half", "nothing"]] = Field([], max_length=20)
    hangs_up: Literal["", "keying", "charging"] = ""
    bank: Literal["", "slow", "silent"] = ""
    recorder_fails: int = Field(0, ge=0, le=20)
    pays_links: bool = True
    says_digits: bool = False


class Placed(BaseModel):
    """A caller for an agent. The same key places one call, however often it is asked."""

    key: str = Field(min_length=1, max_length=80)
    caller: str = Field(alias="from", pattern=calls_api.CALLER)
    called: str = Field("+442079460000", alias="to", pattern=calls_api.NUMBER)
    queue: str = "Billing"
    agent: str
    part: Part


def router(box: Sandbox) -> APIRouter:
    """Return POST /_sim/parts."""
    routes = APIRouter(prefix="/_sim/parts")
    placed: dict[str, Call] = {}

    @routes.post("", status_code=201)
    async def place(wish: Placed) -> dict[str, Any]:
        if wish.key not in placed:
            pilot = _pilot(wish.part)
            call = box.telephony.put_through(wish.caller, wish.called, wish.queue, wish.agent)
            placed[wish.key] = call
            box.scripted.autopilot(call, pilot)
            if wish.part.says_digits:
                box.telephony.speak(call)
        return calls_api.state(box, placed[wish.key])

    return routes


def _pilot(part: Part) -> Autopilot:
    known = {card.name for card in cards.CARDS}
    if unknown := sorted(set(part.cards) - known):
        raise HTTPException(422, f"no card is called {unknown}; see GET /_sim/cards")
    given = part.model_dump(exclude={"says_digits"})
    return Autopilot(**given)
