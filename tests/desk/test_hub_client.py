"""The hub client: errors rebuilt from problems, tokens, addresses."""

import json
from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest

from agentdesk.desk import hub_http
from agentdesk.desk.hub_client import HubClient
from agentdesk.desk.hub_errors import error_of
from agentdesk.desk.hub_http import check_url
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid, NotSignedIn, TooMany, Unavailable
from agentdesk.domain.plan import Rhythm
from agentdesk.wire.people import Session, SignIn
from agentdesk.wire.plans import NewPlan, PlanChange, PlanWish
from agentdesk.wire.problem import Problem
from tests.desk import plan_samples, samples

pytestmark = pytest.mark.anyio
WHO = SignIn(username="priya.nair", password="a sample")


class Hub:
    """Answers each request with the next of `answers`, and keeps the requests.

    What is to happen while the n-th request is under way is put into `meanwhile`.
    """

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests = list(answers), list[httpx.Request]()
        self.meanwhile: dict[int, Callable[[], Awaitable[None]]] = {}

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if happens := self.meanwhile.pop(len(self.requests), None):
            await happens()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(hub: Hub) -> HubClient:
    return HubClient("http://127.0.0.1:1", httpx.MockTransport(hub))


def ok(model: object) -> httpx.Response:
    return httpx.Response(200, text=model.model_dump_json())  # type: ignore[attr-defined]


def session() -> httpx.Response:
    return ok(Session(token="tok", expires_at=samples.NOW, person=samples.person()))


def refusal(status: int, code: str, **params: object) -> httpx.Response:
    return httpx.Response(
        status, text=Problem(status=status, code=code, title="", params=params).model_dump_json()
    )


async def test_the_token_goes_with_every_request_after_signing_in() -> None:
    hub = Hub(session(), ok(samples.day()))
    desk = client(hub)
    assert (await desk.sign_in(WHO)).name == "Priya Nair"
    assert await desk.agent_day() == samples.day()
    assert "Authorization" not in hub.requests[0].headers
    assert hub.requests[1].headers["Authorization"] == "Bearer tok"


async def test_a_lost_session_is_told_once() -> None:
    hub = Hub(session(), refusal(401, "not_signed_in"), refusal(401, "not_signed_in"))
    desk, told = client(hub), []
    desk.signed_out = lambda: told.append(True)
    await desk.sign_in(WHO)
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            await desk.agent_day()
    assert told == [True]


async def test_a_late_answer_to_somebody_before_ends_nobodys_session() -> None:
    other = ok(Session(token="of the next", expires_at=samples.NOW, person=samples.person()))
    desk, told = client(Hub(session(), other, ok(samples.day()))), []
    desk.signed_out = lambda: told.append(True)
    await desk.sign_in(WHO)
    asked = httpx.Request("GET", "http://127.0.0.1:1/v1/agent-day", headers={"Authorization": "Bearer tok"})
    await desk.sign_in(WHO)
    late = refusal(401, "not_signed_in")
    late.request = asked
    with pytest.raises(NotSignedIn):
        await desk._check(late)
    assert told == []
    assert await desk.agent_day() == samples.day()


NEWER = Session(token="newer", expires_at=samples.NOW, person=samples.person())


def ended() -> httpx.Response:
    return httpx.Response(204)


def as_whom(hub: Hub) -> list[tuple[str, str]]:
    """Return what was asked, and with which token."""
    return [(one.method, one.headers.get("Authorization", "")) for one in hub.requests]


async def test_signing_in_again_in_place_uses_the_new_token_and_survives_a_wrong_password() -> None:
    wrong = refusal(401, "sign_in_failed")
    hub = Hub(session(), wrong, ok(samples.day()), ok(NEWER), ended(), ok(samples.day()))
    desk, told = client(hub), []
    desk.signed_out = lambda: told.append(True)
    await desk.sign_in(WHO)
    with pytest.raises(NotSignedIn):
        await desk.renew(WHO)
    await desk.agent_day()
    await desk.renew(WHO)
    await desk.agent_day()
    assert told == []
    assert [hub.requests[i].headers["Authorization"] for i in (2, 5)] == ["Bearer tok", "Bearer newer"]


async def test_the_session_before_ends_once_the_new_one_is_in_its_place() -> None:
    hub = Hub(session(), ok(NEWER), ended())
    desk, told = client(hub), []
    desk.renewed = lambda: told.append(len(hub.requests))
    await desk.sign_in(WHO)
    await desk.renew(WHO)
    assert as_whom(hub)[2:] == [("DELETE", "Bearer tok")]
    assert hub.requests[2].url.params["renewed"] == "true"  # a card entry goes on
    assert told == [2]  # whoever listens goes on with the new one before


@pytest.mark.allow_log("was not ended")
@pytest.mark.parametrize("answer", [httpx.ConnectError("no"), refusal(401, "not_signed_in")])
async def test_a_session_before_that_cannot_be_ended_leaves_the_new_one(
    answer: httpx.Response | Exception,
) -> None:
    hub = Hub(session(), ok(NEWER), answer, ok(samples.day()))
    desk = client(hub)
    desk.signed_out = lambda: pytest.fail("the new session goes on")
    await desk.sign_in(WHO)
    assert (await desk.renew(WHO)).name == "Priya Nair"
    await desk.agent_day()
    assert as_whom(hub)[3] == ("GET", "Bearer newer")


async def test_who_signs_out_while_signing_in_again_stays_away_and_both_sessions_end() -> None:
    hub = Hub(session(), ended(), ok(NEWER), ended(), refusal(401, "not_signed_in"))
    desk = client(hub)
    hub.meanwhile[2] = desk.sign_out
    desk.renewed = lambda: pytest.fail("nobody goes on")
    await desk.sign_in(WHO)
    with pytest.raises(NotSignedIn):
        await desk.renew(WHO)
    assert as_whom(hub)[2:] == [("DELETE", "Bearer tok"), ("DELETE", "Bearer newer")]
    with pytest.raises(NotSignedIn):
        await desk.agent_day()
    assert as_whom(hub)[4] == ("GET", "")


async def test_who_signs_in_while_the_one_before_still_signs_out_stays_signed_in() -> None:
    hub = Hub(session(), ok(NEWER), ended(), ok(samples.day()))
    desk = client(hub)

    async def next_one() -> None:
        await desk.sign_in(WHO)

    await desk.sign_in(WHO)
    hub.meanwhile[2] = next_one
    await desk.sign_out()
    await desk.agent_day()
    assert as_whom(hub)[1:] == [("DELETE", "Bearer tok"), ("POST", ""), ("GET", "Bearer newer")]


async def test_a_wrong_password_is_no_lost_session() -> None:
    desk, told = client(Hub(refusal(401, "sign_in_failed"))), []
    desk.signed_out = lambda: told.append(True)
    with pytest.raises(NotSignedIn, match="not right"):
        await desk.sign_in(WHO)
    assert told == []


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("no"), httpx.ReadTimeout("late"), httpx.ReadError("cut")]
)
async def test_a_hub_that_does_not_answer_is_unreachable(error: Exception) -> None:
    with pytest.raises(Unavailable) as caught:
        await client(Hub(error)).readiness()
    assert caught.value.code == "hub_unreachable"


@pytest.mark.parametrize(
    ("response", "kind", "code"),
    [
        (refusal(409, "call_not_yours", agent="Tom Ellis"), Conflict, "call_not_yours"),
        (refusal(429, "sign_in_slow_down", seconds=30), TooMany, "sign_in_slow_down"),
        (refusal(500, "internal", incident="abc"), AgentDeskError, "internal"),
        (refusal(409, "a_code_of_a_newer_hub"), AgentDeskError, "internal"),
        (refusal(409, "call_not_yours"), AgentDeskError, "internal"),  # a parameter is missing
        (httpx.Response(502, text="<html>bad gateway</html>"), AgentDeskError, "internal"),
    ],
)
def test_errors_are_rebuilt(response: httpx.Response, kind: type[AgentDeskError], code: str) -> None:
    error = error_of(response.status_code, response.content)
    assert (type(error), error.code) == (kind, code)
    assert error.text


def test_a_wrong_field_is_named() -> None:
    problem = Problem(
        status=422, code="field_invalid", title="", details=[{"field": "note", "reason": "it is too long"}]
    )
    error = error_of(422, problem.model_dump_json().encode())
    assert isinstance(error, Invalid)
    assert "note is not right: it is too long" in error.text


@pytest.mark.parametrize("url", ["https://hub.example", "http://127.0.0.1:8000", "http://localhost:8000"])
def test_addresses_that_keep_a_password_private(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize("url", ["http://hub.example", "ftp://hub", "hub.example", "", "https://"])
def test_addresses_that_do_not(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        check_url(url)


async def test_nothing_of_a_body_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    body = json.dumps({"unexpected": "a secret of somebody"})
    with pytest.raises(AgentDeskError):
        await client(Hub(httpx.Response(500, text=body))).readiness()
    assert "a secret" not in caplog.text


async def test_read_is_asked_again_while_the_hubs_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_http, "_READ_AGAIN_S", (0, 0))
    away = refusal(503, "database_unavailable", seconds=2)
    assert await client(Hub(away, away, ok(samples.day()))).agent_day() == samples.day()
    with pytest.raises(Unavailable, match="database does not answer"):
        await client(Hub(away, away, away)).agent_day()


async def test_what_changes_something_is_asked_once() -> None:
    hub = Hub(refusal(503, "database_unsure", seconds=2))
    with pytest.raises(Unavailable, match="not known whether"):
        await client(hub).submit("pa_1", {})
    assert len(hub.requests) == 1


async def test_a_plan_is_made_read_and_changed_at_its_own_address() -> None:
    plan = plan_samples.plan()
    hub = Hub(*[ok(plan)] * 3)
    asking = client(hub)
    new = NewPlan(
        key="k" * 26,
        call_id="call_1",
        saved_card="card_1",
        invoices=["inv_20931"],
        total=samples.gbp(6210),
        count=3,
        first_on=date(2026, 12, 21),
        rhythm=Rhythm.MONTHLY,
        wording="2026-11",
    )
    skip = PlanChange(wish=PlanWish.SKIP, reason="They asked for it", number=4)
    assert await asking.make_plan("cus_1", new) == plan
    assert await asking.plan(plan.plan_id) == plan
    assert await asking.change_plan(plan.plan_id, skip) == plan
    sent = [(one.method, one.url.path) for one in hub.requests]
    mine = f"/v1/plans/{plan.plan_id}"
    assert sent == [("POST", "/v1/customers/cus_1/plans"), ("GET", mine), ("POST", f"{mine}/changes")]
    assert NewPlan.model_validate_json(hub.requests[0].content) == new
    assert PlanChange.model_validate_json(hub.requests[2].content) == skip
