"""Each fault does what its name says."""

import time
from typing import Any

import httpx
import pytest
from requests.exceptions import ConnectionError as RequestsConnectionError
from twilio.base.exceptions import TwilioRestException

from agentdesk.sandbox.faults import CALLBACK_KINDS, KINDS, REQUEST_KINDS, Faults
from tests.processes import Running
from tests.sandbox.test_signatures import valid
from tests.sandbox.vendor import PaidCall, code_of, ended

NUMBER = "payment-card-number"


def arm(sim: httpx.Client, kind: str, **where: Any) -> None:
    """Arm a fault of the Twilio face."""
    sim.post("/_sim/faults", json={"kind": kind, "face": "twilio", **where}).raise_for_status()


def has_session(paid_call: PaidCall) -> bool:
    """Say whether a session was opened in fact."""
    return paid_call.state()["session"] is not None


def test_delay(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "delay", route="Payments", delay_s=5)
    began = time.monotonic()
    paid_call.open()
    assert time.monotonic() - began >= 0.5  # five seconds at ten times the speed of life


@pytest.mark.parametrize(("kind", "executed"), [("drop_reply_after_executing", True), ("down", False)])
def test_no_reply(paid_call: PaidCall, kind: str, executed: bool) -> None:
    arm(paid_call.sim, kind, route="Payments")
    with pytest.raises(RequestsConnectionError):
        paid_call.open()
    assert has_session(paid_call) is executed
    if executed:  # the session is recovered by its first callback
        assert paid_call.receiver.wait_for(lambda post: "DateCreated" in post.form).form["Sid"]


@pytest.mark.parametrize(
    ("kind", "answer", "executed"),
    [
        ("error_500_after_executing", (500, 20500), True),
        ("error_500_before", (500, 20500), False),
        ("rate_limited", (429, 20429), False),
    ],
)
def test_an_error_instead_of_the_reply(
    paid_call: PaidCall, kind: str, answer: tuple[int, int], executed: bool
) -> None:
    arm(paid_call.sim, kind, route="Payments")
    with pytest.raises(TwilioRestException) as error:
        paid_call.open()
    assert (code_of(error), has_session(paid_call)) == (answer, executed)


def test_rate_limited_says_when_to_come_back(sandbox: Running, sim: httpx.Client) -> None:
    arm(sim, "rate_limited")
    reply = sim.get(f"/2010-04-01/Accounts/{sandbox.ready['account_sid']}/Calls.json")
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "1")


def test_callback_lost(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "callback_lost", route="opened")
    session = paid_call.open()
    paid_call.update(session, status="cancel")
    paid_call.result()
    assert [post for post in paid_call.receiver.posts if "DateCreated" in post.form] == []


def test_callback_late(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "callback_late", route="opened", delay_s=5)
    began = time.monotonic()
    paid_call.open()
    paid_call.receiver.wait_for(lambda post: "DateCreated" in post.form)
    assert time.monotonic() - began >= 0.5


def test_callback_duplicate(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "callback_duplicate", route="opened")
    paid_call.open()
    second = paid_call.receiver.wait_for(lambda post: "DateCreated" in post.form, count=2)
    assert second.body == paid_call.receiver.posts[0].body


def test_callback_reordered(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "callback_reordered", route="partial")
    session = paid_call.open()
    paid_call.update(session, capture=NUMBER)
    paid_call.keys("42")
    paid_call.receiver.wait_for(lambda post: post.form.get("PaymentCardNumber") == "x")
    shown = [post.form.get("PaymentCardNumber") for post in paid_call.receiver.posts]
    assert shown == [None, "xx", "x"]


def test_callback_before_reply(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "callback_before_reply", route="Payments")
    session = paid_call.open()
    assert paid_call.receiver.posts[0].form["Sid"] == session


@pytest.mark.parametrize("kind", ["callback_bad_signature", "callback_wrong_port_signature"])
def test_wrong_signatures(paid_call: PaidCall, sandbox: Running, kind: str) -> None:
    arm(paid_call.sim, kind, route="opened")
    session = paid_call.open()
    forged = paid_call.receiver.wait_for(lambda post: "DateCreated" in post.form)
    assert not valid(forged, paid_call, sandbox)
    paid_call.update(session, status="cancel")
    genuine = paid_call.receiver.wait_for(lambda post: "Result" in post.form)
    assert valid(genuine, paid_call, sandbox)


def test_connector_outage_at_the_start(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "connector_outage", route="create")
    with pytest.raises(TwilioRestException) as error:
        paid_call.open()
    assert code_of(error) == (503, 64002)


def test_connector_outage_at_the_end(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "connector_outage", route="complete")
    session = paid_call.open()
    for field in (NUMBER, "expiration-date", "security-code"):
        paid_call.ask(session, field)
    paid_call.update(session, status="complete")
    result = paid_call.result()
    assert (result["Result"], result["PayErrorCode"]) == ("payment-connector-error", "64002")
    assert result["PaymentToken"] == ""


def test_a_late_partial_comes_after_the_end_of_its_field(paid_call: PaidCall) -> None:
    arm(paid_call.sim, "callback_late", route="partial", delay_s=5)
    paid_call.update(paid_call.open(), capture=NUMBER)
    paid_call.keys("4#")  # both on their way at once
    late = paid_call.receiver.wait_for(lambda post: post.form.get("PaymentCardNumber") == "x")
    posts = paid_call.receiver.posts
    assert any(ended(post, NUMBER) for post in posts[: posts.index(late)])


def test_a_fault_is_listed_and_disarmed(sim: httpx.Client) -> None:
    armed = sim.post("/_sim/faults", json={"kind": "down", "face": "stripe", "count": None}).json()
    assert armed in sim.get("/_sim/faults").json()
    sim.delete(f"/_sim/faults/{armed['id']}").raise_for_status()
    assert sim.get("/_sim/faults").json() == []


def test_an_unknown_kind_is_refused(sim: httpx.Client) -> None:
    assert sim.post("/_sim/faults", json={"kind": "earthquake"}).status_code == 422


def test_a_count_is_used_up_and_a_face_is_minded() -> None:
    faults = Faults(seed=1)
    faults.arm("down", face="stripe", route="/v1/refunds", count=2)
    assert faults.take("twilio", "POST /v1/refunds", KINDS) is None
    assert faults.take("stripe", "POST /v1/customers", KINDS) is None
    assert faults.take("stripe", "POST /v1/refunds", CALLBACK_KINDS) is None
    taken = [faults.take("stripe", "POST /v1/refunds", REQUEST_KINDS) for _ in range(3)]
    assert [bool(fault) for fault in taken] == [True, True, False]


def test_a_probability_strikes_the_same_calls_for_the_same_seed() -> None:
    def strikes(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.arm("delay", count=None, probability=0.5)
        return [faults.take("twilio", "", KINDS) is not None for _ in range(50)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 10 < sum(strikes(1)) < 40
