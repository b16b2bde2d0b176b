"""The vendors' own judges: their OpenAPI descriptions, and Twilio's official SDK pointed at the sandbox."""

import importlib.util
import itertools
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.receiver import Post, Receiver

SHARED = Path(__file__).resolve().parents[3] / "shared"
FORM = "application/x-www-form-urlencoded"
_number = itertools.count(1)


def shared(path: str) -> Path:
    """Return a file of the folder beside the repository; skip the test when it is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"../shared/{path} is not beside the repository: not judged by it")
    return found


@cache
def description(name: str) -> Any:
    """Return a checker of requests and replies by a vendor's OpenAPI file; None when it is not there."""
    code = SHARED / "reference/specref.py"
    data = SHARED / f"specs/{name}.json"
    if not (code.exists() and data.exists()):
        return None
    spec = importlib.util.spec_from_file_location("specref", code)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Spec(json.loads(data.read_text(encoding="utf-8")))


class Rebased(TwilioHttpClient):
    """Sends what the SDK makes for api.twilio.com to the sandbox, and has both sides judged."""

    def __init__(self, base: str) -> None:
        super().__init__(pool_connections=False)
        self.base = base
        self.problems: list[str] = []

    def request(self, method: str, url: str, **how: Any) -> Response:
        """Send one request and keep what the vendor's description says against it or its reply."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        response = super().request(method, self.base + parts.path + query, **how)
        judge = description("twilio")
        if judge and response.status_code < 400:  # it describes no error bodies
            body = urlencode({k: v for k, v in (how.get("data") or {}).items() if v is not None})
            kind = {"Content-Type": FORM} if body else {}
            self.problems += judge.check_request(method, url, kind, body)
            kind = {"Content-Type": "application/json"}
            self.problems += judge.check_response(method, url, response.status_code, kind, response.text)
        return response


@dataclass
class PaidCall:
    """An answered call, the SDK, and the place where callbacks arrive."""

    client: Client
    sim: httpx.Client
    receiver: Receiver
    call: dict[str, Any]

    @property
    def sid(self) -> str:
        """Return the caller's leg."""
        return str(self.call["sid"])

    def open(self, **terms: Any) -> str:
        """Open a card session for number, expiry and code; return its identifier."""
        usual = {
            "idempotency_key": fresh_key(),
            "status_callback": f"{self.receiver.url}/cb",
            "token_type": "payment-method",
            "postal_code": False,
            "timeout": 600,
            "currency": "gbp",
        }
        payment = self.client.calls(self.sid).payments.create(**{**usual, **terms})
        return str(payment.sid)

    def update(self, session: str, **what: Any) -> None:
        """Ask for a field (capture=…) or end the session (status=…)."""
        usual = {"idempotency_key": fresh_key(), "status_callback": f"{self.receiver.url}/cb"}
        self.client.calls(self.sid).payments(session).update(**{**usual, **what})

    def ask(self, session: str, field: str, *, card: str = "visa-approves") -> Post:
        """Ask for a field, let the caller key it from a card, return the callback that ends the entry."""
        done = len([1 for post in self.receiver.posts if ended(post, field)])
        self.update(session, capture=field)
        self.script("key-card", card=card, gap_ms=0)
        return self.receiver.wait_for(lambda post: ended(post, field), count=done + 1)

    def keys(self, digits: str) -> None:
        """Press keys on the caller's phone."""
        self.script("keys", digits=digits, gap_ms=0)

    def script(self, what: str, **body: Any) -> None:
        """Call the script API for this call."""
        self.sim.post(f"/_sim/calls/{self.sid}/{what}", json=body).raise_for_status()

    def state(self) -> Any:
        """Return the call as the sandbox knows it."""
        return self.sim.get(f"/_sim/calls/{self.sid}").json()

    def audio(self) -> list[str]:
        """Return what the agent's ear got, in order."""
        return [sound["sound"] for sound in self.sim.get(f"/_sim/calls/{self.sid}/agent-audio").json()]

    def result(self) -> dict[str, str]:
        """Wait for the final callback."""
        return self.receiver.wait_for(lambda post: "Result" in post.form).form


def ended(post: Post, field: str) -> bool:
    """Say whether a callback ends the entry of a field."""
    return post.form.get("Capture") == field and "PartialResult" not in post.form


def fresh_key() -> str:
    """Return an idempotency key that no test used before."""
    return f"key-{next(_number)}"


def code_of(error: pytest.ExceptionInfo[TwilioRestException]) -> tuple[int, int | None]:
    """Return the HTTP status and Twilio's code of a refusal."""
    return error.value.status, error.value.code
