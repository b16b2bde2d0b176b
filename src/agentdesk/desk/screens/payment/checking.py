"""What the agent sees while an outcome is asked for: what was done, what comes next, what is locked."""

from datetime import datetime

from agentdesk.desk import times
from agentdesk.desk.screens.payment.closing import joined
from agentdesk.desk.widgets.box import Card
from agentdesk.desk.widgets.choices import ResultRow
from agentdesk.desk.widgets.outcome import Figure
from agentdesk.desk.widgets.timeline import Entry
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _, ngettext
from agentdesk.wire.payments import Attempt, CheckOut, PaymentIntent


def what_was_checked(attempt: Attempt) -> Card:
    """Make the rows of what securing the line needed."""
    capture = attempt.capture
    paused = capture.recorder_paused_at if capture else None
    masked = capture.tones_masked_at if capture else None
    started = attempt.started_at
    waited = times.age(started, attempt.ended_at) if attempt.ended_at else ""
    recorder = (
        ("ok", _("at {second}").format(second=times.second(paused)))
        if paused
        else ("failed", _("no, after {waited}").format(waited=waited))
    )
    if masked:
        tones = ("ok", _("at {second}").format(second=times.second(masked)))
    else:
        tones = ("failed", _("no card session")) if paused else ("open", _("not asked"))
    return Card(
        ResultRow(recorder[0], _("Recorder says paused"), recorder[1]),
        ResultRow(tones[0], _("Tones are masked"), tones[1], last=True),
    )


def figures(attempt: Attempt, check: CheckOut, now: datetime) -> list[Figure]:
    """Return how long it is checked, when next, and who sees it."""
    asked = (
        ngettext("asked {asked} time", "asked {asked} times", check.asked).format(asked=check.asked)
        if check.asked
        else _("not asked yet")
    )
    return [
        Figure(_("Checking for"), times.running(check.since, now), asked),
        _next_check(check, now),
        _who_decides(check, now, differs=attempt.alarm_open),
    ]


def _who_decides(check: CheckOut, now: datetime, *, differs: bool) -> Figure:
    if check.person_from is None or check.person_from <= now:
        why = _("Answer does not fit") if differs else _("Still no answer")
        return Figure(why, _("Supervisor"), _("decides now, we keep asking"))
    return Figure(
        _("Answer does not fit") if differs else _("If still no answer"),
        _("Supervisor"),
        _("decides from {second}").format(second=times.second(check.person_from)),
    )


def _next_check(check: CheckOut, now: datetime) -> Figure:
    if check.next_at is None:
        return Figure(_("Next check"), _("Being planned"), _("we keep asking"))
    seconds = int((check.next_at - now).total_seconds())
    at = _("at {second}").format(second=times.second(check.next_at))
    if seconds <= 0:
        return Figure(_("Next check"), _("Now"), at)
    value = f"{seconds} s" if seconds < 120 else _("{seconds} min").format(seconds=seconds // 60)
    return Figure(_("Next check in"), value, at)


def ladder(payment: PaymentIntent, attempt: Attempt, check: CheckOut) -> tuple[list[Entry], str]:
    """Return what was asked and answered, what comes next, and what is locked."""
    sent = times.second(attempt.sent_at) if attempt.sent_at else ""
    reference = _("with reference {short_reference}, attempt {number}").format(
        short_reference=payment.short_reference, number=attempt.number
    )
    steps = [Entry("paper-plane-right", "info", _("Sent to the bank once"), reference, sent, is_time=True)]
    steps.append(_answered(attempt))
    if check.asked:
        steps.append(_asked(attempt, check))
    if check.next_at:
        steps.append(
            Entry(
                "clock",
                "neutral",
                _("Ask again"),
                _("a late approval is taken and shown here"),
                times.second(check.next_at),
                is_time=True,
            )
        )
    steps.append(_last_step(attempt, check))
    locked = ngettext(
        "{invoices} is locked: no card can be taken for it until this ends.",
        "{invoices} are locked: no card can be taken for them until this ends.",
        len(payment.allocations) or 1,
    )
    return steps, locked.format(invoices=joined(payment))


def _answered(attempt: Attempt) -> Entry:
    if attempt.alarm_open:
        return Entry("warning", "warning", _("An answer that does not fit"), _("money may have been taken"))
    if attempt.state is AttemptState.PENDING:
        return Entry("clock", "info", _("The bank has it"), _("and has not said yes or no"))
    return Entry("warning", "warning", _("No answer came back"), _("it may or may not have been charged"))


def _asked(attempt: Attempt, check: CheckOut) -> Entry:
    times_asked = ngettext(
        "{asked} time so far; not proof of no charge",
        "{asked} times so far; not proof of no charge",
        check.asked,
    ).format(asked=check.asked)
    found = _("Asked by our reference: nothing final yet")
    title = _("Asked by our reference: nothing that fits") if attempt.alarm_open else found
    return Entry("magnifying-glass", "warning", title, times_asked)


def _last_step(attempt: Attempt, check: CheckOut) -> Entry:
    said = attempt.decision
    if said is not None:
        title = _("{by} says it was not charged").format(by=said.by[0])
        return Entry(
            "users", "warning", title, _("a second supervisor has to confirm it; nothing is free yet")
        )
    at = times.second(check.person_from) if check.person_from else ""
    return Entry(
        "users",
        "neutral",
        _("A supervisor decides from then"),
        _("we ask on; you are told here"),
        at,
        is_time=True,
    )
