"""Text messages at Twilio."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.adapters.base import MessageEvidence, Misconfigured, OutcomeUnknown, RawWebhook, Rejected
from agentdesk.adapters.links import TextMessage as Message
from agentdesk.adapters.twilio.config import TwilioConfig
from agentdesk.adapters.twilio.messages import TwilioMessages
from agentdesk.adapters.twilio.webhooks import TwilioWebhooks
from tests.adapters.caller import Caller
from tests.adapters.raw import answering

pytestmark = pytest.mark.anyio
FROM = "+442079460000"


@pytest.fixture
def config(twilio_config: TwilioConfig) -> TwilioConfig:
    return twilio_config.model_copy(update={"messages_from": FROM})


@pytest.fixture
async def port(config: TwilioConfig) -> AsyncIterator[TwilioMessages]:
    port = TwilioMessages(config)
    yield port
    await port.aclose()


def a_message(caller: Caller, to: str = "+442079460958") -> Message:
    return Message(to, "Northwind Energy: pay at https://pay.example/1", f"{caller.receiver.url}/text")


async def test_a_text_reaches_the_phone_and_that_is_told(
    port: TwilioMessages, caller: Caller, config: TwilioConfig
) -> None:
    sid = await port.send(a_message(caller))
    (text,) = [
        one for one in caller.sim.get(f"/_sim/calls/{caller.call_ref}").json()["texts"] if one["sid"] == sid
    ]
    assert (text["from"], text["body"]) == (FROM, a_message(caller).body)
    post = caller.receiver.wait_for(lambda one: one.path == "/text")
    raw = RawWebhook(caller.receiver.url + post.path, post.headers, post.body)
    (told,) = TwilioWebhooks(config).receive(raw)
    assert isinstance(told, MessageEvidence)
    assert (told.message_id, told.delivered) == (sid, True)


async def test_what_is_no_number_is_refused(port: TwilioMessages, caller: Caller) -> None:
    with pytest.raises(Rejected):
        await port.send(a_message(caller, to="+1"))


async def test_a_reply_without_an_id_is_unknown(config: TwilioConfig, caller: Caller) -> None:
    async with answering(200, b"{}") as url:
        port = TwilioMessages(config.model_copy(update={"base_url": url}))
        with pytest.raises(OutcomeUnknown):
            await port.send(a_message(caller))
        await port.aclose()


async def test_is_healthy(port: TwilioMessages) -> None:
    assert (await port.check()).state == "ready"


def test_without_a_number_to_send_from_it_is_not_set_up(twilio_config: TwilioConfig) -> None:
    with pytest.raises(Misconfigured, match="messages_from"):
        TwilioMessages(twilio_config)
