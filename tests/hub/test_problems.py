"""Every error is a problem document, every route says which it may answer, and nothing is echoed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

import agentdesk.hub.depends
from agentdesk.hub.app import ROUTERS, create_app
from agentdesk.hub.settings import Settings
from agentdesk.wire.problem import Problem
from tests.hub.conftest import RunHub, client_of
from tests.hub.outside import quiet

pytestmark = pytest.mark.anyio

PUBLIC = {"/v1/sessions", "/v1/set-up", "/v1/readiness", "/healthz", "/readyz", "/thank-you"}


def _problem(answer: httpx.Response) -> Problem:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return Problem.model_validate(answer.json())


async def test_wrong_input_names_the_fields_and_never_their_values(hub_client: httpx.AsyncClient) -> None:
    answer = await hub_client.post("/v1/sessions", json={"username": "", "secret": "s3cret", "password": 7})
    problem = _problem(answer)
    assert (problem.status, problem.code) == (422, "field_invalid")
    assert {one["field"] for one in problem.details} == {"username", "password", "secret"}
    assert "s3cret" not in answer.text


async def test_a_body_that_is_not_json_is_wrong_input(hub_client: httpx.AsyncClient) -> None:
    answer = await hub_client.post("/v1/sessions", content=b"{", headers={"Content-Type": "application/json"})
    assert _problem(answer).code == "field_invalid"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not_found"), ("PATCH", "/v1/me", 405, "method_not_allowed")],
)
async def test_a_path_or_method_that_is_not_there_is_a_problem_too(
    hub_client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    problem = _problem(await hub_client.request(method, path))
    assert (problem.status, problem.code) == (status, code)


@pytest.mark.allow_log("unexpected error")
async def test_our_own_bug_answers_an_incident_number_and_logs_it(
    run_hub: RunHub, caplog: pytest.LogCaptureFixture
) -> None:
    async with run_hub() as app:
        app.add_api_route("/broken", _broken)
        async with client_of(app) as client:
            answer = await client.get("/broken")
    problem = _problem(answer)
    assert (problem.status, problem.code) == (500, "internal")
    assert problem.params["incident"] == answer.headers["X-Request-Id"]
    assert "very private" not in answer.text
    assert problem.params["incident"] in caplog.text


async def _broken() -> None:
    raise RuntimeError("very private")


async def test_answers_carry_the_security_headers_and_no_cors(hub_client: httpx.AsyncClient) -> None:
    headers = (await hub_client.get("/healthz", headers={"Origin": "https://elsewhere.example"})).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert not any(name.startswith("access-control") for name in headers)


async def test_the_probes_answer(hub_client: httpx.AsyncClient) -> None:
    assert (await hub_client.get("/healthz")).json()["ok"]
    assert (await hub_client.get("/readyz")).json() == {"ok": True, "detail": "ready"}


@pytest.mark.parametrize(
    ("accepted", "language", "words"),
    [
        (None, "en", "Thank you."),
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Vielen Dank."),
        ("pl, fr;q=0.4, es-ES; q=0.7", "es", "Gracias."),
        ("FR", "fr", "Merci."),
        ("de;q=0, pl", "en", "Thank you."),
        ("*;q=1, ;;, 5" + ",x" * 5000, "en", "Thank you."),
    ],
)
async def test_a_customer_is_thanked_in_the_language_of_their_browser(
    hub_client: httpx.AsyncClient, accepted: str | None, language: str, words: str
) -> None:
    hub_client.headers["Accept-Language"] = accepted or ""
    answer = await hub_client.get("/thank-you")
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, language)
    assert answer.headers["Vary"] == "Accept-Language"
    assert answer.text.startswith(words)


def _app() -> FastAPI:
    return create_app(Settings(), outside=quiet())


def _operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_every_route_documents_its_errors_as_problems() -> None:
    for method, path, operation in _operations(_app()):
        answers = operation["responses"]
        needed = {"413", "422", "500"} | (set() if path in PUBLIC or "webhooks" in path else {"401"})
        assert needed <= set(answers), f"{method} {path}"
        for status, answer in answers.items():
            if status >= "400" and path != "/readyz":
                assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"


def test_every_route_says_what_it_answers() -> None:
    for method, path, operation in _operations(_app()):
        good = [answer for status, answer in operation["responses"].items() if status < "300"]
        assert good, f"{method} {path}"
        assert operation.get("summary"), f"{method} {path}"


def test_a_route_that_needs_a_person_documents_401_and_one_that_needs_a_permission_403() -> None:
    described = _app().openapi()["paths"]
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) > 20
    for route in routes:
        needs = {getattr(call, "__qualname__", "") for call in _calls(route.dependant)}
        for method in route.methods:
            answers = set(described[route.path][method.lower()]["responses"])
            if agentdesk.hub.depends._signed_in.__qualname__ in needs:
                assert "401" in answers, route.path
            if any(name.startswith("require.") for name in needs):
                assert "403" in answers, route.path


def _calls(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def test_fastapi_reports_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the environment asks for it."""
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    app = _app()
    assert not app._native_telemetry.enabled()
    assert app._telemetry["auto_configure"] is False
