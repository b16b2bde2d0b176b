"""A phone system's call events: whose they are, and what they say."""

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from agentdesk.adapters.base import BadSignature, CallEvidence, RawWebhook, Rejected
from agentdesk.adapters.cti.webhooks import CtiConfig, CtiWebhooks
from agentdesk.domain.call import CallState
from tests.processes import Running
from tests.receiver import Post, Receiver

CONFIG = CtiConfig(secret="new secret", previous_secret="old secret")
EVENT = {
    "call_id": "CA1",
    "event": "ringing",
    "from": "+442079460958",
    "to": "+442079460000",
    "queue": "Billing",
    "agent": "",
    "at": "2026-01-01T00:00:00.000Z",
}


def raw(body: bytes, secret: str = "new secret") -> RawWebhook:
    signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return RawWebhook("https://hub.example/webhooks/cti", {"x-signature": signed}, body)


def read(**changes: Any) -> CallEvidence:
    body = json.dumps({name: value for name, value in {**EVENT, **changes}.items() if value is not ...})
    (found,) = CtiWebhooks(CONFIG).receive(raw(body.encode()))
    assert isinstance(found, CallEvidence)
    return found


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("ringing", CallState.RINGING),
        ("answered", CallState.CONNECTED),
        ("held", CallState.HELD),
        ("resumed", CallState.CONNECTED),
        ("ended", CallState.ENDED),
    ],
)
def test_events(event: str, state: CallState) -> None:
    assert read(event=event).state is state


def test_who_calls_whom() -> None:
    told = read(agent="priya")
    assert (told.call_ref, told.from_number, told.to_number) == ("CA1", "+442079460958", "+442079460000")
    assert (told.queue, told.agent) == ("Billing", "priya")


@pytest.mark.parametrize("unknown", ["", None, ...])
def test_what_the_phone_system_does_not_know_is_none(unknown: Any) -> None:
    told = read(**{"from": unknown, "to": unknown, "queue": unknown, "agent": unknown})
    assert (told.from_number, told.to_number, told.queue, told.agent) == (None, None, None, None)


def test_the_same_event_has_the_same_id() -> None:
    assert read().event_id == read().event_id != read(at="2026-01-01T00:00:00.001Z").event_id


def test_the_previous_secret_still_signs() -> None:
    assert CtiWebhooks(CONFIG).receive(raw(json.dumps(EVENT).encode(), "old secret"))


@pytest.mark.parametrize(
    "broken",
    [
        raw(b"{}", "another secret"),
        RawWebhook("", {}, b"{}"),
        RawWebhook("", {"x-signature": "sha256=§"}, b"{}"),
        RawWebhook("", raw(b"{}").headers, b"{} "),
        RawWebhook("", {"x-other-header": raw(b"{}").headers["x-signature"]}, b"{}"),
    ],
)
def test_what_is_not_signed_is_not_read(broken: RawWebhook) -> None:
    with pytest.raises(BadSignature):
        CtiWebhooks(CONFIG).receive(broken)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no",
        b"[]",
        b"{}",
        b'{"call_id": "CA1", "event": "exploded"}',
        b'{"call_id": "", "event": "ended"}',
        b'{"call_id": 7, "event": "ended"}',
        json.dumps({**EVENT, "from": "1" * 51}).encode(),
        json.dumps({**EVENT, "at": "yesterday"}).encode(),
        b"\xff",
    ],
)
def test_a_signed_body_that_is_no_call_event_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected):
        CtiWebhooks(CONFIG).receive(raw(body))


def test_without_its_instant_a_second_hold_would_be_the_first_again() -> None:
    body = json.dumps({name: value for name, value in EVENT.items() if name != "at"})
    with pytest.raises(Rejected, match="see at"):
        CtiWebhooks(CONFIG).receive(raw(body.encode()))


def test_reads_the_sandbox(sandbox: Running, sim: httpx.Client, receiver: Receiver) -> None:
    sim.post("/_sim/config", json={"cti_url": f"{receiver.url}/cti"}).raise_for_status()
    call = sim.post("/_sim/calls", json={"from": "+442079460958", "queue": "Billing"}).json()["sid"]
    for path, body in [
        ("answer", {"agent": "Priya"}),
        ("hold", {"held": True}),
        ("hold", {"held": False}),
        ("transfer", {"agent": "Sam"}),
        ("hang-up", {}),
    ]:
        sim.post(f"/_sim/calls/{call}/{path}", json=body).raise_for_status()
    receiver.wait_for(lambda post: _read_sandbox(sandbox, post).state is CallState.ENDED)
    told = [_read_sandbox(sandbox, post) for post in receiver.posts]
    assert [one.state for one in told] == [
        CallState.RINGING,
        CallState.CONNECTED,
        CallState.HELD,
        CallState.CONNECTED,
        CallState.CONNECTED,
        CallState.ENDED,
    ]
    assert [(one.transferred, one.agent) for one in told[3:5]] == [(False, "Priya"), (True, "Sam")]
    assert {(one.call_ref, one.from_number, one.queue) for one in told} == {
        (call, "+442079460958", "Billing")
    }


def _read_sandbox(sandbox: Running, post: Post) -> CallEvidence:
    config = CtiConfig(secret=sandbox.ready["cti_secret"], signature_header="X-Sandbox-Signature")
    (found,) = CtiWebhooks(config).receive(RawWebhook("", post.headers, post.body))
    assert isinstance(found, CallEvidence)
    return found
