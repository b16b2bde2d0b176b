"""Pausing the recorder at Twilio."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.adapters.base import Rejected
from agentdesk.adapters.twilio.config import TwilioConfig
from agentdesk.adapters.twilio.recorder import TwilioRecorder
from tests.adapters.caller import Caller
from tests.adapters.raw import answering

pytestmark = pytest.mark.anyio


@pytest.fixture
async def port(twilio_config: TwilioConfig) -> AsyncIterator[TwilioRecorder]:
    port = TwilioRecorder(twilio_config)
    yield port
    await port.aclose()


def state(caller: Caller) -> str:
    return str(caller.sim.get(f"/_sim/calls/{caller.call_ref}/recorder").json()["state"])


async def test_pauses_and_resumes(port: TwilioRecorder, caller: Caller) -> None:
    await port.pause(caller.call_ref)
    assert state(caller) == "paused"
    await port.resume(caller.call_ref)
    assert state(caller) != "paused"


async def test_pausing_twice_is_no_error(port: TwilioRecorder, caller: Caller) -> None:
    await port.pause(caller.call_ref)
    await port.pause(caller.call_ref)
    assert state(caller) == "paused"


async def test_a_call_that_does_not_exist_is_never_called_paused(
    port: TwilioRecorder, caller: Caller
) -> None:
    with pytest.raises(Rejected):
        await port.pause("CA" + "0" * 32)


@pytest.mark.parametrize("body", [b'{"status": "in-progress"}', b"{}"])
async def test_another_word_than_paused_is_no_acknowledgement(
    body: bytes, twilio_config: TwilioConfig, caller: Caller
) -> None:
    async with answering(200, body) as url:
        port = TwilioRecorder(twilio_config.model_copy(update={"base_url": url}))
        with pytest.raises(Rejected):
            await port.pause(caller.call_ref)
        await port.aclose()


async def test_is_healthy(port: TwilioRecorder) -> None:
    assert (await port.check()).state == "ready"
