"""Pausing the recorder at Twilio."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.adapters.base import Rejected
from agentdesk.adapters.twilio.config import TwilioConfig
from agentdesk.adapters.twilio.recorder import TwilioRecorder
from tests.adapters.caller import Caller

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
