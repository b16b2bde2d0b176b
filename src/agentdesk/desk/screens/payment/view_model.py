"""The payment region's decisions: which state shows, what may be done next, and doing it once."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.counting import counting
from agentdesk.desk.hub_errors import may_be_done
from agentdesk.desk.screens.payment.closing import Closing
from agentdesk.desk.screens.payment.form import Form
from agentdesk.desk.screens.payment.in_call import InCall
from agentdesk.desk.screens.payment.keying import Keying
from agentdesk.desk.screens.payment.link import Link
from agentdesk.desk.screens.payment.place import OF_ATTEMPT, OF_CAPTURE, Place
from agentdesk.desk.screens.payment.saved import Saved
from agentdesk.desk.screens.payment.stopping import Stopping
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.capture import CaptureState, CardField, CloseCause
from agentdesk.domain.errors import AgentDeskError, Conflict
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.link import LinkWay
from agentdesk.domain.payment import HOLDS_DEBT, Advice, AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _
from agentdesk.wire.calls import Call
from agentdesk.wire.captures import CaptureOut, FieldOut, FieldState, ReadBack
from agentdesk.wire.payments import (
    Attempt,
    NewAttempt,
    PaymentIntent,
    ReceiptIn,
)


class PaymentViewModel(QObject):
    """Follows the session's payment, or holds the form of a new one.

    A key is made for each human decision, kept while the same press is tried again after silence, and
    renewed when the hub has answered or the form has changed.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, wrap_up: WrapUpViewModel) -> None:
        super().__init__()
        self.session, self.wrap_up, self.form = session, wrap_up, Form(session)
        self.form.setParent(self)
        self.error: AgentDeskError | None = None
        self.read_back: dict[tuple[str, ReadBack], datetime] = {}
        """What the agent ticked as read back: (attempt id, what) to when."""
        self._call_id = session.call.call_id if session.call else None
        self._attempt_key, self._receipt_key = new_ulid(), new_ulid()
        self._attempts_seen = 0
        self._doubted: set[str] = set()
        self._place_before: tuple[object, ...] = ()
        self._make_commands()
        self.keying = Keying(self)  # its command is nobody's press: it fails in silence
        self.closing = Closing(self)
        self._listen()
        self._follow()

    def _make_commands(self) -> None:
        tasks = self.session.tasks
        self.stopping = Stopping(self)
        self.start_payment = Command(tasks, self._start_payment, self)
        self.start_attempt = Command(tasks, self.start_try, self)
        self.field_command = Command(tasks, self._ask_field, self)
        self.submit_command = Command(tasks, self._submit, self)
        self.cancel_command = Command(tasks, self._cancel, self)
        self.receipt_command = Command(tasks, self._send_receipt, self)
        self.link, self.in_call, self.saved = Link(self), InCall(self), Saved(self)
        for command in self.findChildren(Command):
            command.failed.connect(self._fail)
            command.running.connect(self.changed)

    def _listen(self) -> None:
        session = self.session
        self.form.changed.connect(self.changed)
        session.customer_changed.connect(self._follow)
        self.form.edited.connect(self._forget_error)
        session.call_changed.connect(self._take_call)
        session.payment_changed.connect(self._follow)
        session.shown_payment_changed.connect(self._follow)
        session.readiness_changed.connect(self.changed)
        session.connection_changed.connect(self.changed)
        self.wrap_up.changed.connect(self.changed)
        self.wrap_up.finish_call.running.connect(self.changed)

    # ---------------------------------------------------------------- what shows
    @property
    def payment(self) -> PaymentIntent | None:
        """The payment that shows; None while the form of a new one does."""
        shown = self.session.shown_payment
        return shown if shown is not None and shown.attempts else None

    @property
    def attempt(self) -> Attempt | None:
        """The attempt that tells the payment's state: the approved one, one at risk, else the last."""
        payment = self.payment
        return counting(payment) if payment else None

    @property
    def capture(self) -> CaptureOut | None:
        """The card session of that attempt."""
        attempt = self.attempt
        return attempt.capture if attempt else None

    @property
    def place(self) -> Place:
        """What the region shows."""
        if self.stopping.stop is not None:
            return Place.STOPPED
        if self.link.asking:
            return Place.LINK_FORM
        if self.saved.asking:
            return Place.SAVED_FORM
        attempt = self.attempt
        return self._place_of(attempt) if attempt is not None else self._form_place

    def _place_of(self, attempt: Attempt) -> Place:
        if attempt.link and (attempt.state is AttemptState.OPEN or self.link.moves_to):
            return Place.LINK
        if self.session.connection.is_lost and attempt.state in (AttemptState.OPEN, AttemptState.SENDING):
            return Place.OUT_OF_SIGHT
        if attempt.state is AttemptState.OPEN:
            return OF_CAPTURE[attempt.capture.state] if attempt.capture else Place.SECURING
        return OF_ATTEMPT[attempt.state]

    @property
    def _form_place(self) -> Place:
        session = self.session
        if session.customer_id is None:
            return Place.NOBODY
        if session.customer is None:
            return Place.NO_ACCOUNT if session.customer_error else Place.LOADING
        return Place.CHOOSE if session.customer.balance is not None else Place.NO_ACCOUNT

    @property
    def may_have_been_submitted(self) -> bool:
        """Whether the charge of the attempt that shows may be on its way."""
        attempt = self.attempt
        if attempt is None:
            return False
        return attempt.attempt_id in self.session.submitted or self.sent(attempt)

    @property
    def was_doubted(self) -> bool:
        """Whether the agent was told something else before: not known, or nothing charged."""
        attempt = self.attempt
        return attempt is not None and (attempt.late_success or attempt.attempt_id in self._doubted)

    @staticmethod
    def sent(attempt: Attempt) -> bool:
        """Say whether the attempt was submitted, as far as the hub has told."""
        capture = attempt.capture
        submitted = (CaptureState.TOKENISING, CaptureState.TOKENISED, CaptureState.SPENT)
        return attempt.sent_at is not None or (capture is not None and capture.state in submitted)

    # ---------------------------------------------------------------- the form
    def take(self) -> None:
        """Start a payment of what is chosen, and secure the line."""
        if not self.form.why_not and self.place is Place.CHOOSE:
            self.error = None
            self.start_payment.start()

    def renew_attempt_key(self) -> None:
        """Mean another attempt from now on."""
        self._attempt_key = new_ulid()

    # ---------------------------------------------------------------- the card
    @property
    def next_field(self) -> FieldOut | None:
        """The field to ask for next: the first that is not in; None while one is being keyed."""
        fields = self.capture.fields if self.capture and self.place is Place.CAPTURE else []
        if any(field.state is FieldState.LIVE for field in fields):
            return None
        return next((field for field in fields if field.state is not FieldState.DONE), None)

    @property
    def live_field(self) -> FieldOut | None:
        """The field the caller is keying."""
        fields = self.capture.fields if self.capture and self.place is Place.CAPTURE else []
        return next((field for field in fields if field.state is FieldState.LIVE), None)

    @property
    def swallows_digits(self) -> bool:
        """Whether digits typed here must go nowhere."""
        return self.session.live_attempt is not None

    def ask(self, field: CardField | str, *, slow: bool = False) -> None:
        """Ask the caller for a field, for the first time or again."""
        attempt = self.attempt
        if attempt is not None and self.place is Place.CAPTURE and not self.submit_command.is_running:
            self.error = None
            self.read_back.pop((attempt.attempt_id, ReadBack.CARD), None)  # it may be another card's now
            self.field_command.start(attempt.attempt_id, CardField(field), slow)

    @property
    def can_submit(self) -> bool:
        """Whether every field is in and nothing was submitted."""
        capture = self.capture
        return self.place is Place.CAPTURE and capture is not None and capture.can_submit

    def submit(self) -> None:
        """Charge the card; once."""
        attempt = self.attempt
        if attempt is not None and self.can_submit and not self.field_command.is_running:
            self.error = None
            if self.submit_command.start(attempt.attempt_id):
                self.session.set_submitted(attempt.attempt_id, True)

    def cancel(self, cause: CloseCause = CloseCause.AGENT) -> None:
        """Throw the card entry away. The agent was asked before."""
        live = self.session.live_attempt
        if live is not None and not self.session.connection.is_lost:
            self.error = None
            self.cancel_command.start(live.attempt_id, cause)

    def set_read_back(self, what: ReadBack, on: bool) -> None:
        """Remember that the caller agreed to what was read to them."""
        if self.attempt is None:
            return
        key = (self.attempt.attempt_id, what)
        if on:
            self.read_back[key] = self.session.clock.now()
        else:
            self.read_back.pop(key, None)
        self.changed.emit()

    # ---------------------------------------------------------------- after it
    @property
    def why_not_again(self) -> str:
        """Why no card can be keyed again; empty where it can."""
        return self.why_no_further() or self.form.why_no_card

    def why_no_further(self, *, by_link: bool = False) -> str:
        """Return why no further attempt can start; empty where one can."""
        payment, attempt = self.payment, self.attempt
        if payment is None or attempt is None:
            return _("There is no payment")
        if any(one.state in HOLDS_DEBT or one.state is AttemptState.APPROVED for one in payment.attempts):
            return _("This payment is not over")
        if attempt.decline is not None and attempt.decline.advice is Advice.STOP:
            return _("The bank has seen this payment already")
        if not payment.may_try(by_link=by_link):
            return _("All attempts of this payment are used")
        return self.session.connection.why_not

    @property
    def may_retry_card(self) -> bool:
        """Whether the card that was refused may be keyed again."""
        decline = self.attempt.decline if self.attempt else None
        return decline is not None and decline.retry_same_card

    def again(self) -> None:
        """Start the next attempt of this payment: the line is secured anew."""
        if self.payment is not None and not self.why_not_again:
            self.error = None
            self.start_attempt.start(self.payment.intent_id)

    def send_receipt(self, email: str) -> None:
        """Send a receipt of the approved payment to an address."""
        if self.payment is not None:
            self.error = None
            self.receipt_command.start(self.payment.intent_id, email)

    def leave(self) -> None:
        """Go on without a payment: to the end of the call, or back to the list."""
        if self.session.call is None:
            self.session.open_payment(None)
        else:
            self.closing.suggest()
            self.session.wrap_up(True)

    # ---------------------------------------------------------------- doing
    async def _start_payment(self) -> None:
        await self.start_try(await self.agree())

    async def agree(self) -> str:
        """Return the payment that shows, or make one of what is chosen."""
        if self.payment is not None:
            return self.payment.intent_id
        intent = self.form.intent or await self.session.client.create_payment(self.form.new_intent())
        self.form.intent = intent
        self.session.take_payment(intent)
        return intent.intent_id

    async def start_try(
        self,
        intent_id: str,
        route: str = "",
        way: LinkWay = LinkWay.TEXT,
        send_to: str | None = None,
        saved_card: str | None = None,
    ) -> None:
        """Start a try, by keypad unless told otherwise; `way` and `send_to` say how a link goes."""
        told = {"send_by": way, "send_to": send_to, "saved_card": saved_card}
        new = NewAttempt(key=self._attempt_key, route=route or self.form.card_route, **told)
        try:
            self.session.take_payment(await self.session.client.start_attempt(intent_id, new))
        except Conflict as error:
            if not await self.stopping.take(intent_id, error, new):
                raise
        self._attempt_key = new_ulid()

    async def _ask_field(self, attempt_id: str, field: CardField, slow: bool) -> None:
        self.session.take_payment(await self.session.client.request_field(attempt_id, field, slow=slow))

    async def _submit(self, attempt_id: str) -> None:
        ticked = {what: at for (of, what), at in self.read_back.items() if of == attempt_id}
        self.session.take_payment(await self.session.client.submit(attempt_id, ticked))

    async def _cancel(self, attempt_id: str, cause: CloseCause = CloseCause.AGENT) -> None:
        self.session.take_payment(await self.session.client.cancel(attempt_id, cause))

    async def _send_receipt(self, intent_id: str, email: str) -> None:
        owed = self.payment.write_backs if self.payment else []
        receipts = [one.state for one in owed if one.kind is WriteBackKind.RECEIPT]
        queued = WriteBackState.QUEUED
        if self.payment and email == self.payment.receipt_email and receipts[-1:] == [queued]:
            return  # it is on its way there
        is_again = any(state is not queued for state in receipts)  # to whichever address, there and back
        receipt = ReceiptIn(email=email, key=self._receipt_key if is_again else None)
        self.session.take_payment(await self.session.client.send_receipt(intent_id, receipt))
        self._receipt_key = new_ulid()  # the next press is a new wish; one that failed may have been kept

    def _fail(self, error: AgentDeskError) -> None:
        self.error, self._place_before = error, self._where  # it belongs to what shows now
        if not may_be_done(error):
            self._attempt_key = new_ulid()  # the hub said no: the next press is a new decision
            if self.attempt is not None:
                self.session.set_submitted(self.attempt.attempt_id, False)
        if error.code == "already_paid":
            self.form.renew()  # what was agreed is no longer what is owed
        if error.code in ("split_differs", "split_not_owed"):
            self.form.fill()  # there is no such rest any more
        if isinstance(error, Conflict):
            self.session.load_customer.restart(True)
        self.failed.emit(error)
        self.changed.emit()

    # ---------------------------------------------------------------- following
    def _forget_error(self) -> None:
        self.error = None
        self.changed.emit()

    def _take_call(self, call: Call | None) -> None:
        call_id = call.call_id if call else None
        if call_id != self._call_id:
            self._call_id = call_id
            self.form.fill()  # the same customer's form would go on being the other call's payment
        self._follow()

    @property
    def _where(self) -> tuple[object, ...]:
        return self.place, self.attempt.attempt_id if self.attempt else None

    def _follow(self) -> None:
        payment, attempt = self.payment, self.attempt
        count = len(payment.attempts) if payment else 0
        if count > self._attempts_seen:
            self._attempt_key = new_ulid()  # this press has become an attempt
        self._attempts_seen = count
        if attempt is not None and attempt.state in (AttemptState.UNKNOWN, AttemptState.PENDING):
            self._doubted.add(attempt.attempt_id)
        self.link.follow()
        self.saved.follow()
        if self._where != self._place_before:
            self._place_before, self.error = self._where, None
        self.keying.follow()
        session = self.session
        if self.place is Place.APPROVED or session.wrapping_up or not session.line_is_open:
            self.closing.suggest()
        self.changed.emit()
