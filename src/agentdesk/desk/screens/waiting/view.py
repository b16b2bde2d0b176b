"""The waiting screen, in the payment region's place."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from agentdesk.desk import times
from agentdesk.desk.calling import caller, where
from agentdesk.desk.counting import taken
from agentdesk.desk.keys import Keys
from agentdesk.desk.region import Region
from agentdesk.desk.screens.by_hand.view import TAKE_BY_HAND
from agentdesk.desk.screens.by_hand.view_model import ByHandViewModel
from agentdesk.desk.screens.readiness.lines import Line
from agentdesk.desk.screens.readiness.view import ALL_KEY, Do, rows
from agentdesk.desk.screens.readiness.view_model import ReadinessViewModel
from agentdesk.desk.screens.waiting.view_model import (
    WaitingViewModel,
    work_badge,
    work_detail,
    work_title,
)
from agentdesk.desk.show import Show
from agentdesk.desk.standing import answer_kind, answer_words, standing, what_to_do
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import Badge, badge_of
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row, Rows, widest
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.focus import is_typing
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.outcome import Figure, Figures
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.i18n import _, ngettext
from agentdesk.wire.calls import Call
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import AgentDay, PaymentIntent

_HELP = _(
    "You are between calls. A call that rings shows at the top; press Enter to answer it. "
    "Payments that need an eye are listed under it, money first. Ctrl F finds a customer without a call."
)
_BADGE_WIDTH, _PRESS_WIDTH, _NARROW = 96, 80, 600
AWAY_KEY, OPEN_KEY = "Ctrl D", "Ctrl O"
Items = list[Item]


class WaitingView(Region):
    """Ringing calls, open work, the day."""

    def __init__(
        self, model: WaitingViewModel, ready: ReadinessViewModel, do: Do, by_hand: ByHandViewModel, keys: Keys
    ) -> None:
        super().__init__(_("Payment"), _HELP, ground="window", margin=20)
        self._model, self._ready, self._do, self._by_hand = model, ready, do, by_hand
        model.setParent(self)
        self._answer: Button | None = None
        self._ringing_for: Text | None = None
        self._by_hand_banner: Banner | None = None
        self._narrow = False
        self._offered: str | None = None
        self._parts = Rows(self._make_part)
        self.set_body(self._parts, margins=(16, 20))
        self._key = keys.add(self, _("Answer"), "Enter", model.answer, takes=False)
        self._key.hide()
        self._away = keys.add(self, _("Put away what ended"), AWAY_KEY, model.put_first_away)
        self._away.hide()
        self._open = keys.add(self, _("Open the first one"), OPEN_KEY, model.open_first)
        self._open.hide()
        # a call's every event changes the day; nobody sees it here before the call is over
        self._due = Show(self._show, self, only_seen=True)
        model.changed.connect(self._due.ask)
        ready.changed.connect(self._due.ask)
        by_hand.changed.connect(self._show_by_hand)
        model.answer_call.running.connect(self._show_busy)
        model.session.clock.ticked.connect(self._tick)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put badges over the words where they do not fit beside them."""
        super().resizeEvent(event)
        narrow = event.size().width() < theme.px(_NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what came while another part stood here."""
        super().showEvent(event)
        self._due.run()

    def _show(self) -> None:
        ringing = self._model.ringing
        self.set_note(_("No call") if not ringing else _("A call is ringing"))
        before = self._focused()
        self._parts.show_values(self._wanted())
        self._key.set_on() if ringing else self._key.hide()
        self._away.set_on() if self._model.ended or self._model.answered else self._away.hide()
        self._open.set_on() if self._model.first else self._open.hide()
        self._show_busy(self._model.answer_call.is_running)
        first = ringing[0] if ringing else None
        if first is not None:
            self._offer_answer(first, before is not None and self._focused() is not before)
        self._offered = first.call_id if first else None

    def _wanted(self) -> list[tuple[object, ...]]:
        """Return the parts from the top, each as what makes it and the values it shows."""
        model, now = self._model, self._model.session.clock.now()
        ringing, day, first = model.ringing, model.day, model.first and model.first.intent_id
        work = [(one, work_detail(one, now)) for one in day.open_work] if day else []
        return [
            (self._trouble, model.error and model.error.text),
            (self._ringing, ringing[0] if ringing else None, len(ringing), self._narrow),
            (self._line_is_down, model.line_is_down and self._by_hand.may),
            (self._work, work if day else None, first, self._narrow),
            (self._ended, [self._how(one, day) for one in day.ended] if day else [], first),
            (self._answered, model.answered, first, not model.ended),
            (self._not_ready, list(self._ready.troubled), len(self._ready.lines)),
            (self._today, (day.taken, day.taken_count, day.declined_count) if day else None),
        ]

    def _how(self, payment: PaymentIntent, day: AgentDay) -> tuple[PaymentIntent, str, str]:
        stood = standing(payment, self._model.session.clock.now())
        return payment, stood.kind, f"{stood.words} {what_to_do(payment, day)}"

    @staticmethod
    def _make_part(part: tuple[Callable[..., Items], object]) -> Column:
        make, *shown = part
        return Column(*make(*shown))

    def _focused(self) -> QWidget | None:
        now = QApplication.focusWidget()
        return now if now is not None and self.isAncestorOf(now) else None

    def _trouble(self, words: str | None) -> Items:
        return [Banner("danger", "warning-circle", _("That did not work"), words), 12] if words else []

    def _ringing(self, call: Call | None, count: int, narrow: bool) -> Items:
        self._answer = self._ringing_for = None
        if call is None:
            return []
        self._answer = Button(_("Answer"), "primary", icon="phone-call", key="Enter", large=True, fires=False)
        self._answer.clicked.connect(self._model.answer)
        self._ringing_for = Text("", "caption", "text_2")
        words = Column(
            Paragraph(caller(call), "title", "text"),
            Paragraph(where(call, count - 1), role="text"),
            self._ringing_for,
            gap=2,
        )
        look = Look("accent_tint", "accent_line", radius="card")
        self._tick(self._model.session.clock.now())
        icon = None if narrow else Icon("phone-call", "icon_outcome", "accent_text")
        return [Row(icon, (words, 1), self._answer, margins=16, gap=16, look=look), 20]

    def _line_is_down(self, told: bool) -> Items:
        self._by_hand_banner = None
        if not told:
            return []
        words = _("Calls may not come up by themselves. Answer on your phone, then take the call here.")
        banner = Banner("warning", "phone", _("The phone line is down"), words, TAKE_BY_HAND)
        banner.pressed.connect(self._by_hand.open)
        self._by_hand_banner = banner
        self._show_by_hand()
        return [banner, 20]

    def _show_by_hand(self) -> None:
        if self._by_hand_banner is not None:
            self._by_hand_banner.set_on_unless(self._by_hand.why_not)

    def _offer_answer(self, call: Call, lost_focus: bool) -> None:
        new = call.call_id != self._offered
        if new:
            announce(self, _("Call from {call}").format(call=caller(call)), assertive=True)
        if self._answer and (new or lost_focus) and not is_typing():  # who types keeps the keyboard
            self._answer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ended(self, ended: list[tuple[PaymentIntent, str, str]], first: str | None) -> Items:
        """Say what became of payments after their call, each until it is put away."""
        if not ended:
            return []
        rows: list[Row] = []
        for payment, kind, words in ended:
            head = Row(badge_of(kind), 12, MoneyLabel(taken(payment).money), ...)
            away = self._away_button(payment, partial(self._model.put_away, payment), not rows)
            rows.append(self._told_row(payment, head, words, away, first, below=bool(rows)))
        return [SectionHead(_("Ended after the call"), _("until you put it away")), 4, Card(*rows), 20]

    def _answered(self, answered: list[PaymentIntent], first: str | None, with_key: bool) -> Items:
        """Say what was said to refunds that this person asked for, each until it is put away."""
        if not answered:
            return []
        rows = []
        for payment in answered:
            asked = payment.refund_request
            assert asked is not None, "it is listed for that"
            head = Row(badge_of(answer_kind(asked)), 12, MoneyLabel(asked.amount.money), ...)
            put = partial(self._model.put_answer_away, asked)
            away = self._away_button(payment, put, with_key and not rows)
            rows.append(self._told_row(payment, head, answer_words(asked), away, first, below=bool(rows)))
        return [SectionHead(_("What you asked for"), _("until you put it away")), 4, Card(*rows), 20]

    def _away_button(self, payment: PaymentIntent, put: Callable[[], None], has_key: bool) -> Button:
        away = Button(_("Put away"), key=AWAY_KEY if has_key else None, fires=False)
        away.setAccessibleName(_("Put away {payment}").format(payment=work_title(payment)))
        away.clicked.connect(lambda *_: put())
        return away

    def _told_row(
        self, payment: PaymentIntent, head: Row, said: str, away: Button, first: str | None, *, below: bool
    ) -> Row:
        button = self._open_button(payment, _("Open"), first)
        who = Paragraph(f"{payment.customer_name}, {payment.short_reference}", "medium", "text")
        words = Column(head, who, Paragraph(said, role="text"), gap=4)
        presses = Column(away, button, gap=8)
        return Row((words, 1), 12, presses, margins=(10, 16), look=Look(sides="t" if below else ""))

    def _open_button(self, payment: PaymentIntent, word: str, first: str | None) -> Button:
        key = OPEN_KEY if payment.intent_id == first else None
        button = Button(word, key=key, fires=False)
        button.setAccessibleName(_("Open {payment}").format(payment=work_title(payment)))
        button.clicked.connect(lambda: self._model.open(payment))
        return button

    def _work(self, rows: list[tuple[PaymentIntent, str]] | None, first: str | None, narrow: bool) -> Items:
        if rows is None:
            return []
        if not rows:
            empty = Row(Text(_("Nothing is open. Payments that need an eye show here."), role="text_2"), ...)
            return [SectionHead(_("Your open work"), _("none")), 4, Card(Row(empty, margins=(16, 16))), 20]
        badges = [badge_of(work_badge(payment)) for payment, _detail in rows]
        self._badges_width = widest(badges, _BADGE_WIDTH)
        presses = [self._work_button(payment, first) for payment, _detail in rows]
        self._presses_width = widest(presses, _PRESS_WIDTH)
        lines = zip(rows, badges, presses, strict=True)
        card = Card(
            *(
                self._work_row(*row, badge, press, narrow=narrow, below=i > 0)
                for i, (row, badge, press) in enumerate(lines)
            )
        )
        return [
            SectionHead(_("Your open work"), _("{rows}, money first").format(rows=len(rows))),
            4,
            card,
            20,
        ]

    def _work_button(self, payment: PaymentIntent, first: str | None) -> Button:
        parked = work_badge(payment) == "parked"
        return self._open_button(payment, _("Look") if parked else _("Open"), first)

    def _work_row(
        self, payment: PaymentIntent, detail: str, badge: Badge, press: Button, *, narrow: bool, below: bool
    ) -> Row:
        words = Column(
            Paragraph(work_title(payment), "medium", "text"),
            Paragraph(detail, "caption"),
            gap=4,
        )
        money, button = MoneyLabel(taken(payment).money), Column(press, width=self._presses_width)
        look = Look(sides="t" if below else "")
        if narrow:
            words = Column(Row(badge, ...), 4, words)
            return Row((words, 1), 12, money, 12, button, margins=(8, 16), look=look)
        before = Row(badge, ..., width=self._badges_width)
        return Row(before, 12, (words, 1), 12, money, 28, button, margins=(8, 16), look=look)

    def _not_ready(self, troubled: list[Line], count: int) -> Items:
        """Say under the open work what is not ready, each with its key."""
        if not troubled:
            return []
        words = _("{count} of {all}, {key} shows all")
        words = words.format(count=len(troubled), all=count, key=ALL_KEY)
        head = SectionHead(_("Not ready"), words)
        return [head, 4, rows(troubled, self._do), 20]

    def _today(self, told: tuple[Amount, int, int] | None) -> Items:
        if told is None:
            return []
        person, (taken_today, count, declined) = self._model.session.person, told
        payments = ngettext("{count} payment", "{count} payments", count)
        figures = Figures(
            [
                Figure(_("Taken today"), str(taken_today), payments.format(count=count)),
                Figure(_("Declined"), str(declined), _("nothing was charged")),
            ]
        )
        return [SectionHead(_("Today"), person.name if person else ""), 4, figures]

    def _show_busy(self, running: bool) -> None:
        if self._answer is not None and self._model.ringing:
            self._answer.set_busy(_("Answering") if running else None)

    def _tick(self, instant: datetime) -> None:
        if self._model.ringing and self._ringing_for is not None:
            self._ringing_for.setText(
                _("Ringing {age}").format(age=times.age(self._model.ringing[0].started_at, instant))
            )
