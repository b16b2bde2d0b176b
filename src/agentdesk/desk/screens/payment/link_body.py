"""A payment link that is open: how far it is, what it locks, and what can be done with it."""

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.screens.payment.closing import joined
from agentdesk.desk.screens.payment.link_steps import next_steps, rows, words
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.wrap_up.view import WrapUpForm
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Column
from agentdesk.desk.widgets.choices import ResultRow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Banner, Strip
from agentdesk.desk.widgets.outcome import NextSteps, OutcomeBlock
from agentdesk.domain.link import LinkState
from agentdesk.i18n import _, ngettext


class LinkBody(Column):
    """An open link: what happened with it, what it locks, and the wrap-up where the call is over."""

    def __init__(self, model: PaymentViewModel, keys: Keys) -> None:
        self._model = model
        self.block = OutcomeBlock()
        self._alarm = Banner("danger", "warning-fill", _("The bank’s answer does not fit"), "")
        self.head = Column(self.block, self._alarm, margins=(16, 20, 0, 20))
        self._rows = Card()
        self._steps = NextSteps()
        self._steps.chosen.connect(self._choose)
        self._locked = Strip("lock-fill", "")
        self.droppable: list[QWidget] = []
        self._told: object = None
        self._shown: object = None
        self._results: set[tuple[str, str]] | None = None
        over = model.session.call is not None and not model.session.line_is_open
        super().__init__(
            *([16, WrapUpForm(model.wrap_up, keys, filled=True)] if over else []),
            20,
            SectionHead(_("What happened with it")),
            4,
            self._rows,
            12,
            self._steps,
            12,
            self._locked,
            margins=(0, 20, 20, 20),
        )
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is now."""
        payment, attempt, link = self._model.payment, self._model.attempt, self._model.link.out
        if payment is None or attempt is None or link is None:
            return
        now, to = self._model.session.clock.now(), self._model.link.moves_to
        told = words(str(payment.amount), link, now, moves_to=to)
        if told != self._told:  # each change makes new parts, and this is asked every second
            self._told = told
            is_lost = link.problem and link.state is LinkState.OPEN
            self.block.set_outcome("unknown" if is_lost else "pending", *told)
        self._alarm.setVisible(bool(attempt.alarm))
        self._alarm.set_words(
            _("The bank’s answer does not fit"),
            _("{alarm} Do not take another payment. A supervisor has to look.").format(alarm=attempt.alarm),
        )
        locked = ngettext(
            "{invoices} is locked: no card can be taken for it until this is over.",
            "{invoices} are locked: no card can be taken for them until this is over.",
            len(payment.allocations) or 1,
        )
        self._locked.set_text(locked.format(invoices=joined(payment)))
        found, steps = rows(link, times.local_day(now)), next_steps(self._model, link)
        if (found, steps) != self._shown:
            self._shown = (found, steps)
            self._steps.set_steps(steps)
            results = [ResultRow(*row, last=row is found[-1]) for row in found]
            self._rows.set_items(results)
            self._speak(found, results)

    def _speak(self, found: list[tuple[str, str, str]], results: list[ResultRow]) -> None:
        """Say what came of it since; what a failure says of itself needs no word for its mark."""
        before, self._results = self._results, {(result, text) for result, text, _at in found}
        for (result, text, _at), row in zip(found, results, strict=True):
            if before is not None and (result, text) not in before and result != "open":
                failed = result != "ok"
                announce(self, text if failed else row.accessibleName(), assertive=failed)

    def _choose(self, key: str) -> None:
        link = self._model.link
        {"resend": link.resend, "move": link.ask_move, "qr": link.show_qr}[key]()
