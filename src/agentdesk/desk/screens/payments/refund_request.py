"""A refund over somebody's limit, as it waits: who asked, how much, why, and what was said."""

from datetime import date

from PySide6.QtCore import Signal

from agentdesk.desk import times
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.box import Column, Item, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.i18n import _
from agentdesk.wire.refunds import RefundRequest


class RequestRow(Column):
    """The wish, and the presses of who may decide it. Signal `decided(allow)`."""

    decided = Signal(bool)

    def __init__(self, asked: RefundRequest, today: date, *, may_allow: bool, is_own: bool) -> None:
        amount = MoneyLabel(asked.amount.money, moved=False, align="left")
        head = Row(Icon("hand-palm", "icon_large"), (amount, 1), Badge(*_badge(asked)), gap=12)
        words = f"{times.second_of(asked.asked_at, today)}, {asked.asked_by}: {asked.reason}"
        parts: list[Item] = [head, 4, Paragraph(story(asked, today, is_own=is_own)), 4]
        parts.append(Text(words, "caption", "text_3", elide=True))
        presses = self._presses(asked, may_allow=may_allow, is_own=is_own)
        super().__init__(*parts, *([8, Row(*presses, gap=8)] if presses else []), margins=(12, 20))
        self.setAccessibleName(_("Refund of {amount} that was asked for").format(amount=asked.amount))
        self.setAccessibleDescription(story(asked, today, is_own=is_own))

    def _presses(self, asked: RefundRequest, *, may_allow: bool, is_own: bool) -> list[Item]:
        if asked.allowed is not None:
            return []
        if is_own:
            back = Button(_("Take it back…"), "ghost")
            back.clicked.connect(lambda: self.decided.emit(False))
            return [back, ...]
        if not may_allow:
            return []
        refuse, allow = Button(_("Refuse…"), "ghost"), Button(_("Allow…"), icon="check")
        refuse.setAccessibleName(_("Refuse the refund"))
        allow.setAccessibleName(_("Allow the refund"))
        refuse.clicked.connect(lambda: self.decided.emit(False))
        allow.clicked.connect(lambda: self.decided.emit(True))
        return [refuse, ..., allow]


def _badge(asked: RefundRequest) -> tuple[str, str, str]:
    if asked.allowed is None:
        return "info", _("Waiting"), "hand-palm-fill"
    return (
        ("success", _("Allowed"), "check-circle-fill")
        if asked.allowed
        else ("neutral", _("Refused"), "x-circle-fill")
    )


def story(asked: RefundRequest, today: date, *, is_own: bool) -> str:
    """Say what became of the wish, and what it means for the money."""
    if asked.allowed is None:
        who = (
            _("Another supervisor has to decide; you asked.") if is_own else _("A supervisor has to decide.")
        )
        return _("It is over the limit of who asked, so nothing was sent. {who}").format(who=who)
    by = asked.decided_by or _("A supervisor")
    at = _(" at {second}").format(second=times.second_of(asked.decided_at, today)) if asked.decided_at else ""
    if asked.allowed:
        return _("{by} allowed it{at}: {why}. It was sent then; see the refund itself.").format(
            by=by, at=at, why=asked.why
        )
    return _("{by} did not let it go out{at}: {why}. Nothing was sent.").format(by=by, at=at, why=asked.why)
