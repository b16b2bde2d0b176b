"""The columns of the payment log."""

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from agentdesk.desk import icons, times
from agentdesk.desk.counting import badge_kind, refund_kind
from agentdesk.desk.tables.columns import Column
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import KINDS, BadgeKind, paint_badge_in, widest_badge
from agentdesk.desk.widgets.side import placed, write
from agentdesk.desk.widgets.text import shorten, text_width
from agentdesk.domain.card import brand_name
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.i18n import _, after_colon
from agentdesk.wire.payment_log import PaymentRow
from agentdesk.wire.payments import CardOut, PaymentIntent

ONE_DAY_TIME, WIDE_TIME = 90, 124
"""The width of the first column when it shows times of one day, and when it shows days, too."""
_ROUTE_WORDS = {"keypad": _("keypad"), "link": _("link"), "saved": _("saved card")}
_ROUTES = {"keypad": "dots-nine-bold", "link": "link-simple", "saved": "credit-card"}
_STILL = {AttemptState.DECLINED, AttemptState.NOT_SENT, None}
_MARKS = {
    WriteBackState.DONE: ("check-circle-fill", "success"),
    WriteBackState.QUEUED: ("clock-fill", "info"),
    WriteBackState.PARKED: ("warning-fill", "danger"),
}
_OWED = (_("Accounts"), _("Customer record"), _("Receipt"))
_MARK_STEP = 18


def columns(today: Callable[[], date]) -> list[Column]:
    """Return the columns; times of another day than `today()` show it."""

    def when(row: PaymentRow) -> str:
        return time_words(row.created_at, today())

    return [
        Column(_("Time"), when, ONE_DAY_TIME, role=lambda _: "text_2", is_sorted=True,
               needs=lambda: text_width("10:44:02", "body")),
        Column(_("Reference"), lambda row: row.short_reference, 104, style="medium"),
        Column(_("Customer"), lambda row: row.customer_name, 204, stretch=2),
        Column(_("Agent"), _agent, 98, stretch=1, role=lambda _: "text_2", spoken=taker, tip=taker),
        Column(_("Card"), _card, 154, stretch=1, paint=_paint_card, spoken=_spoken_card),
        Column(_("Amount"), lambda row: str(row.amount), 110, style="medium", role=_money_role, right=True,
               spoken=_spoken_amount),
        Column(_("Outcome"), lambda row: outcome_of(row).word, 114, paint=_paint_outcome,
               needs=lambda: widest_badge(_outcomes())),
        Column(_("Written back"), write_back_words, 76, paint=_paint_marks, tip=write_back_words,
               head_icons=("bank", "identification-card", "receipt")),
    ]  # fmt: skip


def time_words(instant: datetime, today: date) -> str:
    """Return `10:44:02`, with the day before it where it is another one."""
    if instant.astimezone().date() == today:
        return times.second(instant)
    return f"{times.day(instant, today)} {times.minute(instant)}"


def short_name(name: str) -> str:
    """Return `P. Nair` for `Priya Nair`."""
    first, _, rest = name.partition(" ")
    return f"{first[0]}. {rest}" if rest else name


def _agent(row: PaymentRow) -> str:
    return _("By plan") if row.plan else short_name(row.agent_name)


def taker(payment: PaymentRow | PaymentIntent) -> str:
    """Say who took a payment: a person, or a payment plan by itself."""
    if payment.plan is None:
        return payment.agent_name
    words = _("Payment plan {plan}, agreed with {agent_name}")
    return words.format(plan=payment.plan, agent_name=payment.agent_name)


def _outcomes() -> list[BadgeKind]:
    states = [badge_kind(state) for state in (None, *AttemptState)]
    return [KINDS[kind] for kind in (*states, "link", "posting", "refunded", "part_refund")]


def outcome_of(row: PaymentRow) -> BadgeKind:
    """Return the badge of a payment's state, or that it went back, all or in part."""
    return KINDS[refund_kind(row.refunded, row.amount)] if row.refunded else paid_or_posting(row)


def paid_or_posting(row: PaymentRow) -> BadgeKind:
    """Return the badge of a payment's state, or that the accounts do not have what was taken."""
    taken = row.state is AttemptState.APPROVED
    of_accounts = next(iter(row.write_backs), None)
    undone = of_accounts in (WriteBackState.QUEUED, WriteBackState.PARKED)
    return KINDS["posting" if taken and undone else badge_kind(row.state, by_link=row.route == "link")]


def card_words(card: CardOut | None) -> str:
    """Return `Visa 4242`, or that there is none."""
    return f"{brand_name(card.brand)} {card.last4 or ''}".strip() if card else _("none yet")


def route_icon(route: str | None) -> str:
    """Return the icon of a way to pay."""
    return _ROUTES.get(route or "", "credit-card")


def write_back_words(row: PaymentRow) -> str:
    """Return where each write-back stands."""
    return ", ".join(
        f"{name} {after_colon(KINDS[state.value].word) if state else _('none')}"
        for name, state in zip(_OWED, row.write_backs, strict=False)
    )


def _card(row: PaymentRow) -> str:
    return card_words(row.card)


def _spoken_card(row: PaymentRow) -> str:
    card = row.card.label if row.card else _("none yet")
    return _("{card}, by {route}").format(card=card, route=_ROUTE_WORDS.get(row.route or "", _("no way yet")))


def _spoken_amount(row: PaymentRow) -> str:
    return _("{amount}, not moved").format(amount=row.amount) if row.state in _STILL else str(row.amount)


def _money_role(row: PaymentRow) -> str:
    return "text_3" if row.state in _STILL else "text"


def _paint_card(painter: QPainter, area: QRect, row: PaymentRow) -> None:
    icon = "calendar-check" if row.plan else route_icon(row.route)
    icons.paint(painter, area, area.left(), icon, role="text_3")
    words = placed(area.adjusted(theme.px("icon") + theme.px("x2"), 0, 0, 0), area)
    painter.setFont(theme.font("body"))
    painter.setPen(theme.color("text_2" if row.card else "text_3"))
    write(painter, words, shorten(painter, _card(row), words.width()))


def _paint_outcome(painter: QPainter, area: QRect, row: PaymentRow) -> None:
    paint_badge_in(painter, area, outcome_of(row))


def _paint_marks(painter: QPainter, area: QRect, row: PaymentRow) -> None:
    for i, state in enumerate(row.write_backs):
        x = area.left() + theme.px(i * _MARK_STEP)
        if state is None:
            room = placed(QRect(x, area.top(), theme.px("icon"), area.height()), area)
            line = room.adjusted(theme.px(2), 0, -theme.px(2), 0)
            painter.setPen(theme.color("text_3"))
            painter.drawLine(line.left(), area.center().y(), line.right() + 1, area.center().y())
            continue
        name, role = _MARKS[state]
        icons.paint(painter, area, x, name, role=role)
