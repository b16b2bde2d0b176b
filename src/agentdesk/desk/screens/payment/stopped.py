"""A stopped payment as it shows: what stands in its way, beside what was to be taken, and what to do."""

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.counting import badge_kind
from agentdesk.desk.screens.payment.form import LINK
from agentdesk.desk.screens.payment.stopping import Stopping, StopState, has_open_link
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.payments.story import story_entry
from agentdesk.desk.widgets.badge import badge_of
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row, widest
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.outcome import OutcomeBlock
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.desk.widgets.timeline import Timeline
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _, listed
from agentdesk.wire.payments import EarlierPayment, PaymentDetail, PaymentIntent, Stop

#: The kind of the block, what happened, what it means for the money and what to do.
Words = tuple[str, str, str]
_NAMES = 96
_SHOW, _HIDE = _("Show what happened to it"), _("Hide what happened to it")


class StoppedBody(Column):
    """The two payments side by side under a block that says why the later one waits."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model, self._stopping = model, model.stopping
        self.block = OutcomeBlock()
        self.head = Column(self.block, margins=(16, 20, 0, 20))
        self._both, self._story = Column(), Column()
        self._look = Button(_SHOW, key="F5", fires=False)
        self._look.clicked.connect(self._stopping.look)
        self._shown: tuple[object, ...] = ()
        self._said: Words | None = None
        self.droppable: list[QWidget] = []
        look = Row(self._look, ...)
        super().__init__(16, self._both, 12, look, self._story, margins=(0, 20, 20, 20))
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        payment, stop = self._stopping.payment, self._stopping.stop
        if payment is None or stop is None:
            return
        self.tick(self._model.session.clock.now())
        story = _story(self._stopping, stop)
        self._look.setText(_HIDE if story else _SHOW)
        self._look.set_busy(_("Getting it") if self._stopping.look_command.is_running else None)
        if (payment, story) != self._shown:
            self._shown = payment, story
            self._both.set_items([SectionHead(_("The two payments")), 4, side_by_side(payment, stop.earlier)])
            self._story.set_items(_told(story, self._model.session.clock.today()) if story else [])

    def tick(self, now: datetime) -> None:
        """Move the ages on."""
        payment, stop, state = self._stopping.payment, self._stopping.stop, self._stopping.state
        if payment is not None and stop is not None and state is not None:
            words = block_words(payment, stop, state, now)
            if words != self._said:
                self._said = words
                self.block.set_outcome(*words)


def _story(stopping: Stopping, stop: Stop) -> PaymentDetail | None:
    story = stopping.story
    return story if story is not None and story.payment.intent_id == stop.earlier.intent_id else None


def _told(story: PaymentDetail, today: date) -> list[Item]:
    lines = Timeline([story_entry(item, today) for item in story.timeline])
    head = SectionHead(_("What happened to it"), story.payment.short_reference)
    return [16, head, 4, Card(lines, margins=(12, 16, 4, 16))]


def side_by_side(payment: PaymentIntent, earlier: EarlierPayment) -> Card:
    """Make the table of the payment before and the one that was to be taken."""
    rows = [
        (_("Amount"), str(earlier.amount), str(payment.amount)),
        (_("For"), _numbers(earlier.numbers), _numbers([one.number for one in payment.allocations])),
        (_("Card"), earlier.card.label if earlier.card else _way(earlier), _("Not asked for yet")),
        (_("When"), times.second(when(earlier)), _("Not started")),
        (_("Taken by"), earlier.agent_name, payment.agent_name),
        (_("Reference"), earlier.short_reference, payment.short_reference),
    ]
    names = [Text(name, role="text_2") for name, _before, _now in rows]
    width = widest(names, _NAMES)
    head = Row(
        Row(width=width),
        (Row(Text(_("Before"), "label", "text_3"), 8, badge_of(_badge(earlier)), ...), 1),
        (Text(_("This one"), "label", "text_3"), 1),
        margins=(0, 16),
        gap=12,
        height=40,
        look=Look("sunken", sides="b"),
    )
    card = Card(head)
    for name, row in zip(names, rows, strict=True):
        card.add(_row(Row(name, ..., width=width), *row, last=row is rows[-1]))
    card.setAccessibleName(_("The payment before, and this one"))
    return card


def _row(left: Row, name: str, before: str, now: str, *, last: bool) -> Row:
    same = before == now and name in (_("Amount"), _("For"))
    row = Row(
        left,
        (Paragraph(before, "medium", "text"), 1),
        (Paragraph(now, "medium" if same else "body", "text"), 1),
        margins=(8, 16),
        gap=12,
        look=Look(sides="" if last else "b"),
    )
    row.setAccessibleName(
        _("{name}: before {before}, this one {now}").format(name=name, before=before, now=now)
    )
    return row


def _badge(earlier: EarlierPayment) -> str:
    # what matters of one that is open is that it holds the debt, whichever way the card comes
    return "held" if earlier.state is AttemptState.OPEN else badge_kind(earlier.state)


def _way(earlier: EarlierPayment) -> str:
    return _("By link") if earlier.route == LINK else _("Not known yet")


def _numbers(numbers: list[str]) -> str:
    return ", ".join(numbers) or _("The account")


def when(earlier: EarlierPayment) -> datetime:
    """Return when the payment before was decided, else sent, else started."""
    return earlier.ended_at or earlier.sent_at or earlier.started_at


# ---------------------------------------------------------------- words


def block_words(payment: PaymentIntent, stop: Stop, state: StopState, now: datetime) -> Words:
    """Return the kind of the block, what happened, and what it means for the money."""
    if state is StopState.BUSY:
        return busy_words(stop.earlier, now)
    return _WORDS[state](payment, stop, now)


def busy_words(earlier: EarlierPayment, now: datetime) -> Words:
    """Say what stands in the way while money is at risk in it."""
    since = when(earlier)
    age = times.age(since, now)
    if earlier.state in (AttemptState.UNKNOWN, AttemptState.PENDING):
        proof = _(
            "{amount} may have been charged at {second}, checked for {age}. "
            "Nothing more was sent. Do not take it again."
        ).format(amount=earlier.amount, second=times.second(since), age=age)
        return "unknown", _("A payment for this is being checked"), proof
    if has_open_link(earlier):
        proof = _(
            "{amount}, opened at {minute} by {agent_name}, {age} ago. "
            "It can still be paid. Expire it before you take a card."
        ).format(amount=earlier.amount, minute=times.minute(since), agent_name=earlier.agent_name, age=age)
        return "held", _("A link is open for this debt"), proof
    proof = _("Nothing more was sent. {agent_name} takes {amount} since {second}.").format(
        agent_name=earlier.agent_name, amount=earlier.amount, second=times.second(since)
    )
    return "held", _("This is being paid now"), proof


def _free(payment: PaymentIntent, stop: Stop, now: datetime) -> Words:
    ended = _("was declined") if stop.earlier.state is AttemptState.DECLINED else _("was not sent")
    proof = _("Payment {short_reference} {ended}: nothing was charged. You can take this one.").format(
        short_reference=stop.earlier.short_reference, ended=ended
    )
    return "allowed", _("The payment before took no money"), proof


def _paid(payment: PaymentIntent, stop: Stop, now: datetime) -> Words:
    ago = times.age(when(stop.earlier), now)
    words = _("Nothing was sent. The same amount was paid {ago} ago by {earlier}.")
    if stop.same_invoices:
        words = _("Nothing was sent. {invoices} was paid {ago} ago by {earlier}.")
    proof = words.format(invoices=listed(stop.same_invoices), ago=ago, earlier=_card(stop.earlier))
    return "held", _("This may be a second payment"), proof


def _card(earlier: EarlierPayment) -> str:
    return earlier.card.label if earlier.card else _("card")


def _asked(payment: PaymentIntent, stop: Stop, now: datetime) -> Words:
    asked = stop.asked_at or stop.stopped_at
    age = times.age(asked, now)
    proof = _("Nothing was sent. Asked {age} ago, at {second}; the answer shows here.").format(
        age=age, second=times.second(asked)
    )
    return "asked", _("A supervisor has been asked"), proof


def _allowed(payment: PaymentIntent, stop: Stop, now: datetime) -> Words:
    until = (
        _(" before {minute}").format(minute=times.minute(stop.allowed_until)) if stop.allowed_until else ""
    )
    return (
        "allowed",
        _("Allowed by {decided_by}").format(decided_by=stop.decided_by),
        _("“{reason}” Nothing was sent yet. Take it{until}.").format(reason=stop.reason, until=until),
    )


def _expired(payment: PaymentIntent, stop: Stop, now: datetime) -> Words:
    until = _(" at {minute}").format(minute=times.minute(stop.allowed_until)) if stop.allowed_until else ""
    return (
        "held",
        _("The permission has ended"),
        _("Nothing was sent. It ended{until}. Ask again, or change the amount.").format(until=until),
    )


def _refused(payment: PaymentIntent, stop: Stop, now: datetime) -> Words:
    proof = _("“{reason}” Nothing was sent. Tell the caller, or change the amount.").format(
        reason=stop.reason
    )
    return "refused", _("Not allowed by {decided_by}").format(decided_by=stop.decided_by), proof


_WORDS: dict[StopState, Callable[[PaymentIntent, Stop, datetime], Words]] = {
    StopState.FREE: _free,
    StopState.PAID: _paid,
    StopState.ASKED: _asked,
    StopState.ALLOWED: _allowed,
    StopState.EXPIRED: _expired,
    StopState.REFUSED: _refused,
}
