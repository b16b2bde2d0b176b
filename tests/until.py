"""The one way a test waits for something it cannot be told about."""

import time
from collections.abc import Callable

WITHIN_S = 20.0


def until(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Poll a condition until it holds; fail at the deadline."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"did not become true within {within_s} s"
        time.sleep(0.02)
