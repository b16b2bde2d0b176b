"""The hub over HTTP: one typed method for each thing the desk asks."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import TypeAdapter

from agentdesk.desk.hub_http import HubHttp
from agentdesk.domain.capture import CardField, CloseCause
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.calls import Call, LinkCustomer, NewCall, NewCallerCheck, NewHelp, WrapUp
from agentdesk.wire.captures import ReadBack, Submit
from agentdesk.wire.customers import Customer, History, Matches, Preference
from agentdesk.wire.links import Resend
from agentdesk.wire.model import Wire
from agentdesk.wire.payment_log import PaymentLogPage, PaymentRow
from agentdesk.wire.payments import (
    AgentDay,
    NewAttempt,
    NewPaymentIntent,
    PaymentDetail,
    PaymentIntent,
    PutAway,
    ReceiptIn,
    StopDecision,
    WriteBack,
)
from agentdesk.wire.people import Colleague
from agentdesk.wire.plans import NewPlan, PaymentPlan, PlanChange
from agentdesk.wire.promises import NewPromise, Promise, Withdrawal
from agentdesk.wire.readiness import Readiness
from agentdesk.wire.receipts import ReceiptPage
from agentdesk.wire.refunds import NewRefund, RefundDecision
from agentdesk.wire.rehearsals import NewRehearsal, Rehearsal, Rehearsals
from agentdesk.wire.saved_cards import NewConsent
from agentdesk.wire.work import CloseAlarm, Decision, DoneByHand, RefundOutcome, WorkList

_CALLS = TypeAdapter(list[Call])
_COLLEAGUES = TypeAdapter(list[Colleague])
_REHEARSALS = TypeAdapter(list[Rehearsal])
_ROWS = TypeAdapter(list[PaymentRow])


class HubClient(HubHttp):
    """What the desk asks of the hub."""

    async def needs_set_up(self) -> bool:
        """Say whether the hub has no administrator yet."""
        return bool((await self._ask("GET", "/v1/set-up")).json()["needed"])

    async def readiness(self, *, fresh: bool = False) -> Readiness:
        """Return the lamps, asked for anew where `fresh`; needs no session."""
        return await self._read(Readiness, "GET", "/v1/readiness", None, {"fresh": "true"} if fresh else None)

    async def agent_day(self) -> AgentDay:
        """Return what was taken today and what needs an eye."""
        return AgentDay.model_validate_json((await self._ask("GET", "/v1/agent-day")).content)

    async def current_calls(self) -> list[Call]:
        """Return ringing calls nobody took and my own that have not ended."""
        return _CALLS.validate_json((await self._ask("GET", "/v1/calls/current")).content)

    async def add_call(self, new: NewCall) -> Call:
        """Tell the hub of a call it could not hear of; it is mine at once."""
        return await self._read(Call, "POST", "/v1/calls", new)

    async def note_refusal(self) -> None:
        """Tell the hub that a card number was given and taken away, and nothing of it."""
        await self._ask("POST", "/v1/calls/refusals")

    async def answer(self, call_id: str) -> Call:
        """Take a ringing call. Raises Conflict `call_not_yours`."""
        return await self._read(Call, "POST", f"/v1/calls/{call_id}/answer")

    async def link_customer(self, call_id: str, customer_id: str | None) -> Call:
        """Choose whose call it is; None takes the customer off."""
        link = LinkCustomer(customer_id=customer_id)
        return await self._read(Call, "PUT", f"/v1/calls/{call_id}/customer", link)

    async def wrap_up(self, call_id: str, wrap_up: WrapUp) -> Call:
        """Finish the call. Raises Conflict `note_live_payment`, Invalid `card_number_refused`."""
        return await self._read(Call, "POST", f"/v1/calls/{call_id}/wrap-up", wrap_up)

    async def check_caller(self, call_id: str, new: NewCallerCheck) -> Call:
        """Keep how the caller proved who they are. Raises Conflict, Invalid."""
        return await self._read(Call, "PUT", f"/v1/calls/{call_id}/check", new)

    async def call_supervisor(self, call_id: str, new: NewHelp) -> Call:
        """Call a supervisor to my call, or say why one was called. Raises Conflict."""
        return await self._read(Call, "PUT", f"/v1/calls/{call_id}/help", new)

    async def come(self, call_id: str) -> Call:
        """Say that this supervisor is coming. Raises Conflict."""
        return await self._read(Call, "POST", f"/v1/calls/{call_id}/help/coming")

    async def end_help(self, call_id: str) -> Call:
        """Say that no supervisor is needed any more."""
        return await self._read(Call, "DELETE", f"/v1/calls/{call_id}/help")

    async def see_unrecorded(self, call_id: str) -> Call:
        """Say that it is known that a call is not recorded any more."""
        return await self._read(Call, "POST", f"/v1/calls/{call_id}/unrecorded/seen")

    async def prefer(self, customer_id: str, route: str | None) -> Customer:
        """Note the way to pay to offer a customer first; None: not known."""
        wanted = Preference(route=route)
        return await self._read(Customer, "PUT", f"/v1/customers/{customer_id}/preference", wanted)

    async def search_customers(self, text: str) -> Matches:
        """Find customers by name, account, post code, email or invoice number."""
        return await self._read(Matches, "GET", "/v1/customers", params={"q": text})

    async def customer(self, customer_id: str, *, fresh: bool = False) -> Customer:
        """Return record and account; `fresh` reads the outside systems again."""
        params = {"fresh": "true"} if fresh else None
        return await self._read(Customer, "GET", f"/v1/customers/{customer_id}", params=params)

    async def history(self, customer_id: str) -> History:
        """Return the customer's past, newest first."""
        return await self._read(History, "GET", f"/v1/customers/{customer_id}/history")

    async def create_payment(self, new: NewPaymentIntent) -> PaymentIntent:
        """Write down what the caller agreed to pay; the same key twice makes one."""
        return await self._payment("/v1/payment-intents", new)

    async def payment(self, intent_id: str) -> PaymentDetail:
        """Return a payment with its time line."""
        return await self._read(PaymentDetail, "GET", f"/v1/payment-intents/{intent_id}")

    async def put_away(self, intent_id: str, state: AttemptState) -> PaymentIntent:
        """See a payment of mine no more among those that ended; `state` as it was seen. Raises Conflict."""
        return await self._payment(f"/v1/payment-intents/{intent_id}/put-away", PutAway(state=state))

    async def put_answer_away(self, request_id: str) -> PaymentIntent:
        """See no more what was said to a refund that I asked for."""
        return await self._payment(f"/v1/refund-requests/{request_id}/put-away")

    async def start_attempt(self, intent_id: str, new: NewAttempt) -> PaymentIntent:
        """Secure the line; an attempt that could not be secured comes back closed as not sent."""
        return await self._payment(f"/v1/payment-intents/{intent_id}/attempts", new)

    async def request_field(self, attempt_id: str, field: CardField, *, slow: bool = False) -> PaymentIntent:
        """Ask the caller for a field, or ask again; `slow` gives them longer for each key, from now on."""
        query = "?slow=true" if slow else ""
        return await self._payment(f"/v1/attempts/{attempt_id}/fields/{field}{query}")

    async def submit(self, attempt_id: str, read_back: Mapping[ReadBack, datetime]) -> PaymentIntent:
        """Send the payment; what was ticked as read back is kept. The outcome comes as an event too."""
        told = Submit(read_back=dict(read_back))
        return await self._payment(f"/v1/attempts/{attempt_id}/submit", told)

    async def cancel(self, attempt_id: str, because: CloseCause = CloseCause.AGENT) -> PaymentIntent:
        """Close the card session; nothing was sent."""
        return await self._payment(f"/v1/attempts/{attempt_id}/cancel?because={because}")

    async def agree_to_save(self, attempt_id: str, wording: str) -> PaymentIntent:
        """Note that the caller agreed to have their card kept. Raises Conflict."""
        return await self._payment(f"/v1/attempts/{attempt_id}/consent", NewConsent(wording=wording), "PUT")

    async def take_consent_back(self, attempt_id: str) -> PaymentIntent:
        """Note that the caller does not want their card kept after all."""
        return await self._payment(f"/v1/attempts/{attempt_id}/consent", method="DELETE")

    async def withdraw_card(self, card_id: str) -> None:
        """Let a saved card go because its holder wants it."""
        await self._ask("DELETE", f"/v1/saved-cards/{card_id}")

    async def watch_over(self, attempt_id: str) -> None:
        """Tell that card entry shows here; of which nothing is heard for long, the hub closes it."""
        await self._ask("POST", f"/v1/attempts/{attempt_id}/watched")

    async def refuse_digits(self, attempt_id: str) -> None:
        """Tell that digits were typed here during card entry, and thrown away."""
        await self._ask("POST", f"/v1/attempts/{attempt_id}/digits-refused")

    async def link_qr(self, attempt_id: str) -> bytes:
        """Return an open payment link as a QR code (PNG), to be shown and not kept. Raises Conflict."""
        return (await self._ask("POST", f"/v1/attempts/{attempt_id}/qr")).content

    async def resend_link(self, attempt_id: str, again: Resend) -> PaymentIntent:
        """Text a payment link to the same number again."""
        return await self._payment(f"/v1/attempts/{attempt_id}/resend", again)

    async def ask_supervisor(self, stop_id: str) -> PaymentIntent:
        """Ask a supervisor to let a stopped payment go on; asking twice is asking once."""
        return await self._payment(f"/v1/duplicate-stops/{stop_id}/ask")

    async def decide_stop(self, stop_id: str, word: StopDecision) -> PaymentIntent:
        """Let a stopped payment go on once, or refuse it. Raises NotAllowed for one's own, Conflict."""
        return await self._payment(f"/v1/duplicate-stops/{stop_id}/decision", word)

    async def send_receipt(self, intent_id: str, receipt: ReceiptIn) -> PaymentIntent:
        """Send the receipt to an email address; the same one twice is sent once."""
        return await self._payment(f"/v1/payment-intents/{intent_id}/receipt", receipt)

    async def refund(self, intent_id: str, new: NewRefund) -> PaymentIntent:
        """Give money back; the same key twice gives it once. The answer tells how that went."""
        return await self._payment(f"/v1/payment-intents/{intent_id}/refunds", new)

    async def ask_refund(self, intent_id: str, new: NewRefund) -> PaymentIntent:
        """Ask a supervisor for a refund over one's limit; the same key asks once."""
        return await self._payment(f"/v1/payment-intents/{intent_id}/refund-requests", new)

    async def decide_refund(self, request_id: str, word: RefundDecision) -> PaymentIntent:
        """Let a refund go out that somebody asked for, or not. Raises NotAllowed, Invalid, Conflict."""
        return await self._payment(f"/v1/refund-requests/{request_id}/decision", word)

    async def settle_refund(self, refund_id: str, said: RefundOutcome) -> PaymentIntent:
        """Say what became of a refund that no look-up could tell. Raises NotAllowed, Invalid, Conflict."""
        return await self._payment(f"/v1/refunds/{refund_id}/decision", said)

    async def refundable(self, text: str) -> list[PaymentRow]:
        """Return approved payments of exactly this reference, amount or last four digits."""
        return _ROWS.validate_json((await self._ask("GET", "/v1/refundable", params={"q": text})).content)

    async def promise(self, customer_id: str, new: NewPromise) -> Promise:
        """Write down what the caller promises to pay; the same key twice makes one."""
        return await self._read(Promise, "POST", f"/v1/customers/{customer_id}/promises", new)

    async def withdraw_promise(self, promise: Promise, why: Withdrawal) -> Promise:
        """Take back a promise that was never meant. Raises Conflict where it was kept or replaced."""
        path = f"/v1/customers/{promise.customer_id}/promises/{promise.promise_id}/withdrawal"
        return Promise.model_validate_json((await self._ask("POST", path, why)).content)

    async def make_plan(self, customer_id: str, new: NewPlan) -> PaymentPlan:
        """Write down the payment plan a caller agreed to; the same key twice makes one. Raises Conflict."""
        return await self._read(PaymentPlan, "POST", f"/v1/customers/{customer_id}/plans", new)

    async def plan(self, plan_id: str) -> PaymentPlan:
        """Return a payment plan as it stands now."""
        return await self._read(PaymentPlan, "GET", f"/v1/plans/{plan_id}")

    async def change_plan(self, plan_id: str, change: PlanChange) -> PaymentPlan:
        """Pause a plan, resume it, leave out what is next, or cancel it. Raises Conflict `plan_over`."""
        return await self._read(PaymentPlan, "POST", f"/v1/plans/{plan_id}/changes", change)

    async def receipt(self, intent_id: str) -> ReceiptPage:
        """Return what the customer gets as the receipt, in words."""
        return await self._read(ReceiptPage, "GET", f"/v1/payment-intents/{intent_id}/receipt")

    async def receipt_pdf(self, intent_id: str) -> bytes:
        """Return the receipt as a PDF."""
        return (await self._ask("GET", f"/v1/payment-intents/{intent_id}/receipt.pdf")).content

    async def payment_log(self, **filters: str | int | None) -> PaymentLogPage:
        """Return a page of all payments: from, to, agent, route, state, q, min, max, cursor, limit."""
        params = {name: str(value) for name, value in filters.items() if value is not None}
        return await self._read(PaymentLogPage, "GET", "/v1/payments", params=params)

    async def agents(self) -> list[Colleague]:
        """Name everybody whose payments may be looked at."""
        return _COLLEAGUES.validate_json((await self._ask("GET", "/v1/agents")).content)

    async def work(self) -> WorkList:
        """Return what waits for a supervisor, oldest first."""
        return WorkList.model_validate_json((await self._ask("GET", "/v1/work")).content)

    async def decide(self, attempt_id: str, decision: Decision) -> PaymentIntent:
        """Say what became of a payment; the same key twice is one word. Raises Conflict."""
        return await self._payment(f"/v1/attempts/{attempt_id}/decision", decision)

    async def look_up(self, attempt_id: str) -> PaymentIntent:
        """Let the hub ask the provider now."""
        return await self._payment(f"/v1/attempts/{attempt_id}/look-up")

    async def close_alarm(self, attempt_id: str, why: CloseAlarm) -> PaymentIntent:
        """Settle an alarm."""
        return await self._payment(f"/v1/attempts/{attempt_id}/alarm/close", why)

    async def replay_write_back(self, write_back_id: str) -> WriteBack:
        """Try a parked update again."""
        return await self._read(WriteBack, "POST", f"/v1/write-backs/{write_back_id}/replay")

    async def mark_done(self, write_back_id: str, done: DoneByHand) -> WriteBack:
        """Note that a person wrote a parked update into the other system."""
        return await self._read(WriteBack, "POST", f"/v1/write-backs/{write_back_id}/done-by-hand", done)

    async def rehearsals(self) -> Rehearsals:
        """Return what can be practised, how it went, and the rehearsal that goes on."""
        return Rehearsals.model_validate_json((await self._ask("GET", "/v1/rehearsals")).content)

    async def start_rehearsal(self, new: NewRehearsal) -> Rehearsal:
        """Have a pretended caller put through; the same key starts one. Raises Conflict, Unavailable."""
        return Rehearsal.model_validate_json((await self._ask("POST", "/v1/rehearsals", new)).content)

    async def leave_rehearsal(self, rehearsal_id: str) -> Rehearsal:
        """End a rehearsal without a score."""
        return await self._read(Rehearsal, "POST", f"/v1/rehearsals/{rehearsal_id}/leave")

    async def rehearsal_results(self) -> list[Rehearsal]:
        """Return everybody's rehearsals, the newest first; for trainers."""
        return _REHEARSALS.validate_json((await self._ask("GET", "/v1/rehearsals/results")).content)

    async def _payment(self, path: str, body: Wire | None = None, method: str = "POST") -> PaymentIntent:
        return PaymentIntent.model_validate_json((await self._ask(method, path, body)).content)
