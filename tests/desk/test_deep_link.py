"""Links from a phone program: read with care, taken from this user only."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.deep_link import Listener, parse
from agentdesk.desk.session import Session
from agentdesk.domain.errors import Invalid
from agentdesk.wire.calls import NewCall
from tests.desk.fake_hub import FakeHub

LINK = "agentdesk://call?number=%2B442079460958&queue=Billing&ref=CA1"


def test_a_link_is_read() -> None:
    assert parse(LINK) == NewCall(number="+442079460958", queue="Billing", call_ref="CA1")


@pytest.mark.parametrize(
    "link",
    ["", "https://call?number=1", "agentdesk://pay?x=1", f"{LINK}{'x' * 1000}", f"{LINK}&queue={'q' * 90}"],
)
def test_other_links_are_refused(link: str) -> None:
    with pytest.raises(Invalid):
        parse(link)


def ask(listener: Path, key: str | None, qtbot: QtBot) -> bytes:
    """Send the link as `agentdesk call` does; None uses the key of the file."""

    where = json.loads(listener.read_text())

    async def talk() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", where["port"])
        writer.write(f"{where['key'] if key is None else key} {LINK}\n".encode())
        answer = await reader.read()
        writer.close()
        return answer

    task = asyncio.get_event_loop().create_task(talk())
    qtbot.waitUntil(task.done)
    return task.result()


def test_a_link_becomes_my_call_and_a_stranger_is_not_heard(
    session: Session, hub: FakeHub, enter: Callable[[], None], tmp_path: Path, qtbot: QtBot
) -> None:
    enter()
    listener = Listener(session, tmp_path / "desk.json")
    started = asyncio.get_event_loop().create_task(listener.start())
    qtbot.waitUntil(started.done)
    assert (tmp_path / "desk.json").stat().st_mode & 0o777 == 0o600
    assert ask(tmp_path / "desk.json", "a guess", qtbot) == b""
    assert hub.count("add_call") == 0
    assert ask(tmp_path / "desk.json", None, qtbot) == b"ok\n"
    qtbot.waitUntil(lambda: session.call is not None and session.call.number == "+442079460958")
    listener.close()
    assert not (tmp_path / "desk.json").exists()
