"""The payment log on a real PostgreSQL: what a filter shows, pages by key, totals."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from agentdesk.domain.errors import Invalid
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.hub.db import tables
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.payment_log import Filters, page
from agentdesk.wire.payment_log import PaymentLogPage
from tests.hub.conftest import PASSWORD

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_PEOPLE = {"usr_1": "Priya Nair", "usr_2": "Sam Boateng"}


class Log:
    """Writes payments as the hub would have, and reads the log."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def people(self) -> None:
        """Add two agents and a call."""
        async with self._sessions.begin() as session:
            for user_id, name in _PEOPLE.items():
                session.add(
                    tables.User(user_id=user_id, username=user_id, name=name, role="agent", password_hash="")
                )
            session.add(tables.Call(call_id="call_1", state="connected", matches=[], started_at=NOON))

    async def add(self, name: str, *attempts: tables.Attempt, **changes: Any) -> None:
        """Add a payment; `name` is the end of its id, of the attempts' ids and of its reference."""
        intent = tables.PaymentIntent(
            intent_id=f"pay_{name}",
            key=f"key-{name}",
            reference=f"PMT-{name}",
            call_id="call_1",
            customer_id="cus_1",
            **(
                {
                    "customer_name": "Amara Okafor",
                    "user_id": "usr_1",
                    "amount_minor": 1000,
                    "currency": "GBP",
                    "allocations": [],
                    "created_at": NOON,
                }
                | changes
            ),
        )
        async with self._sessions.begin() as session:
            session.add(intent)
            await session.flush()
            for number, attempt in enumerate(attempts, 1):
                attempt.intent_id, attempt.number = intent.intent_id, number
                attempt.attempt_id = attempt.key = attempt.charge_key = f"{name}-{number}"
                session.add(attempt)

    async def owe(self, name: str, kind: str, state: WriteBackState, minute: int = 0) -> None:
        """Add a write-back of a payment."""
        row = tables.WriteBack(
            write_back_id=f"wb_{name}_{kind}_{minute}",
            intent_id=f"pay_{name}",
            kind=kind,
            reference=f"{name}:{minute}",
            customer_id="cus_1",
            payload={},
            state=state,
            detail="",
            created_at=NOON + timedelta(minutes=minute),
        )
        async with self._sessions.begin() as session:
            session.add(row)

    async def read(
        self, filters: Filters | None = None, cursor: str | None = None, limit: int = 50
    ) -> PaymentLogPage:
        """Return a page."""
        async with self._sessions() as session:
            return await page(session, filters or Filters(), cursor, limit, "GBP")

    async def shown(self, **filters: Any) -> list[str]:
        """Return the names of the payments that match."""
        return names(await self.read(Filters(**filters)))


def names(found: PaymentLogPage) -> list[str]:
    """Return which payments are on the page."""
    return [row.intent_id.removeprefix("pay_") for row in found.rows]


def attempt(
    state: AttemptState = AttemptState.APPROVED, last4: str = "4242", route: str = "keypad"
) -> tables.Attempt:
    """Make a try that was sent."""
    return tables.Attempt(
        route=route, state=state, card_brand="visa", card_last4=last4, started_at=NOON, sent_at=NOON
    )


@pytest.fixture
async def log(sessions: Sessions) -> Log:
    """Give a log with two agents and no payment."""
    log = Log(sessions)
    await log.people()
    return log


async def test_an_empty_log_has_totals_of_nothing(log: Log) -> None:
    found = await log.read()
    assert (found.rows, found.cursor) == ([], None)
    assert found.totals is not None
    assert (found.totals.count, found.totals.approved.minor, found.totals.sent_count) == (0, 0, 0)


async def test_newest_come_first(log: Log) -> None:
    await log.add("A", created_at=NOON)
    await log.add("B", created_at=NOON + timedelta(seconds=2))
    await log.add("C", created_at=NOON + timedelta(seconds=1))
    assert await log.shown() == ["B", "C", "A"]


async def test_each_filter_shows_what_it_says(log: Log) -> None:
    later = NOON + timedelta(days=1)
    await log.add("A", attempt(AttemptState.DECLINED), amount_minor=500)
    await log.add("B", attempt(route="link"), user_id="usr_2", created_at=later)
    assert await log.shown(agent="usr_2") == ["B"]
    assert await log.shown(route="link") == ["B"]
    assert await log.shown(state=AttemptState.DECLINED) == ["A"]
    assert await log.shown(since=later) == ["B"]
    assert await log.shown(until=later) == ["A"]
    assert await log.shown(smallest=501) == ["B"]
    assert await log.shown(largest=500) == ["A"]
    assert await log.shown(agent="usr_2", largest=500) == []


async def test_a_day_begins_at_its_first_instant_and_ends_before_the_next(log: Log) -> None:
    await log.add("A", created_at=NOON)
    assert await log.shown(since=NOON, until=NOON + timedelta(microseconds=1)) == ["A"]
    assert await log.shown(since=NOON - timedelta(hours=1), until=NOON) == []


@pytest.mark.parametrize("words", ["7Q4M-K2ZD", "7q4mk2zd", "PMT-01JD", " okafor ", "4242"])
async def test_a_search_finds_by_reference_name_and_last_four(log: Log, words: str) -> None:
    await log.add("01JDXXXX7Q4MK2ZD", attempt())
    await log.add("01JEYYYY00000000", attempt(last4="1881"), customer_name="Owen Price", user_id="usr_2")
    found = await log.shown(q=words)
    assert found == ["01JDXXXX7Q4MK2ZD"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "A%a", "A_ara", "invoice_id", "424"])
async def test_a_search_takes_every_character_as_itself(log: Log, words: str) -> None:
    invoice = {"invoice_id": "1", "number": "NW-1", "amount_minor": 1000}
    await log.add("A", attempt(), allocations=[invoice])
    assert await log.shown(q=words) == []


async def test_a_name_with_such_a_character_is_found_by_it(log: Log) -> None:
    await log.add("A", customer_name="100% Solar")
    await log.add("B", customer_name="100 Solar")
    assert await log.shown(q="100%") == ["A"]


async def test_a_payment_is_one_row_with_the_attempt_that_counts(log: Log) -> None:
    state = AttemptState
    await log.add("A", attempt(state.DECLINED, "0002"), attempt(state.APPROVED, "4242"))
    await log.add("B", attempt(state.UNKNOWN, "0119"), attempt(state.NOT_SENT, "5100"))
    await log.add("C", attempt(state.DECLINED, "0002"), attempt(state.NOT_SENT, "5100"))
    await log.add("D", attempt(state.APPROVED, "4242"), attempt(state.UNKNOWN, "1881"))
    await log.add("E")
    rows = {row.intent_id[-1]: row for row in (await log.read()).rows}
    assert len((await log.read()).rows) == 5
    assert {name: row.state for name, row in rows.items()} == {
        "A": state.APPROVED, "B": state.UNKNOWN, "C": state.NOT_SENT, "D": state.APPROVED, "E": None,
    }  # fmt: skip
    assert {name: row.card and row.card.last4 for name, row in rows.items()} == {
        "A": "4242", "B": "0119", "C": "5100", "D": "4242", "E": None,
    }  # fmt: skip
    assert await log.shown(state=state.DECLINED) == []


async def test_a_row_says_where_its_write_backs_are(log: Log) -> None:
    await log.add("A", attempt())
    await log.owe("A", "accounts", WriteBackState.PARKED)
    await log.owe("A", "receipt", WriteBackState.DONE, minute=1)
    await log.owe("A", "receipt", WriteBackState.QUEUED, minute=2)
    [row] = (await log.read()).rows
    assert row.write_backs == [WriteBackState.PARKED, None, WriteBackState.QUEUED]
    assert (row.agent_name, row.card and row.card.label) == ("Priya Nair", "Visa ending 4242")


async def test_pages_hold_every_payment_once_though_new_ones_arrive(log: Log) -> None:
    for number in range(7):  # all at one instant: the id decides
        await log.add(f"{number}")
    first = await log.read(limit=3)
    await log.add("9")
    await log.add("NEW", created_at=NOON + timedelta(hours=1))
    second = await log.read(cursor=first.cursor, limit=3)
    third = await log.read(cursor=second.cursor, limit=3)
    assert [names(one) for one in (first, second, third)] == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert third.cursor is None


async def test_the_last_page_has_no_cursor_even_when_it_is_full(log: Log) -> None:
    await log.add("A")
    await log.add("B")
    assert (await log.read(limit=2)).cursor is None


async def test_totals_come_with_the_first_page_and_count_all_that_matches(log: Log) -> None:
    state = AttemptState
    for name, one, minor in [
        ("A", state.APPROVED, 1000),
        ("B", state.APPROVED, 250),
        ("C", state.UNKNOWN, 300),
        ("D", state.PENDING, 70),
        ("E", state.DECLINED, 5),
        ("F", state.NOT_SENT, 6),
    ]:
        await log.add(name, attempt(one), amount_minor=minor)
    await log.add("G", attempt(), currency="EUR", amount_minor=999)  # no sum across currencies
    first = await log.read(limit=2)
    totals = first.totals
    assert totals is not None
    assert (totals.count, totals.approved_count, totals.approved.minor) == (6, 2, 1250)
    assert (totals.at_risk_count, totals.at_risk.minor, totals.sent_count) == (2, 370, 5)
    assert (await log.read(cursor=first.cursor, limit=2)).totals is None
    declined = (await log.read(Filters(state=state.DECLINED))).totals
    assert declined is not None and (declined.count, declined.approved.minor) == (1, 0)


async def test_a_cursor_of_other_filters_is_refused(log: Log) -> None:
    await log.add("A")
    await log.add("B")
    cursor = (await log.read(limit=1)).cursor
    with pytest.raises(Invalid, match="changed its filters"):
        await log.read(Filters(agent="usr_1"), cursor)


@pytest.mark.parametrize("cursor", ["", "nonsense", "bnVsbA==", "WyJ4IiwgInkiLCAieiJd"])
async def test_a_cursor_that_is_none_is_refused(log: Log, cursor: str) -> None:
    with pytest.raises(Invalid, match="changed its filters"):
        await log.read(cursor=cursor)


async def test_the_log_and_the_names_are_for_supervisors(admin_client: httpx.AsyncClient) -> None:
    for username, role in (("sam", "agent"), ("ruth", "supervisor")):
        new = {"username": username, "name": username.title(), "password": PASSWORD, "role": role}
        assert (await admin_client.post("/v1/people", json=new)).status_code == 201
    answers = {}
    for username in ("sam", "ruth"):
        signed_in = await admin_client.post("/v1/sessions", json={"username": username, "password": PASSWORD})
        token = {"Authorization": f"Bearer {signed_in.json()['token']}"}
        answers[username] = [
            await admin_client.get(path, headers=token) for path in ("/v1/payments", "/v1/agents")
        ]
    assert [answer.status_code for answer in answers["sam"]] == [403, 403]
    assert [answer.status_code for answer in answers["ruth"]] == [200, 200]
    assert [one["name"] for one in answers["ruth"][1].json()] == ["Ada Admin", "Ruth", "Sam"]
    assert set(answers["ruth"][1].json()[0]) == {"user_id", "name"}


async def test_every_parameter_of_the_log_is_understood(admin_client: httpx.AsyncClient) -> None:
    wanted = {
        "from": "2026-11-21T00:00:00+01:00", "to": "2026-11-22T00:00:00+01:00", "agent": "usr_1",
        "route": "keypad", "state": "not_sent", "q": "okafor", "min": 0, "max": 100, "limit": 50,
    }  # fmt: skip
    answer = await admin_client.get("/v1/payments", params=wanted)
    assert (answer.status_code, answer.json()["rows"]) == (200, [])
    for name, value in {"state": "lost", "q": "", "min": -1, "limit": 201, "cursor": "x"}.items():
        refused = await admin_client.get("/v1/payments", params=wanted | {name: value})
        assert refused.status_code == 422, name


async def test_words_that_are_an_amount_find_payments_of_just_that(
    sessions: Sessions, hub_client: httpx.AsyncClient, admin_client: httpx.AsyncClient
) -> None:
    log = Log(sessions)
    await log.people()
    await log.add("A", amount_minor=12336)
    await log.add("B", amount_minor=12337)
    for words, found in (("123.36", ["pay_A"]), ("£123.37", ["pay_B"]), ("123.38", []), ("12336", [])):
        answer = await admin_client.get("/v1/payments", params={"q": words})
        assert [row["intent_id"] for row in answer.json()["rows"]] == found, words
