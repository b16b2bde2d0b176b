"""No card number gets in: not in a body, a query, a path or a header, however it is written."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import AuditEntry
from agentdesk.sandbox.cards import CARDS

pytestmark = [pytest.mark.anyio, pytest.mark.allow_log("card number refused")]

NUMBER = CARDS[0].number
SPACED = " ".join(NUMBER[i : i + 4] for i in range(0, 16, 4))


def _sign_in(**more: Any) -> dict[str, Any]:
    return {"username": "ada", "password": "x", **more}


async def _is_refused(answer: httpx.Response, hub: Hub, place: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (422, "card_number_refused")
    assert NUMBER not in answer.text
    assert SPACED not in answer.text
    async with hub.sessions() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
        assert (entry.action, entry.subject, entry.result, entry.detail) == (
            "card_number",
            place,
            "refused",
            {},
        )
        for table in await session.scalars(text("select tablename from pg_tables where schemaname='public'")):
            rows = (await session.scalars(text(f'select t::text from "{table}" t'))).all()
            assert not any(NUMBER in row or SPACED in row for row in rows), table


@pytest.mark.parametrize(
    "body",
    [
        {"username": NUMBER, "password": "x"},
        {"username": SPACED, "password": "x"},
        _sign_in(note={"deep": [{"deeper": f"the card is {NUMBER} ok"}]}),
        _sign_in(**{NUMBER: "as a key"}),
        _sign_in(number=int(NUMBER)),
        [NUMBER],
        NUMBER,
    ],
    ids=["text", "spaced", "nested", "key", "number", "list", "bare"],
)
async def test_a_body_with_a_card_number_is_refused(
    hub_client: httpx.AsyncClient, hub: Hub, body: Any
) -> None:
    await _is_refused(await hub_client.post("/v1/sessions", json=body), hub, "body")


async def test_escapes_in_json_hide_nothing(hub_client: httpx.AsyncClient, hub: Hub) -> None:
    escaped = "".join(f"\\u{ord(c):04x}" for c in NUMBER)
    body = '{"username": "' + escaped + '", "password": "x"}'
    await _is_refused(await hub_client.post("/v1/sessions", content=body), hub, "body")


async def test_a_body_that_is_not_json_is_looked_at_too(hub_client: httpx.AsyncClient, hub: Hub) -> None:
    await _is_refused(await hub_client.post("/v1/sessions", data={"number": SPACED}), hub, "body")


async def test_a_card_number_in_the_query_is_refused(hub_client: httpx.AsyncClient, hub: Hub) -> None:
    await _is_refused(await hub_client.get("/v1/customers", params={"q": SPACED}), hub, "query")


async def test_a_card_number_in_the_path_is_refused(hub_client: httpx.AsyncClient, hub: Hub) -> None:
    await _is_refused(await hub_client.get(f"/v1/customers/{NUMBER}"), hub, "path")


async def test_a_card_number_as_the_last_event_seen_is_refused(
    hub_client: httpx.AsyncClient, hub: Hub
) -> None:
    await _is_refused(await hub_client.get("/v1/events", headers={"Last-Event-ID": NUMBER}), hub, "header")


async def test_a_body_beyond_the_limit_is_refused_unread(hub_client: httpx.AsyncClient) -> None:
    answer = await hub_client.post("/v1/sessions", content=b" " * (256 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("word", ["\x00", "\ud800"], ids=["nul", "half a pair"])
async def test_a_text_that_no_database_takes_is_refused(hub_client: httpx.AsyncClient, word: str) -> None:
    body = json.dumps({"username": f"a{word}b", "password": "x"})
    answer = await hub_client.post("/v1/sessions", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")


async def test_json_too_deep_to_read_is_refused(hub_client: httpx.AsyncClient) -> None:
    answer = await hub_client.post("/v1/sessions", content=b"[" * 100_000)
    assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")


async def test_one_refused_before_it_came_here_is_kept_as_a_fact(
    admin_client: httpx.AsyncClient, hub: Hub
) -> None:
    assert (await admin_client.post("/v1/calls/refusals")).status_code == 204
    async with hub.sessions() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action == "card_number"))
        assert [(row.subject, row.result, row.user_id is not None, row.detail) for row in rows] == [
            ("call", "refused", True, {})
        ]
