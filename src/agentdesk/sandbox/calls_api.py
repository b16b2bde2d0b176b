"""The script API of the phone network: ring, answer, hold, key, hang up, listen."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from agentdesk.sandbox import cards, pay_fields
from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.calls import Autopilot, Call, Sound
from agentdesk.sandbox.clock import iso_ms
from agentdesk.sandbox.telephony import SIGNATURE_HEADER

NUMBER = r"^\+[1-9]\d{6,14}$"
#: "anonymous" is a caller who withholds the number.
CALLER = r"^(\+[1-9]\d{6,14}|anonymous)$"


class Ring(BaseModel):
    """A caller rings."""

    caller: str = Field(alias="from", pattern=CALLER)
    called: str = Field("+442079460000", alias="to", pattern=NUMBER)
    queue: str = "Billing"


class Answer(BaseModel):
    """An agent picks up."""

    agent: str = "agent"


class Hold(BaseModel):
    """Hold, or take off hold."""

    held: bool = True


class Transfer(BaseModel):
    """Pass the caller on to another agent."""

    agent: str


class Recorder(BaseModel):
    """Pause or resume the recorder."""

    state: str = Field(pattern="^(paused|recording)$")


class Keys(BaseModel):
    """Keys pressed one after the other."""

    digits: str = Field(pattern=r"^[0-9*#]{1,40}$")
    gap_ms: int = Field(80, ge=0)


class Tones(BaseModel):
    """A bad line: every key arrives twice, until it is mended."""

    doubled: bool = True


class KeyCard(BaseModel):
    """A field keyed from a card in the caller's hand; "auto" is the field asked now.

    `slip`: the last digit is keyed wrong, never reaches us, is followed by one too many, or nobody goes on
    after the first half.
    """

    card: str
    slip: str = Field("", pattern="^(|wrong|lost|extra|half)$")
    field: str = "auto"
    gap_ms: int = Field(40, ge=0)


class Pilot(BaseModel):
    """The card that the caller keys by themselves whenever a field is asked."""

    card: str
    gap_ms: int = Field(40, ge=0)


class Quiet(BaseModel):
    """How long the caller presses nothing."""

    seconds: float = Field(30, gt=0)


def router(box: Sandbox) -> APIRouter:
    """Return the routes under /_sim/calls."""
    routes = APIRouter(prefix="/_sim/calls")
    _add_line(box, routes)
    _add_caller(box, routes)
    _add_listening(box, routes)
    return routes


def _add_line(box: Sandbox, routes: APIRouter) -> None:
    phone = box.telephony

    @routes.get("")
    async def calls() -> list[dict[str, Any]]:
        return [state(box, call) for call in phone.calls()]

    @routes.post("", status_code=201)
    async def ring(wish: Ring) -> dict[str, Any]:
        return state(box, phone.ring(wish.caller, wish.called, wish.queue))

    @routes.get("/{sid}")
    async def fetch(sid: str) -> dict[str, Any]:
        return state(box, _call(box, sid))

    @routes.post("/{sid}/answer")
    async def answer(sid: str, wish: Answer, request: Request) -> dict[str, Any]:
        signed = request.headers.get(SIGNATURE_HEADER)
        if signed and signed != phone.signature(await request.body()):
            raise HTTPException(403, "the signature does not fit the body")
        phone.answer(_call(box, sid), wish.agent)
        return await fetch(sid)

    @routes.post("/{sid}/hold")
    async def hold(sid: str, wish: Hold) -> dict[str, Any]:
        phone.hold(_call(box, sid), wish.held)
        return await fetch(sid)

    @routes.post("/{sid}/transfer")
    async def transfer(sid: str, wish: Transfer) -> dict[str, Any]:
        phone.transfer(_call(box, sid), wish.agent)
        return await fetch(sid)

    @routes.post("/{sid}/hang-up")
    async def hang_up(sid: str) -> dict[str, Any]:
        phone.hang_up(_call(box, sid))
        return await fetch(sid)


def _add_caller(box: Sandbox, routes: APIRouter) -> None:
    @routes.post("/{sid}/keys", status_code=204)
    async def keys(sid: str, wish: Keys) -> None:
        await box.scripted.keys(_call(box, sid), wish.digits, wish.gap_ms)

    @routes.post("/{sid}/key-card", status_code=204)
    async def key_card(sid: str, wish: KeyCard) -> None:
        if wish.field not in ("auto", *pay_fields.FIELDS):
            raise HTTPException(422, f"no field is called {wish.field!r}")
        card, slip = _card(wish.card), wish.slip
        await box.scripted.key_field(_call(box, sid), card, wish.field, wish.gap_ms, slip=slip)

    @routes.post("/{sid}/autopilot", status_code=204)
    async def autopilot(sid: str, wish: Pilot) -> None:
        box.scripted.autopilot(_call(box, sid), Autopilot([_card(wish.card).name], wish.gap_ms))

    @routes.delete("/{sid}/autopilot", status_code=204)
    async def hands_off(sid: str) -> None:
        _call(box, sid).autopilot = None

    @routes.post("/{sid}/quiet", status_code=204)
    async def quiet(sid: str, wish: Quiet) -> None:
        box.telephony.go_quiet(_call(box, sid), wish.seconds)

    @routes.post("/{sid}/tones", status_code=204)
    async def tones(sid: str, wish: Tones) -> None:
        _call(box, sid).doubles_tones = wish.doubled

    @routes.post("/{sid}/double-tone", status_code=204)
    async def double_tone(sid: str) -> None:
        _call(box, sid).doubles_next_tone = True

    @routes.post("/{sid}/say-digits", status_code=204)
    async def say_digits(sid: str) -> None:
        box.telephony.speak(_call(box, sid))

    @routes.post("/{sid}/kill-session", status_code=204)
    async def kill_session(sid: str) -> None:
        session = _call(box, sid).session
        if not session or session.state == "ended":
            raise HTTPException(409, "no card session is open")
        session.end("internal-error")


def _add_listening(box: Sandbox, routes: APIRouter) -> None:
    @routes.get("/{sid}/agent-audio")
    async def agent_audio(sid: str) -> list[Sound]:
        return _call(box, sid).heard_by_agent

    @routes.get("/{sid}/recorder")
    async def recorder(sid: str) -> dict[str, Any]:
        return _recorder(_call(box, sid))

    @routes.post("/{sid}/recorder")
    async def set_recorder(sid: str, wish: Recorder) -> dict[str, Any]:
        call = _call(box, sid)
        box.telephony.record(call, "paused" if wish.state == "paused" else "in-progress")
        return _recorder(call)


def state(box: Sandbox, call: Call) -> dict[str, Any]:
    """Return everything about a call that the phone page and the tests ask for; no digit of a card."""
    session = call.session
    names = {caller.number: caller.name for caller in box.callers}
    started = call.caller.started
    return {
        "sid": call.sid,
        "status": call.caller.status,
        "from": call.caller.caller,
        "to": call.caller.called,
        "caller_name": names.get(call.caller.caller, ""),
        "business": box.settings.business,
        "queue": call.queue,
        "agent": call.agent,
        "agent_leg": call.agent_leg.sid if call.agent_leg else None,
        "held": call.held,
        "started_at": _at(started),
        "ended_at": _at(call.caller.ended),
        "hears": hears(box, call),
        "asked": session.asked if session else "",
        "keyed": len(session.buffer) if session else 0,
        "expects": session.expects if session else None,
        "session": _session(call),
        "secured_at": _at(session.asked_at) if session else None,
        "recorder": _recorder(call)["state"],
        "autopilot": call.autopilot.card if call.autopilot else "",
        "texts": [
            {"sid": text.sid, "at": iso_ms(text.at), "from": text.sender, "body": text.body}
            for text in box.telephony.texts
            if text.to == call.caller.caller
        ],
    }


def hears(box: Sandbox, call: Call) -> str:
    """Return what the caller hears now."""
    if call.caller.status == "ringing":
        return f"Thank you for calling {box.settings.business}. Please hold for the next agent."
    if call.caller.status == "completed":
        return "The call has ended."
    if call.held:
        return "Music on hold."
    return _prompt(call) or f"You are speaking with {call.agent}."


def _prompt(call: Call) -> str:
    session = call.session
    if not session:
        return ""
    if session.asked:
        return pay_fields.PROMPTS[session.asked]
    if session.state == "completing":
        return "Thank you. One moment while your card is checked."
    return "That did not work. Please wait for the agent." if session.error else ""


def _session(call: Call) -> dict[str, Any] | None:
    session = call.session
    if not session:
        return None
    required = session.required if session.state != "ended" else []
    return {
        "sid": session.sid,
        "state": session.state,
        "result": session.result,
        "required": required,
        "error": session.error,
    }


def _recorder(call: Call) -> dict[str, Any]:
    recording = call.recording
    words = {"in-progress": "recording", "paused": "paused", "completed": "completed"}
    return {
        "sid": recording.sid if recording else None,
        "state": words[recording.state] if recording else "off",
        "tape": recording.tape if recording else [],
    }


def _call(box: Sandbox, sid: str) -> Call:
    call = box.telephony.call(sid)
    if not call:
        raise HTTPException(404, f"no call {sid}")
    return call


def _card(name: str) -> cards.TestCard:
    try:
        return cards.by_name(name)
    except KeyError:
        raise HTTPException(422, f"no card is called {name!r}; see GET /_sim/cards") from None


def _at(moment: datetime | None) -> str | None:
    return iso_ms(moment) if moment else None
