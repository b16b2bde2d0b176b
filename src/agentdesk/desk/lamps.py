"""What the status bar's lamps say, from the hub's readiness and from the payment that is live."""

from agentdesk.desk import times
from agentdesk.desk.session import Session
from agentdesk.desk.widgets.frame import StatusBar
from agentdesk.desk.widgets.lamp import LAMP_WORDS
from agentdesk.domain.call import CallState
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Role
from agentdesk.i18n import _
from agentdesk.wire.calls import Call
from agentdesk.wire.readiness import Lamp, LampState, Part

NAMES = {
    Part.PAYMENTS: _("Payments"),
    Part.KEYPAD: _("Keypad"),
    Part.CUSTOMER_RECORDS: _("Customer records"),
    Part.ACCOUNTS: _("Accounts"),
    Part.RECORDER: _("Recorder"),
}

_ROLES = {Role.SUPERVISOR: _("Supervisor"), Role.ADMIN: _("Admin")}


def show_lamps(bar: StatusBar, session: Session) -> None:
    """Set every lamp; without a connection nothing is known."""
    if session.readiness is None or session.connection.is_lost:
        for name in NAMES.values():
            bar.set_lamp(name, "idle", _("not known"))
        return
    for lamp in session.readiness.lamps:
        if lamp.part in NAMES:
            bar.set_lamp(NAMES[lamp.part], *lamp_words(lamp, session), lamp.detail)


def lamp_words(lamp: Lamp, session: Session) -> tuple[str, str]:
    """Return the state to draw and the word beside the name."""
    if lamp.state is LampState.DOWN:
        return "down", _("down since {minute}").format(minute=times.minute(lamp.since))
    capture = session.live_attempt.capture if session.live_attempt else None
    secured = bool(capture and capture.secured_at)
    if secured and lamp.part is Part.KEYPAD:
        return "secured", _("secured")
    if secured and lamp.part is Part.RECORDER:
        return "secured", _("paused")
    if lamp.state is LampState.READY and lamp.part is Part.RECORDER and _records(session.call):
        return "ready", _("recording")
    if lamp.part is Part.PAYMENTS and (waiting := _being_checked(session)):
        return "slow", _("{state}, {waiting} being checked").format(
            state=LAMP_WORDS[lamp.state.value], waiting=waiting
        )
    return lamp.state.value, LAMP_WORDS[lamp.state.value]


def _records(call: Call | None) -> bool:
    return call is not None and call.recording and call.state is not CallState.WRAP_UP


def _being_checked(session: Session) -> int:
    work = session.day.open_work if session.day else []
    return sum(payment.state is AttemptState.UNKNOWN for payment in work)


def doing(session: Session) -> tuple[str, str, str]:
    """Return role, words and icon of what this person does now."""
    call = session.call
    if call is None:
        if session.person and session.person.role is not Role.AGENT and not session.ringing:
            return "neutral", _ROLES[session.person.role], "user"
        return "info", _("Ringing") if session.ringing else _("Available"), "phone"
    words = {CallState.WRAP_UP: _("Wrapping up"), CallState.HELD: _("On hold")}
    return "info", words.get(call.state, _("On a call")), "phone-call-fill"
