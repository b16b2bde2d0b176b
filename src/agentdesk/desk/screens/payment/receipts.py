"""What is written down after an approval, ticking off live, and changing where the receipt goes."""

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.counting import taken
from agentdesk.desk.keys import Keys
from agentdesk.desk.screens.payment.press import PREVIEW_KEY, RECEIPT_KEY
from agentdesk.desk.screens.payment.preview import open_preview
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Column, Look, Row, Rows
from agentdesk.desk.widgets.button import Button, IconButton
from agentdesk.desk.widgets.email_edit import EmailEdit
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.key_cap import printed
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.outcome import WriteBackRow
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Text
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _
from agentdesk.wire.payments import PaymentIntent, WriteBack
from agentdesk.wire.saved_cards import Consent

_SEE = _("See the receipt as the customer gets it")
_FACES = {
    WriteBackKind.ACCOUNTS: ("bank", _("Accounts")),
    WriteBackKind.CUSTOMER_RECORD: ("identification-card", _("Customer record")),
    WriteBackKind.RECEIPT: ("receipt", _("Receipt")),
}


class WritingDown(Column):
    """Accounts, customer record, receipt; each with where it stands."""

    def __init__(self, model: PaymentViewModel, keys: Keys) -> None:
        self._model = model
        self._head = SectionHead(_("Writing it down"))
        self._rows = Rows(self._part)
        self._parked = Column()
        self._shown: object = None
        self._editing = False
        self._said: set[tuple[str, WriteBackState]] = set()
        super().__init__(self._head, 4, Card(self._rows), self._parked)
        model.receipt_command.done.connect(self._keep)  # what was typed stays until the hub has it
        keys.add(self, _("Send the receipt, or send it elsewhere"), RECEIPT_KEY, self._edit, minor=True)
        keys.add(self, _SEE, PREVIEW_KEY, self._preview, minor=True)

    def refresh(self) -> None:
        """Show where each stands now."""
        payment = self._model.payment
        consent = self._consent
        shown = (payment.write_backs, payment.receipt_email, self._editing, consent) if payment else None
        if payment is None or shown == self._shown:
            return
        self._shown = shown
        self._head.set_right(progress(payment))
        order = list(WriteBackKind)
        written = sorted(payment.write_backs, key=lambda one: order.index(one.kind))
        rows: list[tuple[WriteBack | Consent | None, bool]] = [(one, i == 0) for i, one in enumerate(written)]
        if self._editing or not any(one.kind is WriteBackKind.RECEIPT for one in written):
            rows.append((None, not rows))
        rows += [(consent, False)] if consent else []
        self._rows.show_values((one, first, self._editing) for one, first in rows)
        self._parked.set_items(
            [
                item
                for one in written
                if one.state is WriteBackState.PARKED
                for item in self._banner(payment, one)
            ]
        )
        self._speak(payment, written)

    @property
    def _consent(self) -> Consent | None:
        """What became of the caller's consent to have the card saved; None where nobody was asked."""
        return self._model.attempt.consent if self._model.attempt else None

    def _part(self, shown: tuple[WriteBack | Consent | None, bool, bool]) -> QWidget:
        one, first, editing = shown
        if isinstance(one, Consent):
            return _saved_row(one)
        if one is not None:
            return self._row(one, first=first)
        return self._edit_row() if editing else self._no_receipt(first=first)

    def _row(self, one: WriteBack, *, first: bool) -> WriteBackRow:
        icon, title = _FACES[one.kind]
        change = self._change(_("Change")) if one.kind is WriteBackKind.RECEIPT else None
        next_try = (
            _(", next try {second}").format(second=times.second(one.next_try_at)) if one.next_try_at else ""
        )
        detail = f"{one.detail}{next_try if one.state is WriteBackState.QUEUED else ''}"
        time = times.second(one.done_at) if one.done_at else ""
        return WriteBackRow(icon, title, detail, one.state.value, time=time, action=change, first=first)

    def _change(self, words: str) -> Row:
        button = Button(words, "ghost", key=RECEIPT_KEY, fires=False)
        button.setAccessibleName(_("{words} the receipt").format(words=words))
        button.clicked.connect(self._edit)
        look = IconButton("eye", _SEE)
        look.setToolTip(f"{_SEE} ({printed(PREVIEW_KEY)})")  # for a cap there is no room
        look.clicked.connect(self._preview)
        return Row(look, button, gap=4)

    def _preview(self) -> None:
        payment = self._model.payment
        if payment is not None:
            open_preview(self._model, payment, self.window())

    def _no_receipt(self, *, first: bool) -> Row:
        words = Column(Text(_("Receipt"), "medium"), Text(_("None was asked for"), "caption", "text_2"))
        return Row(
            Icon("receipt", "icon_large"),
            (words, 1),
            self._change(_("Send one")),
            margins=(0, 16),
            gap=12,
            height="row_two_line",
            look=Look(sides="" if first else "t"),
        )

    def _edit_row(self) -> Row:
        payment = self._model.payment
        self.field = EmailEdit()
        self.field.set_text((payment.receipt_email if payment else None) or "")
        send, leave = Button(_("Send")), Button(_("Keep as it is"), "ghost")
        self.field.accepted.connect(self._send)
        send.clicked.connect(self._send)
        leave.clicked.connect(self._keep)
        return Row((self.field, 1), send, leave, gap=8, margins=(10, 16), look=Look(sides="t"))

    def _edit(self) -> None:
        self._set_editing(True)
        self.field.edit.setFocus()
        self.field.edit.selectAll()

    def _send(self) -> None:
        if email := self.field.address():
            self._model.send_receipt(email)

    def _keep(self, _payment: object = None) -> None:
        """Leave the address: it was sent there, or stays as it is."""
        self._set_editing(False)

    def _set_editing(self, on: bool) -> None:
        self._editing = on
        self.refresh()

    def _banner(self, payment: PaymentIntent, one: WriteBack) -> list[Banner | int]:
        return [12, Banner("danger", "warning-fill", *parked(payment, one))]

    def _speak(self, payment: PaymentIntent, written: list[WriteBack]) -> None:
        for one in written:
            told = (one.write_back_id, one.state)
            if told not in self._said and one.state is WriteBackState.DONE:
                announce(self, _("{name}: done").format(name=_FACES[one.kind][1]))
            elif told not in self._said and one.state is WriteBackState.PARKED:
                announce(self, "{}. {}".format(*parked(payment, one)))
            self._said.add(told)


_SAVED = {
    SavedCardState.AGREED: ("queued", _("The caller agreed; it waits for the bank")),
    SavedCardState.KEEPING: ("queued", _("The payment provider is asked to keep it")),
    SavedCardState.KEPT: ("done", _("Kept for the next call, with the caller’s consent")),
    SavedCardState.LETTING_GO: ("queued", _("Withdrawn; the payment provider is asked to let it go")),
    SavedCardState.NOT_KEPT: ("not_sent", _("Not saved")),
    SavedCardState.GONE: ("not_sent", _("Not saved any more")),
}


def _saved_row(consent: Consent) -> WriteBackRow:
    state, detail = _SAVED[consent.state]
    if state == "not_sent":
        return WriteBackRow("credit-card", _("Saved card"), consent.why or "", state, word=detail)
    return WriteBackRow("credit-card", _("Saved card"), detail, state)


def progress(payment: PaymentIntent) -> str:
    """Say how much is written, in words."""
    count = len(payment.write_backs)
    done = sum(one.state is WriteBackState.DONE for one in payment.write_backs)
    if done == count:
        return _("{done} of {count} done").format(done=done, count=count) if count else ""
    waiting = any(one.state is WriteBackState.PARKED for one in payment.write_backs)
    return _("{done} of {count} done, ").format(done=done, count=count) + (
        _("a supervisor looks at the rest") if waiting else _("the rest finishes without you")
    )


def parked(payment: PaymentIntent, one: WriteBack) -> tuple[str, str]:
    """Return title and sentence about what a person has to post; empty where nothing is parked."""
    if one.state is not WriteBackState.PARKED:
        return ("", "")
    titles = {
        WriteBackKind.ACCOUNTS: _("Taken, not yet in the accounts"),
        WriteBackKind.CUSTOMER_RECORD: _("Taken, not yet on the customer record"),
        WriteBackKind.RECEIPT: _("Taken, the receipt was not sent"),
    }
    words = _("{payment} was charged. Nobody needs to pay again; a supervisor will see to it.")
    if one.kind is WriteBackKind.RECEIPT:
        words = _(
            "{payment} was charged; nobody needs to pay again. {key} sends the receipt to another address, "
            "or a supervisor will."
        )
    return titles[one.kind], words.format(payment=taken(payment), key=printed(RECEIPT_KEY))
