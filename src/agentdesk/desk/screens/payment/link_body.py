"""A payment link as it shows: the form that sends one, and how far an open one is."""

from datetime import datetime

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.screens.payment.closing import joined
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.wrap_up.view import WrapUpForm
from agentdesk.desk.widgets.box import Card, Column, Row
from agentdesk.desk.widgets.choices import ResultRow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import Banner, Strip
from agentdesk.desk.widgets.outcome import NextSteps, OutcomeBlock, Step
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.link import LinkState
from agentdesk.wire.payments import LinkOut

_WHAT = (
    "The customer gets a text with a link and pays on the payment provider’s page. You never see or hear "
    "the card. While the link is open no card can be keyed for the same invoices, so it cannot be paid twice."
)


class LinkForm(Column):
    """Where a link goes."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        link = model.link
        self.droppable: list[QWidget] = []
        self.number = LineEdit("Another number, if the caller gives one", name="Number to text", width=280)
        self.number.set_text(link.number)
        self.number.changed.connect(self._type)
        self.number.accepted.connect(self._send)
        amount = Column(Text("Amount", "caption", "text_3"), Text(str(link.amount), "amount"))
        super().__init__(
            Row(amount, (Column(Text(self._invoices(), "medium", elide=True)), 1), gap=24),
            20,
            SectionHead("Where to send the link"),
            4,
            Card(Text(self._callers(), "medium"), 8, Row(self.number, ...), margins=(14, 14)),
            16,
            Paragraph(_WHAT),
            margins=(16, 20, 20, 20),
        )
        self.setFocusProxy(self.number)

    def refresh(self) -> None:
        """Nothing here moves by itself."""

    def _type(self, number: str) -> None:
        self._model.link.type_number(number)

    def _send(self) -> None:
        self._model.link.send()

    def _callers(self) -> str:
        known = self._model.link.callers_number
        if known:
            return f"Text message to the caller’s phone, {known}"
        return "The caller’s number is withheld" if self._model.session.call else "Text message to the caller"

    def _invoices(self) -> str:
        payment, choice = self._model.payment, self._model.form.choice
        if payment is not None:
            return ", ".join(part.number for part in payment.allocations) or "The account"
        return ", ".join(choice.numbers) if choice else ""


class LinkBody(Column):
    """An open link: what happened with it, what it locks, and the wrap-up where the call is over."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self.block = OutcomeBlock()
        self._alarm = Banner("danger", "warning-fill", "The bank’s answer does not fit", "")
        self.head = Column(self.block, self._alarm, margins=(16, 20, 0, 20))
        self._rows = Card()
        self._steps = NextSteps()
        self._steps.chosen.connect(self._choose)
        self._locked = Strip("lock-fill", "")
        self.droppable: list[QWidget] = []
        self._told: object = None
        self._shown: object = None
        over = model.session.call is not None and not model.line_is_open
        super().__init__(
            20,
            SectionHead("What happened with it"),
            4,
            self._rows,
            12,
            self._steps,
            12,
            self._locked,
            *([16, WrapUpForm(model.wrap_up, filled=True)] if over else []),
            margins=(0, 20, 20, 20),
        )
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is now."""
        payment, attempt, link = self._model.payment, self._model.attempt, self._model.link.out
        if payment is None or attempt is None or link is None:
            return
        told = words(str(payment.amount), link, self._model.session.clock.now())
        if told != self._told:  # each change makes new parts, and this is asked every second
            self._told = told
            self.block.set_outcome("pending", *told)
        self._alarm.setVisible(bool(attempt.alarm))
        self._alarm.set_words(
            "The bank’s answer does not fit",
            f"{attempt.alarm} Do not take another payment. A supervisor has to look.",
        )
        verb, them = ("is", "it") if len(payment.allocations) == 1 else ("are", "them")
        self._locked.set_text(
            f"{joined(payment)} {verb} locked: no card can be taken for {them} until this is over."
        )
        found, why = rows(link), self._model.link.why_not_resend
        if (found, why) != self._shown:
            self._shown = (found, why)
            again = f"Not offered: {why[:1].lower()}{why[1:]}" if why else f"The same link to {link.sent_to}"
            self._steps.set_steps([Step("resend", "chat-text", "Text it again", again, refused=bool(why))])
            self._rows.set_items([ResultRow(*row, last=row is found[-1]) for row in found])

    def _choose(self, _key: str) -> None:
        self._model.link.resend()


def words(amount: str, link: LinkOut, now: datetime) -> tuple[str, str]:
    """Return the title of an open link and what it means for the money."""
    until = f"until {times.minute(link.expires_at)}"
    if link.state is LinkState.CLOSING:
        return "The link is being expired", f"{amount} may still be paid until the provider confirms it."
    if now >= link.expires_at:
        return "The link has run out", f"The provider is being asked whether {amount} was paid."
    if link.state is LinkState.OPENING:
        return "The link is being made", f"The customer gets it in a moment and can pay {amount} {until}."
    return (
        "Waiting for the customer to pay",
        f"The link for {amount} is open {until}. Its end shows here.",
    )


def rows(link: LinkOut) -> list[tuple[str, str, str]]:
    """Return what has happened with a link: result, statement, time."""
    made = ("open" if link.state is LinkState.OPENING else "ok", "The payment page is ready", "")
    if link.problem:
        sent = "failed" if link.sent_at is None else "slow"
        return [made, (sent, link.problem, f"to {link.sent_to}"), _paid(link)]
    at = times.second(link.sent_at) if link.sent_at else ""
    texted = ("ok" if link.sent_at else "open", f"Texted to {link.sent_to}", at)
    arrived = times.second(link.delivered_at) if link.delivered_at else ""
    delivered = ("ok" if arrived else "open", "The text reached the phone", arrived)
    return [made, texted, delivered, _paid(link)]


def _paid(link: LinkOut) -> tuple[str, str, str]:
    return "open", "Paid by the customer", f"can be until {times.minute(link.expires_at)}"
