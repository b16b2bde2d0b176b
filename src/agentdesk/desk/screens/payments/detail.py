"""One payment's whole story, in the drawer beside the table."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTemporaryDir, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.payments.columns import paid_or_posting, taker
from agentdesk.desk.screens.payments.decide import DecideDrawer
from agentdesk.desk.screens.payments.decide_view_model import DecideViewModel
from agentdesk.desk.screens.payments.expire import without_receipt
from agentdesk.desk.screens.payments.forms import ReasonForm
from agentdesk.desk.screens.payments.refund_model import RefundViewModel
from agentdesk.desk.screens.payments.refund_panel import RefundPlace, refund_note, refund_rows
from agentdesk.desk.screens.payments.refund_request import RequestRow
from agentdesk.desk.screens.payments.story import (
    evidence_sheet,
    story_entry,
    taken_by,
    tries_words,
    unrecorded_banner,
)
from agentdesk.desk.screens.payments.tabs import Tabs
from agentdesk.desk.screens.payments.view_model import PaymentsViewModel, owed, parked
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import Badge, badge_of
from agentdesk.desk.widgets.box import Column, Divider, Item, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Drawer
from agentdesk.desk.widgets.email_edit import EmailEdit
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.notices import Banner, Loading, PartError, Toast
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.desk.widgets.timeline import Timeline
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _, after_colon, listed
from agentdesk.wire.payments import Attempt, PaymentDetail, Stop, WriteBack
from agentdesk.wire.refunds import RefundRequest
from agentdesk.wire.work import WorkKind

NO_PROGRAM = _("No program opens PDF files here")
_STORY, _WRITTEN, _REFUNDS = _("Timeline and evidence"), _("Written back"), _("Refunds")
_OWED = {
    WriteBackKind.ACCOUNTS: ("bank", _("Accounts")),
    WriteBackKind.CUSTOMER_RECORD: ("identification-card", _("Customer record")),
    WriteBackKind.RECEIPT: ("receipt", _("Receipt")),
}


class PaymentDrawer(Drawer):
    """The open payment: what it is, its time line and evidence, what was written back, its receipt.

    Signal `left_panel()`: something that had the keyboard goes away.
    """

    left_panel = Signal()

    def __init__(self, model: PaymentsViewModel, keys: Keys) -> None:
        self._model, self._folder = model, QTemporaryDir()
        self._top = Column(margins=(0, 20, 8, 20))
        self._tabs = Tabs((_STORY, _WRITTEN, _REFUNDS))
        self._refunds = RefundViewModel(model)
        self._body = Column()
        self._foot = Row(gap=8)
        self._refund_place = RefundPlace(self._refunds, self._foot, keys)
        body = Column(self._top, self._tabs, (scrolling(Column(self._refund_place, (self._body, 1))), 1))
        super().__init__(_("Payment"), body, [(self._foot, 1)], steps=True)
        self._tabs.chosen.connect(self._show_body)
        self._busy: dict[str, Button] = {}
        self._form: ReasonForm | None = None
        self._panel: DecideDrawer | None = None
        self._listen()
        self.hide()

    def _listen(self) -> None:
        model, refunds = self._model, self._refunds
        model.detail_changed.connect(self.show_payment)
        model.receipt_came.connect(self._open_receipt)
        self._refund_place.opened.connect(lambda: self._tabs.choose(_REFUNDS))
        self._refund_place.closed.connect(self._show_foot)
        for command, words in ((model.replay, "replay"), (model.send_receipt, "receipt")):
            command.running.connect(lambda running, words=words: self._set_busy(words, running))
        for settle in (model.close_alarm, model.mark_done, model.decide_stop, refunds.decide, refunds.settle):
            settle.running.connect(lambda running: self._form and self._form.set_busy(running))
            settle.failed.connect(lambda error: self._form and self._form.show_error(error.text))
            settle.done.connect(lambda _: self._leave_form())

    def show_payment(self) -> None:
        """Show what is known of the open payment."""
        row, note = self._model.row, self._model.note
        self.setVisible(row is not None or note is not None)
        for part in (self._tabs, self._foot.parentWidget()):
            part.setVisible(row is not None)  # what is done to a note stands over it
        if row is not None:
            self.title.setText(_("Payment {short_reference}").format(short_reference=row.short_reference))
            self._show_top()
        elif note is not None:
            self.title.setText(_("Call") if note.call_id else _("Call note"))
            self._top.set_items([taken_by(note)])
        else:
            self._form = None
            return
        self.setAccessibleName(self.title.text())
        self._show_body()
        self._show_foot()
        if self._panel is not None and self._model.detail is not None:
            self._panel.take(self._model.detail.payment)

    # --- top

    def _show_top(self) -> None:
        row, detail = self._model.row, self._model.detail
        assert row is not None, "the drawer is hidden without a payment"
        kind = paid_or_posting(row)
        numbers = [part.number for part in detail.payment.allocations] if detail else []
        who = ", ".join([row.customer_name, listed(numbers)] if numbers else [row.customer_name])
        card = row.card.label if row.card else _("No card yet")
        badge = Row(Badge(kind.role, kind.word, kind.icon))
        self._top.set_items(
            [
                Row(MoneyLabel(row.amount.money, style="amount", align="left"), ..., badge),
                Row((Paragraph(who), 1), Text(card, role="text_2"), gap=12),
                Paragraph(taker(row), "caption") if row.plan else None,
                Text(_("{refunded} refunded").format(refunded=row.refunded), "medium")
                if row.refunded
                else None,
            ]
        )

    # --- body

    def _show_body(self, _tab: str = "") -> None:
        if self._form is not None:
            return  # what is being typed stays
        detail, waiting = self._model.detail, parked(self._model.detail)
        self._tabs.set_note(_WRITTEN, _("{waiting} parked").format(waiting=waiting) if waiting else "")
        self._tabs.set_note(_REFUNDS, refund_note(detail))
        self._busy.pop("replay", None)
        items: list[Item] = []
        if self._model.action_error:
            error = self._model.action_error
            words = Paragraph(_("**That did not work.** {text}").format(text=error.text), "body", "danger")
            items = [Column(words, margins=(12, 20))]
        if self._model.notice:
            items += [Column(Paragraph(self._model.notice, "medium", "text"), margins=(12, 20, 0, 20))]
        note = self._model.note
        if note is not None and note.write_back is not None:
            items += [Column(self._write_back(note.write_back, "", below=False), margins=(4, 20, 20, 20))]
        elif note is not None:
            banner = unrecorded_banner(note)
            banner.pressed.connect(lambda: self._model.see_unrecorded.start(note.call_id))
            items += [Column(banner, margins=(12, 20))]
        elif detail is None:
            items += [Column(self._missing(), margins=(12, 20))]
        elif self._tabs.current == _STORY:
            items += [*self._waits(detail), *self._story(detail)]
        elif self._tabs.current == _WRITTEN:
            items += self._written(detail)
        else:
            items += [*self._asked(detail), *refund_rows(detail, self._refunds, self._open_form)]
        self._body.set_items([*items, ...])

    def _waits(self, detail: PaymentDetail) -> list[Item]:
        """Return what of the payment needs a person, each with what can be done."""
        banners = []
        if self._model.undecided is not None:
            words = self._model.undecided.alarm if self._model.undecided.alarm_open else None
            words = words or _(
                "No look-up has told whether it was charged. The debt is locked until this ends."
            )
            banner = Banner("warning", "question-fill", _("This needs a decision"), words, _("Decide"))
            banner.pressed.connect(self.decide)
            banners.append(banner)
        for one in detail.payment.attempts:
            if one.alarm_open and self._model.may_decide:
                words = one.alarm or _("Approved after all; it had been told as not charged.")
                banner = Banner("danger", "warning-fill", _("Alarm"), words, _("Settle"))
                banner.pressed.connect(lambda one=one: self._ask_alarm(one))
                banners.append(banner)
        stop = self._model.asked_stop
        if stop is not None:
            banners.append(self._second_payment(stop))
        return [Column(*banners, margins=(12, 20, 0, 20), gap=8)] if banners else []

    def _asked(self, detail: PaymentDetail) -> list[Item]:
        """Return the wish for a refund over somebody's limit, and what this person may say to it."""
        asked = detail.payment.refund_request
        if asked is None:
            return []
        may, own = self._refunds.may_allow(asked), self._refunds.is_own(asked)
        row = RequestRow(asked, self._model.today(), may_allow=may, is_own=own)
        row.decided.connect(lambda allow: self._ask_refund_word(asked, allow))
        return [row, Divider()]

    def _ask_refund_word(self, asked: RefundRequest, allow: bool) -> None:
        title, go = (
            (_("Let the refund go out"), _("Allow and refund"))
            if allow
            else (_("Refuse the refund"), _("Refuse"))
        )
        if self._refunds.is_own(asked):
            title, go = _("Take the wish back"), _("Take it back")
        form = ReasonForm(title, [_("Why")], go)
        form.sent.connect(lambda texts: self._refunds.decide.start(asked.request_id, allow, *texts))
        self._open_form(form)

    def _second_payment(self, stop: Stop) -> QWidget:
        before = stop.earlier
        card = _(" on {label}").format(label=before.card.label) if before.card else ""
        at = times.second_of(before.ended_at or before.started_at, self._model.today())
        words = _(
            "{agent_name} took {amount}{card} at {at}, payment {short_reference}. "
            "Nothing was sent for this one; the caller waits."
        ).format(
            agent_name=before.agent_name,
            amount=before.amount,
            card=card,
            at=at,
            short_reference=before.short_reference,
        )
        title = _("May this second payment go on?")
        if self._model.is_own:
            return Banner(
                "info",
                "hand-palm-fill",
                title,
                _("{words} You asked: another supervisor decides.").format(words=words),
            )
        refuse, allow = Button(_("Refuse"), "ghost"), Button(_("Allow it once"), icon="check")
        refuse.clicked.connect(lambda: self._ask_stop(stop.stop_id, False))
        allow.clicked.connect(lambda: self._ask_stop(stop.stop_id, True))
        banner = Banner("info", "hand-palm-fill", title, words)
        return Column(banner, Row(refuse, ..., allow), gap=8)

    # --- what a supervisor does

    def show_part(self, kind: WorkKind) -> None:
        """Show the part of the payment that a person is needed for."""
        parts = {WorkKind.PARKED: _WRITTEN, WorkKind.OVERDUE: _WRITTEN, WorkKind.REFUND: _REFUNDS}
        self._tabs.choose(parts.get(kind, _STORY))

    def decide(self) -> None:
        """Open the panel in which the outcome is decided, where it waits for a decision."""
        attempt, detail = self._model.undecided, self._model.detail
        if attempt is None or detail is None or self._panel is not None:
            return
        model = DecideViewModel(self._model.session, detail.payment, attempt)
        self._panel = panel = DecideDrawer(model, detail.timeline)
        panel.closed.connect(self._leave_panel)
        model.ended.connect(self._end_panel)
        panel.decide_over(self.window())

    def _end_panel(self, words: str) -> None:
        self._leave_panel()
        self._model.say(words)
        announce(self, words, assertive=True)

    def _leave_panel(self) -> None:
        panel, self._panel = self._panel, None
        if panel is not None:
            self.left_panel.emit()  # the keyboard goes before what had it is hidden
            panel.leave()

    def _ask_stop(self, stop_id: str, allow: bool) -> None:
        title, go = (_("Allow it once"), _("Allow it once")) if allow else (_("Refuse it"), _("Refuse"))
        form = ReasonForm(title, [_("Why, in words the agent reads")], go)
        form.sent.connect(lambda texts: self._model.decide_stop.start(stop_id, allow, *texts))
        self._open_form(form)

    def _ask_alarm(self, alarmed: Attempt) -> None:
        form = ReasonForm(_("Settle the alarm"), [_("Why it needs no more")], _("Settle the alarm"))
        form.sent.connect(lambda texts: self._model.close_alarm.start(alarmed, *texts))
        self._open_form(form)

    def _ask_done(self, one: WriteBack) -> None:
        names = [_("Reference in the other system"), _("Why it was done by hand")]
        title = _("{what}: mark as done by hand").format(what=_OWED[one.kind][1])
        form = ReasonForm(title, names, _("Mark as done"))
        form.sent.connect(lambda texts: self._model.mark_done.start(one.write_back_id, *texts))
        self._open_form(form)

    def _open_form(self, form: ReasonForm) -> None:
        self._form = form
        form.left.connect(self._leave_form)
        self._body.set_items([form, ...])
        form.start()

    def _leave_form(self) -> None:
        if self._form is not None:
            self._form = None
            self.left_panel.emit()
            self._show_body()

    def _missing(self) -> QWidget:
        error = self._model.detail_error
        if error is None:
            loading = Loading(_("Getting the payment"), row_height=44)
            loading.start()
            return loading
        part = PartError(_("The payment did not load"), error.text)
        row = self._model.row
        assert row is not None, "only an open payment is waited for"
        part.retry.connect(lambda: self._model.open(row))
        return part

    def _story(self, detail: PaymentDetail) -> list[Item]:
        today = self._model.today()
        told = [story_entry(item, today) for item in detail.timeline]
        return [Timeline(told, gap=6, margins=(12, 20, 0, 20)), *evidence_sheet(detail, today)]

    def _written(self, detail: PaymentDetail) -> list[Item]:
        written = owed(detail)
        if not written:
            words = Paragraph(_("Nothing is to be written back: no money has moved."))
            return [Column(words, margins=(12, 20))]
        rows = [self._write_back(one, of, below=i > 0) for i, (one, of) in enumerate(written)]
        return [Column(*rows, margins=(4, 20, 20, 20))]

    def _write_back(self, one: WriteBack, of: str, *, below: bool) -> QWidget:
        icon, title = _OWED[one.kind]
        title += of
        head = Row(Icon(icon, "icon_large"), (Text(title, "medium"), 1), badge_of(one.state.value), gap=12)
        parts: list[Item] = [head, 4, Paragraph(one.detail)]
        parts += [4, Text(tries_words(one, self._model.today()), "caption", "text_3")]
        if one.state is WriteBackState.PARKED and self._model.may_replay:
            button = Button(_("Replay"), icon="arrow-clockwise", width=80)
            button.setAccessibleName(_("Replay {title}").format(title=after_colon(title)))
            button.clicked.connect(lambda: self._model.replay.start(one.write_back_id))
            self._busy["replay"] = button
            by_hand = Button(_("Done by hand"), "ghost", icon="hand-pointing")
            by_hand.setAccessibleName(_("{title}: mark as done by hand").format(title=title))
            by_hand.clicked.connect(lambda: self._ask_done(one))
            parts += [8, Row(button, by_hand, ..., gap=8)]
        return Column(*parts, margins=(12, 0), look=Look(sides="t" if below else ""))

    # --- foot

    def _show_foot(self) -> None:
        self._busy.pop("receipt", None)
        if self._refunds.is_open:
            return  # the form's own buttons
        if not self._model.has_receipt:
            self._foot.set_items(without_receipt(self._model))
            return
        look = Button(_("Open receipt"), "ghost")
        look.clicked.connect(self._model.get_receipt)
        send = Button(_("Resend receipt") if self._model.was_receipted else _("Send receipt"))
        send.clicked.connect(self._ask_address)
        self._foot.set_items([look, ..., Flow(self._refund_place.button(), send, gap=8)])

    def _ask_address(self) -> None:
        detail = self._model.detail
        assert detail is not None, "only a known payment has a receipt"
        field = EmailEdit(name=_("Receipt to"))
        if not self._model.was_receipted:
            field.set_text(detail.payment.receipt_email or "")
        send, keep = Button(_("Send"), "primary"), Button(_("Keep"), "ghost")
        take = self._taker(field)
        send.clicked.connect(take)
        field.accepted.connect(take)
        keep.clicked.connect(self._show_foot)
        self._busy["receipt"] = send
        self._foot.set_items([keep, (field, 1), send])
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _taker(self, field: EmailEdit) -> Callable[[], None]:
        def take() -> None:
            if address := field.address():
                self._model.send_receipt.start(address)

        return take

    def _open_receipt(self, drawn: bytes, reference: str) -> None:
        path = Path(self._folder.filePath(f"receipt-{reference}.pdf"))
        path.write_bytes(drawn)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            Toast(NO_PROGRAM, icon="info", role="neutral").show_over(self.window())

    def _set_busy(self, which: str, running: bool) -> None:
        if (button := self._busy.get(which)) is not None:
            words = {"replay": _("Replaying"), "receipt": _("Sending")}[which]
            button.set_busy(words if running else None)
