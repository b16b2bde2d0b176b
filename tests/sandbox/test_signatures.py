"""Twilio's callback signature, judged by published vectors and by the SDK's own validator."""

import json

import pytest
from twilio.request_validator import RequestValidator

from agentdesk.sandbox.twilio_callbacks import signature
from tests.processes import Running
from tests.receiver import Post
from tests.sandbox.vendor import PaidCall, shared


def test_the_published_vectors() -> None:
    vectors = json.loads(shared("reference/signature-vectors.json").read_text(encoding="utf-8"))
    forms = [v for v in vectors if v["psp"] == "twilio" and "params" in v]
    assert len(forms) >= 6
    for vector in forms:
        pairs = [(name, value) for name, value in vector["params"]]
        made = signature(vector["auth_token"], vector["url"], pairs)
        assert made == vector["expected"], vector["name"]


@pytest.mark.parametrize("path", ["/cb", "/cb?attempt=1&n=%C3%A9"])
def test_every_callback_is_valid_to_the_sdk(paid_call: PaidCall, sandbox: Running, path: str) -> None:
    session = paid_call.open(status_callback=paid_call.receiver.url + path)
    paid_call.update(session, capture="payment-card-number", status_callback=paid_call.receiver.url + path)
    paid_call.keys("42*")
    result = paid_call.receiver.wait_for(lambda post: "Result" in post.form)
    assert result.form["PaymentToken"] == ""  # blank values are signed too
    assert [post for post in paid_call.receiver.posts if not valid(post, paid_call, sandbox)] == []


def test_an_altered_callback_is_not_valid(paid_call: PaidCall, sandbox: Running) -> None:
    paid_call.open()
    post = paid_call.receiver.wait_for(lambda post: "DateCreated" in post.form)
    assert not valid(Post(post.path, post.headers, post.body + b"1"), paid_call, sandbox)


def valid(post: Post, paid_call: PaidCall, sandbox: Running) -> bool:
    """Ask Twilio's SDK whether a callback is genuine."""
    validator = RequestValidator(sandbox.ready["auth_token"])
    given = post.headers["x-twilio-signature"]
    return bool(validator.validate(paid_call.receiver.url + post.path, post.form, given))
