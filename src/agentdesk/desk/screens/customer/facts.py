"""What stands under the balance: what is due next, what was paid last, what was noted last."""

import textwrap

from agentdesk.desk import days, times
from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer

#: Characters of a note that stand under the balance; the history has all of it.
_LONGEST_NOTE = 80


class Facts(Column):
    """One line each; the note comes with the history."""

    def __init__(self, model: CustomerViewModel, customer: Customer) -> None:
        self._model = model
        self._note = Paragraph("", "caption")
        lines = [_line(_("Next due"), _next_due(model)), _line(_("Last paid"), _last_paid(model, customer))]
        super().__init__(*(lines if customer.account_as_of else []), self._note, margins=(0, 16, 12, 16))
        model.history_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        note = self._model.newest_note
        words = ""
        if note is not None:
            when = times.day(note.at, self._model.session.clock.today())
            said = textwrap.shorten(note.title.removeprefix("Note: "), _LONGEST_NOTE, placeholder="…")
            words = _("Note of {day}: {words}").format(day=when, words=said)
        self._note.setText(words)
        self._note.setVisible(bool(words))


def _line(name: str, words: str) -> Row:
    value = Paragraph(words, "caption", "text", align="right")
    row = Row(Text(name, "caption", "text_2"), (value, 1), gap=8, margins=(1, 0))
    row.setAccessibleName(f"{name}: {words}")
    return row


def _next_due(model: CustomerViewModel) -> str:
    due = model.next_due
    if due is None:
        return _("Nothing")
    today = model.session.clock.today()
    day, amount = due
    return f"{amount}, {times.day(day, today)}, {days.distance(day, today)}"


def _last_paid(model: CustomerViewModel, customer: Customer) -> str:
    last = customer.last_paid
    if last is None:
        return _("None on record")
    return f"{last.amount}, {times.day(last.on, model.session.clock.today())}"
