"""An error on the line (RFC 9457 problem document)."""

from typing import Any

from agentdesk.wire.model import Wire


class Problem(Wire):
    """What went wrong. `code` is stable; `title` is the words in English; `params` fill other languages'.

    `details` lists fields for `field_invalid`, each `{"field": …, "reason": …}`; never their values.
    """

    type: str = "about:blank"
    status: int
    code: str
    title: str
    params: dict[str, Any] = {}
    details: list[dict[str, str]] = []
