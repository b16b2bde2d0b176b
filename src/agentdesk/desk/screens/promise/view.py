"""The form of a promise to pay, over the window: how much, by when, and what the caller is asked."""

from datetime import date

from PySide6.QtWidgets import QWidget

from agentdesk import dates
from agentdesk.desk import days
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.promise.view_model import PromiseViewModel, line
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.box import Column, Item, Row
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.drawer import Drawer, DrawerWhile
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.inputs import LineEdit, MoneyEdit
from agentdesk.desk.widgets.key_cap import printed
from agentdesk.desk.widgets.notices import ErrorNote, Strip, Toast
from agentdesk.desk.widgets.script import ScriptQuote
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

#: Takes back the promise that stands.
WITHDRAW_KEY = "Ctrl Shift P"
_NO_DAY = _("That is not a day. Type it like 4/12, 2026-12-04 or +7.")


class PromiseDrawer(Drawer):
    """Floats over the window. Esc closes it and writes nothing down."""

    def __init__(self, model: PromiseViewModel) -> None:
        self._model = model
        owed = model.owed
        assert owed is not None, "the form opens only where something is owed"
        self.amount = MoneyEdit(
            owed.currency, label=_("How much"), limit=model.amount_problem, name=_("Amount")
        )
        self.amount.set_value(owed)
        self.day = LineEdit(
            _("By when"), placeholder=_("4/12, 2026-12-04 or +7"), name=_("Day it is paid by"), width=240
        )
        self._day_words = Text("", "medium")
        self._chips = {due: Chip(words) for words, due in model.ready_made.items()}
        self._ask = ScriptQuote(title=_("Ask the caller"))
        self._error = ErrorNote()
        leave = Button(_("Leave"), "ghost")
        self._why = Text("", role="text_2")
        self._keep = Button(
            _("Write it down"), "primary", icon="check", key="Ctrl Enter", large=True, fires=False
        )
        self.main = self._keep
        super().__init__(
            _("Promise to pay"), self._body(str(owed)), [leave, ..., self._why, self._keep], large_foot=True
        )
        self.first = self.amount.edit
        self.amount.edit.selectAll()
        leave.clicked.connect(self.closed)
        self._listen()
        self._show()

    def _body(self, owed: str) -> QWidget:
        standing = self._model.standing
        before: list[Item] = []
        if standing is not None:
            words = _("{standing} A new promise takes its place. If it was never meant, {key} withdraws it.")
            words = words.format(standing=line(standing, self._model.today), key=printed(WITHDRAW_KEY))
            before = [Strip("calendar-check", words), 16]
        return scrolling(
            Column(
                Row(Text(_("Owed now"), role="text_2"), ..., Text(owed, "strong")),
                16,
                *before,
                self.amount,
                16,
                Row(self.day, ...),
                8,
                Flow(*self._chips.values(), gap=6),
                8,
                self._day_words,
                20,
                self._ask,
                16,
                Paragraph(_("It goes to the customer record and shows at the next call. No money moves.")),
                self._error,
                ...,
                margins=(8, 20, 20, 20),
            )
        )

    def _listen(self) -> None:
        model = self._model
        self.amount.changed.connect(self._show)
        self.day.changed.connect(lambda _: self._show())
        self.day.accepted.connect(self._send)
        self._keep.clicked.connect(self._send)
        for due, chip in self._chips.items():
            chip.clicked.connect(lambda _=False, due=due: self.day.set_text(dates.typed(due)))
        model.changed.connect(self._show)
        model.send.running.connect(self._show_busy)

    def _show_busy(self, running: bool) -> None:
        self._keep.set_busy(_("Writing it down") if running else None)

    @property
    def due_on(self) -> date | None:
        """The day that was typed; None where it is none."""
        return days.read(self.day.text(), self._model.today)

    def _show(self) -> None:
        model, due, amount = self._model, self.due_on, self.amount.value()
        typed = bool(self.day.text().strip())
        self.day.set_error((model.day_problem(due) if due else _NO_DAY) if typed else "")
        for day, chip in self._chips.items():
            chip.setChecked(day == due)
        told = f"{days.alone(due, model.today)}, {days.distance(due, model.today)}" if due else ""
        self._day_words.setText(told)
        problem = model.problem(amount, due)
        self._why.setText("" if model.send.is_running else problem if not typed else "")
        ready = due is not None and amount is not None and not problem
        self._ask.setVisible(ready)
        if ready and due is not None:
            said = days.words(due, model.today)
            self._ask.set_words(
                _("You promise to pay **{amount}** by **{said}**. Is that right?").format(
                    amount=amount, said=said
                )
            )
        self._keep.set_on_unless(problem)
        self._error.set_error(model.error)

    def _send(self) -> None:
        amount, due = self.amount.value(), self.due_on
        if amount is not None and due is not None:
            self._model.keep(amount, due)


class Standing(Column):
    """What the customer promised and has not paid; hidden where nothing is, and while a payment shows."""

    def __init__(self, model: PromiseViewModel) -> None:
        self._model = model
        self._strip = Strip("calendar-check", "")
        super().__init__(self._strip, margins=(12, 20, 0, 20))
        model.changed.connect(Show(self._show, self).ask)
        model.session.shown_payment_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        promise, session = self._model.standing, self._model.session
        new = session.payment is None or session.payment.intent_id == session.done_with
        self.setVisible(promise is not None and new)
        if promise is not None:
            self._strip.set_text(line(promise, self._model.today))


class PromisePlace:
    """Opens the form over a window while the view model says so, and says when a promise was written down."""

    def __init__(self, model: PromiseViewModel, over: QWidget) -> None:
        self.model, self._over = model, over
        self._form = DrawerWhile(over, lambda: PromiseDrawer(model), model.close)
        model.setParent(over)
        model.changed.connect(lambda: self._form.show(model.is_open))
        model.made.connect(self._say)

    def ask(self) -> None:
        """Open the form, or say why no promise can be taken."""
        if why := self.model.why_not:
            Toast(_("No promise can be taken"), f"{why}.", "lock-simple", "neutral").show_over(
                self._over.window()
            )
        self.model.open()

    def leave(self) -> None:
        """Close the form, if it is open; nothing is written down."""
        if self.model.is_open:
            self.model.close()

    def _say(self, promise: object) -> None:
        words = line(promise, self.model.today)  # type: ignore[arg-type]
        Toast(_("Written down"), words, "calendar-check").show_over(self._over.window())
