"""Telephone numbers as they are kept and compared."""

import phonenumbers


def e164(number: str | None, region: str) -> str | None:
    """Return the number in E.164; None for a withheld or internal one."""
    try:
        parsed = phonenumbers.parse(number or "", region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
