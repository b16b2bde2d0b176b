"""The drawer over the window with a payment plan: each of its payments, and what can be done to it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from agentdesk.desk import days, times
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.payments.forms import ReasonForm
from agentdesk.desk.screens.plan.changing import PlanViewModel
from agentdesk.desk.screens.plan.standing import BADGES, PLAN_BADGES, RHYTHMS, line, so_far
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import Badge, BadgeKind
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Drawer
from agentdesk.desk.widgets.notices import Banner, ErrorNote, Strip
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.domain.ids import short_reference
from agentdesk.domain.plan import PlanState
from agentdesk.i18n import _, listed
from agentdesk.wire.plans import Instalment, PaymentPlan, PlanWish

#: What is pressed, the title of what asks for a reason, and what sends it.
_WISHES = {
    PlanWish.PAUSE: (_("Pause"), _("Pause this plan"), _("Pause it")),
    PlanWish.RESUME: (_("Resume"), _("Resume this plan"), _("Resume it")),
    PlanWish.SKIP: (_("Skip the next one"), _("Skip the next payment"), _("Skip it")),
    PlanWish.CANCEL: (_("Cancel the plan"), _("Cancel this plan"), _("Cancel the plan")),
}


class PlanDrawer(Drawer):
    """Floats over the window. Esc closes it and changes nothing."""

    def __init__(self, model: PlanViewModel, open_payment: Callable[[str], None]) -> None:
        self._model, self._open_payment = model, open_payment
        assert model.plan is not None, "the drawer opens only for a plan"
        self._shown: PaymentPlan | None = None
        self._asked: PlanWish | None = None
        self.form: ReasonForm | None = None
        self._facts, self._asking, self._error = Column(), Column(), ErrorNote(flush=20)
        self.presses = {wish: Button(words[0], "ghost") for wish, words in _WISHES.items()}
        self._why = Paragraph("", "caption")
        inside = Column(self._facts, ..., margins=(8, 20, 20, 20))
        foot: list[Item] = [*self.presses.values(), ...]
        super().__init__("", Column(self._asking, (scrolling(inside), 1), self._error, self._not_now()), foot)
        for wish, press in self.presses.items():
            press.clicked.connect(partial(model.ask, wish))
        model.changed.connect(self._show)
        model.send.running.connect(self._show_busy)
        self._show()
        self.first = next((one for one in self.presses.values() if one.isEnabled()), None)

    def _not_now(self) -> QWidget:
        self._off = Column(self._why, margins=(8, 20), look=Look(sides="t"))
        return self._off

    def _show(self) -> None:
        model, plan = self._model, self._model.plan
        if plan is None:
            return  # it is being closed
        if plan != self._shown:
            self._show_plan(plan)
        for wish, press in self.presses.items():
            press.setVisible(wish in model.wishes)
            press.set_on_unless(model.why_not or (_("Say why first") if model.wish else ""))
        self._why.setText(f"{model.why_not}." if model.why_not else "")
        self._off.setVisible(bool(model.why_not) and bool(model.wishes))
        self._show_asking()
        if self.form is not None:
            self._error.set_error(None)
            self.form.show_error(model.error.text if model.error else "")
        else:
            self._error.set_error(model.error)

    def _show_plan(self, plan: PaymentPlan) -> None:
        before, self._shown = self._shown, plan
        self.title.setText(_("Payment plan {short_reference}").format(short_reference=plan.short_reference))
        self.setAccessibleName(self.title.text())
        today = self._model.session.clock.today()
        self._facts.set_items(self._items(plan))
        if before is not None and (before.state, before.next) != (plan.state, plan.next):
            announce(self, f"{PLAN_BADGES[plan.state].word}. {line(plan, today)}")

    def _items(self, plan: PaymentPlan) -> list[Item]:
        today = self._model.session.clock.today()
        head = Row(
            MoneyLabel(plan.total.money, style="amount", align="left"), ..., _badge(PLAN_BADGES[plan.state])
        )
        made = _("{name}, {day}").format(name=plan.made_by, day=times.day(plan.made_at, today))
        taken = _("{paid} of {total}").format(paid=plan.paid, total=plan.total)
        rows = [
            *([(_("Customer"), self._model.whose)] if self._model.whose else []),
            (_("Taken"), taken),
            (_("Card"), plan.card),
            (_("For"), listed(plan.numbers)),
            (_("How often"), RHYTHMS[plan.rhythm]),
            (_("Receipts to"), plan.receipt_email or _("Nobody")),
            (_("Agreed with"), made),
            (_("Reference"), plan.reference),
        ]
        paid = [self._instalment(one, last=one is plan.instalments[-1]) for one in plan.instalments]
        each = Card(*paid)
        each.setAccessibleName(_("Payments of this plan"))
        facts = Card(*(_fact(name, words, below=i > 0) for i, (name, words) in enumerate(rows)))
        return [head, 4, Text(so_far(plan), role="text_2"), *_notice(plan), 12, each, 16, facts]

    def _instalment(self, one: Instalment, *, last: bool) -> Column:
        today = self._model.session.clock.today()
        day, kind = days.words(one.due_on, today), BADGES[one.state]
        words = Row(
            (Paragraph(days.alone(one.due_on, today), role="text"), 1),
            _badge(kind),
            MoneyLabel(one.amount.money),
            gap=12,
        )
        row = Column(words, margins=(8, 14), look=Look(sides="" if last else "b"))
        if one.why:
            row.add(Paragraph(one.why, "caption"))
        if one.intent_id is not None:
            row.add(Row(self._to_payment(one.intent_id), ...))
        row.setAccessibleName(
            _("Payment {number}: {amount} on {day}, {state}").format(
                number=one.number, amount=one.amount, day=day, state=kind.word
            )
        )
        return row

    def _to_payment(self, intent_id: str) -> Button:
        reference = short_reference(intent_id)
        press = Button(reference, "link")
        press.setAccessibleName(_("Open payment {short_reference}").format(short_reference=reference))
        press.clicked.connect(partial(self._open_payment, intent_id))
        return press

    # --- doing something to it

    def _show_asking(self) -> None:
        wish = self._model.wish
        if wish is self._asked:
            return
        self._asked, self.form = wish, None
        if wish is None:
            self._asking.clear()
            return
        _words, title, go = _WISHES[wish]
        self.form = form = ReasonForm(title, [_("Why")], go, Paragraph(meaning(self._model, wish)))
        form.sent.connect(lambda texts: self._model.do(texts[0]))
        form.left.connect(partial(self._model.ask, None))
        self._asking.set_items([form])
        form.start()
        announce(self, meaning(self._model, wish))

    def _show_busy(self, running: bool) -> None:
        if self.form is not None:
            self.form.set_busy(running)


def meaning(model: PlanViewModel, wish: PlanWish) -> str:
    """Say what doing this means for the money."""
    plan = model.plan
    if plan is None:
        return ""
    if wish is PlanWish.PAUSE:
        return _(
            "Nothing is taken until somebody resumes it. What was taken stays paid; the invoices can be paid "
            "in another way meanwhile."
        )
    if wish is PlanWish.CANCEL:
        return _("Nothing more is taken, for good. What was taken stays paid; {left} is not taken.").format(
            left=model.left
        )
    next_one, today = model.skipped or plan.next, model.session.clock.today()
    if next_one is None:
        return _("Payments are taken automatically again.")
    day = days.words(next_one.due_on, today)
    if wish is PlanWish.SKIP:
        return _("{amount} of {day} is not taken. It stays owed, and no other payment takes it.").format(
            amount=next_one.amount, day=day
        )
    return _("Payments are taken automatically again: the next one is {amount} on {day}.").format(
        amount=next_one.amount, day=day
    )


def _notice(plan: PaymentPlan) -> list[Item]:
    if plan.state is PlanState.PAUSED:
        title = _("Paused: nothing is taken")
        return [12, Banner("warning", "pause-circle-fill", title, plan.why or "")]
    return [12, Strip("info", plan.why)] if plan.why else []


def _badge(kind: BadgeKind) -> Badge:
    return Badge(kind.role, kind.word, kind.icon)


def _fact(name: str, words: str, *, below: bool) -> Row:
    value = Paragraph(words, "medium", "text", align="right")
    look = Look(sides="t" if below else "")
    return Row(Paragraph(name, role="text_2"), (value, 1), gap=16, margins=(6, 14), look=look)
