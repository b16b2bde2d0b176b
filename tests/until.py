"""The one way a test waits for something it cannot be told about."""

import time
from collections.abc import Callable

#: No test takes so long where all is well: it is for machines that have much else to do.
WITHIN_S = 60.0


def until(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Poll a condition until it holds; fail at the deadline."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"did not become true within {within_s} s"
        time.sleep(0.02)
