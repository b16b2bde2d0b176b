"""The line of bench/chaos: what is armed strikes once, and everything else passes."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from bench.chaos.line import (
    BUSY,
    DOUBLE,
    DOUBLE_LATE,
    LOST_ANSWER,
    LOST_REQUEST,
    SLOW_ANSWER,
    SLOW_REQUEST,
    Line,
    line,
    serving,
)

pytestmark = pytest.mark.anyio


class Far:
    """Who is at the other end, and what came there."""

    def __init__(self) -> None:
        self.came: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what was sent."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.came.append(head.split("\r\n")[0])
        writer.write(b"HTTP/1.1 200 Well\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwell")
        await writer.drain()
        writer.close()


@pytest.fixture
async def far() -> AsyncIterator[tuple[Far, Line]]:
    """Give the other end, and a line to it."""
    there = Far()
    async with serving(there.serve) as url, line(Line([int(url.rsplit(":", 1)[1])])) as before:
        yield there, before


async def _ask(before: Line, method: str = "POST") -> int | None:
    """Return the status of the answer; None where none came."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        try:
            answer = await client.request(method, before.url + "/x")
        except httpx.HTTPError:
            return None
    assert answer.is_error or answer.text == "well"
    return answer.status_code


@pytest.mark.parametrize(
    ("kind", "times"), [(LOST_REQUEST, 0), (SLOW_ANSWER, 0), (SLOW_REQUEST, 1), (DOUBLE, 1), (DOUBLE_LATE, 1)]
)
async def test_what_came_twice_or_late_is_noted(far: tuple[Far, Line], kind: str, times: int) -> None:
    _, before = far
    before.arm(kind, 0.01)
    await _ask(before)
    await before.drained()
    assert [one.line for one in before.again] == ["POST /x HTTP/1.1"] * times


@pytest.mark.parametrize(
    ("kind", "told", "comes"),
    [
        (LOST_REQUEST, None, 0),
        (LOST_ANSWER, None, 1),
        (BUSY, 503, 0),
        (SLOW_REQUEST, 200, 1),
        (SLOW_ANSWER, 200, 1),
        (DOUBLE, 200, 2),
        (DOUBLE_LATE, 200, 2),
    ],
)
async def test_each_fault_strikes_once(
    far: tuple[Far, Line], kind: str, told: int | None, comes: int
) -> None:
    there, before = far
    before.arm(kind, 0.01)
    assert await _ask(before) == told
    await before.drained()
    assert len(there.came) == comes
    assert await _ask(before) == 200
    assert before.met == {kind: 1}


async def test_a_read_is_not_doubled_and_the_fault_waits(far: tuple[Far, Line]) -> None:
    there, before = far
    before.arm(DOUBLE, 0.0)
    assert await _ask(before, "GET") == 200
    assert (len(there.came), before.met[DOUBLE]) == (1, 0)
    assert await _ask(before, "POST") == 200
    await before.drained()
    assert (len(there.came), before.met[DOUBLE]) == (3, 1)


async def test_who_is_gone_is_passed_over(far: tuple[Far, Line]) -> None:
    there, before = far
    async with serving(there.serve) as url:
        gone = int(url.rsplit(":", 1)[1])
    before.ports.append(gone)
    assert [await _ask(before) for _ in range(4)] == [200] * 4


async def test_nobody_there_is_no_answer() -> None:
    async with line(Line()) as before:
        assert await _ask(before) is None
