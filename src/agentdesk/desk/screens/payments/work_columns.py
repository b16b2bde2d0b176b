"""The columns of what waits for a supervisor."""

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from agentdesk.desk import times
from agentdesk.desk.screens.payments.columns import short_name
from agentdesk.desk.tables.columns import Column
from agentdesk.desk.widgets.badge import badge_size, paint_badge
from agentdesk.i18n import _
from agentdesk.wire.work import WorkItem, WorkKind

_LONG = timedelta(minutes=10)
_BADGES = {
    WorkKind.UNKNOWN: ("warning", _("Unknown"), "question-fill"),
    WorkKind.ALARM: ("danger", _("Alarm"), "warning-fill"),
    WorkKind.PARKED: ("danger", _("Parked"), "warning-fill"),
    WorkKind.OVERDUE: ("info", _("Overdue"), "clock-fill"),
    WorkKind.REFUND: ("info", _("Asked"), "arrow-u-up-left"),
    WorkKind.DUPLICATE: ("info", _("Asked"), "hand-palm-fill"),
}


def columns(now: Callable[[], datetime]) -> list[Column]:
    """Return the columns; ages are those at `now()`."""

    def age(item: WorkItem) -> str:
        return times.age(item.since, now())

    def age_role(item: WorkItem) -> str:
        return "danger" if now() - item.since > _LONG else "warning"

    return [
        Column(_("Waiting"), age, 84, style="medium", role=age_role, is_sorted=True),
        Column(_("Kind"), lambda item: badge(item.kind)[1], 104, paint=_paint_kind),
        Column(_("Customer"), lambda item: item.customer_name, 160, stretch=1, style="medium"),
        Column(_("Reference"), _reference, 104, role=lambda _: "text_2"),
        Column(_("What happened"), lambda item: item.detail, 220, stretch=4, role=lambda _: "text_2",
               tip=lambda item: item.detail),
        Column(_("Agent"), lambda item: short_name(item.agent_name), 98, role=lambda _: "text_2",
               spoken=lambda item: item.agent_name),
        Column(_("Amount"), _amount, 100, style="medium", right=True),
    ]  # fmt: skip


def badge(kind: WorkKind) -> tuple[str, str, str]:
    """Return role, word and icon."""
    return _BADGES[kind]


def _reference(item: WorkItem) -> str:
    return item.payment.short_reference if item.payment else _("Call note")


def _amount(item: WorkItem) -> str:
    return str(item.payment.amount) if item.payment else _("none")


def _paint_kind(painter: QPainter, area: QRect, item: WorkItem) -> None:
    role, word, icon = badge(item.kind)
    size = badge_size(word, icon)
    top = area.top() + (area.height() - size.height()) // 2
    paint_badge(painter, QRectF(area.left(), top, size.width(), size.height()), role, word, icon)
