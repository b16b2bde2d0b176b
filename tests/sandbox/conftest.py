"""One sandbox process for all tests of this folder, ten times faster than life."""

import sys
from collections.abc import Iterator

import httpx
import pytest
from twilio.rest import Client

from tests.processes import Running, start, stop
from tests.receiver import Receiver, receiving
from tests.sandbox.merchant import Merchant
from tests.sandbox.vendor import PaidCall, Rebased


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Running]:
    """Give a running sandbox; it must stop cleanly and have written nothing to stderr."""
    running = start([sys.executable, "-m", "agentdesk.sandbox", "--seed", "7", "--speed", "10"])
    yield running
    assert stop(running) == (0, "")


@pytest.fixture
def sim(sandbox: Running) -> Iterator[httpx.Client]:
    """Give a client of the sandbox's script API; faults armed by the test are disarmed after it."""
    with httpx.Client(base_url=sandbox.url, timeout=30) as client:
        yield client
        client.delete("/_sim/faults").raise_for_status()
        client.post("/_sim/config", json={"cti_url": "", "stripe_webhook_url": ""}).raise_for_status()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give the address that callbacks can be sent to."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def client(sandbox: Running) -> Iterator[Client]:
    """Give Twilio's official SDK; the vendor's description, if there, has nothing against the traffic."""
    rebased = Rebased(sandbox.url)
    yield Client(sandbox.ready["account_sid"], sandbox.ready["auth_token"], http_client=rebased)
    assert rebased.problems == []


@pytest.fixture
def paid_call(client: Client, sim: httpx.Client, receiver: Receiver) -> PaidCall:
    """Give an answered call."""
    call = sim.post("/_sim/calls", json={"from": "+442079460958", "queue": "Billing"}).json()
    sim.post(f"/_sim/calls/{call['sid']}/answer", json={"agent": "Priya"}).raise_for_status()
    return PaidCall(client, sim, receiver, call)


@pytest.fixture
def merchant(sandbox: Running, sim: httpx.Client) -> Iterator[Merchant]:
    """Give Stripe's official SDK; the vendor's description, if there, has nothing against the traffic."""
    merchant = Merchant(sandbox, sim)
    yield merchant
    merchant.close()
    assert merchant.judged.problems == []
