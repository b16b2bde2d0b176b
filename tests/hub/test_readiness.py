"""The lamps: asked at once, remembered, told when they change, and never left as they were by a failure."""

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy import select

from agentdesk.adapters.base import Health, NotSent
from agentdesk.domain.call import DISPOSITIONS
from agentdesk.hub import readiness
from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import Event
from agentdesk.hub.readiness import Board
from agentdesk.hub.settings import Route, Settings
from agentdesk.i18n import speaking
from agentdesk.wire.readiness import LampState, Part
from tests.hub.outside import Quiet
from tests.until import WITHIN_S

pytestmark = pytest.mark.anyio


def _board(quiet: Quiet) -> Board:
    return Board(Settings(), dict.fromkeys(Part, quiet.check))


async def test_before_anybody_was_asked_nothing_is_ready_and_nothing_is_said_to_be_down() -> None:
    shown = _board(Quiet()).show()
    assert [lamp.part for lamp in shown.lamps] == list(Part)
    assert {lamp.state for lamp in shown.lamps} == {LampState.NOT_ASKED}
    assert [one.off_reason for one in shown.routes if one.route == "keypad"] == [None]


async def test_ways_to_pay_speak_the_hubs_language_and_the_firms_own_words_stay() -> None:
    with speaking("de"):
        ours = Board(Settings(), {}).show().routes
    assert [one.title for one in ours] == ["Karte über Keypad", "Sicherer Link", "Gespeicherte Karte"]
    assert ours[0].detail == "Der Anrufer gibt die Karte am Telefon ein."
    assert [one.allowed for one in ours] == [True, False, False]
    own = Route(route="keypad", title="Telefonkasse", detail="")
    with speaking("de"):
        shown = Board(Settings(routes=[own]), {}).show().routes[0]
    assert (shown.title, shown.detail) == ("Telefonkasse", "")


@pytest.mark.parametrize("part", [Part.PAYMENTS, Part.KEYPAD, Part.RECORDER])
async def test_a_part_that_is_silent_is_named_in_a_sentence(part: Part) -> None:
    silent = Quiet()
    silent.health = Health("down", "does not answer", 0.0)
    board = Board(Settings(), dict.fromkeys(Part, Quiet().check) | {part: silent.check})
    await board.ask()
    names = {Part.PAYMENTS: "payment provider", Part.KEYPAD: "keypad service", Part.RECORDER: "recorder"}
    assert board.show().routes[0].off_reason == f"The {names[part]} does not answer."


async def test_a_lamp_keeps_its_since_until_it_changes() -> None:
    quiet = Quiet()
    board = _board(quiet)
    assert await board.ask()
    first = board.show().lamps[0]
    assert not await board.ask()
    second = board.show().lamps[0]
    assert second.since == first.since
    assert second.checked_at > first.checked_at
    quiet.health = Health("slow", "Answers in 4.0 s", 4.0)
    assert await board.ask()
    third = board.show().lamps[0]
    assert (third.state, third.detail) == (LampState.SLOW, "Answers in 4.0 s")
    assert third.since > first.since
    assert board.show().routes[0].off_reason is None


@pytest.mark.allow_log("check failed")
@pytest.mark.parametrize("failure", [NotSent("stripe: ConnectError"), RuntimeError("our own bug")])
async def test_a_check_that_breaks_is_a_dark_lamp(failure: Exception) -> None:
    quiet = Quiet()
    board = _board(quiet)
    await board.ask()
    quiet.health = failure
    assert await board.ask()
    assert {lamp.state for lamp in board.show().lamps} == {LampState.DOWN}
    assert not any("Error" in lamp.detail or str(failure) in lamp.detail for lamp in board.show().lamps)


async def test_a_check_that_never_answers_is_a_dark_lamp_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readiness, "ANSWERS_WITHIN_S", 0.05)

    async def never() -> Health:
        await asyncio.Event().wait()
        raise AssertionError

    board = Board(Settings(), {**dict.fromkeys(Part, Quiet().check), Part.ACCOUNTS: never})
    await board.ask()
    states = {lamp.part: lamp.state for lamp in board.show().lamps}
    assert states.pop(Part.ACCOUNTS) is LampState.DOWN
    assert set(states.values()) == {LampState.READY}


async def test_the_hub_answers_from_memory_and_tells_every_desk(
    hub_client: httpx.AsyncClient, hub: Hub
) -> None:
    async with asyncio.timeout(WITHIN_S):
        while (shown := (await hub_client.get("/v1/readiness")).json())["lamps"][0]["state"] != "ready":
            pass
        while not (event := await _event(hub)):
            pass
    assert shown["business"] == "Northwind Energy"
    assert shown["test_mode"] is True
    assert shown["queues"][0]["queue"] == ""
    assert [one["code"] for one in shown["queues"][0]["dispositions"]] == list(DISPOSITIONS)
    assert event.data["readiness"]["queues"] == shown["queues"]  # the order survives the database
    assert event.user_id is None
    assert event.data["readiness"]["lamps"][0]["state"] == "ready"


async def test_one_more_look_asks_again_but_only_once_for_all_who_wish(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, passed_s = 0, 0.0

    async def check() -> Health:
        nonlocal asked, passed_s
        asked, passed_s = asked + 1, passed_s + readiness.MOMENT_S  # asking takes longer than a moment
        return Health("ready", "answered", 0.01)

    monkeypatch.setattr(readiness, "time", SimpleNamespace(monotonic=lambda: passed_s))
    board = Board(Settings(), dict.fromkeys(Part, check))
    looks = await asyncio.gather(*(board.look(hub) for _ in range(5)))
    assert {lamp.state for look in looks for lamp in look.lamps} == {LampState.READY}
    assert asked == len(Part)
    passed_s += readiness.MOMENT_S
    await board.look(hub)
    assert asked == 2 * len(Part)


async def test_how_old_a_balance_may_be_is_the_firms_to_say() -> None:
    board = Board(Settings(stale_minutes=3), dict.fromkeys(Part, Quiet().check))
    assert board.show().stale_after_s == 180


async def test_anybody_may_have_the_lamps_looked_at_again(hub_client: httpx.AsyncClient) -> None:
    shown = (await hub_client.get("/v1/readiness", params={"fresh": "true"})).json()
    assert {lamp["state"] for lamp in shown["lamps"]} == {"ready"}
    assert [lamp["part"] for lamp in shown["lamps"]] == [part.value for part in Part]


async def _event(hub: Hub) -> Event | None:
    async with hub.sessions() as session:
        return await session.scalar(select(Event).where(Event.kind == "readiness"))
