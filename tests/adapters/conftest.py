"""Adapters pointed at a sandbox process, with every request and reply judged by the vendor's description."""

import functools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.twilio.config import TwilioConfig
from tests.adapters.caller import Caller
from tests.adapters.raw import RAW
from tests.processes import Running
from tests.receiver import Receiver
from tests.sandbox.conftest import receiver, sandbox, sim
from tests.sandbox.vendor import description

__all__ = ["receiver", "sandbox", "sim"]  # fixtures shared with the sandbox's own tests

VENDORS = {"/2010-04-01/": "twilio", "/v1/": "stripe"}


@pytest.fixture(scope="session")
def described() -> None:
    """Read the descriptions, which takes a second, before the time of an exchange is taken."""
    for vendor in VENDORS.values():
        description(vendor)


@pytest.fixture(autouse=True)
def judged(monkeypatch: pytest.MonkeyPatch, described: None) -> Iterator[None]:
    """Fail the test when a vendor's description has something against a request or a reply of an adapter."""
    problems: list[str] = []

    async def judge(response: httpx.Response) -> None:
        vendor = next((v for start, v in VENDORS.items() if response.request.url.path.startswith(start)), "")
        if response.headers.get("Server") == RAW:
            return  # plays a broken vendor
        if spec := description(vendor) if vendor else None:
            await response.aread()
            # the descriptions have no error bodies for Twilio, and none for what faults answer
            problems.extend(spec.check_httpx(response.request, response if response.is_success else None))

    hooked: Any = functools.partial(httpx.AsyncClient, event_hooks={"response": [judge]})
    monkeypatch.setattr(httpx, "AsyncClient", hooked)
    yield
    assert problems == []


@pytest.fixture
def twilio_config(sandbox: Running) -> TwilioConfig:
    """Give the sandbox's Twilio account."""
    ready = sandbox.ready
    return TwilioConfig(
        base_url=sandbox.url, account_sid=ready["account_sid"], auth_token=ready["auth_token"]
    )


@pytest.fixture
def stripe_config(sandbox: Running) -> StripeConfig:
    """Give the sandbox's Stripe account."""
    ready = sandbox.ready
    return StripeConfig(
        base_url=sandbox.url,
        secret_key=ready["stripe_key"],
        webhook_secrets=(ready["stripe_webhook_secret"],),
    )


@pytest.fixture
def caller(sim: httpx.Client, receiver: Receiver, twilio_config: TwilioConfig) -> Caller:
    """Give a caller whose call was answered."""
    call = sim.post("/_sim/calls", json={"from": "+442079460958", "queue": "Billing"}).json()
    sim.post(f"/_sim/calls/{call['sid']}/answer", json={"agent": "Priya"}).raise_for_status()
    return Caller(sim, receiver, twilio_config, call["sid"])
