"""Identifiers in the vendors' shapes that never look like a card number."""

import random
import string

from agentdesk.sandbox.journal import has_digit_run

HEX = "0123456789abcdef"
ALPHANUMERIC = string.ascii_letters + string.digits


class Ids:
    """A seeded source of identifiers."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def sid(self, prefix: str) -> str:
        """Return a Twilio identifier: two letters and 32 hexadecimal digits."""
        return prefix + self._draw(HEX, 32)

    def token(self, prefix: str, length: int = 24) -> str:
        """Return a Stripe identifier: a prefix such as "pi_" and letters and digits."""
        return prefix + self._draw(ALPHANUMERIC, length)

    def _draw(self, alphabet: str, length: int) -> str:
        while True:
            text = "".join(self._rng.choices(alphabet, k=length))
            if not has_digit_run(text):
                return text
