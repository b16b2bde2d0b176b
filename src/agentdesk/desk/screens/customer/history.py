"""The customer's past: filters, lines, loading and what went wrong."""

from agentdesk.desk import times
from agentdesk.desk.screens.customer.kinds import FILTERS, Filter
from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.box import Column, Row, Rows
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.notices import Loading, PartError
from agentdesk.desk.widgets.text import Text
from agentdesk.desk.widgets.timeline import Entry, Timeline
from agentdesk.i18n import _
from agentdesk.wire.customers import HistoryItem, HistoryKind

FILTER_KEY, OPEN_KEY = "Ctrl H", "Ctrl O"
_FACES = {
    HistoryKind.CALL: ("phone-call", "info"),
    HistoryKind.NOTE: ("note", "neutral"),
    HistoryKind.INVOICE: ("file-text", "neutral"),
    HistoryKind.PAYMENT: ("credit-card", "success"),
    HistoryKind.REFUND: ("arrow-u-up-left", "neutral"),
    HistoryKind.RETURNED: ("x-circle", "danger"),
    HistoryKind.PROMISE: ("calendar-check", "info"),
}


class HistoryPart(Column):
    """Loads by itself; an error stays in here."""

    def __init__(self, model: CustomerViewModel) -> None:
        self._model = model
        self._chips = {one: Chip(FILTERS[one], checked=one is model.filter) for one in Filter}
        self._as_of = Text("", "caption", "text_2")
        title = Row(Text(_("History"), "strong"), ..., self._as_of, gap=6, height=28)
        self._lines = Timeline()
        self._none = Text("", "body", "text_2")
        self._older = Button(_("Show older"), "link")
        self._loading = Loading(_("Getting history"), (140, 110, 150, 122), row_height=48)
        self._error = Rows(self._part_error)
        super().__init__(
            title,
            2,
            Flow(*self._chips.values(), gap=4, between=6),
            8,
            self._loading,
            self._error,
            self._lines,
            self._none,
            Row(self._older, ...),
            margins=(12, 16),
        )
        for one, chip in self._chips.items():
            chip.clicked.connect(lambda _=False, one=one: model.set_filter(one))
        self._older.clicked.connect(model.show_older)
        self._lines.opened.connect(model.payment_wanted)
        self._loading.failed.connect(self._show_slow)
        model.history_changed.connect(Show(self._show, self).ask)
        self._loading.start()
        self._show()

    def _show(self) -> None:
        model = self._model
        filters = model.filters
        for one, chip in self._chips.items():
            chip.setChecked(one is model.filter)
            chip.setVisible(one in filters)
        self._as_of.setText(_as_of(model))
        known = model.history is not None
        if known or model.history_error:
            self._loading.stop()
        failed = _("History did not load")
        self._error.show_values([(failed, model.history_error.code)] if model.history_error else [])
        rows = model.history_rows
        self._lines.set_entries([self._entry(row) for row in rows])
        self._none.setVisible(known and not rows)
        self._none.setText(_("Nothing here yet."))
        self._older.setVisible(model.has_older)

    def _part_error(self, shown: tuple[str, str]) -> PartError:
        title, code = shown
        part = PartError(title, _("Payments are not affected."), code)
        part.retry.connect(self._retry)
        return part

    def _show_slow(self) -> None:
        self._error.show_values([(_("History is slow to come"), "")])

    def _retry(self) -> None:
        self._loading.start()
        self._model.load_history()

    def _entry(self, row: HistoryItem) -> Entry:
        icon, role = _FACES[row.kind]
        today = self._model.session.clock.today()
        call = self._model.session.call
        here = call is not None and row.at >= call.started_at
        when = times.day_and_minute(row.at, today)
        detail = _("this call") if here else row.detail
        now = here and row.kind is HistoryKind.CALL
        return Entry(
            icon,
            role,
            row.title.removesuffix(f" {row.amount}"),
            ", ".join(part for part in (when, detail) if part),
            str(row.amount) if row.amount else "",
            row.moved,
            ("info", _("Now")) if now else None,
            opens=row.intent_id or "" if self._model.may_open else "",
        )


def _as_of(model: CustomerViewModel) -> str:
    if model.history is None:
        return ""
    return _("As of {minute}").format(minute=times.minute(model.history.as_of))
