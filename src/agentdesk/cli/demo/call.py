"""Small synchronous HTTP calls of the demo to its own programs on this machine."""

import json
import urllib.error
import urllib.request
from typing import Any

_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
_TIMEOUT_S = 30.0


class Refused(Exception):
    """The other side answered with an error; `status` and `body` say which."""

    def __init__(self, method: str, url: str, status: int, body: str) -> None:
        super().__init__(f"{method} {url}: {status} {body[:300]}")
        self.status, self.body = status, body


def call(method: str, url: str, body: Any = None, *, token: str = "") -> Any:
    """Send JSON and return what came back, parsed; bytes where it is not JSON. Raises Refused."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with _OPEN(request, timeout=_TIMEOUT_S) as response:
            content, kind = response.read(), response.headers.get_content_type()
    except urllib.error.HTTPError as error:
        raise Refused(method, url, error.code, error.read().decode(errors="replace")) from error
    if not content:
        return None
    return json.loads(content) if kind == "application/json" else content
