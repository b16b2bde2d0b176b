"""Links from a phone program: read with care, taken from this user only."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.deep_link import NO_DESK, REFUSED, Listener, parse, send
from agentdesk.desk.session import Session
from agentdesk.domain.errors import AgentDeskError, Invalid
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


_CARD = ["4242"] * 4
_SPELLINGS = [
    "".join(_CARD),
    "+".join(_CARD),
    "%20".join(_CARD),
    "%2520".join(_CARD),
    "%2D".join(_CARD),
    "%C2%A0".join(_CARD),
    "%E2%80%93".join(_CARD),
    "%2E".join(_CARD),
    "".join(f"%3{digit}" for digit in "".join(_CARD)),
    "".join(f"%253{digit}" for digit in "".join(_CARD)),
]


@pytest.mark.parametrize("name", ["number", "queue", "ref", "other"])
@pytest.mark.parametrize("card", _SPELLINGS)
def test_a_card_number_is_refused_however_it_is_written(name: str, card: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(f"{LINK}&{name}={card}")
    assert refused.value.code == "card_number_refused"


def test_a_plus_that_was_not_encoded_stays_one() -> None:
    assert parse("agentdesk://call?number=+442079460958").number == "+442079460958"


def test_what_is_no_link_is_refused_in_words() -> None:
    with pytest.raises(Invalid) as refused:
        parse("agentdesk://[call?number=1")
    assert "link" in refused.value.text


@pytest.fixture
def at(session: Session, tmp_path: Path, qtbot: QtBot) -> Iterator[Path]:
    """Return where a listening desk says where it listens."""
    listener = Listener(session, tmp_path / "desk.json")
    started = asyncio.get_event_loop().create_task(listener.start())
    qtbot.waitUntil(started.done)
    yield tmp_path / "desk.json"
    listener.close()
    assert not (tmp_path / "desk.json").exists()


def told(at: Path, qtbot: QtBot, link: str = LINK) -> str:
    """Send a link as `agentdesk call` does, from outside of the desk's thread."""
    sent = asyncio.get_event_loop().run_in_executor(None, send, link, at)
    qtbot.waitUntil(sent.done)
    return sent.result()


def test_a_link_becomes_my_call(
    session: Session, hub: FakeHub, enter: Callable[[], None], at: Path, qtbot: QtBot
) -> None:
    enter()
    assert at.stat().st_mode & 0o777 == 0o600
    assert told(at, qtbot) == ""
    assert session.call is not None
    assert session.call.number == "+442079460958"


def test_a_stranger_is_not_heard(
    session: Session, hub: FakeHub, enter: Callable[[], None], at: Path, qtbot: QtBot
) -> None:
    enter()
    at.write_text(json.dumps(json.loads(at.read_text()) | {"key": "a guess"}))
    assert told(at, qtbot) == NO_DESK
    assert hub.count("add_call") == 0


def test_the_sender_and_the_agent_hear_why_the_hub_refuses(
    session: Session, hub: FakeHub, enter: Callable[[], None], at: Path, qtbot: QtBot
) -> None:
    enter()
    shown: list[AgentDeskError] = []
    session.failed.connect(shown.append)
    hub.fail("add_call", Invalid("phone_invalid", phone="0044"))
    words = told(at, qtbot, "agentdesk://call?number=0044")
    assert words == "0044 is not a telephone number. No payment was touched. Check it."
    assert [error.text for error in shown] == [words]
    assert session.call is None


@pytest.mark.parametrize("link", [REFUSED, "agentdesk://call?number=" + "".join(_CARD)])
def test_of_a_card_number_only_the_fact_is_told(
    session: Session, hub: FakeHub, enter: Callable[[], None], at: Path, qtbot: QtBot, link: str
) -> None:
    enter()
    shown: list[AgentDeskError] = []
    session.failed.connect(shown.append)
    assert told(at, qtbot, link).startswith("That looked like a card number.")
    assert [error.code for error in shown] == ["card_number_refused"]
    assert [asked for asked in hub.asked if asked[0] in ("note_refusal", "add_call")] == [
        ("note_refusal", ())
    ]


def test_the_sender_waits_for_the_hub(
    session: Session, hub: FakeHub, enter: Callable[[], None], at: Path, qtbot: QtBot
) -> None:
    enter()
    answer = hub.hold("add_call")
    sent = asyncio.get_event_loop().run_in_executor(None, send, LINK, at)
    qtbot.waitUntil(lambda: hub.count("add_call") == 1)
    assert not sent.done()
    answer.set()
    qtbot.waitUntil(sent.done)
    assert sent.result() == ""


def test_without_anybody_signed_in_the_sender_is_told(at: Path, hub: FakeHub, qtbot: QtBot) -> None:
    assert told(at, qtbot).startswith("You are signed out.")
    assert hub.count("add_call") == 0


def test_without_a_desk_the_sender_is_told(tmp_path: Path) -> None:
    assert send(LINK, tmp_path / "desk.json") == NO_DESK
