"""The hub judged by its own description: whatever is sent, the answer is one it documents."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import requests
import schemathesis
import uvicorn
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from psycopg import sql
from schemathesis.checks import not_a_server_error
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from agentdesk.domain.ids import new_ulid
from agentdesk.domain.people import Role
from agentdesk.hub import auth, payments
from agentdesk.hub.app import create_app
from agentdesk.hub.context import Hub
from agentdesk.hub.db import embedded, tables
from agentdesk.hub.db.engine import make_engine, make_sessions
from agentdesk.hub.policies import SavedCards
from agentdesk.hub.settings import Settings
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import NewAttempt
from tests.hub.planners import RULES, make
from tests.hub.savers import approved, cards
from tests.hub.till import Till
from tests.until import WITHIN_S

pytestmark = pytest.mark.allow_log(".")  # nonsense is sent on purpose: what may not happen is in the answers

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_DATABASE = "judged_by_its_description"
#: A published test number, put together here so that no file holds one, as people write such numbers.
_PARTS = ("5200", "8282", "8282", "8210")
CARD_NUMBERS = ("".join(_PARTS), " ".join(_PARTS), f"card {'-'.join(_PARTS)}, thanks")

described = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
schema = described.exclude(path="/v1/events")  # has no end: it is asked below
_known: dict[str, str] = {}  # ids that exist, by the name they have in paths and bodies


@dataclass(frozen=True)
class Judged:
    """A running hub and who sends; "" is nobody signed in."""

    url: str
    database: str
    tokens: dict[str, str]

    def headers(self, sender: str) -> dict[str, str]:
        """Return what this sender's requests carry."""
        return {"Authorization": f"Bearer {self.tokens[sender]}"} if sender else {}


@pytest.fixture(scope="module")
def judged(postgres: embedded.Server) -> Iterator[Judged]:
    """Give a hub that listens, with outside systems that always answer and a payment under way."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {_DATABASE} template agentdesk_template")
    url = postgres.url(_DATABASE)
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(_served(url)) as (app, base),
    ):
        tokens, known = portal.call(_seed, app.state.hub, url)
        _known.update(known)
        yield Judged(base, url, tokens)


@asynccontextmanager
async def _served(database_url: str) -> AsyncIterator[tuple[FastAPI, str]]:
    engine = make_engine(database_url)
    outside = Till(database_url, make_sessions(engine)).hub.vendors
    await engine.dispose()
    settings = Settings(database_url=database_url, saved_cards=SavedCards(), plans=RULES)
    app = create_app(settings, outside=outside, with_worker=False)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        async with asyncio.timeout(WITHIN_S):
            while not server.started:
                await asyncio.sleep(0)
        yield app, f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await running


async def _seed(hub: Hub, url: str) -> tuple[dict[str, str], dict[str, str]]:
    """Make the people, and an agent's call with a payment whose card session is open."""
    till = Till(url, hub.sessions)
    till.hub = hub
    await till.open()
    people = {role: await till.colleague(role) for role in Role}
    tokens: dict[str, str] = {}
    for role, who in people.items():
        async with hub.sessions.begin() as session:
            user = await session.get_one(tables.User, who.user_id)
            tokens[role], _ = await auth.open_session(hub, session, user, "127.0.0.1")
    agent = people[Role.AGENT]
    call_id = await till.call(agent)
    intent_id = await till.intent(agent, call_id=call_id)
    known = {"call_id": call_id, "intent_id": intent_id, "customer_id": "cus_1", "invoice_id": "8"}
    known |= await _plan(till)
    return tokens, known | {"attempt_id": await _attempt(hub, agent, intent_id), "currency": "GBP"}


async def _plan(till: Till) -> dict[str, str]:
    """Make a plan of an invoice of its own; its card is kept since a payment of a part of it."""
    till.hub.vendors.accounting.open["9"] = 7000  # type: ignore[attr-defined]
    await approved(till, await till.intent(minor=1000, invoice="9"))
    await till.work()
    (card,) = await cards(till)
    sixty = Amount(minor=6000, currency="GBP")
    plan = await make(till, card.card_id, invoices=["9"], total=sixty)
    return {"plan_id": plan.plan_id, "card_id": card.card_id, "saved_card": card.card_id}


async def _attempt(hub: Hub, who: auth.Who, intent_id: str) -> str:
    await payments.start_attempt(hub, who, intent_id, NewAttempt(key=new_ulid(), route="keypad"))
    async with hub.sessions() as session:
        found = await session.scalar(
            select(tables.Attempt.attempt_id).where(tables.Attempt.intent_id == intent_id)
        )
    assert found
    return found


def _knowing(value: Any) -> Any:
    """Replace every second id by one that exists, so that not only refusals are met."""
    if isinstance(value, list):
        return [_knowing(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _known[name] if name in _known and len(str(one)) % 2 else _knowing(one)
        for name, one in value.items()
    }


@schema.hook
def map_path_parameters(_context: Any, path_parameters: Any) -> Any:
    """Name things that exist."""
    return _knowing(path_parameters)


@schema.hook
def map_body(_context: Any, body: Any) -> Any:
    """Speak of things that exist; a call's empty reference has a test of its own below."""
    known = _knowing(body)
    return known | {"call_ref": None} if isinstance(known, dict) and known.get("call_ref") == "" else known


#: The many cases that only vary the shape of a request: each is sent by another person in turn.
_in_turn = itertools.cycle(["", *Role])


def _is_of_shape(case: schemathesis.Case) -> bool:
    return case.meta is not None and case.meta.phase.name is TestPhase.COVERAGE


def _senders(case: schemathesis.Case, judged: Judged) -> list[str]:
    if case.path == "/v1/sessions/current":
        return [""]  # it ends the session
    if _is_of_shape(case):
        return [next(_in_turn)]
    return ["", *judged.tokens]


@schema.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_one_the_description_names(case: schemathesis.Case, judged: Judged) -> None:
    for sender in _senders(case, judged):
        headers = judged.headers(sender)
        answer = case.call(base_url=judged.url, headers=headers)
        case.validate_response(answer, checks=CHECKS, headers=headers)


@pytest.mark.parametrize(
    "last", [None, "", "0", "-1", "1.5", "9" * 19, "9" * 18, "1e3", "\u00b2".encode().decode("latin-1")]
)
def test_the_event_stream_starts_from_whatever_id_it_is_told(judged: Judged, last: str | None) -> None:
    headers = judged.headers(Role.AGENT) | ({} if last is None else {"Last-Event-ID": last})
    url = f"{judged.url}/v1/events"
    with requests.get(url, headers=headers, stream=True, timeout=WITHIN_S) as answer:
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (
            200,
            "text/event-stream",
        )
        if last != "0":  # from the first event on: something has happened
            assert next(answer.iter_lines()) != b""


def test_the_event_stream_is_refused_to_strangers_and_takes_no_card_number(judged: Judged) -> None:
    url = f"{judged.url}/v1/events"
    for headers in ({}, {"Authorization": "Bearer nobody"}):
        answer = requests.get(url, headers=headers, timeout=WITHIN_S)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    for place in ({"params": {"since": CARD_NUMBERS[0]}}, {"params": {CARD_NUMBERS[0]: "x"}}):
        signed_in = judged.headers(Role.AGENT)
        assert _refused(requests.get(url, headers=signed_in, timeout=WITHIN_S, **place))


def test_a_body_that_is_not_text_is_refused_like_any_wrong_input(judged: Judged) -> None:
    headers = judged.headers(Role.AGENT) | {"Content-Type": "application/json"}
    answer = requests.post(f"{judged.url}/v1/calls", b"\xff", headers=headers, timeout=WITHIN_S)
    assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")


def test_a_body_that_is_no_json_is_the_field_that_is_wrong(judged: Judged) -> None:
    headers = judged.headers(Role.AGENT) | {"Content-Type": "application/json"}
    for body in (b"{", b'{"number": ', b"\xff"):
        answer = requests.post(f"{judged.url}/v1/calls", body, headers=headers, timeout=WITHIN_S)
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["details"]] == ["body"]


def test_a_method_that_is_not_there_is_said(judged: Judged) -> None:
    answer = requests.delete(f"{judged.url}/v1/me", headers=judged.headers(Role.AGENT), timeout=WITHIN_S)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


def test_the_description_says_who_must_be_signed_in() -> None:
    paths = create_app(Settings()).openapi()["paths"]
    open_ones = {
        f"{method} {path}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if operation.get("security") != [{"HTTPBearer": []}]
    }
    assert open_ones == {
        *("post /v1/sessions", "get /v1/set-up", "post /v1/set-up", "get /v1/readiness"),
        *("get /healthz", "get /readyz", "get /thank-you"),
        *("post /webhooks/{provider}", "post /webhooks/{provider}/{target}"),
    }
    not_ready = paths["/readyz"]["get"]["responses"]["503"]
    assert list(not_ready["content"]) == ["application/json"]


def _with_card_number(value: Any, text: str) -> Iterator[Any]:
    """Yield the value once for each of its texts and numbers, with this one replaced."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ({**value, name: spoilt} for spoilt in _with_card_number(inner, text))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from (
                [*value[:place], spoilt, *value[place + 1 :]] for spoilt in _with_card_number(inner, text)
            )
    elif isinstance(value, int) and not isinstance(value, bool):
        yield int("".join(_PARTS))
    else:
        yield text


def test_two_calls_with_an_empty_reference_are_not_one_error(judged: Judged) -> None:
    headers = judged.headers(Role.AGENT)
    told = [
        requests.post(f"{judged.url}/v1/calls", json={"call_ref": ""}, headers=headers, timeout=WITHIN_S)
        for _ in range(2)
    ]
    assert {answer.status_code for answer in told} <= {201, 422}


@schema.parametrize()
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_field_takes_a_card_number(case: schemathesis.Case, judged: Judged) -> None:
    if _is_of_shape(case):
        return  # of each field one text is enough here
    if case.path.startswith("/webhooks/"):
        return  # what vendors send is scrubbed before it is kept: seen in the database below
    headers = judged.headers(Role.ADMIN)
    for text in CARD_NUMBERS:
        for place in ("body", "query", "path_parameters"):
            before = getattr(case, place)
            for spoilt in _with_card_number(_sent(before, place), text):
                setattr(case, place, spoilt)
                answer = case.call(base_url=judged.url, headers=headers)
                assert _refused(answer), (case.method, case.path, place, answer.status_code, answer.text)
            setattr(case, place, before)


def _sent(value: Any, place: str) -> Any:
    """Return what a request really carries; a query has no objects inside."""
    if not isinstance(value, dict | list):
        return {}
    flat = place == "query" and isinstance(value, dict)
    return {name: one for name, one in value.items() if not isinstance(one, dict)} if flat else value


def _refused(answer: Any) -> bool:
    said = answer.json() if answer.status_code == 422 else {}
    return said.get("code") == "card_number_refused" and _PARTS[0] + _PARTS[1] not in answer.text


def test_a_card_number_whose_second_group_begins_with_00_is_refused(judged: Judged) -> None:
    text = " ".join(("4000", *["0000"] * 2, "0002"))
    headers = judged.headers(Role.AGENT)
    assert _refused(requests.get(f"{judged.url}/v1/calls/{text}", headers=headers, timeout=WITHIN_S))


def test_no_webhook_leaves_a_card_number_behind(judged: Judged) -> None:
    for text in CARD_NUMBERS:
        for path in ("post", f"post/{_known['attempt_id']}", "nobody"):
            answer = requests.post(f"{judged.url}/webhooks/{path}", data={"said": text}, timeout=WITHIN_S)
            assert answer.status_code in (403, 404, 422)
            assert text not in answer.text


def test_no_row_of_the_database_holds_a_card_number(judged: Judged) -> None:
    with psycopg.connect(judged.database) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        assert len(names) > 10
        for (name,) in names:
            found = sql.SQL("select count(*) from {} as one where one::text like any(%s)")
            texts = [f"%{text}%" for text in CARD_NUMBERS]
            count = connection.execute(found.format(sql.Identifier(name)), [texts]).fetchone()
            assert count == (0,), name
