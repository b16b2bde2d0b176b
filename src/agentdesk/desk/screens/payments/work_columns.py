"""The columns of what waits for a supervisor."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from agentdesk.desk import times
from agentdesk.desk.screens.payments.columns import short_name
from agentdesk.desk.tables.columns import Column
from agentdesk.desk.widgets.badge import BadgeKind, paint_badge_in, widest_badge
from agentdesk.desk.widgets.text import text_width
from agentdesk.i18n import _
from agentdesk.wire.work import WorkItem, WorkKind

_LONG = timedelta(minutes=10)
#: With as many digits as they come with.
_AGES = (timedelta(seconds=58), timedelta(minutes=118), timedelta(hours=48))
_BADGES = {
    WorkKind.UNKNOWN: BadgeKind("warning", "question-fill", _("Unknown")),
    WorkKind.ALARM: BadgeKind("danger", "warning-fill", _("Alarm")),
    WorkKind.PARKED: BadgeKind("danger", "warning-fill", _("Parked")),
    WorkKind.OVERDUE: BadgeKind("info", "clock-fill", _("Overdue")),
    WorkKind.REFUND: BadgeKind("info", "arrow-u-up-left", _("Asked")),
    WorkKind.HELP: BadgeKind("warning", "hand-palm-fill", _("Called")),
    WorkKind.DUPLICATE: BadgeKind("info", "hand-palm-fill", _("Asked")),
    WorkKind.UNRECORDED: BadgeKind("warning", "warning-fill", _("Recorder")),
    WorkKind.PLAN: BadgeKind("warning", "pause-circle-fill", _("Plan paused")),
}


def columns(now: Callable[[], datetime]) -> list[Column]:
    """Return the columns; ages are those at `now()`."""

    def age(item: WorkItem) -> str:
        return times.age(item.since, now())

    def age_role(item: WorkItem) -> str:
        return "danger" if now() - item.since > _LONG else "warning"

    return [
        Column(_("Waiting"), age, 84, style="medium", role=age_role, is_sorted=True, needs=_oldest_age),
        Column(_("Kind"), lambda item: badge(item.kind).word, 104, paint=_paint_kind,
               needs=lambda: widest_badge(_BADGES.values())),
        Column(_("Customer"), lambda item: item.customer_name, 160, stretch=1, style="medium"),
        Column(_("Reference"), _reference, 104, role=lambda _: "text_2"),
        Column(_("What happened"), lambda item: item.detail, 220, stretch=4, role=lambda _: "text_2",
               tip=lambda item: item.detail),
        Column(_("Agent"), lambda item: short_name(item.agent_name), 98, role=lambda _: "text_2",
               spoken=lambda item: item.agent_name),
        Column(_("Amount"), _amount, 100, style="medium", right=True),
    ]  # fmt: skip


def badge(kind: WorkKind) -> BadgeKind:
    """Return the badge of a kind of work."""
    return _BADGES[kind]


def _oldest_age() -> int:
    since = datetime.now(UTC)
    return max(text_width(times.age(since, since + age), "medium") for age in _AGES)


def _reference(item: WorkItem) -> str:
    if item.call_id is not None:
        return _("Call")
    if item.plan is not None:
        return item.plan.short_reference
    return item.payment.short_reference if item.payment else _("Call note")


def _amount(item: WorkItem) -> str:
    if item.plan is not None and item.plan.next is not None and item.payment is None:
        return str(item.plan.next.amount)
    return str(item.payment.amount) if item.payment else _("none")


def _paint_kind(painter: QPainter, area: QRect, item: WorkItem) -> None:
    paint_badge_in(painter, area, badge(item.kind))
