"""The filters of the payment log: a chip for each, a list or a small form behind it."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from agentdesk.desk.screens.payments.filters import OUTCOMES, Days, Filters
from agentdesk.desk.screens.payments.view_model import PaymentsViewModel
from agentdesk.desk.theme import wear_sheet
from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.inputs import LineEdit, MoneyEdit
from agentdesk.desk.widgets.text import Text
from agentdesk.i18n import _

NOT_A_DAY = _("That is not a day. Type it like 2026-11-21.")
_WRONG_ORDER = _("The first day is after the last.")
_WRONG_AMOUNTS = _("The smallest amount is over the largest.")


class FilterBar(Column):
    """Chips, in a second line where one is too short; two of them open a form in the row below."""

    def __init__(self, model: PaymentsViewModel) -> None:
        self._model = model
        self.days = Chip("", icon="calendar-blank", caret=True)
        self.agent = Chip("", caret=True)
        self.route = Chip("", caret=True)
        self.state = Chip("", caret=True)
        self.amount = Chip("", caret=True)
        self.work = Chip(_("Needs a person"), icon="hand-palm-fill", tick=False)
        self.clear = Button(_("Clear"), "ghost")
        chips = (self.days, self.agent, self.route, self.state, self.amount)
        self.form = Row(margins=(0, 20, 12, 20), gap=8)
        super().__init__(
            Column(Flow(self.work, *chips, self.clear, gap=8), margins=(10, 20)),
            self.form,
            look=Look(sides="b"),
        )
        self.form.hide()
        self._is_tight = False
        self._listen()
        self.show_filters()

    def show_filters(self) -> None:
        """Show what is chosen."""
        model, filters = self._model, self._model.filters
        routes = model.routes()
        for chip, words, chosen in (
            (self.days, filters.days_words(model.today()), filters.days is not Days.ALL),
            (self.agent, model.agent_name(), filters.agent),
            (
                self.route,
                routes.get(filters.route or "", filters.route or _("All ways to pay")),
                filters.route,
            ),
            (self.state, OUTCOMES.get(filters.state, _("Any outcome")), filters.state),  # type: ignore[call-overload]
            (self.amount, filters.amount_words(), filters.smallest or filters.largest),
        ):
            chip.setText(words)
            chip.setChecked(bool(chosen))
        of_log = not self.work.isChecked()
        self.clear.setVisible(of_log and filters != Filters())
        for chip in (self.days, self.agent, self.state):
            chip.setVisible(of_log)
        for chip in (self.route, self.amount):
            chip.setVisible(of_log and (chip.isChecked() or not self._is_tight))

    def show_work(self, count: int, shown: bool) -> None:
        """Show how much needs a person, and whether that is what the page shows; the log's chips go then."""
        self.work.setText(_("Needs a person {count}").format(count=count) if count else _("Needs a person"))
        self.work.setChecked(shown)
        if shown:
            self.form.hide()
        self.show_filters()

    def set_tight(self, tight: bool) -> None:
        """Leave out chips that choose nothing where there is little room."""
        self._is_tight = tight
        self.show_filters()

    def _listen(self) -> None:
        self._model.changed.connect(self.show_filters)
        self.clear.clicked.connect(self._clear)
        self.amount.clicked.connect(self._ask_amount)
        self.days.clicked.connect(self._offer_days)
        self.agent.clicked.connect(self._offer_agents)
        self.route.clicked.connect(self._offer_routes)
        self.state.clicked.connect(self._offer_outcomes)

    def _clear(self) -> None:
        self.form.hide()
        self._model.clear()

    # --- lists

    def _offer_days(self) -> None:
        choices = [(one.value, one) for one in Days]
        self._offer(self.days, choices, self._model.filters.days, self._choose_days)

    def _offer_agents(self) -> None:
        choices = [(_("All agents"), None), *((one.name, one.user_id) for one in self._model.agents)]
        self._offer(self.agent, choices, self._model.filters.agent, lambda one: self._model.show(agent=one))

    def _offer_routes(self) -> None:
        choices = [
            (_("All ways to pay"), None),
            *((title, one) for one, title in self._model.routes().items()),
        ]
        self._offer(self.route, choices, self._model.filters.route, lambda one: self._model.show(route=one))

    def _offer_outcomes(self) -> None:
        choices = [(_("Any outcome"), None), *((word, one) for one, word in OUTCOMES.items())]
        self._offer(self.state, choices, self._model.filters.state, lambda one: self._model.show(state=one))

    def _offer(
        self,
        chip: Chip,
        choices: Iterable[tuple[str, object]],
        current: object,
        choose: Callable[[object], None],
    ) -> None:
        self.show_filters()  # a press alone chooses nothing
        menu = QMenu(self)
        menu.setAccessibleName(chip.accessibleName() or chip.text())
        wear_sheet(menu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for words, choice in choices:
            action = group.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(choice == current)
            action.triggered.connect(partial(_call, choose, choice))
            menu.addAction(action)
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height())))

    def _choose_days(self, days: object) -> None:
        if days is Days.BETWEEN:
            self._ask_days()
        else:
            self.form.hide()
            self._model.show(days=days, first=None, last=None)

    # --- forms

    def _ask_days(self) -> None:
        filters = self._model.filters
        first, last = filters.range(self._model.today())
        fields = [
            LineEdit(name=name, placeholder="2026-11-21", width=140)
            for name in (_("First day"), _("Last day"))
        ]
        for field, day in zip(fields, (first, last), strict=True):
            field.set_text(day.isoformat() if day else "")
            field.accepted.connect(lambda: self._take_days(*fields))
        self._open_form(_("Days from"), *fields, lambda: self._take_days(*fields))

    def _take_days(self, first: LineEdit, last: LineEdit) -> None:
        days = [_day(field) for field in (first, last)]
        if None in days:
            return
        if days[0] > days[1]:  # type: ignore[operator]
            last.set_error(_WRONG_ORDER)
            return
        self.form.hide()
        self._model.show(days=Days.BETWEEN, first=days[0], last=days[1])

    def _ask_amount(self) -> None:
        self.show_filters()
        filters, readiness = self._model.filters, self._model.session.readiness
        currency = readiness.currency if readiness else "GBP"
        fields = [
            MoneyEdit(currency, name=name, show_code=False, width=120)
            for name in (_("Smallest amount"), _("Largest amount"))
        ]
        for field, money in zip(fields, (filters.smallest, filters.largest), strict=True):
            field.set_value(money)
            field.edit.returnPressed.connect(lambda: self._take_amounts(*fields))
        self._open_form(_("Amounts from"), *fields, lambda: self._take_amounts(*fields))

    def _take_amounts(self, smallest: MoneyEdit, largest: MoneyEdit) -> None:
        if any(field.edit.text().strip() and field.value() is None for field in (smallest, largest)):
            return
        low, high = smallest.value(), largest.value()
        if low and high and low.minor > high.minor:
            largest.set_error(_WRONG_AMOUNTS)
            return
        self.form.hide()
        self._model.show(smallest=low, largest=high)

    def _open_form(
        self, title: str, low: LineEdit | MoneyEdit, high: LineEdit | MoneyEdit, take: Callable[[], None]
    ) -> None:
        go, leave = Button(_("Show")), Button(_("Close"), "ghost")
        go.clicked.connect(take)
        leave.clicked.connect(self.form.hide)
        words = (Text(title, role="text_2"), Text(_("to"), role="text_2"))
        self.form.show()
        self.form.set_items([words[0], low, words[1], high, go, leave, ...])
        low.setFocus(Qt.FocusReason.OtherFocusReason)


def _day(field: LineEdit) -> date | None:
    try:
        return date.fromisoformat(field.text().strip())
    except ValueError:
        field.set_error(NOT_A_DAY)
        return None


def _call(choose: Callable[[object], None], choice: object, _checked: bool = False) -> None:
    choose(choice)
