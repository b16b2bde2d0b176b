"""Twilio's Payments resource: create and update, and nothing else, as the vendor's description has it."""

import hashlib

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from agentdesk.sandbox import twilio_callbacks, twilio_payment_terms
from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.calls import Call
from agentdesk.sandbox.clock import iso_ms, rfc_2822
from agentdesk.sandbox.deliver import is_loopback
from agentdesk.sandbox.pay_fields import CODE, EXPIRY
from agentdesk.sandbox.pay_session import PaySession
from agentdesk.sandbox.twilio_errors import TwilioError
from agentdesk.sandbox.twilio_rest import account_router, known_call, parameters

CONNECTOR_WORKS_S = 0.2
Body = dict[str, str | None]


class Replies:
    """The first reply to each IdempotencyKey; Twilio publishes no rule, so replay can be switched off."""

    def __init__(self, box: Sandbox) -> None:
        self._settings = box.settings
        self._saved: dict[str, tuple[str, Body, int]] = {}

    def find(self, path: str, form: dict[str, str]) -> JSONResponse | None:
        """Return the earlier reply to the same request; raise 20409 when the request differs."""
        saved = self._saved.get(form["IdempotencyKey"])
        if not saved or not self._settings.twilio_replays_keys:
            return None
        if saved[0] != _digest(path, form):
            raise TwilioError(20409)
        return JSONResponse(saved[1], saved[2])

    def keep(self, path: str, form: dict[str, str], body: Body, status: int) -> JSONResponse:
        """Remember a reply and return it."""
        self._saved[form["IdempotencyKey"]] = (_digest(path, form), body, status)
        return JSONResponse(body, status)


def router(box: Sandbox) -> APIRouter:
    """Return POST create (201) and POST update (202)."""
    routes = account_router(box)
    replies = Replies(box)

    @routes.post("/Calls/{call_sid}/Payments.json")
    async def create(call_sid: str, request: Request) -> JSONResponse:
        path, form = request.url.path, await _form(request)
        saved = replies.find(path, form)
        return saved or replies.keep(path, form, _create(box, call_sid, form), 201)

    @routes.post("/Calls/{call_sid}/Payments/{sid}.json")
    async def update(call_sid: str, sid: str, request: Request) -> JSONResponse:
        path, form = request.url.path, await _form(request)
        saved = replies.find(path, form)
        return saved or replies.keep(path, form, _update(box, call_sid, sid, form), 202)

    return routes


async def _form(request: Request) -> dict[str, str]:
    form = await parameters(request)
    for name in ("IdempotencyKey", "StatusCallback"):
        if not form.get(name):
            raise TwilioError(20422, name)
    if not is_loopback(form["StatusCallback"]):
        raise TwilioError(64020, "StatusCallback: the sandbox posts to this computer only")
    return form


def _digest(path: str, form: dict[str, str]) -> str:
    return hashlib.sha256(repr((path, sorted(form.items()))).encode()).hexdigest()


def _create(box: Sandbox, call_sid: str, form: dict[str, str]) -> Body:
    call = _payable_call(box, call_sid)
    terms = twilio_payment_terms.read(form, box.settings.pay_connectors.split())
    if call.session and call.session.state != "ended":
        raise TwilioError(64021)
    if box.faults.take("twilio", f"{call_sid} create", ("connector_outage",)):
        raise TwilioError(64002)

    def tell(session: PaySession, kind: str, facts: dict[str, str]) -> None:
        if kind == "partial" and not box.settings.twilio_reports_keys:
            return
        common = {
            "Sid": session.sid,
            "CallSid": call_sid,
            "PaymentMethod": terms.method,
            "DateUpdated": iso_ms(session.updated),
        }
        subject = f"{call_sid} {session.sid} {kind}"
        twilio_callbacks.post(box, session.callback_url, subject, {**common, **facts})

    session = PaySession(box.ids.sid("PK"), terms, box.clock, tell, form["StatusCallback"])
    keys_on = call.autopilot is not None and "extra" in call.autopilot.slips
    session.ends_at_length = box.settings.twilio_ends_at_length and not keys_on
    call.session = session
    opened = _opened(call_sid, session, form)
    twilio_callbacks.post(box, session.callback_url, f"{call_sid} {session.sid} opened", opened)
    return _resource(box, call_sid, session)


def _opened(call_sid: str, session: PaySession, form: dict[str, str]) -> dict[str, str]:
    return {
        "PaymentConnector": session.terms.connector,
        "DateCreated": iso_ms(session.created),
        "PaymentMethod": session.terms.method,
        "CallSid": call_sid,
        "ChargeAmount": form.get("ChargeAmount", ""),
        "Sid": session.sid,
    }


def _update(box: Sandbox, call_sid: str, sid: str, form: dict[str, str]) -> Body:
    call = _payable_call(box, call_sid)
    session = call.session
    if not session or session.sid != sid or session.state == "ended":
        raise TwilioError(20404, sid)
    capture, status = form.get("Capture"), form.get("Status")
    if bool(capture) == bool(status):
        raise TwilioError(64018)
    session.callback_url = form["StatusCallback"]
    if capture:
        session.ask(capture)
        box.scripted.asked(call)
    elif status == "complete":
        session.begin_completing()
        box.tasks.start(_tokenise(box, call, session))
    elif status == "cancel":
        _cancel(session)
    else:
        raise TwilioError(64020, f"Status={status}")
    session.updated = box.clock.now()
    return _resource(box, call_sid, session)


def _cancel(session: PaySession) -> None:
    """Cancel, unless the connector already has the card: then its answer comes all the same."""
    if session.state == "open":
        # Twilio does not document this callback; Telnyx, with the same words, says "cancelled".
        session.end("cancelled")


async def _tokenise(box: Sandbox, call: Call, session: PaySession) -> None:
    """Play the Pay Connector: exchange the card for a token in the vault that Stripe shares."""
    await box.clock.sleep(CONNECTOR_WORKS_S)
    if session.state == "ended" or not session.card:
        return
    if box.faults.take("twilio", f"{call.sid} complete", ("connector_outage",)):
        session.end(
            "payment-connector-error",
            PayErrorCode="64002",
            PaymentError="Payment connector is temporarily unavailable",
            ConnectorError="",
        )
        return
    bank = call.autopilot.bank if call.autopilot else ""
    kept = box.vault.keep(session.card, session.done[EXPIRY], session.done.get(CODE), bank)
    session.end("success", PaymentToken=kept.token)
    box.scripted.gave_card(call)


def _payable_call(box: Sandbox, sid: str) -> Call:
    """Return the call if the leg is the caller's and in progress."""
    leg = box.telephony.leg(sid)
    if leg and (leg.parent_sid or leg.status != "in-progress"):
        raise TwilioError(21220, "not the caller's leg" if leg.parent_sid else leg.status)
    return known_call(box, sid)


def _resource(box: Sandbox, call_sid: str, session: PaySession) -> Body:
    account = box.settings.account_sid
    return {
        "account_sid": account,
        "call_sid": call_sid,
        "sid": session.sid,
        "date_created": rfc_2822(session.created),
        "date_updated": rfc_2822(session.updated),
        "uri": f"/2010-04-01/Accounts/{account}/Calls/{call_sid}/Payments/{session.sid}.json",
    }
