"""Twilio's Calls, Recordings and Messages resources."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from agentdesk.sandbox import twilio_callbacks
from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.calls import Call, Leg, Recording, Text
from agentdesk.sandbox.clock import rfc_2822
from agentdesk.sandbox.deliver import is_loopback
from agentdesk.sandbox.twilio_errors import TwilioError
from agentdesk.sandbox.twilio_rest import account_router, known_call, parameters

E164 = re.compile(r"\+[1-9]\d{6,14}")


def router(box: Sandbox) -> APIRouter:
    """Return fetch, list and update of calls and recordings, and create and fetch of messages."""
    routes = account_router(box)

    @routes.get("/Calls.json")
    async def calls(request: Request) -> JSONResponse:
        legs = [leg for call in box.telephony.calls() for leg in call.legs]
        found = [_leg(box, leg) for leg in reversed(legs) if _matches(leg, dict(request.query_params))]
        return JSONResponse(_page(request, "calls", found))

    @routes.get("/Calls/{sid}.json")
    async def call(sid: str) -> JSONResponse:
        return JSONResponse(_leg(box, _known_leg(box, sid)))

    @routes.post("/Calls/{sid}.json")
    async def update_call(sid: str, request: Request) -> JSONResponse:
        leg = _known_leg(box, sid)
        form = await parameters(request)
        if form.get("Status") != "completed":
            raise TwilioError(20422, "only Status=completed is played here")
        if leg.status != "in-progress":
            raise TwilioError(21220, leg.status)
        box.telephony.hang_up(known_call(box, leg.parent_sid or sid))
        return JSONResponse(_leg(box, leg))

    _add_recordings(box, routes)
    _add_messages(box, routes)
    return routes


def _add_recordings(box: Sandbox, routes: APIRouter) -> None:
    @routes.get("/Calls/{call_sid}/Recordings.json")
    async def recordings(call_sid: str, request: Request) -> JSONResponse:
        call = known_call(box, call_sid)
        found = [_recording(box, call, call.recording)] if call.recording else []
        return JSONResponse(_page(request, "recordings", found))

    @routes.get("/Calls/{call_sid}/Recordings/{sid}.json")
    async def recording(call_sid: str, sid: str) -> JSONResponse:
        call = known_call(box, call_sid)
        return JSONResponse(_recording(box, call, _known_recording(call, sid)))

    @routes.post("/Calls/{call_sid}/Recordings/{sid}.json")
    async def update_recording(call_sid: str, sid: str, request: Request) -> JSONResponse:
        call = known_call(box, call_sid)
        _known_recording(call, sid)
        form = await parameters(request)
        if form.get("Status") not in ("paused", "in-progress"):
            raise TwilioError(20422, "Status")
        if form.get("PauseBehavior", "silence") not in ("skip", "silence"):
            raise TwilioError(20422, "PauseBehavior")
        if form["Status"] == "paused" and call.autopilot and call.autopilot.recorder_fails:
            call.autopilot.recorder_fails -= 1
            return JSONResponse({"message": "the recorder is not there"}, 503)
        return JSONResponse(_recording(box, call, box.telephony.record(call, form["Status"])))


def _add_messages(box: Sandbox, routes: APIRouter) -> None:
    @routes.post("/Messages.json")
    async def send(request: Request) -> JSONResponse:
        form = await parameters(request)
        for name in ("To", "From", "Body"):
            if not form.get(name):
                raise TwilioError(20422, name)
        if not E164.fullmatch(form["To"]):
            raise TwilioError(20422, "To is not a phone number")
        text = box.telephony.text(form["From"], form["To"], form["Body"])
        if url := form.get("StatusCallback"):
            _report_delivery(box, url, text)
        return JSONResponse(_message(box, text, "queued"), 201)

    @routes.get("/Messages/{sid}.json")
    async def message(sid: str) -> JSONResponse:
        text = next((text for text in box.telephony.texts if text.sid == sid), None)
        if not text:
            raise TwilioError(20404, sid)
        return JSONResponse(_message(box, text, "delivered"))


def _report_delivery(box: Sandbox, url: str, text: Text) -> None:
    if not is_loopback(url):
        raise TwilioError(20422, "StatusCallback: the sandbox posts to this computer only")
    facts = {"MessageSid": text.sid, "MessageStatus": "delivered", "From": text.sender, "To": text.to}
    twilio_callbacks.post(box, url, f"{text.sid} message", facts)


def _known_leg(box: Sandbox, sid: str) -> Leg:
    leg = box.telephony.leg(sid)
    if not leg:
        raise TwilioError(20404, sid)
    return leg


def _known_recording(call: Call, sid: str) -> Recording:
    if not call.recording or sid not in (call.recording.sid, "Twilio.CURRENT"):
        raise TwilioError(20404, sid)
    return call.recording


def _matches(leg: Leg, query: dict[str, str]) -> bool:
    facts = {"To": leg.called, "From": leg.caller, "Status": leg.status, "ParentCallSid": leg.parent_sid}
    return all(facts[name] == value for name, value in query.items() if name in facts)


def _page(request: Request, name: str, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    uri = str(request.url).removeprefix(str(request.base_url).rstrip("/"))
    return {
        name: items,
        "first_page_uri": uri,
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": uri,
        "page": 0,
        "page_size": 50,
        "start": 0,
        "end": max(len(items) - 1, 0),
    }


def _leg(box: Sandbox, leg: Leg) -> dict[str, Any]:
    base = f"/2010-04-01/Accounts/{box.settings.account_sid}/Calls/{leg.sid}"
    duration = int((leg.ended - leg.started).total_seconds()) if leg.ended and leg.started else None
    return {
        "sid": leg.sid,
        "parent_call_sid": leg.parent_sid,
        "account_sid": box.settings.account_sid,
        "date_created": rfc_2822(leg.created),
        "date_updated": rfc_2822(leg.updated),
        "from": leg.caller,
        "from_formatted": leg.caller,
        "to": leg.called,
        "to_formatted": leg.called,
        "phone_number_sid": None,
        "status": leg.status,
        "start_time": _when(leg.started),
        "end_time": _when(leg.ended),
        "duration": None if duration is None else str(duration),
        "direction": leg.direction,
        "answered_by": None,
        "api_version": "2010-04-01",
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "price": None,
        "price_unit": "USD",
        "uri": f"{base}.json",
        "subresource_uris": {
            "recordings": f"{base}/Recordings.json",
            "payments": f"{base}/Payments.json",
        },
    }


def _recording(box: Sandbox, call: Call, recording: Recording) -> dict[str, Any]:
    account = box.settings.account_sid
    return {
        "sid": recording.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": call.sid,
        "conference_sid": None,
        "date_created": rfc_2822(recording.created),
        "date_updated": rfc_2822(recording.updated),
        "start_time": rfc_2822(recording.created),
        "duration": None,
        "price": None,
        "price_unit": None,
        "uri": f"/2010-04-01/Accounts/{account}/Calls/{call.sid}/Recordings/{recording.sid}.json",
        "encryption_details": None,
        "status": recording.state,
        "channels": 1,
        "source": "StartCallRecordingAPI",
        "error_code": None,
        "track": "both",
    }


def _message(box: Sandbox, text: Text, status: str) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{box.settings.account_sid}/Messages/{text.sid}.json"
    return {
        "sid": text.sid,
        "account_sid": box.settings.account_sid,
        "api_version": "2010-04-01",
        "body": text.body,
        "from": text.sender,
        "to": text.to,
        "status": status,
        "direction": "outbound-api",
        "num_segments": str(1 + len(text.body) // 160),
        "num_media": "0",
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "date_created": rfc_2822(text.at),
        "date_updated": rfc_2822(text.at),
        "date_sent": rfc_2822(text.at) if status == "delivered" else None,
        "uri": uri,
        "subresource_uris": {"media": uri.replace(".json", "/Media.json")},
    }


def _when(moment: datetime | None) -> str | None:
    return rfc_2822(moment) if moment else None
