"""Tryton's two HTTP faces: REST with an application key to read, JSON-RPC with a session to post.

Postings go by JSON-RPC because its errors say what they are and REST has no wizards. Measured on 8.0.
"""

import asyncio
import base64
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from agentdesk.adapters.base import (
    Health,
    Misconfigured,
    NeedsDecision,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    VendorError,
)
from agentdesk.adapters.http import Response, VendorHttp, down, json_of, refusal, scrub
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.values import dumps, packed, unmark
from agentdesk.i18n import _

NAME = "tryton"
Row = dict[str, Any]

_BUSY = "503"  # a lock was not free: the whole transaction was rolled back
_TRIES = 6
_FIRST_WAIT_S = 0.1
_SLOW_S = 2.0
_UNAUTHORIZED = 401
_NOT_FOUND = 404


class Tryton:
    """One database as one user. Retries what Tryton rolled back, signs in again once when told to."""

    def __init__(self, config: TrytonConfig) -> None:
        self._config = config
        self._http = VendorHttp(NAME, config.base_url, timeout_s=config.timeout_s)
        self._session: dict[str, str] = {}
        self._context: Row = {}
        self._signing_in = asyncio.Lock()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    # ------------------------------------------------------------ REST
    async def search(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        order: Sequence[tuple[str, str]] = (),
        limit: int | None = None,
    ) -> list[Row]:
        """Return the records that match; dotted fields come as nested rows. Finds inactive ones too."""
        params = [("d", packed(list(domain))), *(("f", field) for field in fields)]
        params += [("o", packed(list(order)))] if order else []
        params += [("s", str(limit))] if limit else []
        response = await self._rest("GET", model, params)
        rows: list[Row] = unmark(json_of(NAME, response))
        return rows

    async def get(self, model: str, record_id: str | int, fields: Sequence[str]) -> Row | None:
        """Return one record; None where there is none."""
        if not str(record_id).isdecimal():
            return None
        response = await self._rest("GET", f"{model}/{record_id}", [("f", field) for field in fields])
        if response.status_code == _NOT_FOUND:
            return None
        row: Row = unmark(json_of(NAME, response))
        return row

    async def create(self, model: str, values: Row) -> int:
        """Create a record and return its id."""
        response = await self._rest("POST", model, [("f", "id")], dumps(values))
        created: int = json_of(NAME, response)["id"]
        return created

    async def health(self, model: str) -> Health:
        """Say whether the session opens and a read of the model is answered, and how fast."""
        started = time.monotonic()
        try:
            await self.search(model, [], ["id"], limit=1)
        except VendorError as error:
            return Health("down", down(error), time.monotonic() - started)
        took_s = time.monotonic() - started
        said = _("answered in {took_s:.1f} s").format(took_s=took_s)
        return Health("ready" if took_s < _SLOW_S else "slow", said, took_s)

    async def _rest(
        self, method: str, path: str, params: Sequence[tuple[str, str]], content: bytes | None = None
    ) -> Response:
        headers = {
            "Authorization": f"Bearer {self._config.key.get_secret_value()}",
            "Content-Type": "application/json",
            "X-Tryton-Context": packed({"company": await self.company(), "active_test": False}),
        }
        url = f"/{self._config.database}/rest/model/{path}"

        def send() -> Awaitable[Response]:
            return self._http.send(method, url, params=params, content=content, headers=headers)

        response = await (_patiently(send) if method == "GET" else send())
        if response.is_success or (method == "GET" and response.status_code == _NOT_FOUND):
            return response
        raise refusal(NAME, response, None, _rest_message(response))

    # ------------------------------------------------------------ JSON-RPC
    async def company(self) -> int:
        """Return the id of the company the user works for."""
        if not self._context:
            await self._sign_in({})
        company: int | None = self._context.get("company")
        if company is None:
            raise Misconfigured(f"{NAME}: the user has no company")
        return company

    async def call(self, method: str, *args: Any, **context: Any) -> Any:
        """Call a method with the user's context and return its result.

        Raises NeedsDecision for a question (its `vendor_code` is the warning's name; it is never answered
        here), Rejected for a refusal, and what VendorHttp raises.
        """
        await self.company()
        session = self._session
        try:
            return await self._call(session, method, args, context)
        except Misconfigured as error:
            if error.vendor_code != str(_UNAUTHORIZED):
                raise
        # sensitive calls want a session used not long ago; the refused one was not executed
        await self._sign_in(session)
        return await self._call(self._session, method, args, context)

    async def wizard(
        self, name: str, model: str, ids: Sequence[int], step: str | None = None, form: Row | None = None
    ) -> None:
        """Run the first step of a wizard on records, or `step` with its first form filled in."""
        active = {"active_model": model, "active_id": ids[0], "active_ids": list(ids)}
        session, start, _ = await self.call(f"wizard.{name}.create", **active)
        filled = {start: form} if form else {}
        await self.call(f"wizard.{name}.execute", session, filled, step or start, **active)
        await self.call(f"wizard.{name}.delete", session, **active)

    async def _call(self, session: dict[str, str], method: str, args: Sequence[Any], context: Row) -> Any:
        return await self._post(method, [*args, {**self._context, **context}], session)

    async def _sign_in(self, stale: dict[str, str]) -> None:
        """Open a session unless another task has replaced the stale one meanwhile."""
        async with self._signing_in:
            if self._session is not stale and self._session:
                return
            user, secret = self._config.user, {"password": self._config.password.get_secret_value()}
            user_id, token, *_ = await self._post("common.db.login", [user, secret, "en"], {})
            signed = base64.b64encode(f"{user}:{user_id}:{token}".encode()).decode()
            session = {"Authorization": f"Session {signed}"}
            context = await self._post("model.res.user.get_preferences", [True, {}], session)
            self._session, self._context = session, context

    async def _post(self, method: str, params: Sequence[Any], headers: dict[str, str]) -> Any:
        content = dumps({"id": 0, "method": method, "params": params})
        headers = {"Content-Type": "application/json", **headers}
        url = f"/{self._config.database}/rpc/"

        def send() -> Awaitable[Response]:
            return self._http.send("POST", url, content=content, headers=headers)

        creates = method.startswith("model.") and method.endswith(".create")
        response = await (send() if creates else _patiently(send))
        if not response.is_success:
            raise refusal(NAME, response, None, method)
        body = json_of(NAME, response)
        if "error" in body:
            raise _failure(body["error"])
        return unmark(body.get("result"))


async def _patiently(send: Callable[[], Awaitable[Response]]) -> Response:
    """Send, and again while Tryton says that it rolled back for a lock; NotSent after the last try.

    Not for what creates: a proxy's 503 can come after Tryton did it, and a second one is a second record.
    """
    for attempt in range(_TRIES):
        try:
            return await send()
        except (NotSent, OutcomeUnknown) as error:
            if error.vendor_code != _BUSY:
                raise
            if attempt == _TRIES - 1:
                raise NotSent(f"{NAME}: busy", vendor_code=_BUSY) from error
        await asyncio.sleep(random.uniform(0.5, 1) * _FIRST_WAIT_S * 2**attempt)
    raise AssertionError("every try returns or raises")


def _failure(error: list[Any]) -> VendorError:
    """Read the error of a JSON-RPC answer; whatever it is, Tryton rolled the transaction back."""
    kind, said = str(error[0]), error[1] if len(error) > 1 else []
    match kind:
        case "UserWarning":
            return NeedsDecision(f"{NAME}: {scrub(str(said[1]))}", vendor_code=str(said[0]))
        case "UserError":
            return Rejected(
                f"{NAME}: {scrub(' '.join(str(part) for part in said[:2] if part))}", vendor_code=kind
            )
        case "ConcurrencyException":
            return NotSent(f"{NAME}: changed by someone else meanwhile", vendor_code=kind)
        case "RateLimitException":
            return RateLimited(f"{NAME}: too many sign-ins")
        case "LoginException":
            return Misconfigured(f"{NAME}: the sign-in is refused", vendor_code=kind)
    return Rejected(f"{NAME}: {scrub(kind)[:200]}", vendor_code="ServerError")


def _rest_message(response: Response) -> str:
    """Return what a refusal says; pages of HTML say nothing of use."""
    if "json" not in response.headers.get("Content-Type", ""):
        return response.reason_phrase
    body = json_of(NAME, response)
    return f"{body.get('message', '')} {body.get('description') or ''}".strip()
