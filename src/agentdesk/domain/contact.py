"""How a customer is written to: what an email address looks like."""

import re

LONGEST_EMAIL = 254
#: One address and nothing that could start another header.
EMAIL = r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$"
_EMAIL = re.compile(EMAIL)


def is_email(text: str) -> bool:
    """Say whether a text looks like one email address, with nothing around it."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None
