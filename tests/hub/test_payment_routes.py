"""The routes of payments: who may use which, and what is not theirs is not there."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from agentdesk.hub import audit
from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import AuditEntry
from tests.hub.conftest import PASSWORD, client_of

pytestmark = pytest.mark.anyio

KEY = "k" * 20
AMOUNT = {"minor": 100, "currency": "GBP"}
NOT_THERE = [
    ("GET", "/v1/payment-intents/pi_none", None),
    ("POST", "/v1/payment-intents/pi_none/attempts", {"key": KEY, "route": "keypad"}),
    ("POST", "/v1/payment-intents/pi_none/receipt", {"email": "a@example.com"}),
    ("GET", "/v1/payment-intents/pi_none/receipt.pdf", None),
    ("POST", "/v1/attempts/pa_none/fields/number", None),
    ("POST", "/v1/attempts/pa_none/submit", None),
    ("POST", "/v1/attempts/pa_none/cancel", None),
]


@pytest.fixture
async def agent_client(hub_app: FastAPI, admin_client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Give a client that is signed in as an agent."""
    new = {"username": "priya", "name": "Priya Nair", "role": "agent", "password": PASSWORD}
    made = await admin_client.post("/v1/people", json=new)
    assert made.status_code == 201, made.text
    client = client_of(hub_app)
    session = await client.post("/v1/sessions", json={"username": "priya", "password": PASSWORD})
    client.headers["Authorization"] = f"Bearer {session.json()['token']}"
    return client


@pytest.mark.parametrize(("method", "path", "body"), NOT_THERE)
async def test_what_is_not_theirs_is_not_there(
    agent_client: httpx.AsyncClient, method: str, path: str, body: dict[str, object] | None
) -> None:
    answer = await agent_client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "payment_unknown")


@pytest.mark.parametrize(("method", "path", "body"), NOT_THERE)
async def test_refused_step_of_a_payment_is_in_the_audit_log(
    agent_client: httpx.AsyncClient, hub: Hub, method: str, path: str, body: dict[str, object] | None
) -> None:
    before = len(await _audited(hub))
    await agent_client.request(method, path, json=body)
    added = (await _audited(hub))[before:]
    if method == "GET":
        assert added == []
    else:
        (entry,) = added
        assert (entry.result, entry.detail) == ("refused", {"code": "payment_unknown"})
        assert entry.action.startswith("payments.")
        assert path.split("/")[3] in entry.subject
        assert (entry.user_id, entry.address) != (None, "")


async def test_what_the_role_does_not_allow_is_in_the_audit_log(
    agent_client: httpx.AsyncClient, hub_client: httpx.AsyncClient, hub: Hub
) -> None:
    await agent_client.get("/v1/payments")
    entry = (await _audited(hub))[-1]
    assert (entry.action, entry.result, entry.detail) == ("payments.log", "refused", {"code": "not_allowed"})
    before = len(await _audited(hub))
    await hub_client.post("/v1/attempts/pa_1/submit", headers={"Authorization": "Bearer nobody"})
    assert len(await _audited(hub)) == before  # somebody who is nobody cannot fill it
    async with hub.sessions() as session:
        assert await audit.verify(session) is None


async def _audited(hub: Hub) -> list[AuditEntry]:
    async with hub.sessions() as session:
        return list(await session.scalars(select(AuditEntry).order_by(AuditEntry.entry_id)))


@pytest.mark.parametrize(("method", "path", "body"), NOT_THERE)
async def test_nobody_who_is_not_signed_in_gets_an_answer(
    hub_client: httpx.AsyncClient, method: str, path: str, body: dict[str, object] | None
) -> None:
    assert (await hub_client.request(method, path, json=body)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/payments"), ("POST", "/v1/write-backs/wb_1/replay")]
)
async def test_log_and_replay_are_a_supervisors(
    agent_client: httpx.AsyncClient, admin_client: httpx.AsyncClient, method: str, path: str
) -> None:
    refused = await agent_client.request(method, path)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (await admin_client.request(method, path)).status_code in (200, 404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"receipt_email": "a@example.com\nBcc: b@example.com"}, "receipt_email"),
        ({"key": "short"}, "key"),
        ({"amount": {"minor": 1.5, "currency": "GBP"}}, "amount.minor"),
    ],
)
async def test_input_that_is_not_right_is_named_and_not_echoed(
    agent_client: httpx.AsyncClient, change: dict[str, object], field: str
) -> None:
    body = {"key": KEY, "call_id": "call_1", "customer_id": "cus_1", "amount": AMOUNT} | change
    answer = await agent_client.post("/v1/payment-intents", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")
    assert answer.json()["params"]["field"] == field
    assert "Bcc" not in answer.text


async def test_day_of_somebody_who_took_nothing(agent_client: httpx.AsyncClient) -> None:
    day = (await agent_client.get("/v1/agent-day")).json()
    assert day == {
        "taken": {"minor": 0, "currency": "GBP"},
        "taken_count": 0,
        "declined_count": 0,
        "open_work": [],
        "ended": [],
        "taken_elsewhere": [],
        "answered": [],
    }
