"""What became of the money, as it shows: approved, being checked, declined, not sent."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.leaving import session_words
from agentdesk.desk.screens.payment.attempts import AttemptsTable
from agentdesk.desk.screens.payment.capturing import AmountHead, failed_to_secure
from agentdesk.desk.screens.payment.checking import figures, ladder, what_was_checked
from agentdesk.desk.screens.payment.press import ELSEWHERE_KEY
from agentdesk.desk.screens.payment.receipts import WritingDown
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.desk.screens.wrap_up.view import WrapUpForm
from agentdesk.desk.widgets.box import Column, Item
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.outcome import CheckLadder, NextSteps, OutcomeBlock, Step
from agentdesk.domain.payment import Advice, AttemptState
from agentdesk.i18n import _, after_colon, listed, ngettext
from agentdesk.wire.payments import Attempt, PaymentIntent


class OutcomeBody(Column):
    """What an outcome needs under its block, which is in `head` and never scrolls away."""

    promise_wanted = Signal()

    def __init__(self, model: PaymentViewModel, keys: Keys) -> None:
        self._model, self._keys = model, keys
        payment, attempt = model.payment, model.attempt
        assert payment is not None and attempt is not None, "there is an outcome"
        self.block = OutcomeBlock()
        self._alarm = Banner("danger", "warning-fill", _("The bank’s answer does not fit"), "")
        self._writing: WritingDown | None = None
        self._ladder: CheckLadder | None = None
        self._steps: NextSteps | None = None
        self._left: SectionHead | None = None
        self.droppable: list[QWidget] = []
        before: list[Item] = []
        if model.place is Place.NOT_SENT and failed_to_secure(attempt) and model.session.line_is_open:
            before = [AmountHead(payment, attempt, note=_(", not started"), badge=False), 28]
        self._alarmed = Column(self._alarm, margins=(8, 0, 0, 0))
        self.head = Column(*before, self.block, self._alarmed, margins=(16, 20, 0, 20))
        below, wrap_up = self._below(payment, attempt), self._wrap_up()
        both = [*wrap_up, *below] if self._ladder else [*below, *wrap_up]  # what ends the call is in sight
        super().__init__(*both, margins=(0, 20, 20, 20))
        self.refresh()

    def _below(self, payment: PaymentIntent, attempt: Attempt) -> list[Item]:
        place = self._model.place
        if place is Place.APPROVED:
            self._writing = WritingDown(self._model, self._keys)
            return [16, self._writing]
        if place in (Place.CHECKING, Place.OUT_OF_SIGHT):
            self._ladder = CheckLadder() if place is Place.CHECKING else None
            return [12, self._ladder] if self._ladder else []
        if not self._model.session.line_is_open and self._model.session.call is not None:
            return []
        self._steps = NextSteps()
        self._left = SectionHead(_("What you can do next"))
        self._steps.chosen.connect(self._choose)
        checked = what_was_checked(attempt) if failed_to_secure(attempt) else None
        table: list[Item] = [16, SectionHead(_("Attempts")), 4, AttemptsTable(payment)]
        end: list[Item] = [16, SectionHead(_("What was checked")), 4, checked] if checked else table
        return [20, self._left, 4, self._steps, *end]

    def _wrap_up(self) -> list[Item]:
        model = self._model
        approved = model.place is Place.APPROVED
        if model.session.call is None or (model.session.line_is_open and not approved):
            return []
        return (
            [16, WrapUpForm(model.wrap_up, self._keys, filled=True)]
            if model.place is not Place.OUT_OF_SIGHT
            else []
        )

    def refresh(self) -> None:
        """Show what is known now."""
        model, payment, attempt = self._model, self._model.payment, self._model.attempt
        if payment is None or attempt is None:
            return
        _show_block(self.block, model, payment, attempt)
        is_open = any(one.alarm_open for one in payment.attempts)
        alarm = ((attempt.alarm_open and attempt.alarm) or twice(payment)) if is_open else ""
        self._alarmed.setVisible(bool(alarm))
        to_do = _("Do not take another payment. A supervisor has to look.")
        if attempt.charged is not None:
            to_do = _("A supervisor knows, and closes this once the caller was told.")
        self._alarm.set_words(_("The bank’s answer does not fit"), f"{alarm} {to_do}")
        if self._writing is not None:
            self._writing.refresh()
        if self._steps is not None and self._left is not None:
            self._left.set_right(attempts_left(payment))
            self._steps.set_steps(next_steps(model, attempt))
        self.tick(model.session.clock.now())

    def tick(self, now: datetime) -> None:
        """Move the figures on."""
        payment, attempt = self._model.payment, self._model.attempt
        if self._ladder is not None and payment and attempt and attempt.check:
            shown = ladder(payment, attempt, attempt.check)
            if shown != getattr(self, "_shown", None):
                self._shown = shown
                self._ladder.set_ladder(figures(attempt, attempt.check, now), *shown)
            self._ladder.set_figures(figures(attempt, attempt.check, now))

    def _choose(self, key: str) -> None:
        model = self._model
        if key == "promise":
            self.promise_wanted.emit()
            return
        presses = {"again": model.again, "card": model.again, "another": model.in_call.another}
        presses |= {"link": model.link.ask, "send_now": model.link.send_now, "saved": model.saved.ask}
        presses[key]()


def _show_block(
    block: OutcomeBlock, model: PaymentViewModel, payment: PaymentIntent, attempt: Attempt
) -> None:
    words = {
        Place.APPROVED: _approved,
        Place.CHECKING: _checking,
        Place.OUT_OF_SIGHT: _out_of_sight,
        Place.DECLINED: _declined,
        Place.NOT_SENT: _not_sent,
    }
    outcome, title, proof = words[model.place](model, payment, attempt)
    if attempt.decision is not None and attempt.decision.final:
        proof = _("Decided by {by}. {proof}").format(by=listed(attempt.decision.by), proof=proof)
    if model.place is Place.APPROVED:
        block.set_outcome(outcome, title, proof, right_label=_("Reference"), right=payment.short_reference)
    elif model.place is Place.DECLINED:
        block.set_outcome(
            outcome, title, proof, right_label=_("Amount"), right=str(payment.amount), large=True
        )
    else:
        block.set_outcome(outcome, title, proof)


def _approved(model: PaymentViewModel, payment: PaymentIntent, attempt: Attempt) -> tuple[str, str, str]:
    at = _(" at {second}").format(second=times.second(attempt.ended_at)) if attempt.ended_at else ""
    if attempt.charged is not None:
        return (
            "approved",
            _("Charged {charged}").format(charged=attempt.charged),
            _("{amount} was agreed: tell the caller.").format(amount=payment.amount),
        )
    if model.was_doubted:
        proof = _("{amount} was charged{at}. Do not take it again.").format(amount=payment.amount, at=at)
        return "approved", _("The bank has now approved it"), proof
    card = attempt.card.label if attempt.card else _("The card")
    code = (
        _(", code {authorization_code}").format(authorization_code=attempt.authorization_code)
        if attempt.authorization_code
        else ""
    )
    return (
        "approved",
        _("Approved {amount}").format(amount=payment.amount),
        f"{card}{code}{',' if at else ''}{at}",
    )


def _checking(model: PaymentViewModel, payment: PaymentIntent, attempt: Attempt) -> tuple[str, str, str]:
    if attempt.alarm_open:
        proof = _("An answer came, and it does not fit this payment. Money may have been taken.")
        return "unknown", _("A supervisor looks at this. Do not take another payment."), proof
    sent = (
        _(" Sent at {second}, no answer yet.").format(second=times.second(attempt.sent_at))
        if attempt.sent_at
        else ""
    )
    proof = _("{amount} may have been charged.{sent}").format(amount=payment.amount, sent=sent)
    if model.session.call is not None and not model.session.line_is_open:
        proof = _("Caller hung up after you submitted. {amount} may have been charged.").format(
            amount=payment.amount
        )
    if attempt.state is AttemptState.PENDING:
        return "pending", _("The bank is still deciding. Do not take another payment."), proof
    return "unknown", _("We are checking. Do not take another payment."), proof


def _out_of_sight(model: PaymentViewModel, payment: PaymentIntent, attempt: Attempt) -> tuple[str, str, str]:
    since = times.second(model.session.connection.since)
    if model.may_have_been_submitted:
        proof = _("{amount} may have been charged. Lost at {since}; the server follows it.").format(
            amount=payment.amount, since=since
        )
    else:
        words = _(
            "Lost before you submitted {amount}. Unless the connection comes back, the server closes the "
            "card entry within three minutes."
        )
        proof = words.format(amount=payment.amount)
    return "unknown", _("We cannot see this payment. Do not take another."), proof


def _declined(model: PaymentViewModel, payment: PaymentIntent, attempt: Attempt) -> tuple[str, str, str]:
    card = attempt.card.label if attempt.card else _("this card")
    at = _(" at {second}").format(second=times.second(attempt.ended_at)) if attempt.ended_at else ""
    if model.link.must_confirm:
        proof = _(
            "The bank asked{at} that the holder of {card} confirm it. That cannot be done on the phone."
        ).format(card=card, at=at)
        return "declined", _("Not confirmed, nothing was charged"), proof
    if attempt.decline and attempt.decline.advice is Advice.SAME_CARD_LATER:
        proof = _("The bank of {card} could not decide{at}. The same card may work in a little while.")
        return "declined", _("Not taken, nothing was charged"), proof.format(card=card, at=at)
    if attempt.decline and attempt.decline.advice is Advice.STOP:
        proof = _(
            "Nothing was charged now. Look in the history and in what is owed whether it was paid already; "
            "if you do not find it, call a supervisor."
        )
        return "declined", _("The bank has seen this payment before"), proof
    said = _("The bank said no to {card}{at}.").format(card=card, at=at)
    proof = f"{attempt.decline.title}. {said}" if attempt.decline else said
    return "declined", _("Declined, nothing was charged"), proof


def _not_sent(model: PaymentViewModel, payment: PaymentIntent, attempt: Attempt) -> tuple[str, str, str]:
    title = _("Not sent, nothing was charged")
    if failed_to_secure(attempt) and model.session.line_is_open:
        return "not_sent", title, _shut(attempt)
    at = _("It ended at {second}.").format(second=times.second(attempt.ended_at)) if attempt.ended_at else ""
    reason = attempt.not_sent_reason or _("The card entry ended.")
    return "not_sent", title, " ".join(filter(None, (reason, session_words(attempt), at)))


def _shut(attempt: Attempt) -> str:
    capture = attempt.capture
    if capture is not None and capture.recorder_paused_at is None:
        return _("Card entry stays shut until the recorder says it is paused.")
    return _("Card entry stays shut until the tones are masked.")


def twice(payment: PaymentIntent) -> str:
    """Say that more than one attempt was charged; empty where that is not so."""
    taken = [str(one.number) for one in payment.attempts if one.state is AttemptState.APPROVED]
    return _("Attempts {taken} were both charged.").format(taken=listed(taken)) if len(taken) > 1 else ""


def attempts_left(payment: PaymentIntent) -> str:
    """Say how many more tries this payment has."""
    if payment.may_try(by_link=False):
        left = payment.attempts_left
        words = ngettext("{left} attempt left on this payment", "{left} attempts left on this payment", left)
        return words.format(left=left)
    by_link = payment.may_try(by_link=True)
    return _("Only a link is left on this payment") if by_link else _("No attempts left on this payment")


def next_steps(model: PaymentViewModel, attempt: Attempt) -> list[Step]:
    """Return what can be done next; the first is the action bar's button where it can be done."""
    refused = model.why_not_again
    if model.link.must_confirm and not model.link.why_not:
        return [
            *_confirm_steps(model),
            _other_card(refused),
            *_saved_step(model),
            _same(attempt, _("by phone the bank asks again")),
        ]
    if model.place is Place.NOT_SENT:
        first = _secure_again(attempt, refused)
    elif model.may_retry_card:
        hint = attempt.decline.title if attempt.decline else ""
        first = _step("again", "arrow-counter-clockwise", _("Key the card again"), hint, refused)
    else:
        first = _other_card(refused)
    promise = Step(
        "promise", "calendar-check", _("Promise to pay"), _("A day and an amount, for the record"), "Ctrl P"
    )
    other_ways = [*_link_step(model), *_saved_step(model), *_further(model, attempt)]
    return [first, *other_ways, _new_amount(model, attempt), promise]


def _link_step(model: PaymentViewModel) -> list[Step]:
    if not model.link.offered:
        return []
    why = model.link.why_not
    detail = _("For the same {amount}; this payment cannot be paid twice").format(amount=model.link.amount)
    said = _("Not offered: {why}").format(why=after_colon(why)) if why else detail
    return [Step("link", "link-simple", _("Send a secure link"), said, None if why else "F7", bool(why))]


def _saved_step(model: PaymentViewModel) -> list[Step]:
    saved = model.saved
    if saved.route is None:
        return []
    why, label = saved.why_not, saved.option.label if saved.option else ""
    detail = _("{card}; read out before it is charged").format(card=label)
    said = _("Not offered: {why}").format(why=after_colon(why)) if why else detail
    return [Step("saved", "credit-card", _("Use the saved card"), said, None if why else "F2", bool(why))]


def _confirm_steps(model: PaymentViewModel) -> list[Step]:
    """Return the link that goes out by one key, and the form for anywhere else."""
    to = model.link.known_to
    detail = _("To {to} at once, for the same {amount}; there the bank can ask the card holder").format(
        to=to, amount=model.link.amount
    )
    if not to:
        return _link_step(model)
    words = _("Another number, or another way")
    elsewhere = Step("link", "pencil-simple", _("Send it somewhere else"), words, ELSEWHERE_KEY)
    return [Step("send_now", "link-simple", _("Send a secure link"), detail, "F7"), elsewhere]


def _other_card(refused: str) -> Step:
    detail = _("The line is secured again; a new attempt starts")
    return _step("card", "credit-card", _("Try another card"), detail, refused)


def _secure_again(attempt: Attempt, refused: str) -> Step:
    if failed_to_secure(attempt):
        return _step(
            "again",
            "arrow-clockwise",
            _("Try to secure the line again"),
            _("Takes a few seconds when the recorder and the keypad answer"),
            refused,
        )
    detail = _("The line is secured again; a new attempt starts")
    return _step("again", "arrow-clockwise", _("Take the same amount again"), detail, refused)


def _further(model: PaymentViewModel, attempt: Attempt) -> list[Step]:
    if model.place is not Place.DECLINED:
        return []
    if model.may_retry_card:
        other = _other_card(model.why_not_again)
        return [Step(other.key, other.icon, other.title, other.detail, None, other.refused)]
    return [_same(attempt, _("the bank said no to this card"))]


def _same(attempt: Attempt, why: str) -> Step:
    name = attempt.card.short if attempt.card else _("the same card")
    return Step(
        "same",
        "arrow-counter-clockwise",
        _("Try {name} again").format(name=name),
        _("Not offered: {why}").format(why=why),
        refused=True,
    )


def _new_amount(model: PaymentViewModel, attempt: Attempt) -> Step:
    why = model.in_call.why_not_another
    other = _("Less, another invoice or two cards; starts a new payment")
    if attempt.decline and attempt.decline.advice is Advice.STOP:
        other = _("Only for something else: look first whether this was paid")
    detail, key = why or other, None if why else "F3"
    return Step("another", "pencil-simple", _("Take another amount"), detail, key, refused=bool(why))


def _step(key: str, icon: str, title: str, detail: str, refused: str) -> Step:
    why = _("Not offered: {why}").format(why=after_colon(refused))
    return Step(key, icon, title, why if refused else detail, None if refused else "F4", bool(refused))
