"""The client of vendors: what may be concluded from each way an exchange can go."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from agentdesk.adapters.base import Misconfigured, NotSent, OutcomeUnknown, RateLimited, Rejected, VendorError
from agentdesk.adapters.http import VendorHttp, json_of, refusal, scrub
from tests.adapters.raw import Talk, answering, request, talking
from tests.until import WITHIN_S

pytestmark = pytest.mark.anyio

#: Of who never answers; half of it is enough to connect, also on a busy machine. Else nobody is in a hurry.
TIMEOUT_S = 1.0


async def send(url: str, method: str = "POST", timeout_s: float = WITHIN_S) -> int:
    http = VendorHttp("vendor", url, auth=("user", "very private"), timeout_s=timeout_s)
    try:
        form = {"secret": "very private"} if method == "POST" else None
        return (await http.send(method, "/path", params=[("q", "very private")], form=form)).status_code
    finally:
        await http.aclose()


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    await reader.read()


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte now and then until the client goes, so that no single read of theirs takes long."""
    await request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        try:
            async with asyncio.timeout(TIMEOUT_S / 10):
                await reader.read(1)
                return
        except TimeoutError:
            continue


async def talks_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    writer.write(b"nonsense\r\n\r\n")
    await writer.drain()


async def stops_half_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"id":')
    await writer.drain()


@pytest.mark.parametrize("talk", [resets, says_nothing, drips, talks_nonsense, stops_half_way])
async def test_a_request_without_a_whole_answer_is_unknown(talk: Talk) -> None:
    async with talking(talk) as url:
        with pytest.raises(OutcomeUnknown):
            await send(url, timeout_s=TIMEOUT_S)
        with pytest.raises(NotSent):  # a read changes nothing, so there is nothing to be unsure of
            await send(url, "GET", TIMEOUT_S)


@pytest.fixture
async def closed_port() -> AsyncIterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


async def test_nobody_listening_is_not_sent(closed_port: str) -> None:
    with pytest.raises(NotSent):
        await send(closed_port)


async def test_a_name_that_does_not_exist_is_not_sent() -> None:
    with pytest.raises(NotSent):
        await send("http://vendor.invalid")


async def test_a_server_without_tls_is_not_sent() -> None:
    async with answering(200, b"{}") as url:
        with pytest.raises(NotSent):
            await send(url.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("header", "seconds"), [("Retry-After: 7", 7.0), ("Retry-After: soon", None), ("X: 1", None)]
)
async def test_429_says_when_to_come_back(header: str, seconds: float | None) -> None:
    async with answering(429, b"", header) as url:
        with pytest.raises(RateLimited) as limited:
            await send(url)
    assert limited.value.retry_after == seconds


@pytest.mark.parametrize("status", [500, 502, 503, 599])
async def test_a_5xx_is_unknown_for_a_write_only(status: int) -> None:
    async with answering(status, b"") as url:
        with pytest.raises(OutcomeUnknown):
            await send(url)
        with pytest.raises(NotSent):
            await send(url, "GET")


@pytest.mark.parametrize("status", [200, 201, 302, 400, 402, 404, 409])
async def test_other_answers_are_the_adapters_to_judge(status: int) -> None:
    async with answering(status, b"", "Location: http://127.0.0.1:9/") as url:
        assert await send(url) == status


async def test_the_log_has_neither_bodies_nor_credentials() -> None:
    async with answering(200, b'{"card": "very private"}') as url:
        with capture_logs() as lines:
            await send(url)
    assert len(lines) == 1
    assert (lines[0]["vendor"], lines[0]["path"], lines[0]["result"]) == ("vendor", "/path", "200")
    assert "very private" not in str(lines)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Rejected), (404, Rejected), (401, Misconfigured), (403, Misconfigured)]
)
async def test_a_refusal_says_whose_it_is(status: int, kind: type[VendorError]) -> None:
    async with answering(status, b"") as url:
        http = VendorHttp("vendor", url)
        response = await http.send("GET", "/")
        await http.aclose()
    error = refusal("vendor", response, None, "no")
    assert type(error) is kind
    assert (error.vendor_code, error.detail) == (str(status), "vendor: no")
    assert refusal("vendor", response, "E7", "x" * 1000).vendor_code == "E7"
    assert len(refusal("vendor", response, None, "x" * 1000).detail) < 400


async def test_an_answer_that_is_not_json_is_unknown() -> None:
    async with answering(200, b"<html>") as url:
        http = VendorHttp("vendor", url)
        response = await http.send("GET", "/")
        await http.aclose()
    with pytest.raises(OutcomeUnknown):
        json_of("vendor", response)


async def test_card_numbers_are_scrubbed_and_other_numbers_stay() -> None:
    digits = "4" + "1" * 15
    assert digits not in scrub(f"no such card {digits}")
    assert scrub("amount 1234 is too small") == "amount 1234 is too small"


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (200, "ready", "answered in 0.0 s"),
        (401, "down", "refuses our key: ask IT"),
        (403, "down", "refuses our key: ask IT"),
        (404, "down", "refuses our question: ask IT"),
        (429, "down", "is asked too often: wait"),
        (500, "down", "does not answer"),
    ],
)
async def test_health(status: int, state: str, words: str) -> None:
    async with answering(status, b"{}") as url:
        http = VendorHttp("vendor", url)
        health = await http.health("/")
        await http.aclose()
    assert health.state == state
    assert health.detail.partition(" in ")[0] == words.partition(" in ")[0]
    assert health.took_s > 0


async def test_health_of_nobody_there(closed_port: str) -> None:
    http = VendorHttp("vendor", closed_port)
    health = await http.health("/")
    await http.aclose()
    assert (health.state, health.detail) == ("down", "does not answer")
