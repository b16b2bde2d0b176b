"""Commands to a phone system: the agent answers on our screen."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from agentdesk.adapters.base import NotSent, Rejected
from agentdesk.adapters.cti.config import CtiConfig
from agentdesk.adapters.cti.phone import CtiPhone
from tests.adapters.raw import answering
from tests.processes import Running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def port(sandbox: Running) -> AsyncIterator[CtiPhone]:
    port = CtiPhone(
        CtiConfig(
            secret=sandbox.ready["cti_secret"],
            signature_header="X-Sandbox-Signature",
            command_url=f"{sandbox.url}/_sim/calls",
        )
    )
    yield port
    await port.aclose()


@pytest.fixture
def ringing(sim: httpx.Client) -> str:
    return str(sim.post("/_sim/calls", json={"from": "+442079460958", "queue": "Billing"}).json()["sid"])


@pytest.fixture
def status(sim: httpx.Client, ringing: str) -> Callable[[], str]:
    return lambda: str(sim.get(f"/_sim/calls/{ringing}").json()["status"])


async def test_answers_a_ringing_call(port: CtiPhone, ringing: str, status: Callable[[], str]) -> None:
    assert status() == "ringing"
    await port.answer(ringing, "priya")
    assert status() == "in-progress"


async def test_an_answered_call_cannot_be_answered_again(port: CtiPhone, ringing: str) -> None:
    await port.answer(ringing, "priya")
    with pytest.raises(Rejected):
        await port.answer(ringing, "sam")


async def test_a_call_that_is_not_there_is_refused(port: CtiPhone) -> None:
    with pytest.raises(Rejected):
        await port.answer("no such call", "priya")


async def test_without_an_address_the_agent_answers_on_the_phone(
    ringing: str, status: Callable[[], str]
) -> None:
    port = CtiPhone(CtiConfig(secret="s"))
    await port.answer(ringing, "priya")
    await port.aclose()
    assert status() == "ringing"


async def test_a_phone_system_that_is_down_is_not_sent(ringing: str) -> None:
    port = CtiPhone(CtiConfig(secret="s", command_url="http://127.0.0.1:9"))
    with pytest.raises(NotSent):
        await port.answer(ringing, "priya")
    await port.aclose()


@pytest.mark.parametrize("status_code", [302, 400, 404])
async def test_only_a_success_is_one(status_code: int, ringing: str) -> None:
    async with answering(status_code, b"") as url:
        port = CtiPhone(CtiConfig(secret="s", command_url=url))
        with pytest.raises(Rejected):
            await port.answer(ringing, "priya")
        await port.aclose()


async def test_whoever_answers_at_the_address_is_ready(port: CtiPhone) -> None:
    health = await port.check()
    assert (health.state, health.detail.partition(" in ")[0]) == ("ready", "answered")


@pytest.mark.parametrize(("status_code", "state"), [(404, "ready"), (500, "down")])
async def test_an_answer_that_knows_no_such_page_is_one_too(status_code: int, state: str) -> None:
    async with answering(status_code, b"") as url:
        port = CtiPhone(CtiConfig(secret="s", command_url=url))
        assert (await port.check()).state == state
        await port.aclose()


async def test_without_an_address_nothing_can_be_down() -> None:
    health = await CtiPhone(CtiConfig(secret="s")).check()
    assert (health.state, health.detail) == ("ready", "agents answer on their phone")


async def test_nobody_at_the_address_is_down() -> None:
    port = CtiPhone(CtiConfig(secret="s", command_url="http://127.0.0.1:9"))
    assert (await port.check()).state == "down"
    await port.aclose()
