"""The one client of vendors: time-outs, and errors that say what may be concluded.

The only file beside the desk's hub client that imports httpx.
"""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import structlog

from agentdesk.adapters.base import (
    Health,
    Misconfigured,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    VendorError,
)
from agentdesk.domain.card import looks_like_pan
from agentdesk.i18n import _

log = structlog.get_logger(__name__)

Response = httpx.Response
_SAFE = frozenset({"GET", "HEAD"})
_DETAIL_LENGTH = 300
_SLOW_S = 2.0
_CONNECT_S = 5.0


class VendorHttp:
    """An HTTP client bound to one vendor's base URL.

    `timeout_s` bounds the whole exchange, however slowly an answer drips in; connecting is bounded at
    half of it and 5 s. Bodies are never logged.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout_s: float = 20.0,
    ) -> None:
        self.vendor = vendor
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers={"Accept-Encoding": "gzip", **(headers or {})},
            auth=auth,
            timeout=httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s / 2)),
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send once and return any answer below 500 but 429.

        Raises NotSent where the request never left, RateLimited for 429, OutcomeUnknown for a time-out,
        a reset or a 5xx of a request that may have been executed. A read has no outcome to be unsure of:
        it raises NotSent instead.
        """
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.request(
                    method, path, params=list(params or ()), data=form, content=content, headers=headers
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            self._note(method, path, "not sent", started)
            raise NotSent(f"{self.vendor}: {type(error).__name__}") from error
        except (httpx.HTTPError, TimeoutError) as error:
            self._note(method, path, "no answer", started)
            raise self._unsure(method)(f"{self.vendor}: {type(error).__name__}") from error
        self._note(method, path, str(response.status_code), started)
        return self._judge(method, response)

    async def health(self, path: str, params: Sequence[tuple[str, str]] | None = None) -> Health:
        """Say whether a read that changes nothing is answered, and how fast."""
        started = time.monotonic()
        try:
            response = await self.send("GET", path, params=params)
            if not response.is_success:
                raise refusal(self.vendor, response, None, f"HTTP {response.status_code}")
        except VendorError as error:
            return Health("down", down(error), time.monotonic() - started)
        took_s = time.monotonic() - started
        return Health(
            "ready" if took_s < _SLOW_S else "slow",
            _("answered in {took_s:.1f} s").format(took_s=took_s),
            took_s,
        )

    def _judge(self, method: str, response: Response) -> Response:
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise RateLimited(self.vendor, retry_after=_seconds(response.headers.get("Retry-After")))
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise self._unsure(method)(
                f"{self.vendor}: HTTP {response.status_code}",
                vendor_code=str(response.status_code),
            )
        return response

    def _unsure(self, method: str) -> type[NotSent] | type[OutcomeUnknown]:
        return NotSent if method in _SAFE else OutcomeUnknown

    def _note(self, method: str, path: str, result: str, started: float) -> None:
        took_ms = round((time.monotonic() - started) * 1000, 1)
        log.info("vendor call", vendor=self.vendor, method=method, path=path, result=result, took_ms=took_ms)


def refusal(vendor: str, response: Response, code: str | None, message: str) -> Rejected:
    """Build the error for a definite 4xx; credentials and permissions become Misconfigured."""
    kind = Misconfigured if response.status_code in (401, 403) else Rejected
    return kind(f"{vendor}: {scrub(message)[:_DETAIL_LENGTH]}", vendor_code=code or str(response.status_code))


def down(error: VendorError) -> str:
    """Return why a service is no use now, in words for people who only see its lamp."""
    if isinstance(error, Misconfigured):
        return _("refuses our key: ask IT")
    if isinstance(error, RateLimited):
        return _("is asked too often: wait")
    return _("refuses our question: ask IT") if isinstance(error, Rejected) else _("does not answer")


def json_of(vendor: str, response: Response) -> Any:
    """Return the parsed body. Raises OutcomeUnknown where it is not JSON."""
    try:
        return response.json()
    except ValueError as error:
        raise OutcomeUnknown(f"{vendor}: the answer is not JSON") from error


def scrub(text: str) -> str:
    """Return the text with its digits hidden where it looks like it holds a card number."""
    return re.sub(r"\d", "#", text) if looks_like_pan(text) else text


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isdecimal() else None
