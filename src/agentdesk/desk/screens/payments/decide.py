"""The panel in which a supervisor decides: what is known, the outcomes, what was seen, and why."""

from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QButtonGroup, QWidget

from agentdesk.desk import times
from agentdesk.desk.counting import badge_kind, rest_words
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.payments.decide_view_model import SOURCES, DecideViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import KINDS, badge_of
from agentdesk.desk.widgets.box import Column, Divider, Item, Look, Row
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.choices import OptionRow
from agentdesk.desk.widgets.drawer import Drawer
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.inputs import LineEdit, MoneyEdit
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _, after_colon, listed
from agentdesk.wire.payments import Attempt, PaymentIntent, TimelineItem, TimelineKind

_SHOWN = (TimelineKind.SENT, TimelineKind.UNKNOWN, TimelineKind.ALARM, TimelineKind.NOTE)
_ICONS = {
    TimelineKind.SENT: "paper-plane-right",
    TimelineKind.UNKNOWN: "question",
    TimelineKind.ALARM: "warning",
    TimelineKind.NOTE: "note",
}
_MOST = 3
_RECORD = {
    AttemptState.APPROVED: _("Record: charged {}"),
    AttemptState.DECLINED: _("Record: bank said no"),
    AttemptState.NOT_SENT: _("Record: never sent"),
}


class DecideDrawer(Drawer):
    """Floats over the window. Esc closes it and changes nothing."""

    def __init__(self, model: DecideViewModel, timeline: list[TimelineItem]) -> None:
        self._model, self._timeline = model, timeline
        self._shown: Attempt | None = None
        self._since = Text("", role="warning")
        self._known = Column()
        self._form = self._make_form()
        self._said = Paragraph("")
        self._error = Paragraph("", role="danger")
        self._ask = Button(_("Ask again"), "ghost", icon="arrow-clockwise")
        self._ask.setAccessibleName(_("Ask the provider again"))
        self._why = Text("", role="text_2")
        self._record = Button(_("Keep checking"), "primary", key="Ctrl Enter", large=True)
        foot: list[Item] = [self._ask, ..., self._record]
        super().__init__(
            _("Decide payment {short_reference}").format(short_reference=model.payment.short_reference),
            self._body(),
            foot,
            large_foot=True,
        )
        model.setParent(self)
        self._listen()
        self._show()

    def take(self, payment: PaymentIntent) -> None:
        """Use a newer form of the payment."""
        known = self._model.payment
        if payment.intent_id == known.intent_id and payment.version > known.version:
            self._model.take(payment)

    def _body(self) -> QWidget:
        model = self._model
        numbers = ", ".join(part.number for part in model.payment.allocations)
        who = ", ".join(filter(None, (model.payment.customer_name, numbers)))
        amount = MoneyLabel(model.payment.amount.money, style="amount", align="left")
        top = Column(
            Row(amount, ..., Row(badge_of(badge_kind(model.attempt.state)))),
            Row((Paragraph(who), 1), self._since, gap=12),
            margins=(0, 20, 12, 20),
        )
        known = Column(
            SectionHead(_("What is known"), _("Nothing here is a guess")), self._known, margins=(8, 20, 8, 20)
        )
        ends = SectionHead(_("Your decision"), _("An answer of the provider ends this by itself"))
        mine = Column(ends, 4, self._said, *self._options(), self._form, margins=(8, 20, 16, 20))
        self._area = scrolling(Column(known, Divider(), mine, ...))
        self._not_yet = Column(self._error, self._why, margins=(8, 20), look=Look(sides="t"))
        return Column(top, Divider(), (self._area, 1), self._not_yet)

    def _options(self) -> list[Item]:
        self._group = QButtonGroup(self._form)
        items: list[Item] = []
        for outcome, (title, detail) in self._model.outcomes().items():
            row = OptionRow(title, detail, checked=outcome is None)
            self._group.addButton(row)
            row.toggled.connect(lambda on, outcome=outcome: on and self._choose(outcome))
            self.first = self.first or row
            items += [row, 8]
        return items

    def _make_form(self) -> Column:
        model = self._model
        self._chips = [Chip(words, tick=True, checked=words == model.source) for words in SOURCES]
        for chip in self._chips:
            chip.clicked.connect(lambda _=False, chip=chip: self._choose_source(chip))
        self._reference = LineEdit(
            _("The provider’s reference"), placeholder=_("pi_… or ch_…, from its own page")
        )
        self._seen = LineEdit(
            name=_("What did you see?"), placeholder=_("Amount, time and state, as it stands there")
        )
        self._reason = LineEdit(_("Why you decide it now"), placeholder=_("The caller waits for an answer"))
        agreed_in = model.payment.amount.currency
        self._charged = MoneyEdit(agreed_in, label=_("What was charged, as shown there"), any_currency=True)
        self._charged.set_value(model.charged)
        self._charged.changed.connect(lambda: model.type_charged(self._charged.value()))
        self._what_follows = Paragraph("", "body", "warning")
        self._amount = Column(4, self._charged, 4, self._what_follows, 8)
        self._reference.changed.connect(lambda text: model.fill(reference=text))
        self._seen.changed.connect(lambda text: model.fill(seen=text))
        self._reason.changed.connect(lambda text: model.fill(reason=text))
        kept = Row(
            Icon("shield-check", "icon", "text_2"),
            (Paragraph(_("Kept in the audit. The agent sees it.")), 1),
            gap=8,
        )
        return Column(
            self._amount, 4, Text(_("What did you see?"), "label", "text_2"), 6,
            Flow(*self._chips, gap=8),
            8, self._seen, 8, self._reference, 8, self._reason, 8, kept,
        )  # fmt: skip

    def _listen(self) -> None:
        model = self._model
        model.changed.connect(self._show)
        model.decide.running.connect(self._show_recording)
        model.look_up.running.connect(self._show_asking)
        model.session.clock.ticked.connect(self._tick)
        self._ask.clicked.connect(model.look_up.start)
        self._record.clicked.connect(self._go)

    def _show_recording(self, running: bool) -> None:
        self._record.set_busy(_("Writing it down") if running else None)

    def _show_asking(self, running: bool) -> None:
        self._ask.set_busy(_("Asking") if running else None)

    def _go(self) -> None:
        if self._model.outcome is None:
            self.closed.emit()
        else:
            self._model.decide.start()

    def _choose(self, outcome: AttemptState | None) -> None:
        self._model.choose(outcome)
        if outcome is not None:  # what is to be filled in now, once it has its place
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self._seen))

    def _choose_source(self, chosen: Chip) -> None:
        for chip in self._chips:
            chip.setChecked(chip is chosen)
        self._model.fill(source=SOURCES[self._chips.index(chosen)])

    def _show(self) -> None:
        model = self._model
        if model.attempt is not self._shown:
            self._shown = model.attempt
            self._known.set_items(self._facts())
        said = model.attempt.decision
        if said is not None:
            outcome = after_colon(KINDS[said.outcome.value].word)
            words = _("{by} decided: {outcome}. {seen}. {reason}.").format(
                by=listed(said.by), outcome=outcome, seen=said.seen, reason=said.reason
            )
            self._said.setText(_("**A second supervisor has to confirm it.** {words}").format(words=words))
        self._said.setVisible(said is not None)
        self._form.setVisible(model.outcome is not None)
        self._reference.setVisible(model.outcome is AttemptState.APPROVED)
        self._amount.setVisible(model.asks_amount)
        self._what_follows.setText(_what_follows(model))
        self._show_error()
        self._show_record()
        self._not_yet.setVisible(bool(model.missing or model.error))
        self._tick(model.session.clock.now())

    def _show_error(self) -> None:
        error = self._model.error
        self._error.setVisible(error is not None)
        if error is not None and self._error.text() != error.text:
            announce(self, error.text, assertive=True)
        self._error.setText(error.text if error else "")

    def _show_record(self) -> None:
        model, words = self._model, _("Keep checking")
        if model.outcome is not None:
            words = _RECORD[model.outcome].format(model.other or model.payment.amount)
        if self._model.decide.is_running:
            return
        self._record.setText(words)
        self._record.set_on_unless(model.missing)
        self._why.setText(model.missing)
        self._why.setVisible(bool(model.missing))

    def _facts(self) -> list[Item]:
        check = self._model.attempt.check
        rows: list[Item] = []
        if check is not None:
            asked = (
                _("asked once") if check.asked == 1 else _("asked {asked} times").format(asked=check.asked)
            )
            again = _(", next {second}").format(second=times.second(check.next_at)) if check.next_at else ""
            rows += [_fact("question-fill", "warning", _("The provider has not told"), f"{asked}{again}", "")]
        told = [one for one in self._timeline if one.kind in _SHOWN][::-1][:_MOST]
        rows += [
            _fact(
                _ICONS[one.kind],
                "text_2",
                one.title,
                one.detail,
                times.second_of(one.at, self._model.session.clock.today()),
                below=True,
            )
            for one in told
        ]
        return rows

    def _tick(self, now: datetime) -> None:
        check = self._model.attempt.check
        if check is not None:
            self._since.setText(
                _("{age}, asked {asked} times").format(age=times.age(check.since, now), asked=check.asked)
            )


def _what_follows(model: DecideViewModel) -> str:
    agreed, other = model.payment.amount.money, model.other
    if other is None:
        return _("{agreed} was agreed.").format(agreed=agreed)
    return rest_words(agreed, other)


def _fact(icon: str, role: str, title: str, detail: str, time: str, *, below: bool = False) -> Row:
    below_it = Text(detail, "caption", "text_2", elide=True) if detail else None
    words = Column(Text(title, "medium", elide=True), below_it)
    return Row(
        Icon(icon, "icon_large", role), (words, 1), Text(time, role="text_2"),
        gap=12, height="row_two_line", look=Look(sides="t" if below else ""),
    )  # fmt: skip
