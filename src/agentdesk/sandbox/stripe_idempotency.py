"""Keep the first reply to every idempotency key for a day."""

import time
from dataclasses import dataclass, field
from typing import Any

from agentdesk.sandbox.stripe_errors import key_in_use, key_reused

DAY = 24 * 3600


@dataclass
class Saved:
    """The request a key was first used with and, once it has answered, the reply."""

    request: Any
    at: float
    status: int | None = None
    body: bytes = b""


@dataclass
class Keys:
    """Every idempotency key of the last 24 hours."""

    _saved: dict[str, Saved] = field(default_factory=dict)

    def begin(self, key: str, request: Any) -> Saved | None:
        """Claim a key, or return the reply it already has; raise when busy or used for something else."""
        saved = self._saved.get(key)
        if saved is None or saved.at < time.time() - DAY:
            self._saved[key] = Saved(request, time.time())
            return None
        if saved.request != request:
            raise key_reused(key)
        if saved.status is None:
            raise key_in_use(key)
        return saved

    def finish(self, key: str, status: int, body: bytes) -> None:
        """Keep the reply, a failure included."""
        self._saved[key].status, self._saved[key].body = status, body

    def free(self, key: str) -> None:
        """Forget a key whose request ended without a reply to keep, as when it was refused unexecuted."""
        if self._saved[key].status is None:
            del self._saved[key]
