"""The signed-in state that all view models share: person, lamps, call, customer, payments, connection."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command, Tasks
from agentdesk.desk.counting import is_live, keyed
from agentdesk.desk.draft import Draft
from agentdesk.desk.event_stream import HubEvent
from agentdesk.desk.hub_client import HubClient
from agentdesk.desk.live import Connection, ConnectionState, Live
from agentdesk.desk.notes import Notes
from agentdesk.desk.show import together
from agentdesk.desk.times import Clock
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Permission
from agentdesk.wire.calls import Call, NewCall
from agentdesk.wire.customers import Customer
from agentdesk.wire.events import CallChanged, CallGone, CustomerChanged, PaymentChanged, WorkChanged
from agentdesk.wire.payments import AgentDay, PaymentIntent
from agentdesk.wire.people import Person, SetUp, SignIn
from agentdesk.wire.readiness import QueueInfo, Readiness


class Session(QObject):
    """What is known now, and a signal for each part when it changed.

    Nobody but this class writes its attributes.
    """

    person_changed = Signal(object)
    """Person, or None after signing out."""
    readiness_changed = Signal(object)
    call_changed = Signal(object)
    """My call that shows, or None; also when one more of mine waits."""
    ringing_changed = Signal(object)
    """list[Call] that may be answered, oldest first."""
    customer_changed = Signal(object)
    """Customer, or None while none is chosen or the chosen one is not read yet."""
    payment_changed = Signal(object)
    """Any PaymentIntent that is newer than before."""
    shown_payment_changed = Signal()
    """Another payment, none, or the wrap-up is to be shown."""
    draft_changed = Signal(bool)
    """What the payment form is about to take."""
    day_changed = Signal(object)
    work_changed = Signal()
    """What waits for a supervisor may be another."""
    connection_changed = Signal(object)
    dropped = Signal(object)
    """The hub knows the session no more; its end as a datetime, or None where it was ended before that."""
    failed = Signal(object)
    """AgentDeskError of something nobody in particular asked for: loading again, a link from outside."""

    def __init__(self, client: HubClient, tasks: Tasks, clock: Clock) -> None:
        super().__init__()
        self.client, self.tasks, self.clock = client, tasks, clock
        self.live = Live(client, tasks, self)
        self.restore = Command(tasks, self._restore, self)
        self.load_customer = Command(tasks, self._load_customer, self)
        self.load_day = Command(tasks, self._load_day, self)
        self._heard, self.notes = 0, Notes()
        self._forget()
        self._connect()

    # --- who

    async def sign_in(self, who: SignIn) -> None:
        """Open a session and start to listen. Raises NotSignedIn, TooMany, Unavailable."""
        await self._enter(await self.client.sign_in(who))

    async def set_up(self, first: SetUp) -> None:
        """Make the first administrator and go on as them. Raises Conflict, Invalid, Unavailable."""
        await self._enter(await self.client.set_up(first))

    @property
    def ends_at(self) -> datetime | None:
        """When the session ends by itself; None where nobody is signed in."""
        return self.person.signed_in_until if self.person else None

    async def renew(self, password: str) -> None:
        """Sign the same person in again, in place. Raises NotSignedIn, TooMany, Unavailable."""
        person = self.person
        assert person is not None, "somebody is signed in"
        renewed = await self.client.renew(SignIn(username=person.username, password=password))
        if self.person is person:  # who has left meanwhile stays away
            self.person = renewed

    async def sign_out(self) -> None:
        """End the session; the desk forgets it even where the hub cannot be told."""
        person = self.person
        try:
            await self.client.sign_out()
        finally:
            if self.person is person:  # else the session had ended by itself
                self._leave()

    async def look(self, *, fresh: bool = False) -> None:
        """Ask for the lamps and the time; `fresh` has the outside systems asked again. Raises Unavailable."""
        asked_at = self.clock.own()
        readiness = await self.client.readiness()
        self.clock.set_by(readiness.now, asked_at)  # from the quick answer: the other waits for others
        self._set_readiness(await self.client.readiness(fresh=True) if fresh else readiness)

    def may(self, permission: Permission) -> bool:
        """Say whether the person signed in may do this."""
        return self.person is not None and permission in self.person.permissions

    def is_me(self, user_id: str | None) -> bool:
        """Say whether that is the person signed in."""
        return self.person is not None and user_id == self.person.user_id

    # --- calls and customers

    async def answer(self, call_id: str) -> None:
        """Take a ringing call. Raises Conflict where a colleague was faster."""
        self.take_call(await self.client.answer(call_id))

    async def add_call(self, new: NewCall) -> None:
        """Tell of a call the hub could not hear of."""
        self.take_call(await self.client.add_call(new))

    async def choose_customer(self, customer_id: str | None) -> None:
        """Say whose call this is; without a call, only look at the customer."""
        if self.call is not None:
            self.take_call(await self.client.link_customer(self.call.call_id, customer_id))
        else:
            self._show_customer(customer_id)

    def take_call(self, call: Call) -> None:
        """Use a newer form of a call, from an event or from an answer."""
        self._heard += 1
        self._sort_ringing(call)
        if self.is_me(call.agent) and call.state is not CallState.ENDED:
            self._mine[call.call_id] = call
        elif self._mine.pop(call.call_id, None) is not None:
            self.load_day.restart()
        else:
            return
        self._set_call(self._due())

    @property
    def others(self) -> list[Call]:
        """My unfinished calls beside the one that shows, the oldest first."""
        others = [one for one in self._mine.values() if one != self.call]
        return sorted(others, key=lambda one: one.started_at)

    @property
    def line_is_open(self) -> bool:
        """Whether the caller of the call that shows is still on the line."""
        return self.call is not None and self.call.state is not CallState.WRAP_UP

    @property
    def queue(self) -> QueueInfo | None:
        """What was told of the queue of the call that shows, or of all where it has no rules of its own."""
        told = {one.queue: one for one in self.readiness.queues} if self.readiness else {}
        return told.get((self.call and self.call.queue) or "") or told.get("")

    @property
    def is_paying(self) -> bool:
        """Whether the call that shows must stay: its card entry is open, or its charge is on its way."""
        return self.call is not None and self.call.call_id in self._paying()

    def go_to(self, call_id: str) -> None:
        """Show another call of mine, unless the one that shows must stay."""
        if call_id in self._mine and not self.is_paying:
            self._set_call(self._mine[call_id])

    def wrap_up(self, wanted: bool = True) -> None:
        """Finish the call without another payment, or go back to the payment, though the line is closed."""
        self.wrapping_up = wanted
        self.shown_payment_changed.emit()

    # --- payments

    @property
    def payment(self) -> PaymentIntent | None:
        """The payment to show: the one opened from a list, else the newest of this call."""
        return self.payments.get(self._opened or self._newest() or "")

    @property
    def shown_payment(self) -> PaymentIntent | None:
        """The payment to show; None where the form of another one does."""
        shown = self.payment
        hidden = self._opened is None and shown is not None and shown.intent_id == self.done_with
        return None if hidden else shown

    def set_draft(self, draft: Draft | None, *, chosen: bool = True) -> None:
        """Tell what the payment form is about to take; None where nothing."""
        self.draft = draft
        self.draft_changed.emit(chosen)

    def take_another(self) -> None:
        """Take another payment on this call: those before are done with."""
        self._opened, self.done_with = None, self._newest()
        self.shown_payment_changed.emit()

    def set_submitted(self, attempt_id: str, submitted: bool) -> None:
        """Tell that the agent submitted an attempt; False where the hub refused it."""
        (self.submitted.add if submitted else self.submitted.discard)(attempt_id)
        self.shown_payment_changed.emit()

    def open_payment(self, payment: PaymentIntent | None) -> None:
        """Show a payment from a list, without its call; None goes back."""
        self._opened = payment.intent_id if payment else None
        if payment:
            self.take_payment(payment)
        self.shown_payment_changed.emit()

    def take_payment(self, payment: PaymentIntent) -> None:
        """Use a newer form of a payment, from an event or from an answer; an older one is dropped."""
        known = self.payments.get(payment.intent_id)
        if known is not None and known.version > payment.version:
            return
        self.payments[payment.intent_id] = payment
        self._sort_payments()
        self.payment_changed.emit(payment)
        if (due := self._due()) is not self.call:
            self._set_call(due)
        elif known is None:
            self.shown_payment_changed.emit()

    # --- inside

    def _forget(self) -> None:
        self.person: Person | None = None
        self.readiness: Readiness | None = None
        self.call: Call | None = None
        self._mine: dict[str, Call] = {}
        self.ringing: list[Call] = []
        self.customer: Customer | None = None
        self.customer_id: str | None = None
        self.customer_error: AgentDeskError | None = None
        self.payments: dict[str, PaymentIntent] = {}
        self._sort_payments()
        self.day: AgentDay | None = None
        self.connection = Connection(ConnectionState.CONNECTING, self.clock.now())
        self.wrapping_up: bool | None = None
        """Whether the agent wants the end of the call or the payment; None: the line decides."""
        self.draft: Draft | None = None
        self._opened: str | None = None
        self.done_with: str | None = None
        """The payment after which another one is being taken."""
        self.submitted: set[str] = set()
        """The attempts the agent submitted here, before the hub has told so."""

    def _connect(self) -> None:
        self.client.signed_out = self._drop
        self.live.received.connect(self._receive)
        self.live.connected.connect(lambda: self._set_connection(ConnectionState.LIVE))
        self.live.connected.connect(self.restore.restart)
        self.live.reset.connect(self.restore.restart)
        self.live.lost.connect(lambda: self._set_connection(ConnectionState.LOST))
        self.restore.failed.connect(self.failed)
        self.load_day.failed.connect(self.failed)
        self.load_customer.done.connect(self._take_customer)
        self.load_customer.failed.connect(self._miss_customer)

    async def _enter(self, person: Person) -> None:
        await self.look()
        self.person = person
        self.person_changed.emit(person)
        self.live.start()

    def _drop(self) -> None:
        ends = self.ends_at
        self.dropped.emit(ends if ends is not None and ends <= self.clock.now() else None)
        self._leave()

    def _leave(self) -> None:
        self.live.stop()
        for command in (self.restore, self.load_customer, self.load_day):
            command.cancel()
        self._forget()
        self.call_changed.emit(None)
        self.customer_changed.emit(None)
        self.person_changed.emit(None)

    async def _restore(self) -> None:
        heard = -1
        while heard != self._heard:  # an event that came meanwhile is newer than what was asked for
            heard = self._heard
            await self.look()
            calls = await self.client.current_calls()
            mine = {call.call_id: call for call in calls if call.state is not CallState.RINGING}
            ids = [one for call in mine.values() for one in call.payment_intent_ids]
            payments = [await self.client.payment(one) for one in ids]
        self._set_ringing([call for call in calls if call.state is CallState.RINGING])
        self._mine = mine
        for detail in payments:
            self.take_payment(detail.payment)
        self._set_call(self._due())
        await self._load_day()

    async def _load_day(self) -> None:
        self.day = await self.client.agent_day()
        self.day_changed.emit(self.day)

    def _receive(self, event: HubEvent) -> None:
        if isinstance(event, CallChanged):
            self.take_call(event.call)
        elif isinstance(event, CallGone):
            self._heard += 1
            self._set_ringing([call for call in self.ringing if call.call_id != event.call_id])
        elif isinstance(event, PaymentChanged):
            known = self.payments.get(event.payment.intent_id)
            self.take_payment(event.payment)
            if not (known and known.state is event.payment.state is AttemptState.OPEN):
                self.load_day.restart()  # a key more of the caller's makes no other day
        elif isinstance(event, CustomerChanged):
            if event.customer_id == self.customer_id:
                self.load_customer.restart()
        elif isinstance(event, WorkChanged):
            self.work_changed.emit()
        elif event is not None:
            self._set_readiness(event.readiness)

    def _set_readiness(self, readiness: Readiness) -> None:
        if self.readiness is None or readiness.now >= self.readiness.now:  # an event may come late
            self.readiness = readiness
            self.readiness_changed.emit(readiness)

    def _set_connection(self, state: ConnectionState) -> None:
        if state is not self.connection.state:
            self.connection = Connection(state, self.clock.now())
            self.connection_changed.emit(self.connection)

    def _sort_ringing(self, call: Call) -> None:
        others = [one for one in self.ringing if one.call_id != call.call_id]
        free = call.state is CallState.RINGING and call.agent is None
        self._set_ringing(sorted([*others, call], key=lambda one: one.started_at) if free else others)

    def _set_ringing(self, calls: list[Call]) -> None:
        self.ringing = calls
        self.ringing_changed.emit(calls)

    def _due(self) -> Call | None:
        """Return which of my calls shows: one with a live payment, else the same, else the newest."""
        live = self._paying()
        shown = self.call.call_id if self.call else ""
        return max(
            self._mine.values(),
            key=lambda one: (one.call_id in live, one.call_id == shown, one.started_at, one.call_id),
            default=None,
        )

    def _paying(self) -> set[str]:
        """Return the calls in which a card is taken now; a link waits without anybody."""
        return {payment.call_id for payment in self.payments.values() if is_live(payment)}

    def _set_call(self, call: Call | None) -> None:
        before, self.call = self.call, call
        self._sort_payments()
        if (before and before.call_id) != (call and call.call_id):
            self._opened, self.wrapping_up, self.draft, self.done_with = None, None, None, None
        elif before and call and before.state is not call.state:
            self.wrapping_up = self.wrapping_up or None  # back to the payment was meant before this
        with together:
            self.call_changed.emit(call)
            if call is not None or before is not None:
                self._show_customer(call.customer_id if call else None)
            self.shown_payment_changed.emit()

    def _sort_payments(self) -> None:
        # once for each change: what shows asks for these hundreds of times
        call_id, known = self.call.call_id if self.call else None, self.payments.values()
        # a payment just made is on the call's own list only from the next call event on
        mine = [one for one in known if one.call_id == call_id and one.plan is None]  # a plan's are nobody's
        self.payments_of_call = sorted(mine, key=lambda one: (one.created_at, one.intent_id))
        """The payments of the call that shows, the oldest first."""
        self.live_attempt = keyed(one for one in known if self.is_me(one.agent))
        """My attempt whose card session is open; closing the desk must cancel it first."""

    def _newest(self) -> str | None:
        return self.payments_of_call[-1].intent_id if self.payments_of_call else None

    def _show_customer(self, customer_id: str | None) -> None:
        if customer_id == self.customer_id:
            return
        self.load_customer.cancel()
        self.customer_id, self.customer, self.customer_error = customer_id, None, None
        self.customer_changed.emit(None)
        if customer_id is not None:
            self.load_customer.restart()

    async def _load_customer(self, fresh: bool = False) -> Customer | None:
        wanted = self.customer_id
        return None if wanted is None else await self.client.customer(wanted, fresh=fresh)

    def _take_customer(self, customer: Customer | None) -> None:
        if customer is not None and customer.customer_id == self.customer_id:
            self.customer, self.customer_error = customer, None
            self.customer_changed.emit(customer)

    def _miss_customer(self, error: AgentDeskError) -> None:
        self.customer_error = error
        self.customer_changed.emit(self.customer)
