"""The card entry as it shows: amount, fields, what to have done before submitting."""

from datetime import datetime
from math import ceil

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.screens.payment import doctor
from agentdesk.desk.screens.payment.actions import FIELD_TITLES, FIELD_WORDS
from agentdesk.desk.screens.payment.closing import joined
from agentdesk.desk.screens.payment.consent import SaveCard
from agentdesk.desk.screens.payment.time_left import TimeLeft
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import News, announce
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.box import Card, Column, Row, Rows
from agentdesk.desk.widgets.choices import CheckRow
from agentdesk.desk.widgets.field_progress import FieldProgress, FieldRow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Banner, Strip
from agentdesk.desk.widgets.secured_bar import SecuredBar
from agentdesk.desk.widgets.shapes import Icon, Progress
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.capture import CaptureState, CardField, FieldProblem
from agentdesk.domain.card import brand_name
from agentdesk.domain.payment import MAX_ATTEMPTS, attempts_left
from agentdesk.i18n import _, after_colon, listed
from agentdesk.wire.captures import CaptureOut, FieldOut, FieldState, ReadBack
from agentdesk.wire.payments import Attempt, PaymentIntent

_SAFE = _(
    "Digits typed on this keyboard are thrown away while the line is secured. You never see or hear the card."
)
_THROWN = _("A digit typed here was thrown away and not kept. The caller keys the card on their own phone.")
#: How the keys of a field are grouped, by their number.
_PLACES = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4), 4: (2, 2)}
_CAN_REDO = (CaptureState.COLLECTING, CaptureState.COLLECTED)
_PROBLEMS = {
    FieldProblem.TIMED_OUT: _("No digits in time. Nothing was sent. F8 when they are ready."),
    FieldProblem.INVALID: _("Not valid. Nothing was sent. Ask them to check it, then F8."),
    FieldProblem.BRAND_REFUSED: _("We do not take this card. Nothing was sent. Ask for another."),
    FieldProblem.OTHER: _("It did not come through. Nothing was sent. Press F8."),
}


class AmountHead(Row):
    """The amount at stake, its invoices, which attempt it is, and the state in a badge."""

    def __init__(
        self, payment: PaymentIntent, attempt: Attempt, *, note: str = "", badge: bool = True
    ) -> None:
        self._badge = Badge("secure", _("Capturing card"), "lock-key-fill")
        # those that count: a try of which nothing was sent makes this one no later
        before = [one.state for one in payment.attempts if one.number < attempt.number]
        number = MAX_ATTEMPTS - attempts_left(before) + 1
        numbers = ", ".join(part.number for part in payment.allocations) or _("The account")
        words = Column(
            Paragraph(numbers, "medium", "text"),
            Paragraph(
                _("Attempt {number} of {last}{note}").format(number=number, last=MAX_ATTEMPTS, note=note)
            ),
        )
        amount = Column(Text(_("Amount"), "caption", "text_3"), Text(str(payment.amount), "amount"))
        super().__init__(amount, (words, 1), self._badge, gap=24)
        self._badge.setVisible(badge)

    def set_badge(self, word: str, icon: str) -> None:
        """Say how far it is."""
        self._badge.set_badge("secure", word, icon)


class CaptureBody(Column):
    """Securing, the fields, ready to submit, sending: one place that fills up. `width`: where it is known."""

    def __init__(self, model: PaymentViewModel, width: int = 0) -> None:
        self._model = model
        payment, attempt = model.payment, model.attempt
        assert payment is not None and attempt is not None, "there is a card entry"
        self.head = AmountHead(payment, attempt)
        self._again = Rows(lambda words: Column(Banner("danger", "warning-fill", *words), 12))
        self._again_news = News()
        self._count, self._limit = Text("", "medium"), Paragraph("", align="right")
        self._progress = Progress(0.0)
        self.fields = FieldProgress(room=width - theme.px(2 * 20))
        self._strip = Strip("prohibit", _SAFE)
        self._hard = Column()
        self._hard_words: tuple[str, ...] = ()
        self._time_left = TimeLeft(model)
        self._before, self._save = BeforeSubmit(model, payment), SaveCard(model)
        super().__init__(
            self.head,
            12,
            Row(self._count, (self._progress, 1), self._limit, gap=12),
            12,
            Column(self._time_left, self._again, self._hard),
            self.fields,
            12,
            self._strip,
            self._before,
            self._save,
            margins=(16, 20, 20, 20),
        )
        self.droppable: list[QWidget] = [self._before.reminder]
        self.fields.ask.connect(model.ask)
        self.fields.reset.connect(model.ask)
        self.fields.redo.connect(model.ask)
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is now."""
        model, now = self._model, self._model.session.clock.now()
        capture, attempt = model.capture, model.attempt
        if capture is None or attempt is None:
            return
        self.head.set_badge(*_badge(model))
        rows = field_rows(capture, attempt, now)
        self.fields.set_rows(rows)
        done = sum(row.state == "done" for row in rows)
        keyed = sum(row.keyed / sum(row.places) for row in rows if row.state == "live" and row.places)
        everything = done == len(rows)
        self._count.setText(_("{done} of {rows} fields in").format(done=done, rows=len(rows)))
        self._progress.set_progress(
            (done + min(keyed, 1)) / max(1, len(rows)), "success" if everything else "accent_text"
        )
        self._limit.setText(_seconds_left(model.live_field, now))
        self._limit.setVisible(bool(self._limit.text()))
        self._strip.setVisible(not capture.can_submit and model.place is not Place.SENDING)
        self._time_left.refresh()
        self._show_refused_before()
        self._show_hard()
        self._before.refresh()
        self._save.refresh()

    def throw_digit_away(self) -> None:
        """Say that a typed digit went nowhere."""
        self._strip.set_text(_THROWN)
        self._strip.show()
        announce(self._strip, _THROWN)

    def _show_hard(self) -> None:
        keying = self._model.keying
        field, finding = keying.failed_field, keying.finding
        words: tuple[str, ...] = ()
        if keying.is_hard and field is not None and finding is not None:
            press = _("Send a link") if keying.can_link else _("Ask slowly") if keying.can_slow else ""
            advice = doctor.advice(field, finding, link=keying.can_link)
            words = doctor.title(field, finding), advice, press
        if words != self._hard_words:
            self._hard_words = words
            self._hard.set_items([self._hard_banner(*words), 12] if words else [])
            if words:
                announce(self, f"{words[0]}. {words[1]}")

    def _hard_banner(self, title: str, advice: str, press: str) -> Banner:
        keying = self._model.keying
        banner = Banner("warning", "warning-fill", title, advice, press or None)
        banner.pressed.connect(keying.link_instead if keying.can_link else keying.ask_slowly)
        return banner

    def _show_refused_before(self) -> None:
        earlier = self._model.keying.refused_before
        words = _refused_words(earlier) if earlier is not None and earlier.card is not None else None
        self._again.show_values([words] if words else [])
        self._again_news.tell(self, {words: ". ".join(words)} if words else {}, assertive=True)


class BeforeSubmit(Column):
    """What to have read back: a reminder first, ticks once every field is in."""

    def __init__(self, model: PaymentViewModel, payment: PaymentIntent) -> None:
        self._model, self._payment = model, payment
        self._shown: tuple[object, ...] = ()
        self.reminder, self._ready = Column(), Column()
        super().__init__(self.reminder, self._ready)

    def refresh(self) -> None:
        """Show the reminder or the ticks."""
        model, capture, attempt = self._model, self._model.capture, self._model.attempt
        if capture is None or attempt is None:
            return
        ready = capture.can_submit or model.place is Place.SENDING
        card = attempt.card.label if attempt.card else ""
        missing = tuple(field.field for field in capture.fields if field.state is not FieldState.DONE)
        if (ready, card, missing) != self._shown:
            self._shown = (ready, card, missing)
            self.reminder.set_items([] if ready else self._reminder(attempt, missing))
            self._ready.set_items(self._ticks(attempt) if ready else [])

    def _reminder(self, attempt: Attempt, missing: tuple[CardField, ...]) -> list[QWidget | int]:
        last4 = f": {attempt.card.last4}" if attempt.card and attempt.card.last4 else ""
        names = listed([FIELD_WORDS[field] for field in missing[-2:]]) or _("all fields")
        lines = [
            _line(_("Amount {amount} read back").format(amount=self._payment.amount)),
            _line(_("{fields} accepted").format(fields=names[:1].upper() + names[1:])),
            _line(_("Last four read back{last4}").format(last4=last4)),
        ]
        return [16, Card(Text(_("Before you submit"), "strong"), 6, *lines, margins=(12, 16, 10, 16))]

    def _ticks(self, attempt: Attempt) -> list[QWidget | int]:
        card = attempt.card.label if attempt.card else _("the card")
        what = _("{amount} for {payment}").format(amount=self._payment.amount, payment=joined(self._payment))
        rows = [
            self._tick(ReadBack.AMOUNT, _("Read back: {what}").format(what=what)),
            self._tick(ReadBack.CARD, _("Read back: {card}").format(card=card), last=True),
        ]
        return [SectionHead(_("Before you submit")), 4, Card(*rows)]

    def _tick(self, what: ReadBack, text: str, *, last: bool = False) -> CheckRow:
        attempt = self._model.attempt
        assert attempt is not None, "there is a card entry"
        at = self._model.read_back.get((attempt.attempt_id, what))
        row = CheckRow(text, _agreed(at), checked=at is not None, last=last)

        def keep(on: bool) -> None:
            self._model.set_read_back(what, on)
            row.set_detail(_agreed(self._model.read_back.get((attempt.attempt_id, what))))

        row.toggled.connect(keep)
        return row


def _refused_words(earlier: Attempt) -> tuple[str, str]:
    """Warn that the card keyed now looks like one that the bank has refused: title and sentence."""
    at = _(" at {second}").format(second=times.second(earlier.ended_at)) if earlier.ended_at else ""
    words = _("{label} was declined{at}. Nothing was sent since. Ask for another card: Redo takes it in.")
    label = earlier.card.label if earlier.card else ""
    return _("The bank has just said no to a card like this one"), words.format(label=label, at=at)


def show_bar(bar: SecuredBar, model: PaymentViewModel, now: datetime) -> bool:
    """Put the state of the line on the bar; False where there is nothing to say of it."""
    attempt, capture, place = model.attempt, model.capture, model.place
    if attempt is None or capture is None:
        return False
    if place is Place.OUT_OF_SIGHT:
        bar.set_state("off", _("Not known whether the line is secured"), _("Take no card details"))
    elif place is Place.SECURING:
        waited = times.age(attempt.started_at, now)
        bar.set_state("securing", _("Securing the line"), _("The recorder pauses, tones are masked"), waited)
    elif capture.closed_at is None and capture.secured_at is not None:
        bar.set_state(
            "secured",
            _("Secured at {second}").format(second=times.second(capture.secured_at)),
            _("Caller’s tones are masked, recorder is paused"),
            times.running(capture.secured_at, now),
        )
    elif place is Place.NOT_SENT and failed_to_secure(attempt) and model.session.line_is_open:
        why = (attempt.not_sent_reason or "").rstrip(".")
        ended = attempt.ended_at or now
        waited = _("waited {age}").format(age=times.age(attempt.started_at, ended))
        bar.set_state(
            "failed",
            _("Not secured: {why}").format(why=after_colon(why)),
            waited,
            times.second(ended),
        )
    else:
        return False
    return True


def failed_to_secure(attempt: Attempt) -> bool:
    """Say whether the line was never secured, and nobody had cancelled."""
    capture = attempt.capture
    if capture is None or capture.secured_at is not None:
        return False
    return capture.close_cause is None


def field_rows(capture: CaptureOut, attempt: Attempt, now: datetime) -> list[FieldRow]:
    """Return the fields as rows: one at a time is to be asked for, the rest wait for it."""
    live = any(field.state is FieldState.LIVE for field in capture.fields)
    open_ones = [field for field in capture.fields if field.state is not FieldState.DONE]
    first = next((field for field in open_ones if field.state is FieldState.LIVE), None) or (
        open_ones[0] if open_ones else None
    )
    return [_row(field, first, attempt, now, live=live) for field in capture.fields]


def _row(field: FieldOut, first: FieldOut | None, attempt: Attempt, now: datetime, *, live: bool) -> FieldRow:
    title = FIELD_TITLES[field.field]
    if field.state is FieldState.DONE:
        card = attempt.card.label if attempt.card and field.field is CardField.NUMBER else ""
        done = times.second(field.done_at) if field.done_at else ""
        open_entry = attempt.capture is not None and attempt.capture.state in _CAN_REDO
        wait = _("Only one field can be keyed at a time") if live else ""
        return FieldRow(field.field, title, "done", card, time=done, can_redo=open_entry, wait=wait)
    if field.state is FieldState.LIVE:
        brand = brand_name(field.brand) if field.brand else ""
        return _live_row(field, f"{title}, {brand}" if brand else title, now)
    if first is not None and field is not first:
        return FieldRow(
            field.field,
            title,
            "waiting",
            _("Ask when the {field} is in").format(field=FIELD_WORDS[first.field]),
        )
    if field.state is FieldState.WAITING:
        return FieldRow(field.field, title, "waiting", _("Ask when the line is secured"))
    if field.state is FieldState.FAILED:
        return FieldRow(field.field, title, "failed", problem(field))
    return FieldRow(field.field, title, "ready")


def _live_row(field: FieldOut, title: str, now: datetime) -> FieldRow:
    places = _PLACES.get(field.length or 0, ())
    left = 1.0
    if field.asked_at and field.deadline:
        whole = (field.deadline - field.asked_at).total_seconds()
        left = max(0.0, min(1.0, (field.deadline - now).total_seconds() / whole)) if whole > 0 else 0.0
    return FieldRow(
        field.field,
        title,
        "live",
        places=places,
        keyed=min(field.digits or 0, sum(places)),
        time=_("Collecting {age}").format(age=times.age(field.asked_at, now))
        if field.asked_at
        else _("Collecting"),
        left=left,
    )


def problem(field: FieldOut) -> str:
    """Say why a field is not in, what that means, and what to do."""
    if field.finding is not None:
        return doctor.short(field, field.finding)
    return _PROBLEMS[field.problem or FieldProblem.OTHER]


def _seconds_left(field: FieldOut | None, now: datetime) -> str:
    """Say how long the caller may still take for the next key."""
    if field is None or field.deadline is None:
        return ""
    left = max(0, ceil((field.deadline - now).total_seconds()))
    return (
        _("slowly, {left} s left for the next key").format(left=left)
        if field.slow
        else _("{left} s left for the next key").format(left=left)
    )


def _badge(model: PaymentViewModel) -> tuple[str, str]:
    if model.place is Place.SECURING:
        return _("Securing"), "lock-key"
    if model.place is Place.SENDING:
        return _("Submitting"), "paper-plane-right"
    if model.place is Place.CANCELLING:
        return _("Cancelling"), "x"
    return (
        (_("Ready to submit"), "check-circle-fill")
        if model.can_submit
        else (_("Capturing card"), "lock-key-fill")
    )


def _agreed(at: datetime | None) -> str:
    return _("agreed {second}").format(second=times.second(at)) if at else _("when they have said yes")


def _line(text: str) -> Row:
    return Row(Icon("circle-dashed", "icon", "text_3"), Text(text, role="text_2"), ..., gap=8, height=24)
