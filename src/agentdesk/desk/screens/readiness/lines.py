"""The lamps in words: what the hub sees of others, and what only this desk can see of the hub and itself."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import agentdesk
from agentdesk.desk import times
from agentdesk.desk.times import Clock
from agentdesk.domain.errors import AgentDeskError, Unavailable
from agentdesk.i18n import _
from agentdesk.wire.readiness import Lamp, LampState, Part, Readiness

#: From how far apart the two clocks are something is wrong, and from how far it is no small matter.
_APART, _FAR_APART = timedelta(seconds=5), timedelta(seconds=60)

NAMES = {
    Part.PAYMENTS: _("Card payments"),
    Part.KEYPAD: _("Keypad entry"),
    Part.CUSTOMER_RECORDS: _("Customer records"),
    Part.ACCOUNTS: _("Accounts"),
    Part.RECORDER: _("Call recorder"),
    Part.CALL_LINE: _("Phone line"),
}
_WHILE_DOWN = {
    Part.PAYMENTS: _(
        "Nobody can be charged now, by card or by link. What was sent before is still followed."
    ),
    Part.KEYPAD: _("No card can be keyed on the phone. Send a secure link instead."),
    Part.CUSTOMER_RECORDS: _(
        "Callers are not recognised; customers show as last read. Notes are sent later."
    ),
    Part.ACCOUNTS: _("You may take payments of customers who were read before; they are posted later."),
    Part.RECORDER: _("Card entry stays shut, or the card would be recorded. Send a secure link instead."),
    Part.CALL_LINE: _("A ringing call cannot be answered on this screen. Answer it on your phone."),
}
_WHILE_SLOW = {
    Part.PAYMENTS: _("It may take longer until the bank’s answer comes."),
    Part.KEYPAD: _("Card entry may take longer to open."),
    Part.CUSTOMER_RECORDS: _("Customers may take longer to show."),
    Part.ACCOUNTS: _("Payments post late, you can still take them."),
    Part.RECORDER: _("Securing the line may take longer."),
    Part.CALL_LINE: _("Answering may take longer."),
}


class Remedy(StrEnum):
    """What one key does about it."""

    LOOK = "look"  # look again now
    COPY = "copy"  # copy the diagnosis for IT


@dataclass(frozen=True)
class Line:
    """One lamp; `state` as the lamps are drawn. `reason` is empty and `remedy` None where all is well."""

    name: str
    state: str
    word: str
    detail: str
    reason: str = ""
    remedy: Remedy | None = None


def lines(readiness: Readiness | None, hub_error: AgentDeskError | None, clock: Clock) -> list[Line]:
    """Return every lamp; while the hub does not answer nothing is known but that."""
    if hub_error is not None or readiness is None:
        unseen = [*NAMES.values(), _("Clock"), _("Version")]
        return [
            _hub(hub_error),
            *(Line(name, "idle", _("Not known"), _("The hub has not told")) for name in unseen),
        ]
    told = [_told(lamp) for lamp in readiness.lamps]
    return [_hub(None), *told, _clock(clock), _version(readiness.version)]


def troubled(shown: Sequence[Line]) -> list[Line]:
    """Return what is not as it should be."""
    return [line for line in shown if line.remedy is not None]


def summary(shown: Sequence[Line]) -> str:
    """Return what is said after a look."""
    wrong = [f"{line.name}: {line.word.lower()}" for line in troubled(shown)]
    return _("Everything is ready") if not wrong else ", ".join(wrong)


def diagnosis(url: str, readiness: Readiness | None, shown: Sequence[Line], clock: Clock) -> str:
    """Return what IT needs to know, as plain text; it says nothing of customers or payments."""
    seen = {NAMES[lamp.part]: lamp for lamp in (readiness.lamps if readiness else [])}
    return "\n".join(
        [
            f"Agent Desk {agentdesk.__version__}, {clock.now():%Y-%m-%d %H:%M:%S} UTC by the hub",
            f"Computer: {platform.platform()}, Python {platform.python_version()}, "
            f"its clock says {clock.own():%Y-%m-%d %H:%M:%S} UTC",
            f"Hub: {url}, {_hub_words(readiness)}",
            *(_diagnosed(line, seen.get(line.name)) for line in shown),
        ]
    )


def _diagnosed(line: Line, lamp: Lamp | None) -> str:
    since = f" since {lamp.since:%H:%M:%S}, checked {lamp.checked_at:%H:%M:%S}" if lamp else ""
    return f"{line.name}: {lamp.state.value if lamp else line.word.lower()}{since}: {line.detail}"


def _hub_words(readiness: Readiness | None) -> str:
    if readiness is None:
        return "never answered"
    mode = "test mode" if readiness.test_mode else "real money"
    return f"version {readiness.version}, {readiness.business}, {mode}"


def _hub(error: AgentDeskError | None) -> Line:
    if error is None:
        return Line(_("Hub"), "ready", _("Ready"), _("It answers"))
    if isinstance(error, Unavailable):
        why = _("Nothing new can start until it answers. Payments sent before are followed by it.")
        return Line(_("Hub"), "down", _("Down"), _("It does not answer"), why, Remedy.LOOK)
    return Line(_("Hub"), "down", _("Down"), _("It answers with an error"), error.text, Remedy.COPY)


def _told(lamp: Lamp) -> Line:
    name, detail = NAMES[lamp.part], lamp.detail[:1].upper() + lamp.detail[1:]
    if lamp.state is LampState.READY:
        return Line(name, "ready", _("Ready"), detail)
    if lamp.state is LampState.SLOW:
        return Line(name, "slow", _("Slow"), detail, _WHILE_SLOW[lamp.part], Remedy.LOOK)
    if lamp.state is LampState.NOT_ASKED:
        soon = _("The hub has just started and asks by itself within seconds")
        return Line(name, "not_asked", _("Not asked yet"), soon, remedy=Remedy.LOOK)
    word = _("Down since {minute}").format(minute=times.minute(lamp.since))
    return Line(name, "down", word, detail, _WHILE_DOWN[lamp.part], Remedy.LOOK)


def _clock(clock: Clock) -> Line:
    behind, here = clock.behind, clock.own()
    far = times.age(here, here + abs(behind))
    detail = _("{time} from the hub’s").format(time=far)
    if abs(behind) < _APART:
        return Line(_("Clock"), "ready", _("Ready"), detail)
    word = _("{time} behind") if behind > timedelta(0) else _("{time} ahead")
    why = _(
        "This computer’s clock is wrong. Times on these screens are the hub’s and right. Ask IT to set it."
    )
    state = "down" if abs(behind) >= _FAR_APART else "slow"
    return Line(_("Clock"), state, word.format(time=far), detail, why, Remedy.COPY)


def _version(hub: str) -> Line:
    mine, its = _number(agentdesk.__version__), _number(hub)
    detail = _("This program is {mine}, the hub is {hub}").format(mine=agentdesk.__version__, hub=hub)
    if mine == its:
        return Line(_("Version"), "ready", _("Ready"), _("{version}, as the hub").format(version=hub))
    if mine[:1] != its[:1]:
        why = _("They may not understand each other. Take no payment with this one; ask IT to update it.")
        return Line(_("Version"), "down", _("Does not fit"), detail, why, Remedy.COPY)
    if mine < its:
        why = _("It may lack what the hub can do. Ask IT to update it.")
        return Line(_("Version"), "slow", _("Older"), detail, why, Remedy.COPY)
    why = _("The hub may lack what this one can do. Ask IT to update the hub.")
    return Line(_("Version"), "slow", _("Newer"), detail, why, Remedy.COPY)


def _number(version: str) -> list[int]:
    """Return `1.4.2` as numbers, so that 1.10 comes after 1.9."""
    return [int(part) if part.isdecimal() else 0 for part in version.split(".")]
