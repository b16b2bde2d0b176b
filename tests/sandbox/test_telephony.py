"""The phone network: call events, what the agent and the recorder hear, scripted callers."""

import hashlib
import hmac
import json

import httpx
import pytest

from tests.processes import Running
from tests.receiver import Post, Receiver
from tests.sandbox.vendor import PaidCall, ended

NUMBER, EXPIRY, CODE = "payment-card-number", "expiration-date", "security-code"


def about(post: Post, call: dict[str, str]) -> bool:
    """Say whether a call event is of this call: those of an earlier test's may end only now."""
    return bool(json.loads(post.body)["call_id"] == call["sid"])


def test_the_hub_hears_of_every_turn_of_a_call(
    sandbox: Running, sim: httpx.Client, receiver: Receiver
) -> None:
    sim.post("/_sim/config", json={"cti_url": f"{receiver.url}/cti"}).raise_for_status()
    call = sim.post("/_sim/calls", json={"from": "+442079460958", "queue": "Billing"}).json()
    at = f"/_sim/calls/{call['sid']}"
    sim.post(f"{at}/answer", json={"agent": "Priya"}).raise_for_status()
    sim.post(f"{at}/hold", json={}).raise_for_status()
    sim.post(f"{at}/hold", json={"held": False}).raise_for_status()
    sim.post(f"{at}/hang-up").raise_for_status()
    last = receiver.wait_for(lambda post: about(post, call) and json.loads(post.body)["event"] == "ended")
    events = [json.loads(post.body) for post in receiver.posts if about(post, call)]
    assert [e["event"] for e in events] == ["ringing", "answered", "held", "resumed", "ended"]
    assert (events[1]["from"], events[1]["queue"], events[1]["agent"]) == (
        "+442079460958",
        "Billing",
        "Priya",
    )
    digest = hmac.new(sandbox.ready["cti_secret"].encode(), last.body, hashlib.sha256).hexdigest()
    assert last.headers["x-sandbox-signature"] == f"sha256={digest}"


def test_a_call_event_that_was_not_taken_comes_again(sim: httpx.Client, receiver: Receiver) -> None:
    receiver.status = 503
    sim.post("/_sim/config", json={"cti_url": f"{receiver.url}/cti"}).raise_for_status()
    call = sim.post("/_sim/calls", json={"from": "+442079460958"}).json()
    again = receiver.wait_for(lambda post: about(post, call), count=2)
    assert again.body == receiver.wait_for(lambda post: about(post, call)).body


def test_the_agent_hears_flat_tones_while_a_field_is_asked(paid_call: PaidCall) -> None:
    session = paid_call.open()
    paid_call.keys("12")
    paid_call.ask(session, NUMBER)
    paid_call.ask(session, EXPIRY)
    paid_call.keys("3")
    assert paid_call.audio() == ["tone"] * 2 + ["flat-tone"] * 20 + ["tone"]
    sounds = paid_call.sim.get(f"/_sim/calls/{paid_call.sid}/agent-audio").json()
    assert [sound["key"] for sound in sounds] == ["1", "2", *[""] * 20, "3"]


def test_spoken_digits_are_blocked_while_a_field_is_asked(paid_call: PaidCall) -> None:
    paid_call.script("say-digits")
    paid_call.update(paid_call.open(), capture=NUMBER)
    paid_call.script("say-digits")
    assert paid_call.audio() == ["speech", "silence"]


def test_a_doubled_tone_arrives_twice(paid_call: PaidCall) -> None:
    paid_call.update(paid_call.open(), capture=EXPIRY)
    paid_call.script("double-tone")
    paid_call.keys("12")
    assert paid_call.state()["keyed"] == 3


def test_on_a_bad_line_every_tone_arrives_twice_until_it_is_mended(paid_call: PaidCall) -> None:
    paid_call.update(paid_call.open(), capture=NUMBER)
    paid_call.script("tones", doubled=True)
    paid_call.keys("42")
    paid_call.script("tones", doubled=False)
    paid_call.keys("4")
    assert paid_call.state()["keyed"] == 5


def test_a_transferred_call_is_another_agents_and_its_card_session_stays(
    paid_call: PaidCall, receiver: Receiver
) -> None:
    paid_call.open()
    paid_call.sim.post("/_sim/config", json={"cti_url": f"{receiver.url}/cti"}).raise_for_status()
    paid_call.script("transfer", agent="Sam")
    told = json.loads(receiver.wait_for(lambda post: b"transferred" in post.body).body)
    assert (told["event"], told["agent"]) == ("transferred", "Sam")
    assert (paid_call.state()["agent"], paid_call.state()["session"]["state"]) == ("Sam", "open")


def test_a_caller_on_autopilot_keys_whatever_is_asked(paid_call: PaidCall) -> None:
    paid_call.script("autopilot", card="mastercard-approves", gap_ms=0)
    session = paid_call.open()
    for field in (NUMBER, EXPIRY, CODE):
        paid_call.update(session, capture=field)
        assert paid_call.receiver.wait_for(lambda post, f=field: ended(post, f)).form["ErrorType"] == ""
    paid_call.update(session, status="complete")
    assert paid_call.result()["PaymentCardType"] == "mastercard"


def test_a_caller_who_goes_quiet_lets_the_field_time_out_and_keys_it_later(paid_call: PaidCall) -> None:
    paid_call.script("autopilot", card="visa-approves", gap_ms=0)
    paid_call.script("quiet", seconds=300)
    session = paid_call.open(timeout=5)
    paid_call.update(session, capture=NUMBER)
    quiet = paid_call.receiver.wait_for(lambda post: ended(post, NUMBER)).form
    assert quiet["ErrorType"] == "input-timeout"
    paid_call.script("quiet", seconds=0.01)
    paid_call.update(session, capture=NUMBER)
    later = paid_call.receiver.wait_for(lambda post: ended(post, NUMBER) and not post.form["ErrorType"]).form
    assert later["PaymentCardNumber"].endswith("4242")


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("key-card", {"card": "visa-approves"}, 409),
        ("key-card", {"card": "gold"}, 422),
        ("key-card", {"card": "visa-approves", "field": "pin"}, 422),
        ("answer", {}, 409),
        ("keys", {"digits": "4 2"}, 422),
        ("kill-session", {}, 409),
    ],
)
def test_what_cannot_be_done_is_said(
    paid_call: PaidCall, what: str, body: dict[str, str], status: int
) -> None:
    assert paid_call.sim.post(f"/_sim/calls/{paid_call.sid}/{what}", json=body).status_code == status


def test_a_signed_command_is_checked(sandbox: Running, sim: httpx.Client) -> None:
    call = sim.post("/_sim/calls", json={"from": "anonymous"}).json()
    body = b'{"agent": "Priya"}'
    digest = hmac.new(sandbox.ready["cti_secret"].encode(), body, hashlib.sha256).hexdigest()

    def answer(signature: str) -> int:
        headers = {"Content-Type": "application/json", "X-Sandbox-Signature": signature}
        return sim.post(f"/_sim/calls/{call['sid']}/answer", content=body, headers=headers).status_code

    assert answer("sha256=" + "0" * 64) == 403
    assert answer(f"sha256={digest}") == 200
    assert sim.get(f"/_sim/calls/{call['sid']}").json()["from"] == "anonymous"


def test_a_call_from_no_number_is_refused(sim: httpx.Client) -> None:
    assert sim.post("/_sim/calls", json={"from": "somebody"}).status_code == 422
    assert sim.get("/_sim/calls/CA0").status_code == 404


def test_the_caller_hears_what_happens(paid_call: PaidCall) -> None:
    assert paid_call.state()["hears"] == "You are speaking with Priya."
    session = paid_call.open()
    paid_call.update(session, capture=EXPIRY)
    state = paid_call.state()
    assert (state["hears"][:26], state["expects"]) == ("Please key the expiry date", 4)
    assert state["secured_at"]
    paid_call.script("hang-up")
    assert paid_call.state()["hears"] == "The call has ended."
