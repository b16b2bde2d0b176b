"""Signing in, set-up, people and what they may do."""

from datetime import datetime, timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text, update

from agentdesk.domain.ids import now
from agentdesk.hub import auth
from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import AuditEntry, Call, SignInTry, User, UserSession
from tests.hub.conftest import PASSWORD, RunHub

pytestmark = pytest.mark.anyio


async def _sign_in(
    client: httpx.AsyncClient, username: str = "ada", password: str = PASSWORD
) -> httpx.Response:
    return await client.post("/v1/sessions", json={"username": username, "password": password})


async def _let_the_delay_pass(hub: Hub, by: timedelta = timedelta(hours=1)) -> None:
    async with hub.sessions.begin() as session:
        await session.execute(update(SignInTry).values(blocked_until=SignInTry.blocked_until - by))


async def test_set_up_makes_the_first_administrator_and_only_them(hub_client: httpx.AsyncClient) -> None:
    assert (await hub_client.get("/v1/set-up")).json() == {"needed": True}
    first = await hub_client.post(
        "/v1/set-up", json={"username": "Ada ", "name": "Ada", "password": PASSWORD}
    )
    assert (first.status_code, first.json()["person"]["role"]) == (201, "admin")
    assert (await hub_client.get("/v1/set-up")).json() == {"needed": False}
    second = await hub_client.post(
        "/v1/set-up", json={"username": "eve", "name": "Eve", "password": PASSWORD}
    )
    assert (second.status_code, second.json()["code"]) == (409, "set_up_done")


@pytest.mark.parametrize(("address", "status"), [("10.0.0.7", 403), ("::1", 201), ("127.0.0.1", 201)])
async def test_set_up_is_done_on_the_hubs_own_machine(run_hub: RunHub, address: str, status: int) -> None:
    async with run_hub() as app:
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            given = {"username": "ada", "name": "Ada", "password": PASSWORD}
            answer = await client.post("/v1/set-up", json=given)
    assert answer.status_code == status
    assert status == 201 or "agentdesk admin create-user" in answer.json()["title"]


async def test_a_session_opens_and_closes(admin_client: httpx.AsyncClient) -> None:
    answer = await _sign_in(admin_client, " ADA ")
    assert answer.status_code == 201
    admin_client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    me, session = (await admin_client.get("/v1/me")).json(), answer.json()
    assert (me["username"], me["signed_in_until"]) == ("ada", session["expires_at"])
    assert session["person"] == me
    assert (await admin_client.delete("/v1/sessions/current")).status_code == 204
    refused = await admin_client.get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


async def test_a_renewed_session_takes_the_place_of_the_one_before(
    admin_client: httpx.AsyncClient, hub: Hub
) -> None:
    newer = {"Authorization": f"Bearer {(await _sign_in(admin_client)).json()['token']}"}
    ended = await admin_client.delete("/v1/sessions/current", params={"renewed": True})
    assert ended.status_code == 204
    assert (await admin_client.get("/v1/me")).status_code == 401
    assert (await admin_client.get("/v1/me", headers=newer)).status_code == 200
    async with hub.sessions() as session:
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_out"))
        assert [one.detail for one in entries] == [{"renewed": True}]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi"])
async def test_without_a_live_token_nobody_is_signed_in(hub_client: httpx.AsyncClient, header: str) -> None:
    answer = await hub_client.get("/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401


async def test_a_session_ends_after_its_time(admin_client: httpx.AsyncClient, hub: Hub) -> None:
    async with hub.sessions.begin() as session:
        await session.execute(update(UserSession).values(expires_at=now()))
    assert (await admin_client.get("/v1/me")).status_code == 401


async def test_a_disabled_person_is_out_at_once(admin_client: httpx.AsyncClient, hub: Hub) -> None:
    async with hub.sessions.begin() as session:
        await session.execute(update(User).values(disabled_at=now()))
    assert (await admin_client.get("/v1/me")).status_code == 401
    assert (await _sign_in(admin_client)).json()["code"] == "sign_in_failed"


async def test_no_token_or_password_is_in_the_database(admin_client: httpx.AsyncClient, hub: Hub) -> None:
    token = admin_client.headers["Authorization"].split()[1]
    assert len(token) >= 43  # 256 bits
    async with hub.sessions() as session:
        for table in ("user_account", "user_session", "audit_entry", "event", "sign_in_try"):
            rows = (await session.execute(text(f"select t::text from {table} t"))).scalars().all()
            assert not any(token in row or PASSWORD in row for row in rows)


async def test_an_unknown_name_and_a_wrong_password_answer_alike(admin_client: httpx.AsyncClient) -> None:
    known, unknown = await _sign_in(admin_client, "ada", "x"), await _sign_in(admin_client, "eve", "x")
    assert known.status_code == unknown.status_code == 401
    assert known.json() == unknown.json()


async def test_an_unknown_name_costs_a_whole_password_check(
    admin_client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = auth._verify

    def counting(password_hash: str, password: str) -> bool:
        checked.append(password_hash)
        return verify(password_hash, password)

    monkeypatch.setattr(auth, "_verify", counting)
    await _sign_in(admin_client, "eve", "x")
    assert checked == [auth.DUMMY_HASH]
    assert not PasswordHasher().check_needs_rehash(auth.DUMMY_HASH)  # same cost as a real one


async def test_the_wait_grows_with_each_failure_of_a_name(admin_client: httpx.AsyncClient, hub: Hub) -> None:
    for wait_s in (1, 2, 4, 8):
        assert (await _sign_in(admin_client, "eve", "x")).json()["code"] == "sign_in_failed"
        slow = await _sign_in(admin_client, "eve", "x")
        assert (slow.status_code, slow.json()["code"]) == (429, "sign_in_slow_down")
        assert slow.json()["params"] == {"seconds": wait_s}
        assert slow.headers["Retry-After"] == str(wait_s)
        await _let_the_delay_pass(hub, timedelta(seconds=wait_s))


async def test_the_wait_is_never_longer_than_a_quarter_of_an_hour(
    admin_client: httpx.AsyncClient, hub: Hub
) -> None:
    async with hub.sessions.begin() as session:
        session.add(SignInTry(username="eve", failures=40, blocked_until=now()))
    await _sign_in(admin_client, "eve", "x")
    assert (await _sign_in(admin_client, "eve", "x")).json()["params"]["seconds"] == 15 * 60


async def test_signing_in_forgets_the_failures(admin_client: httpx.AsyncClient, hub: Hub) -> None:
    await _sign_in(admin_client, "ada", "x")
    assert (await _sign_in(admin_client)).status_code == 429  # even with the right password
    await _let_the_delay_pass(hub, timedelta(seconds=1))
    assert (await _sign_in(admin_client)).status_code == 201
    assert (await _sign_in(admin_client)).status_code == 201


async def test_signing_in_and_out_is_in_the_audit_log(admin_client: httpx.AsyncClient, hub: Hub) -> None:
    await _sign_in(admin_client, "ada", "x")
    await _sign_in(admin_client, "my secret typed as a name", "x")
    await admin_client.delete("/v1/sessions/current")
    async with hub.sessions() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.entry_id))).all()
    user_id = entries[0].subject
    assert [(e.action, e.subject, e.result) for e in entries] == [
        ("person.create", user_id, "done"),
        ("sign_in", user_id, "done"),
        ("sign_in", user_id, "failed"),
        ("sign_in", "unknown name", "failed"),
        ("sign_out", user_id, "done"),
    ]


async def test_an_administrator_makes_people(admin_client: httpx.AsyncClient) -> None:
    new = {"username": "Priya", "name": "Priya", "password": PASSWORD, "role": "agent", "limit_minor": 50000}
    made = await admin_client.post("/v1/people", json=new)
    assert made.status_code == 201
    assert made.json()["limit"] == {"minor": 50000, "currency": "GBP"}
    assert made.json()["permissions"] == ["take_payment"]
    again = await admin_client.post("/v1/people", json=new)
    assert (again.status_code, again.json()["code"]) == (409, "user_name_taken")
    assert [p["username"] for p in (await admin_client.get("/v1/people")).json()] == ["ada", "priya"]


async def test_a_short_password_is_refused(admin_client: httpx.AsyncClient) -> None:
    new = {"username": "bob", "name": "Bob", "password": "elevenchars", "role": "agent"}
    answer = await admin_client.post("/v1/people", json=new)
    assert (answer.status_code, answer.json()["code"]) == (422, "password_weak")


async def test_an_agent_may_not_manage_people(admin_client: httpx.AsyncClient) -> None:
    new = {"username": "priya", "name": "Priya", "password": PASSWORD, "role": "agent"}
    await admin_client.post("/v1/people", json=new)
    token = (await _sign_in(admin_client, "priya")).json()["token"]
    answer = await admin_client.get("/v1/people", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("may_refund", [False, True])
async def test_an_agent_refunds_only_where_they_were_given_the_right(
    admin_client: httpx.AsyncClient, may_refund: bool
) -> None:
    new = {"username": "sam", "name": "Sam", "password": PASSWORD, "role": "agent", "limit_minor": 5000}
    made = await admin_client.post("/v1/people", json=new | {"may_refund": may_refund})
    assert made.status_code == 201
    token = (await _sign_in(admin_client, "sam")).json()["token"]
    sam = {"Authorization": f"Bearer {token}"}
    permissions = (await admin_client.get("/v1/me", headers=sam)).json()["permissions"]
    assert ("refund" in permissions, "allow_refund" in permissions) == (may_refund, False)
    assert "see_payment_log" not in permissions
    found = await admin_client.get("/v1/refundable", params={"q": "123.36"}, headers=sam)
    assert found.status_code == (200 if may_refund else 403)
    assert (await admin_client.get("/v1/payments", headers=sam)).status_code == 403


async def _expire(hub: Hub, by: timedelta) -> None:
    async with hub.sessions.begin() as session:
        await session.execute(update(UserSession).values(expires_at=now() - by))


async def _on_a_call(hub: Hub, state: str) -> None:
    async with hub.sessions.begin() as session:
        user_id = await session.scalar(select(User.user_id))
        session.add(Call(call_id=f"call_{state}", state=state, user_id=user_id, matches=[], started_at=now()))


@pytest.mark.parametrize(
    ("state", "ago", "status"),
    [
        ("connected", timedelta(minutes=1), 200),
        ("wrap_up", timedelta(minutes=1), 200),
        ("ended", timedelta(minutes=1), 401),
        (None, timedelta(minutes=1), 401),
        ("connected", auth.CALL_LASTS + timedelta(minutes=1), 401),
    ],
)
async def test_a_session_that_ends_in_the_middle_of_a_call_goes_on_until_that_is_over(
    hub: Hub, admin_client: httpx.AsyncClient, state: str | None, ago: timedelta, status: int
) -> None:
    if state is not None:
        await _on_a_call(hub, state)
    await _expire(hub, ago)
    me = await admin_client.get("/v1/me")
    assert me.status_code == status
    assert status == 401 or datetime.fromisoformat(me.json()["signed_in_until"]) < now()  # and says so
