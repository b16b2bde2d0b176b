"""What every way to get a card from the caller must do.

A vendor's test module subclasses CaptureContract and gives the fixtures `port` (a CapturePort) and
`caller` (see caller.py).
"""

from dataclasses import replace

import pytest

from agentdesk.adapters.base import CapturePort, OpenCapture, Rejected, SessionRef
from agentdesk.domain.capture import CaptureEvent, CardField, FieldProblem
from tests.adapters.caller import FIELDS, Caller, fresh


async def opened(port: CapturePort, request: OpenCapture) -> SessionRef:
    """Open a session."""
    sid = await port.open(request)
    return SessionRef(request.attempt_id, sid, request.call_ref, request.callback_url)


@pytest.mark.anyio
class CaptureContract:
    """The contract."""

    async def test_is_healthy(self, port: CapturePort, caller: Caller) -> None:
        health = await port.check()
        assert health.state == "ready"
        assert 0 < health.took_s < 2

    async def test_the_first_callback_names_the_session(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        secured = caller.wait_for(CaptureEvent.SECURED)
        assert (secured.session_id, secured.call_ref) == (session.session_id, caller.call_ref)

    async def test_a_card_becomes_a_token(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        for card_field in FIELDS:
            await port.request_field(session, card_field, key=fresh("key"))
            caller.key()
            caller.wait_for(CaptureEvent.FIELD_IN, card_field)
        assert caller.wait_for(CaptureEvent.ALL_IN).missing == ()
        await port.submit(session, key=fresh("key"))
        done = caller.wait_for(CaptureEvent.TOKEN)
        assert done.token
        assert done.token.provider == "stripe"
        assert done.card
        assert str(done.card) == "Visa ending 4242"
        assert (done.card.exp_month, done.card.exp_year) == (None, None)

    async def test_progress_counts_keys_and_never_those_of_the_security_code(
        self, port: CapturePort, caller: Caller
    ) -> None:
        session = await opened(port, caller.request())
        for card_field in FIELDS:
            await port.request_field(session, card_field, key=fresh("key"))
            caller.key()
            caller.wait_for(CaptureEvent.FIELD_IN, card_field)
        seen = [one for one in caller.evidence() if one.event is CaptureEvent.PROGRESS]
        counts = {f: [one.digits for one in seen if one.field is f] for f in FIELDS}
        assert counts[CardField.NUMBER] == list(range(1, 17))
        assert counts[CardField.EXPIRY] == [1, 2, 3, 4]
        assert counts[CardField.SECURITY_CODE] == [None] * 3

    async def test_what_is_missing_is_told_field_by_field(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        await port.request_field(session, CardField.EXPIRY, key=fresh("key"))
        caller.key()
        told = caller.wait_for(CaptureEvent.FIELD_IN, CardField.EXPIRY)
        assert told.missing == (CardField.NUMBER, CardField.SECURITY_CODE)

    async def test_a_field_can_be_asked_again(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        for card in ("visa-approves", "mastercard-approves"):
            await port.request_field(session, CardField.NUMBER, key=fresh("key"))
            caller.key(card)
            caller.receiver.wait_for(lambda post, card=card: self._ended_with(caller, post, card[:4]))
        last = [one for one in caller.evidence() if one.event is CaptureEvent.FIELD_IN][-1]
        assert last.card
        assert last.card.brand == "mastercard"

    def _ended_with(self, caller: Caller, post: object, brand: str) -> bool:
        found = caller.read(post)  # type: ignore[arg-type]
        ended = [one for one in found if one.event is CaptureEvent.FIELD_IN]
        return any(one.card and (one.card.brand or "").startswith(brand) for one in ended)

    async def test_a_brand_not_taken_is_refused(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request(brands=("visa",)))
        await port.request_field(session, CardField.NUMBER, key=fresh("key"))
        caller.key("amex-refused-brand")
        bad = caller.wait_for(CaptureEvent.FIELD_BAD)
        assert (bad.field, bad.problem) == (CardField.NUMBER, FieldProblem.BRAND_REFUSED)
        assert bad.missing
        assert CardField.NUMBER in bad.missing

    async def test_keys_that_make_no_sense_are_a_problem_of_the_field(
        self, port: CapturePort, caller: Caller
    ) -> None:
        session = await opened(port, caller.request())
        await port.request_field(session, CardField.EXPIRY, key=fresh("key"))
        caller.script("keys", digits="1334", gap_ms=0)
        assert caller.wait_for(CaptureEvent.FIELD_BAD).problem is FieldProblem.INVALID

    async def test_a_silent_caller_is_a_time_out(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        await port.request_field(session, CardField.NUMBER, key=fresh("key"))
        caller.script("keys", digits="#", gap_ms=0)
        assert caller.wait_for(CaptureEvent.FIELD_BAD).problem is FieldProblem.TIMED_OUT

    async def test_a_postcode_is_asked_only_where_wanted(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request(fields=(*FIELDS, CardField.POSTCODE)))
        await port.request_field(session, CardField.NUMBER, key=fresh("key"))
        caller.key()
        told = caller.wait_for(CaptureEvent.FIELD_IN)
        assert told.missing == (CardField.EXPIRY, CardField.SECURITY_CODE, CardField.POSTCODE)

    async def test_cancel_ends_the_session(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        await port.cancel(session, key=fresh("key"))
        assert caller.wait_for(CaptureEvent.ENDED).reason

    async def test_cancelling_a_session_that_is_over_is_no_error(
        self, port: CapturePort, caller: Caller
    ) -> None:
        session = await opened(port, caller.request())
        await port.cancel(session, key=fresh("key"))
        caller.wait_for(CaptureEvent.ENDED)
        await port.cancel(session, key=fresh("key"))
        caller.script("hang-up")
        await port.cancel(session, key=fresh("key"))

    async def test_a_refused_number_tells_keys_and_brand_and_no_digit(
        self, port: CapturePort, caller: Caller
    ) -> None:
        session = await opened(port, caller.request(brands=("visa",)))
        await port.request_field(session, CardField.NUMBER, key=fresh("key"))
        caller.key("amex-refused-brand")
        bad = caller.wait_for(CaptureEvent.FIELD_BAD)
        assert bad.card
        assert (bad.card.brand, bad.card.last4) == ("amex", None)
        counted = [one.digits for one in caller.evidence() if one.event is CaptureEvent.PROGRESS]
        assert counted == list(range(1, 16))

    async def test_a_caller_who_hangs_up_ends_the_session(self, port: CapturePort, caller: Caller) -> None:
        await opened(port, caller.request())
        caller.script("hang-up")
        assert caller.wait_for(CaptureEvent.ENDED).reason

    async def test_a_connector_out_of_order_is_a_failure(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        for card_field in FIELDS:
            await port.request_field(session, card_field, key=fresh("key"))
            caller.key()
            caller.wait_for(CaptureEvent.FIELD_IN, card_field)
        caller.sim.post("/_sim/faults", json={"kind": "connector_outage"}).raise_for_status()
        await port.submit(session, key=fresh("key"))
        failed = caller.wait_for(CaptureEvent.FAILED)
        assert failed.token is None
        assert failed.reason

    async def test_submitting_too_early_is_refused(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        with pytest.raises(Rejected):
            await port.submit(session, key=fresh("key"))

    async def test_a_session_that_is_over_takes_no_commands(self, port: CapturePort, caller: Caller) -> None:
        session = await opened(port, caller.request())
        await port.cancel(session, key=fresh("key"))
        caller.wait_for(CaptureEvent.ENDED)
        with pytest.raises(Rejected):
            await port.request_field(session, CardField.NUMBER, key=fresh("key"))

    async def test_an_unknown_call_is_refused(self, port: CapturePort, caller: Caller) -> None:
        with pytest.raises(Rejected):
            await port.open(replace(caller.request(), call_ref="CA" + "0" * 32))
