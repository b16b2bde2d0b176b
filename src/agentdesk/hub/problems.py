"""Every error as a problem document (RFC 9457), and how routes say which they may answer."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from agentdesk.domain.error_words import TEXT
from agentdesk.domain.errors import AgentDeskError, Invalid
from agentdesk.hub import refusals
from agentdesk.wire.problem import Problem

MEDIA_TYPE = "application/problem+json"

_MEANING = {
    401: "Not signed in, or the session is over",
    403: "The role does not allow it",
    404: "Not there, or not for this person",
    409: "In another state than believed",
    413: "Too large",
    422: "The input is not acceptable; nothing was stored",
    429: "Slow down",
    500: "Something of ours went wrong",
    502: "An outside system refused",
    503: "An outside system does not answer and nothing was sent; or the hub's database does not",
}
_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
_UNREADABLE, _METHOD = 400, 405
#: Messages of these kinds repeat what was sent.
_ECHOING = frozenset({"union_tag_invalid", "value_error", "assertion_error"})


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that may answer these statuses."""
    return {status: {"model": Problem, "description": _MEANING[status]} for status in statuses}


def answer(error: AgentDeskError, details: list[dict[str, str]] | None = None) -> Response:
    """Return the document of one of our errors."""
    return document(error.status, error.code, error.text, error.params, details or [])


def document(
    status: int,
    code: str,
    title: str,
    params: Mapping[str, Any] | None = None,
    details: list[dict[str, str]] | None = None,
) -> Response:
    """Return a problem document; parameters that JSON does not know go as text."""
    problem = Problem(
        status=status,
        code=code,
        title=title,
        params={name: _plain(value) for name, value in (params or {}).items()},
        details=details or [],
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if "seconds" in problem.params:
        headers["Retry-After"] = str(problem.params["seconds"])
    return JSONResponse(problem.model_dump(), status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem document, and say so in its description."""
    app.add_exception_handler(AgentDeskError, _ours)
    app.add_exception_handler(RequestValidationError, _wrong_input)
    app.add_exception_handler(HTTPException, _refused)
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, AgentDeskError)
    await refusals.note(request, error)
    return answer(error)


async def _wrong_input(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _not_acceptable([{"field": _field(e), "reason": _reason(e)} for e in error.errors()])


async def _refused(_request: Request, error: Exception) -> Response:
    """Answer what the framework refuses before a route is asked."""
    assert isinstance(error, HTTPException)
    if error.status_code == _UNREADABLE:
        return _not_acceptable([{"field": "body", "reason": "it is not JSON in UTF-8"}])
    code = "method_not_allowed" if error.status_code == _METHOD else "not_found"
    response = document(error.status_code, code, TEXT[code])
    response.headers.update(error.headers or {})
    return response


def _not_acceptable(details: list[dict[str, str]]) -> Response:
    return answer(Invalid("field_invalid", **details[0]), details)


def _field(error: Mapping[str, Any]) -> str:
    """Return the dotted name; of JSON that breaks off its place is known and no name."""
    names = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    return "body" if error["type"] == "json_invalid" else ".".join(names) or "body"


def _reason(error: Mapping[str, Any]) -> str:
    return "not accepted" if error["type"] in _ECHOING else str(error["msg"])


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _description(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, with errors under their own media type."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        for path in schema["paths"].values():
            for operation in path.values():
                for response in operation["responses"].values():
                    if _PROBLEM in response.get("content", {}).values():
                        response["content"] = {MEDIA_TYPE: _PROBLEM}
        app.openapi_schema = schema
    return app.openapi_schema
