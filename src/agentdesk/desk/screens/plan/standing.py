"""A payment plan in words: where it stands, what is next, and the badge of each of its payments."""

from datetime import date

from agentdesk.desk import days
from agentdesk.desk.session import Session
from agentdesk.desk.widgets.badge import BadgeKind
from agentdesk.domain.plan import STANDS, InstalmentState, PlanState, Rhythm
from agentdesk.i18n import _
from agentdesk.wire.plans import Instalment, PaymentPlan

PLAN_BADGES = {
    PlanState.ACTIVE: BadgeKind("info", "calendar-check", _("Active")),
    PlanState.PAUSED: BadgeKind("warning", "pause-circle-fill", _("Paused")),
    PlanState.DONE: BadgeKind("success", "check-circle-fill", _("Over")),
    PlanState.CANCELLED: BadgeKind("neutral", "minus-circle-fill", _("Cancelled")),
}
BADGES = {
    InstalmentState.DUE: BadgeKind("neutral", "clock", _("To come")),
    InstalmentState.TAKING: BadgeKind("info", "clock-fill", _("Being taken")),
    InstalmentState.PAID: BadgeKind("success", "check-circle-fill", _("Paid")),
    InstalmentState.FAILED: BadgeKind("danger", "x-circle-fill", _("Not paid")),
    InstalmentState.SKIPPED: BadgeKind("neutral", "minus-circle-fill", _("Skipped")),
}
RHYTHMS = {
    Rhythm.WEEKLY: _("Every week"),
    Rhythm.FORTNIGHTLY: _("Every two weeks"),
    Rhythm.MONTHLY: _("Every month"),
}


def standing_of(session: Session) -> PaymentPlan | None:
    """Return the plan of the customer that shows, where it is active or paused."""
    plan = session.customer.plan if session.customer else None
    return plan if plan is not None and plan.state in STANDS else None


def taking(plan: PaymentPlan) -> Instalment | None:
    """Return the payment that is being taken, or of which nobody knows yet; None where there is none."""
    return next((one for one in plan.instalments if one.state is InstalmentState.TAKING), None)


def so_far(plan: PaymentPlan) -> str:
    """Say how many of its payments are paid."""
    paid = sum(one.state is InstalmentState.PAID for one in plan.instalments)
    return _("{paid} of {count} paid").format(paid=paid, count=len(plan.instalments))


def line(plan: PaymentPlan, today: date) -> str:
    """Say where a plan stands, in one line."""
    told = {"so_far": so_far(plan), "card": plan.card, "why": plan.why or ""}
    if plan.state is PlanState.PAUSED:
        return _("{so_far}. Paused: {why}").format(**told)
    if plan.state is not PlanState.ACTIVE:
        return (
            _("{so_far}, {taken} of {total}. {why}")
            .format(taken=plan.paid, total=plan.total, **told)
            .rstrip()
        )
    if (one := taking(plan)) is not None:
        return _("{so_far}, {amount} is being taken, {card}.").format(amount=one.amount, **told)
    if plan.next is None:
        return _("{so_far}, {card}.").format(**told)
    when = days.words(plan.next.due_on, today)
    return _("{so_far}, next {amount} on {when}, {card}.").format(amount=plan.next.amount, when=when, **told)
