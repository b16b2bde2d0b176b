"""Telephone numbers as people read them."""

import phonenumbers

from agentdesk.desk.widgets.side import isolated


def readable(number: str) -> str:
    """Return an E.164 number in its country's grouping; what is none comes back as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return isolated(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
