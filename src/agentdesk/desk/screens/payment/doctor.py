"""The tone doctor's findings in words: what was seen, and what to do, never more than is known."""

from agentdesk.desk.screens.payment.actions import FIELD_WORDS
from agentdesk.domain.card import brand_name
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.i18n import _
from agentdesk.wire.captures import FieldOut, FindingOut

_SEEN = {
    Trouble.SILENT: _("No key of the {field} has arrived"),
    Trouble.BROKE_OFF: _("The {field} broke off after {keys} keys"),
    Trouble.TOO_FEW: _("Keys of the {field} were lost: {keys} arrived"),
    Trouble.TOO_MANY: _("Keys of the {field} came twice: {keys} arrived"),
    Trouble.WRONG: _("The {field} is not valid"),
    Trouble.CARD: _("We do not take {brand}"),
    Trouble.UNCLEAR: _("The {field} did not come through"),
}
_SHORT = {
    Trouble.SILENT: _("No keys in time. Nothing was sent. F8 when they are ready."),
    Trouble.BROKE_OFF: _("{count} keyed, then nothing. Nothing was sent."),
    Trouble.TOO_FEW: _("{count} keys arrived. Nothing was sent."),
    Trouble.TOO_MANY: _("{keys} keys arrived, too many. Nothing was sent."),
    Trouble.WRONG: _("Not valid. Nothing was sent. Ask them to check it, then F8."),
    Trouble.CARD: _("We do not take {brand}. Nothing was sent. Ask for another."),
    Trouble.UNCLEAR: _("It did not come through. Nothing was sent. Press F8."),
}
_SLOWLY = _(
    "Nothing was sent. F9 asks slowly: it waits longer for each key. Let them press one key at a time and "
    "watch the count go up by one."
)
_LINK = _("Nothing was sent. F7 closes the card entry and sends a link for the same payment.")
_NO_LINK = _("Nothing was sent. Ask for another card, or cancel and agree on another way to pay.")


def short(field: FieldOut, finding: FindingOut) -> str:
    """Return what the field's own line says."""
    return _SHORT[finding.trouble].format_map(_words(field, finding))


def title(field: FieldOut, finding: FindingOut) -> str:
    """Say what was seen of a field that is hard to key."""
    return _SEEN[finding.trouble].format_map(_words(field, finding))


def advice(field: FieldOut, finding: FindingOut, *, link: bool) -> str:
    """Say what to do about it, with its key; `link`: one can be sent."""
    if finding.remedy is Remedy.SLOWLY:
        return _SLOWLY
    words = _LINK if link else _NO_LINK
    slower = "" if field.slow else _(" F9 asks once more, slowly.")
    return (
        _("Tried {tries} times. {words}{slower}").format(tries=field.tries, words=words, slower=slower)
        if field.tries > 1
        else f"{words}{slower}"
    )


def _words(field: FieldOut, finding: FindingOut) -> dict[str, str]:
    keys = str(finding.keys or 0)
    return {
        "field": FIELD_WORDS[field.field],
        "keys": keys,
        "count": _("{keys} of {expected}").format(keys=keys, expected=finding.expected)
        if finding.expected
        else keys,
        "brand": brand_name(field.brand) if field.brand else _("this card"),
    }
