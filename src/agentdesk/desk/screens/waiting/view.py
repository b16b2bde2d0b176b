"""The waiting screen, in the payment region's place."""

from datetime import datetime

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
from agentdesk.desk.screens.readiness.view import ALL_KEY, Do, rows
from agentdesk.desk.screens.readiness.view_model import ReadinessViewModel
from agentdesk.desk.screens.waiting.view_model import (
    WaitingViewModel,
    work_badge,
    work_detail,
    work_title,
)
from agentdesk.desk.show import Show
from agentdesk.desk.standing import standing, what_to_do
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import Badge, badge_of
from agentdesk.desk.widgets.box import Card, Column, Look, Row, widest
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.focus import is_typing
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.outcome import Figure, Figures
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.i18n import _, ngettext
from agentdesk.wire.calls import Call
from agentdesk.wire.payments import AgentDay, PaymentIntent

_HELP = _(
    "You are between calls. A call that rings shows at the top; press Enter to answer it. "
    "Payments that need an eye are listed under it, money first. Ctrl F finds a customer without a call."
)
_BADGE_WIDTH, _PRESS_WIDTH, _NARROW = 96, 80, 600
AWAY_KEY, OPEN_KEY = "Ctrl D", "Ctrl O"


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
        self._narrow = self._is_late = False
        self._offered: str | None = None
        self._key = keys.add(self, _("Answer"), "Enter", model.answer, takes=False)
        self._key.hide()
        self._away = keys.add(self, _("Put away what ended"), AWAY_KEY, model.put_away)
        self._away.hide()
        self._open = keys.add(self, _("Open the first one"), OPEN_KEY, model.open_first)
        self._open.hide()
        show = Show(self._show_if_visible, self)
        model.changed.connect(show.ask)
        ready.changed.connect(show.ask)
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
        if self._is_late:
            self._show()

    def _show_if_visible(self) -> None:
        # a call's every event changes the day; nobody sees it here before the call is over
        self._is_late = not self.isVisible()
        if not self._is_late:
            self._show()

    def _show(self) -> None:
        self._is_late = False
        ringing, day = self._model.ringing, self._model.day
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        self.set_note(_("No call") if not ringing else _("A call is ringing"))
        items: list[QWidget | int | None] = []
        if self._model.error:
            items += [Banner("danger", "warning-circle", _("That did not work"), self._model.error.text), 12]
        items += [self._ringing_card(ringing[0], len(ringing)), 20] if ringing else []
        items += self._line_is_down()
        items += self._ended() + self._work(day) if day else []
        items += self._not_ready()
        items += self._today(day) if day else []
        self.set_body(*items, margins=(16, 20))
        self._key.set_on() if ringing else self._key.hide()
        self._away.set_on() if self._model.ended else self._away.hide()
        self._open.set_on() if self._model.first else self._open.hide()
        self._show_busy(self._model.answer_call.is_running)
        first = ringing[0] if ringing else None
        if first is not None:
            self._offer_answer(first, had_focus)
        self._offered = first.call_id if first else None

    def _ringing_card(self, call: Call, count: int) -> Column:
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
        icon = None if self._narrow else Icon("phone-call", "icon_outcome", "accent_text")
        return Row(icon, (words, 1), self._answer, margins=16, gap=16, look=look)

    def _line_is_down(self) -> list[QWidget | int | None]:
        self._by_hand_banner = None
        if not (self._model.line_is_down and self._by_hand.may):
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

    def _offer_answer(self, call: Call, had_focus: bool) -> None:
        new = call.call_id != self._offered
        if new:
            announce(self, _("Call from {call}").format(call=caller(call)), assertive=True)
        if self._answer and (new or had_focus) and not is_typing():  # who types keeps the keyboard
            self._answer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ended(self) -> list[QWidget | int | None]:
        """Say what became of payments after their call, each until it is put away."""
        rows = self._model.ended
        if not rows:
            return []
        card = Card(*(self._ended_row(payment, i) for i, payment in enumerate(rows)))
        return [SectionHead(_("Ended after the call"), _("until you put it away")), 4, card, 20]

    def _ended_row(self, payment: PaymentIntent, place: int) -> Row:
        stood = standing(payment, self._model.session.clock.now())
        away = Button(_("Put away"), key=None if place else AWAY_KEY, fires=False)
        away.setAccessibleName(_("Put away {payment}").format(payment=work_title(payment)))
        away.clicked.connect(lambda: self._model.put_away(payment))
        button = self._open_button(payment, _("Open"))
        words = Column(
            Row(badge_of(stood.kind), 12, MoneyLabel(taken(payment).money), ...),
            Paragraph(f"{payment.customer_name}, {payment.short_reference}", "medium", "text"),
            Paragraph(f"{stood.words} {what_to_do(payment)}", role="text"),
            gap=4,
        )
        presses = Column(away, button, gap=8)
        return Row((words, 1), 12, presses, margins=(10, 16), look=Look(sides="t" if place else ""))

    def _open_button(self, payment: PaymentIntent, word: str) -> Button:
        key = OPEN_KEY if payment is self._model.first else None
        button = Button(word, key=key, width=None if key else _PRESS_WIDTH, fires=False)
        button.setAccessibleName(_("Open {payment}").format(payment=work_title(payment)))
        button.clicked.connect(lambda: self._model.open(payment))
        return button

    def _work(self, day: AgentDay) -> list[QWidget | int | None]:
        rows = day.open_work
        if not rows:
            empty = Row(Text(_("Nothing is open. Payments that need an eye show here."), role="text_2"), ...)
            return [SectionHead(_("Your open work"), _("none")), 4, Card(Row(empty, margins=(16, 16))), 20]
        badges = [badge_of(work_badge(payment)) for payment in rows]
        self._badges_width = widest(badges, _BADGE_WIDTH)
        presses = [self._work_button(payment) for payment in rows]
        self._presses_width = widest(presses, _PRESS_WIDTH)
        lines = zip(rows, badges, presses, strict=True)
        card = Card(*(self._work_row(*line, first=i == 0) for i, line in enumerate(lines)))
        return [
            SectionHead(_("Your open work"), _("{rows}, money first").format(rows=len(rows))),
            4,
            card,
            20,
        ]

    def _work_button(self, payment: PaymentIntent) -> Button:
        parked = work_badge(payment) == "parked"
        return self._open_button(payment, _("Look") if parked else _("Open"))

    def _work_row(self, payment: PaymentIntent, badge: Badge, press: Button, *, first: bool) -> Row:
        words = Column(
            Paragraph(work_title(payment), "medium", "text"),
            Paragraph(work_detail(payment, self._model.session.clock.now()), "caption"),
            gap=4,
        )
        money, button = MoneyLabel(taken(payment).money), Row(..., press, width=self._presses_width)
        look = Look(sides="" if first else "t")
        if self._narrow:
            words = Column(Row(badge, ...), 4, words)
            return Row((words, 1), 12, money, 12, button, margins=(8, 16), look=look)
        before = Row(badge, ..., width=self._badges_width)
        return Row(before, 12, (words, 1), 12, money, 28, button, margins=(8, 16), look=look)

    def _not_ready(self) -> list[QWidget | int | None]:
        """Say under the open work what is not ready, each with its key."""
        troubled = self._ready.troubled
        if not troubled:
            return []
        words = _("{count} of {all}, {key} shows all")
        words = words.format(count=len(troubled), all=len(self._ready.lines), key=ALL_KEY)
        head = SectionHead(_("Not ready"), words)
        return [head, 4, rows(troubled, self._do), 20]

    def _today(self, day: AgentDay) -> list[QWidget | int | None]:
        person = self._model.session.person
        payments = ngettext("{count} payment", "{count} payments", day.taken_count)
        figures = Figures(
            [
                Figure(_("Taken today"), str(day.taken), payments.format(count=day.taken_count)),
                Figure(_("Declined"), str(day.declined_count), _("nothing was charged")),
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
