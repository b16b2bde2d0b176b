"""Finding who the caller is: choosing among several, searching by words."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent

from agentdesk.desk.screens.customer.view_model import LONGEST_SEARCH, CustomerViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import FieldError, LineEdit
from agentdesk.desk.widgets.outcome import Step, StepRow
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _
from agentdesk.wire.customers import Match

_TYPING_MS = 250
_BY = _("By name, telephone number, account, post code, email or invoice number.")


class Search(Column):
    """One field and what it finds; Esc goes back."""

    def __init__(self, model: CustomerViewModel) -> None:
        self._model = model
        self._field = LineEdit(
            placeholder=_("Name, number, account, invoice"),
            name=_("Find a customer"),
            icon="magnifying-glass",
        )
        self._results = Column(gap=8)
        self._error = FieldError()
        back = Button(_("Back"), "link", key="Esc")
        nobody = Button(_("Choose nobody"), "link") if model.may_unlink else None
        foot = Row(back, ..., nobody)
        self._results.add(Paragraph(_BY))
        super().__init__(self._field, self._error, 12, self._results, 12, foot, margins=16)
        if nobody is not None:
            nobody.clicked.connect(lambda: model.choose(None))
        self._field.edit.setMaxLength(LONGEST_SEARCH)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(self._ask)
        back.clicked.connect(model.leave_search)
        self._field.changed.connect(lambda _: self._timer.start())
        self._field.accepted.connect(self._ask)
        model.results_changed.connect(self._show)
        model.choose_command.failed.connect(self._miss)  # a lambda would outlive this search

    def take_focus(self) -> None:
        """Type here now."""
        self._field.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Down go from the field to what was found, and on."""
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        self._timer.stop()
        self._model.search(self._field.text())

    def _miss(self, error: AgentDeskError) -> None:
        self._error.show_error(error.text)

    def _show(self) -> None:
        found, error = self._model.results, self._model.search_error
        self._error.show_error(error.text if error else "")
        if found is None:
            self._results.set_items(
                [Paragraph(_("Type two letters or more.") if self._model.too_short else _BY)]
            )
            return
        items = [_match_row(self._model, match) for match in found.rows]
        words = _("Nobody found. Try the account number or the post code.") if not items else ""
        words = _("There are more. Type more of the name.") if found.more else words
        self._results.set_items([*items, Paragraph(words) if words else None])
        announce(self, _("{items} found").format(items=len(items)))


def chooser(model: CustomerViewModel) -> Column:
    """Let the agent choose among the customers who share the caller's number; none is chosen beforehand."""
    error = Paragraph(model.choose_error.text, role="danger") if model.choose_error else None
    rows = [_match_row(model, match) for match in model.matches]
    return Column(
        Paragraph(how_many(model.matches), "title", "text"),
        4,
        Paragraph(_("Ask for the name, then choose. Nobody is chosen yet.")),
        12,
        Column(*rows, gap=8),
        error,
        margins=16,
    )


def how_many(matches: list[Match]) -> str:
    """Return how many customers may be the caller; one whose number fits only nearly is said to."""
    if len(matches) > 1:
        return _("{count} customers have this number").format(count=len(matches))
    if matches[0].exact:
        return _("One customer has this number")
    return _("One customer has a number like this")


def _match_row(model: CustomerViewModel, match: Match) -> StepRow:
    detail = ", ".join(part for part in (match.account, match.detail) if part)
    row = StepRow(Step(match.customer_id, "user", match.name, detail), first=False)
    row.clicked.connect(lambda: model.choose(match.customer_id))
    return row
