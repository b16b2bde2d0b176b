"""The payment log: filters, totals in words, table, and a drawer with one payment."""

from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.numbers import tenths
from agentdesk.desk.screens.payments.columns import ONE_DAY_TIME, WIDE_TIME
from agentdesk.desk.screens.payments.detail import PaymentDrawer
from agentdesk.desk.screens.payments.filter_bar import FilterBar
from agentdesk.desk.screens.payments.filters import Days
from agentdesk.desk.screens.payments.view_model import PaymentsViewModel
from agentdesk.desk.screens.payments.work_view_model import WorkViewModel
from agentdesk.desk.tables.table_view import TableView
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Divider, Look, Row, Stacking
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.focus import has_gone, in_reading_order
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import EmptyState, Loading, PartError
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Text
from agentdesk.i18n import _, ngettext
from agentdesk.wire.payment_log import PaymentRow, PaymentTotals
from agentdesk.wire.work import WorkItem, WorkKind

_HELP = _(
    "All payments, newest first; F2 shows what needs a person, oldest first. The chips choose days, agent, "
    "way to pay, outcome and amount; F3 searches by reference, customer, amount or the card’s last four. "
    "Enter opens a payment, Up and Down move to the next one, Esc closes it; Ctrl D decides one that nobody "
    "can tell of. F5 asks for the newest."
)
_TYPING_MS = 300
_NARROW, _TIGHT = 900, 640
"""Below these widths of the table, columns, chips and figures are left out: the drawer has them."""
_LEFT_OUT = {_NARROW: (_("Agent"), _("Written back")), _TIGHT: (_("Reference"), _("Card"))}
_LEFT_OUT_OF_WORK = {_NARROW: (_("Agent"), _("Reference")), _TIGHT: (_("What happened"),)}


class PaymentsView(Row):
    """The page of the top bar."""

    title = _("Payments")
    help_text = _HELP
    help_chosen = Signal(object)
    """WorkItem of an agent who calls for a supervisor: the bar over the page has the press for it."""
    plan_chosen = Signal(object, str)
    """PaymentPlan that stands still, and whose it is: it opens over the window."""

    def __init__(self, model: PaymentsViewModel, work: WorkViewModel, keys: Keys) -> None:
        self._model, self._work = model, work
        self._shows_work = False
        self.search = LineEdit(
            name=_("Search payments"),
            placeholder=_("Reference, customer, last four"),
            icon="magnifying-glass",
            width=240,
        )
        self.filter_bar = FilterBar(model)
        self._totals = Row(margins=(7, 20), gap=12)
        self.table = TableView(model.table, _("Payments, newest first"))
        self.work_table = TableView(work.table, _("What needs a person, oldest first"))
        self.drawer = PaymentDrawer(model, keys)
        self._foot = Row(margins=(0, 20), gap=8, height=36, look=Look(sides="t"))
        head = Stacking(Text(_("Payments"), "heading"), ..., self.search, margins=(4, 20), gap=8, least=56)
        self._left = Column(
            head, self.filter_bar, self._totals, (self._make_places(), 1), self._foot, look=Look("surface")
        )
        super().__init__((self._left, 1), self.drawer, fill=True)
        work.setParent(self)
        model.setParent(self)  # it goes when the page goes, not when Python finds the time
        self.setAccessibleName(_("Payments"))
        self._listen(keys)
        self._show()

    def take_focus(self) -> None:
        """Focus the table, or what can be pressed where it does not show."""
        table = self.work_table if self._shows_work else self.table
        (next(in_reading_order(self._places.currentWidget()), None) or table).setFocus()

    def show_work(self, wanted: bool) -> None:
        """Show what needs a person, or the log."""
        self._shows_work = wanted
        self._model.close()
        self.search.setVisible(not wanted)
        self.filter_bar.show_work(self._work.count, wanted)
        if wanted:
            self._work.refresh()
        self._show()
        self.take_focus()

    def _make_places(self) -> QStackedWidget:
        self._loading = Loading(_("Getting payments"), (180, 140, 200, 160, 120), row_height=36)
        self._waiting = Column(self._loading, ..., margins=(12, 20))
        self._empty = EmptyState(
            "receipt",
            _("No payment matches"),
            _("Payments that match the filters show here."),
            _("Clear filters"),
        )
        self._error = Column(margins=20)
        self._nothing = EmptyState(
            "check-circle",
            _("Nothing needs a person"),
            _("Payments nobody can tell of, alarms and write-backs that are stuck show here."),
        )
        places = QStackedWidget()
        for place in (self.work_table, self._nothing, self.table, self._waiting, self._empty, self._error):
            places.addWidget(place)
        self._places = places
        return places

    def _listen(self, keys: Keys) -> None:
        model = self._model
        keys.add(self, _("Search payments"), "F3", self._start_search)
        keys.add(self, _("What needs a person"), "F2", lambda: self.show_work(not self._shows_work))
        keys.add(self, _("Newest payments"), "F5", self._refresh)
        self._decide_key = keys.add(self, _("Decide the payment"), "Ctrl D", self.drawer.decide)
        keys.add(self, _("Open the payment"), "Enter")
        keys.add(self, _("Close the payment"), "Esc")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._search)
        self.search.changed.connect(lambda _: self._typing.start())
        self.search.accepted.connect(self._search)
        self._empty.pressed.connect(self._clear)
        self.filter_bar.clear.clicked.connect(lambda: self.search.set_text(""))
        self.table.chosen.connect(model.open)
        self.table.moved.connect(self._follow)
        self.table.shown_changed.connect(self._show_foot)
        self.drawer.closed.connect(self._close)
        self.drawer.left_panel.connect(self.take_focus)
        self.filter_bar.work.clicked.connect(lambda: self.show_work(not self._shows_work))
        self.work_table.chosen.connect(self._open_work)
        self.work_table.moved.connect(self._follow_work)
        self._work.changed.connect(self._show_work_list)
        self._work.changed.connect(self._leave_over)
        model.see_unrecorded.done.connect(lambda _call: self._work.refresh())
        self._work.table.state_changed.connect(self._show_work_list)
        self.drawer.stepped.connect(self._step)
        model.changed.connect(self._show)
        model.detail_changed.connect(self._fit)
        model.session.clock.ticked.connect(self._tick)
        theme.changed.connect(self.drawer.share)

    # --- the list

    def _show(self) -> None:
        if self._shows_work:
            self._show_work_list()
            return
        self._show_totals(self._model.totals)
        self._show_place()
        self._show_foot()
        one_day = self._model.filters.days is Days.TODAY
        self.table.set_width(_("Time"), ONE_DAY_TIME if one_day else WIDE_TIME)

    def _show_work_list(self) -> None:
        work = self._work
        self.filter_bar.show_work(work.count, self._shows_work)
        if not self._shows_work:
            return
        words = _("{count} waiting, oldest first").format(count=work.count) if work.count else ""
        as_of = _("As of {second}").format(second=times.second(work.as_of)) if work.as_of else ""
        self._totals.set_items([Text(words, role="text_2"), ..., Text(as_of, "caption", "text_3")])
        self._foot.set_items([Text(_("F2 shows the log again"), role="text_3"), ...])
        if work.table.has_failed and not work.table.rowCount():
            part = PartError(_("The list did not load"), work.error.text if work.error else "")
            part.retry.connect(work.table.again)
            self._error.set_items([part, ...])
            self._set_place(self._error)
        elif work.table.rowCount():
            self._set_place(self.work_table)
        elif work.as_of is not None:
            self._set_place(self._nothing)

    def _show_place(self) -> None:
        model, table = self._model, self._model.table
        if table.rowCount():
            place = self.table
        elif table.has_failed:
            place = self._error
            self._show_error()
        else:
            place = self._waiting if table.is_waiting else self._empty
        if place is self._waiting and self._places.currentWidget() is not self._waiting:
            self._loading.start()
        elif place is not self._waiting:
            self._loading.stop()
        self._set_place(place)
        if place is self._empty and model.totals:
            announce(self, _("No payment matches"))

    def _set_place(self, place: QWidget) -> None:
        self._places.setCurrentWidget(place)
        now = QApplication.focusWidget()
        if self.isVisible() and (now is None or has_gone(now)):
            self.take_focus()  # what had the keyboard went with the place before

    def _show_error(self) -> None:
        error = self._model.error
        part = PartError(_("The payments did not load"), error.text if error else "")
        part.retry.connect(self._model.table.again)
        self._error.set_items([part, ...])

    def _show_totals(self, totals: PaymentTotals | None) -> None:
        if self._shows_work:
            return
        if totals is None:
            self._totals.set_items([...])
            return
        items: list[QWidget] = [_figure(f"{totals.count:,}", ngettext("payment", "payments", totals.count))]
        if not self._is_under(_TIGHT):
            items += [Divider(height=16), _figure(str(totals.approved), _("approved"))]
        if totals.refunded and not self._is_under(_TIGHT):
            items += [Divider(height=16), _figure(str(totals.refunded), _("refunded"))]
        if totals.at_risk_count:
            items += [*([] if self._is_under(_TIGHT) else [Divider(height=16)]), _at_risk(totals)]
        if totals.sent_count and not self._is_under(_NARROW):
            rate = f"{tenths(100 * totals.approved_count / totals.sent_count)} %"
            items += [Divider(height=16), _figure(rate, _("approved of sent"))]
        as_of = Text(_("As of {second}").format(second=times.second(totals.as_of)), "caption", "text_3")
        self._totals.set_items([(Flow(*items, gap=12, between=4), 1), as_of])

    def _show_foot(self) -> None:
        if self._shows_work:
            return
        model, table = self._model, self._model.table
        if table.has_failed and table.rowCount():
            self._show_failed_page()
            return
        first, last = self.table.rows_shown()
        total = _(" of {count:,}").format(count=model.totals.count) if model.totals else ""
        words = _("{first:,} to {last:,}{total}").format(first=first, last=last, total=total) if last else ""
        more = table.canFetchMore(self.table.rootIndex())
        state = _("Getting more") if table.is_waiting else _("Scroll for more") if more else ""
        self._foot.set_items([Text(words, role="text_2"), ..., Text(state, role="text_3")])

    def _show_failed_page(self) -> None:
        error = self._model.error
        again = Button(_("Try again"), "link")
        again.clicked.connect(self._model.table.again)
        words = Text(error.text if error else "", role="text_2", elide=True)
        self._foot.set_items([Icon("warning-circle", "icon", "danger"), (words, 1), again])

    def _start_search(self) -> None:
        if self._shows_work:
            self.show_work(False)
        self.search.edit.setFocus()

    def _search(self) -> None:
        self._typing.stop()
        self._model.show(words=self.search.text())

    def _clear(self) -> None:
        self.search.set_text("")
        self._typing.stop()
        self._model.clear()

    # --- one payment

    def _follow(self, row: PaymentRow) -> None:
        if self._model.row is not None and self._model.row.intent_id != row.intent_id:
            self._model.open(row)

    def _refresh(self) -> None:
        self._work.refresh()
        self._model.refresh()

    def _follow_work(self, item: WorkItem) -> None:
        if self.drawer.isVisible():
            self._open_work(item)

    def _open_work(self, item: WorkItem) -> None:
        if item.kind is WorkKind.HELP:
            self._model.close()
            self.help_chosen.emit(item)
            return
        if item.plan is not None:
            self._model.close()
            self.plan_chosen.emit(item.plan, item.customer_name)
            return
        self._model.open_work(item)
        self.drawer.show_part(item.kind)

    def _leave_over(self) -> None:
        """Close a call that needs nobody any more: it is recorded again, or a supervisor has seen it."""
        open_ = self._model.note
        if open_ and open_.kind is WorkKind.UNRECORDED and self._work.table.place(open_.key) is None:
            announce(self, _("The call needs nobody any more"))
            self._close()

    def _step(self, by: int) -> None:
        if self._shows_work:
            place = self.work_table.currentIndex().row() + by
            if 0 <= place < self._work.table.rowCount():
                self.work_table.select(place)
            return
        row = self._model.step(by)
        if row is not None:
            self.table.select(self._model.table.place(row.intent_id))

    def _close(self) -> None:
        self._model.close()
        self.take_focus()

    # --- Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Get the payments when the page is shown for the first time, the newest ones later."""
        super().showEvent(event)
        if self._model.totals is None and not self._model.table.is_waiting:
            self._model.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave everything else to the window."""
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out where there is little room."""
        super().resizeEvent(event)
        self.drawer.share()
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        self.layout().activate()
        if self._model.undecided is not None:
            self._decide_key.set_on()
        else:
            self._decide_key.hide()
        self.work_table.set_hidden(*self._left_out(_LEFT_OUT_OF_WORK))
        self.table.set_hidden(*self._left_out(_LEFT_OUT))
        self.filter_bar.set_tight(self._is_under(_TIGHT))
        self._show_totals(self._model.totals)
        self._show_foot()

    def _left_out(self, at: dict[int, tuple[str, ...]]) -> list[str]:
        return [title for width, titles in at.items() if self._is_under(width) for title in titles]

    def _is_under(self, width: int) -> bool:
        return self._left.width() < theme.px(width)

    def _tick(self, _instant: datetime) -> None:
        if self.isVisible() and self._shows_work:
            self.work_table.viewport().update()  # ages
        elif self.isVisible() and self.table.is_at_top():
            self._model.refresh_if_old()


def _figure(number: str, words: str) -> Row:
    return Row(Text(number, "strong"), Text(words, role="text_2"), gap=4)


def _at_risk(totals: PaymentTotals) -> Row:
    return Row(
        Text(str(totals.at_risk_count), "strong", "warning"),
        Text(_("not known yet,"), role="warning"),
        Text(str(totals.at_risk), "strong", "warning"),
        Text(_("at risk"), role="warning"),
        gap=4,
    )
