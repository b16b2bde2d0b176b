"""A hub in memory that plays the calls of a shift, and forgets each when it is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.desk import samples
from tests.desk.fake_hub import FakeHub

from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.wire.calls import Call, WrapUp
from agentdesk.wire.captures import FieldOut, FieldState, ReadBack
from agentdesk.wire.events import CallChanged, CustomerChanged, PaymentChanged
from agentdesk.wire.payments import (
    AllocationOut,
    Attempt,
    NewAttempt,
    NewPaymentIntent,
    PaymentIntent,
)

#: How many keys the caller presses for each field.
LENGTHS = {CardField.NUMBER: 16, CardField.EXPIRY: 4, CardField.SECURITY_CODE: 3}
_CUSTOMERS = 40
_WAITING, _READY, _DONE = FieldState.WAITING, FieldState.READY, FieldState.DONE


class ShiftHub(FakeHub):
    """Has one call at a time; `newest` is its newest payment."""

    def __init__(self) -> None:
        super().__init__()
        self._number, self.tries = 0, 0
        self.newest: PaymentIntent | None = None
        self.fields: dict[CardField, FieldOut] = {}
        for n in range(_CUSTOMERS):
            self.customers[f"cus_{n}"] = samples.customer(customer_id=f"cus_{n}", name=f"Amara Okafor {n}")
            self.histories[f"cus_{n}"] = samples.history()

    def ring(self) -> None:
        """Let the next customer call; what was before is forgotten."""
        self._number += 1
        self.asked.clear()
        self.payments.clear()
        self.calls.clear()
        self.newest = None
        customer = f"cus_{self._number % _CUSTOMERS}"
        match = samples.match().model_copy(
            update={"customer_id": customer, "name": self.customers[customer].name}
        )
        rings = samples.ringing(call_id=f"call_{self._number}", customer_id=customer, matches=[match])
        self.tell_call(rings)

    def tell_call(self, call: Call, **changes: Any) -> None:
        """Change the call and push the event."""
        self.push(CallChanged(call=self._keep(call.model_copy(update=changes))))

    @property
    def call(self) -> Call:
        """The call there is."""
        return next(iter(self.calls.values()))

    def hang_up_caller(self) -> None:
        """Let the caller end the call."""
        self.tell_call(self.call, state=CallState.WRAP_UP, line_ended_at=samples.NOW)

    async def answer(self, call_id: str) -> Call:
        """Give the call to who asks; the event comes too."""
        call = await super().answer(call_id)
        self.push(CallChanged(call=call))
        return call

    async def create_payment(self, new: NewPaymentIntent) -> PaymentIntent:
        """Make a payment of what was agreed."""
        await self._ask("create_payment", new)
        numbers = {one.invoice_id: one.number for one in self.customers[new.customer_id].open_items}
        parts = [
            AllocationOut(invoice_id=one.invoice_id, number=numbers[one.invoice_id], amount=one.amount)
            for one in new.allocations
        ]
        made = samples.payment(
            intent_id=f"pi_{new.key}",
            call_id=new.call_id,
            customer_id=new.customer_id,
            amount=new.amount,
            allocations=parts,
        )
        self.tell_call(self.call, payment_intent_ids=[made.intent_id])
        return self._keep_payment(made)

    async def start_attempt(self, intent_id: str, new: NewAttempt) -> PaymentIntent:
        """Begin to secure the line; the event that it is secured follows."""
        await self._ask("start_attempt", intent_id, new)
        self.tries += 1
        self.fields = {field: samples.field(field, _WAITING) for field in LENGTHS}
        securing = samples.capture(
            state=CaptureState.SECURING, secured_at=None, tones_masked_at=None, fields=self._fields()
        )
        payment = self._known
        number = len(payment.attempts) + 1
        attempt = samples.attempt(attempt_id=f"att_{self.tries}", number=number, card=None, capture=securing)
        return self._change(attempts=[*payment.attempts, attempt], attempts_left=3 - number)

    async def request_field(self, attempt_id: str, field: str, *, slow: bool = False) -> PaymentIntent:
        """Let the caller key a field."""
        await self._ask("request_field", attempt_id, field, slow)
        wanted = CardField(field)
        count = None if wanted is CardField.SECURITY_CODE else 0
        self._set_field(wanted, FieldState.LIVE, digits=count, length=count and LENGTHS[wanted], tries=1)
        return self._capture()

    async def submit(self, attempt_id: str, read_back: Mapping[ReadBack, datetime]) -> PaymentIntent:
        """Send it."""
        await self._ask("submit", attempt_id)
        return self._capture(state=CaptureState.TOKENISING, can_submit=False)

    async def wrap_up(self, call_id: str, wrap_up: WrapUp) -> Call:
        """End the call; the event comes too."""
        call = await super().wrap_up(call_id, wrap_up)
        self.push(CallChanged(call=call))
        return call

    def secure(self) -> None:
        """Tell that the line is secured."""
        self._set_field(CardField.NUMBER, _READY)
        self._tell(self._capture())

    def key(self, field: CardField, digits: int) -> None:
        """Tell that one more digit is in; the last one ends the field."""
        if digits == LENGTHS[field]:
            self._set_field(field, _DONE, done_at=samples.NOW)
            following = next((one for one, was in self.fields.items() if was.state is _WAITING), None)
            if following:
                self._set_field(following, _READY)
        else:
            shown = None if field is CardField.SECURITY_CODE else digits
            self._set_field(field, FieldState.LIVE, digits=shown, length=LENGTHS[field], tries=1)
        done = all(one.state is _DONE for one in self.fields.values())
        state = CaptureState.COLLECTED if done else CaptureState.COLLECTING
        self._tell(self._capture(state=state, can_submit=done))

    def end(self, attempt: Attempt) -> None:
        """Tell how the attempt ended."""
        tries = self._known.attempts
        same = {"attempt_id": tries[-1].attempt_id, "number": tries[-1].number}
        self._tell(self._change(attempts=[*tries[:-1], attempt.model_copy(update=same)]))

    def write(self, *backs: Any) -> None:
        """Tell how far the write-backs are."""
        self._tell(self._change(write_backs=list(backs)))

    def renew_customer(self) -> None:
        """Tell that the account is newer than what was read."""
        customer_id = self._known.customer_id
        read = samples.NOW + timedelta(seconds=self._number)
        newer = {"record_as_of": read, "account_as_of": read}
        self.customers[customer_id] = self.customers[customer_id].model_copy(update=newer)
        self.histories[customer_id] = self.histories[customer_id].model_copy(update={"as_of": read})
        self.push(CustomerChanged(customer_id=customer_id))

    @property
    def _known(self) -> PaymentIntent:
        assert self.newest is not None, "a payment was created"
        return self.newest

    def _fields(self) -> list[FieldOut]:
        return list(self.fields.values())

    def _set_field(self, field: CardField, state: FieldState, **changes: Any) -> None:
        self.fields[field] = samples.field(field, state, **changes)

    def _capture(self, **changes: Any) -> PaymentIntent:
        last = self._known.attempts[-1]
        made = samples.capture(**({"fields": self._fields()} | changes))
        return self._change(attempts=[*self._known.attempts[:-1], last.model_copy(update={"capture": made})])

    def _change(self, **changes: Any) -> PaymentIntent:
        newer = {"version": self._known.version + 1} | changes
        if "attempts" in changes:
            newer["state"] = changes["attempts"][-1].state
        return self._keep_payment(self._known.model_copy(update=newer))

    def _keep_payment(self, payment: PaymentIntent) -> PaymentIntent:
        self.newest = self.take(payment)
        return payment

    def _tell(self, payment: PaymentIntent) -> None:
        self.push(PaymentChanged(payment=payment))
