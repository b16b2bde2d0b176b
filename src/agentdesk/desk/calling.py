"""Who calls and where from, as it is said while a call rings."""

from agentdesk.desk.numbers import readable
from agentdesk.i18n import _
from agentdesk.wire.calls import Call


def caller(call: Call) -> str:
    """Return who rings, as far as it is known."""
    if len(call.matches) == 1:
        name = call.matches[0].name
        return name if call.matches[0].exact else _("Perhaps {name}").format(name=name)
    if call.matches:
        return _("{matches} customers have this number").format(matches=len(call.matches))
    return _("Nobody known by this number") if call.number else _("Number withheld")


def where(call: Call, more: int) -> str:
    """Return number and queue as far as they are known, and how many more calls wait."""
    number = readable(call.number).replace(" ", "\u00a0") if call.number else ""  # stays on one line
    queue = _("{queue} queue").format(queue=call.queue) if call.queue else ""
    others = _("{count} more waiting").format(count=more) if more else ""
    return ", ".join(part for part in (number, queue, others) if part)
