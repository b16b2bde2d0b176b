"""RehearsalPort on a running sandbox: each exercise's caller can be placed, once for each key."""

import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from agentdesk.adapters.base import NotSent, Rejected
from agentdesk.adapters.rehearsals import PlaceCall
from agentdesk.adapters.sandbox.callers import PARTS, SandboxCallers
from agentdesk.adapters.sandbox.config import SandboxConfig
from agentdesk.domain.exercises import ExerciseCode
from tests.processes import Running, start, stop

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    """Give a sandbox."""
    running = start([sys.executable, "-m", "agentdesk.sandbox", "--seed", "7"])
    yield running
    assert stop(running) == (0, "")


@pytest.fixture
async def callers(sandbox: Running) -> AsyncIterator[SandboxCallers]:
    """Give the adapter."""
    port = SandboxCallers(SandboxConfig(base_url=sandbox.url))
    yield port
    await port.aclose()


def _wish(
    key: str, exercise: ExerciseCode = ExerciseCode.PLAIN, number: str | None = "+442079460958"
) -> PlaceCall:
    return PlaceCall(key, exercise, number, "Rehearsal", "priya.nair")


async def _call(sandbox: Running, ref: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=sandbox.url) as client:
        return dict((await client.get(f"/_sim/calls/{ref}")).json())


@pytest.mark.parametrize("exercise", ExerciseCode)
async def test_every_exercise_has_a_caller(
    callers: SandboxCallers, sandbox: Running, exercise: ExerciseCode
) -> None:
    ref = await callers.place(_wish(f"each {exercise}", exercise))
    call = await _call(sandbox, ref)
    assert (call["status"], call["agent"], call["queue"]) == ("in-progress", "priya.nair", "Rehearsal")
    assert call["autopilot"] == PARTS[exercise]["cards"][0]


async def test_a_key_places_one_call_and_a_withheld_number_is_none(
    callers: SandboxCallers, sandbox: Running
) -> None:
    refs = {await callers.place(_wish("the same", number=None)) for _ in range(2)}
    assert len(refs) == 1
    assert (await _call(sandbox, refs.pop()))["from"] == "anonymous"


async def test_the_numbers_are_those_who_can_ring(callers: SandboxCallers, sandbox: Running) -> None:
    known = [{"name": "Amara Okafor", "number": "+442079460958"}]
    async with httpx.AsyncClient(base_url=sandbox.url) as client:
        (await client.post("/_sim/callers", json=known)).raise_for_status()
    assert await callers.numbers() == ["+442079460958"]


async def test_a_caller_is_hung_up(callers: SandboxCallers, sandbox: Running) -> None:
    ref = await callers.place(_wish("hung up"))
    await callers.hang_up(ref)
    assert (await _call(sandbox, ref))["status"] == "completed"
    with pytest.raises(Rejected):
        await callers.hang_up("CAnobody")


async def test_no_sandbox_is_not_sent() -> None:
    port = SandboxCallers(SandboxConfig(base_url="http://127.0.0.1:9"))
    with pytest.raises(NotSent):
        await port.place(_wish("nobody"))
    await port.aclose()
