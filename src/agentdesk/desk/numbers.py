"""Numbers as people read them."""

import phonenumbers

from agentdesk.desk.widgets.side import isolated
from agentdesk.domain.money import decimal_sign


def tenths(value: float) -> str:
    """Return a number with one digit behind the sign that the language has for it: `92.4`, `92,4`."""
    return f"{value:.1f}".replace(".", decimal_sign())


def readable(number: str) -> str:
    """Return an E.164 number in its country's grouping; what is none comes back as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return isolated(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
