"""The refunds of a payment: each in words, and the form for one more."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt, Signal

from agentdesk.desk import times
from agentdesk.desk.hub_errors import may_be_done
from agentdesk.desk.keys import Keys
from agentdesk.desk.screens.payments.forms import ReasonForm
from agentdesk.desk.screens.payments.refund_model import RefundViewModel, badge, story
from agentdesk.desk.screens.payments.refund_outcome import OutcomePresses
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import badge_of
from agentdesk.desk.widgets.box import Column, Divider, Item, Look, Row, Stacking
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import LineEdit, MoneyEdit
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.domain.money import Money
from agentdesk.domain.refund import RefundState
from agentdesk.i18n import _, ngettext
from agentdesk.wire.payments import PaymentDetail, Refund

_SEND_KEY, _OPEN_KEY = "Ctrl Enter", "Alt F"
_NOT_REFUNDED = _("**It was not refunded.** {text}")
_NOT_KNOWN = _(
    "**It is not known whether it was refunded.** {text} Press again: it cannot go back twice. "
    "Do not give it back another way."
)
_ASKED = _("Over your limit of {limit}: a supervisor has to allow it. Nothing is sent before that.")
_MEANING = _("The money goes back to the card. Once sent it cannot be stopped.")
_OF_PLAN = _("Payment plan {plan} took it. Where that goes on, it is paused until somebody decides.")


def refund_note(detail: PaymentDetail | None) -> str:
    """Return what of the refunds needs an eye, for the name of their tab."""
    refunds = detail.payment.refunds if detail else []
    if detail and detail.payment.refund_request and detail.payment.refund_request.allowed is None:
        return _("1 waiting")
    unknown = sum(one.state is RefundState.UNKNOWN for one in refunds)
    back = sum(one.reversed for one in refunds)
    return (
        ngettext("{count} not known", "{count} not known", unknown).format(count=unknown)
        if unknown
        else _("{back} came back").format(back=back)
        if back
        else ""
    )


def refund_rows(
    detail: PaymentDetail, model: RefundViewModel, open_form: Callable[[ReasonForm], None]
) -> list[Item]:
    """Return the payment's refunds, newest first, with what this person may say of one nobody can tell of."""
    refunds = list(reversed(detail.payment.refunds))
    if not refunds:
        words = _("Nothing was refunded.") if detail.payment.refundable else _("No money was taken.")
        return [Column(Paragraph(words), margins=(12, 20))]
    rows: list[Item] = []
    for place, one in enumerate(refunds):
        rows.append(RefundRow(one, model.session.clock.today(), below=place > 0))
        rows += [OutcomePresses(model, one, open_form)] if model.is_undecided(one) else []
    return [Column(*rows, margins=(4, 20, 20, 20))]


def _send_words(amount: Money | None, *, asks: bool) -> str:
    if amount is None:
        return _("Ask to refund") if asks else _("Refund")
    return (_("Ask to refund {amount}") if asks else _("Refund {amount}")).format(amount=amount)


class RefundRow(Column):
    """One refund: how much, where it stands, what that means, who asked and why."""

    def __init__(self, refund: Refund, today: date, *, below: bool) -> None:
        kind, word = badge(refund)
        moved = refund.state is RefundState.DONE
        amount = MoneyLabel(refund.amount.money, moved=moved, align="left")
        head = Row(Icon("arrow-u-up-left", "icon_large"), (amount, 1), badge_of(kind, word), gap=12)
        asked = f"{times.second_of(refund.sent_at, today)}, {refund.asked_by}: {refund.reason}"
        parts: list[Item] = [head, 4, Paragraph(story(refund, today))]
        if refund.alarm:
            parts += [
                4,
                Paragraph(
                    _("**{alarm}** A supervisor has to look.").format(alarm=refund.alarm), "body", "danger"
                ),
            ]
        parts += [4, Text(asked, "caption", "text_3", elide=True)]
        super().__init__(*parts, margins=(12, 0), look=Look(sides="t" if below else ""))
        self.setAccessibleName(_("Refund of {amount}").format(amount=refund.amount))
        self.setAccessibleDescription(story(refund, today))


class RefundForm(Column):
    """Amount, all that is left by default, and reason; `ready(problem)` when what is typed changes."""

    ready = Signal(str)

    def __init__(self, model: RefundViewModel) -> None:
        self._model = model
        left = model.left
        assert left is not None, "the form opens only where something is left"
        self.amount = MoneyEdit(left.currency, label=_("Amount to give back"), limit=model.amount_problem)
        self.amount.set_value(left)
        self.reason = LineEdit(
            _("Why"), placeholder=_("Billed twice, goodwill"), name=_("Reason of the refund")
        )
        self.reason.edit.setMaxLength(200)
        self._meaning = Paragraph(_MEANING)
        self._error = Column()
        head = Row(
            Text(_("Refund"), "strong"),
            ...,
            Text(_("{left} can be refunded").format(left=left), role="text_2"),
        )
        of_plan = [4, Paragraph(_OF_PLAN.format(plan=model.plan))] if model.plan else []
        rows = (head, 12, self.amount, 12, self.reason, 12, self._meaning, *of_plan, self._error)
        super().__init__(*rows, margins=20)
        self.setAccessibleName(_("Refund"))
        self.amount.changed.connect(self._tell)
        self.reason.changed.connect(lambda _: self._tell())
        self.show_error()

    def problem(self) -> str:
        """Return why what is typed cannot be sent; empty where it can."""
        return self._model.problem(self.amount.value(), self.reason.text())

    def send(self) -> None:
        """Send it, once."""
        amount = self.amount.value()
        if amount is not None and not self.problem():
            self._model.send.start(amount, self.reason.text())

    def show_error(self) -> None:
        """Show why the hub refused it."""
        error = self._model.error
        self._error.clear()
        if error is not None:
            asked = self._model.must_ask(self.amount.value())  # nothing goes out before it is allowed
            words = _NOT_KNOWN if may_be_done(error) and not asked else _NOT_REFUNDED
            words = words.format(text=error.text)
            self._error.set_items([12, Paragraph(words, "body", "danger")])
            announce(self, words.replace("*", ""), assertive=True)

    def take_focus(self) -> None:
        """Focus the reason: the amount is filled in."""
        self.reason.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self) -> None:
        limit = self._model.session.person.limit if self._model.session.person else None
        asks = self._model.must_ask(self.amount.value())
        self._meaning.setText(_ASKED.format(limit=limit) if asks else _MEANING)
        self.ready.emit(self.problem())


class RefundPlace(Column):
    """Where the form opens; it takes the foot over until it closes. Signals `opened()`, `closed()`."""

    opened = Signal()
    closed = Signal()

    def __init__(self, model: RefundViewModel, foot: Row, keys: Keys) -> None:
        super().__init__()
        self._model, self._foot, self._keys = model, foot, keys
        self._form: RefundForm | None = None
        model.changed.connect(self._show)
        model.news.connect(self._say)

    def button(self) -> Button | None:
        """Return what opens the form; None for who may not."""
        if not self._model.may_refund:
            return None
        refund = Button(_("Refund…"), icon="arrow-u-up-left", key=_OPEN_KEY, fires=False)
        refund.setAccessibleName(_("Refund"))
        refund.clicked.connect(self._model.open)
        self._keys.add(refund, _("Refund"), _OPEN_KEY, self._model.open)
        return refund

    def _say(self, refund: Refund) -> None:
        words = _("Refund of {amount}").format(amount=refund.amount)
        announce(self, f"{words}. {story(refund, self._model.session.clock.today())}", assertive=True)

    def _show(self) -> None:
        if self._form is not None and self._model.is_open:
            self._form.show_error()
        elif self._model.is_open:
            self._form = form = RefundForm(self._model)
            self.opened.emit()
            self.set_items([form, Divider()])
            self._foot.set_items([(RefundFoot(form, self._model), 1)])
            form.take_focus()
        elif self._form is not None:
            self._form = None
            self.clear()
            self.closed.emit()


class RefundFoot(Stacking):
    """The form's buttons: keep the money, or send it back by key."""

    def __init__(self, form: RefundForm, model: RefundViewModel) -> None:
        self._form, self._model = form, model
        self._keep = Button(_("Keep"), "ghost")
        self._send = Button(_("Refund"), "primary", icon="arrow-u-up-left", key=_SEND_KEY)
        super().__init__(self._keep, ..., self._send, gap=8)
        self._keep.clicked.connect(model.close)
        self._send.clicked.connect(form.send)
        form.ready.connect(self._show)
        model.send.running.connect(self._show_busy)
        self._show(form.problem())

    def _show(self, problem: str) -> None:
        amount = self._form.amount.value()
        asks = self._model.must_ask(amount)
        self._send.setText(_send_words(amount, asks=asks))
        self._send.set_on_unless(problem)

    def _show_busy(self, running: bool) -> None:
        self._send.set_busy(_("Refunding") if running else None)
        self._keep.setEnabled(not running)
        self._form.setEnabled(not running)
