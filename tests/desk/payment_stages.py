"""Pictures of the payment region in every state, with the sample data of the design."""

from datetime import date, datetime
from typing import Any

from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureState, CardField, CloseCause, FieldProblem
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.payment import Advice, AttemptState, DeclineKind
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.captures import FieldState, FindingOut, ReadBack
from agentdesk.wire.payments import (
    CheckOut,
    DeclineOut,
    PaymentIntent,
    WriteBack,
)
from agentdesk.wire.readiness import LampState
from tests.desk import samples, stop_samples
from tests.desk.fake_hub import FakeHub
from tests.desk.samples import at
from tests.desk.staging import enter, settle

DONE, LIVE, READY, WAITING = FieldState.DONE, FieldState.LIVE, FieldState.READY, FieldState.WAITING


def view(window: Window) -> PaymentView:
    """The region of the window."""
    assert window.shell is not None
    region = window.shell.centre["payment"]
    assert isinstance(region, PaymentView)
    return region


async def show(hub: FakeHub, window: Window, now: datetime, payment: PaymentIntent, **call: Any) -> None:
    """Enter a call with this payment, at this time."""
    hub.lamps = hub.lamps.model_copy(update={"now": now})
    hub.take(payment)
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id], **call)
    await enter(window)


def done(field: CardField, when: datetime) -> Any:
    """A field that is in."""
    return samples.field(field, DONE, done_at=when)


NUMBER = done(CardField.NUMBER, at(10, 42, 31))
EXPIRY = done(CardField.EXPIRY, at(10, 42, 49))
CODE = done(CardField.SECURITY_CODE, at(10, 43, 12))


async def capturing(hub: FakeHub, window: Window) -> None:
    """The expiry date is being keyed."""
    live = samples.field(
        CardField.EXPIRY, LIVE, digits=3, length=4, asked_at=at(10, 42, 33), deadline=at(10, 44, 7), tries=1
    )
    fields = [NUMBER, live, samples.field(CardField.SECURITY_CODE, WAITING)]
    payment = samples.payment(samples.attempt(capture=samples.capture(fields=fields)))
    await show(hub, window, at(10, 42, 41), payment)


async def securing(hub: FakeHub, window: Window) -> None:
    """The recorder has not answered yet."""
    fields = [samples.field(field, WAITING) for field in (NUMBER.field, EXPIRY.field, CODE.field)]
    capture = samples.capture(
        state=CaptureState.SECURING,
        secured_at=None,
        recorder_paused_at=None,
        tones_masked_at=None,
        fields=fields,
    )
    payment = samples.payment(samples.attempt(capture=capture, card=None))
    await show(hub, window, at(10, 42, 8), payment)


async def field_failed(hub: FakeHub, window: Window) -> None:
    """Three bad tries of the number."""
    finding = FindingOut(trouble=Trouble.WRONG, remedy=Remedy.OTHER_ROUTE, keys=16, expected=16)
    told = {"problem": FieldProblem.INVALID, "tries": 3, "finding": finding}
    bad = samples.field(CardField.NUMBER, FieldState.FAILED, **told)
    fields = [bad, samples.field(CardField.EXPIRY, WAITING), samples.field(CardField.SECURITY_CODE, WAITING)]
    payment = samples.payment(samples.attempt(capture=samples.capture(fields=fields), card=None))
    await show(hub, window, at(10, 42, 50), payment)


def _ready(**changes: Any) -> PaymentIntent:
    capture = {"state": CaptureState.COLLECTED, "fields": [NUMBER, EXPIRY, CODE], "can_submit": True}
    return samples.payment(samples.attempt(capture=samples.capture(**(capture | changes))))


async def entry_closes(hub: FakeHub, window: Window) -> None:
    """Nobody has asked for a field for long: card entry is about to close by itself."""
    fields = [NUMBER, samples.field(CardField.EXPIRY, READY), samples.field(CardField.SECURITY_CODE, WAITING)]
    capture = samples.capture(fields=fields, deadline=at(10, 52, 31))
    await show(hub, window, at(10, 51, 50), samples.payment(samples.attempt(capture=capture)))


async def ready_to_submit(hub: FakeHub, window: Window) -> None:
    """Everything is in and read back."""
    await show(hub, window, at(10, 43, 23), _ready())
    for what in ReadBack:
        view(window)._model.set_read_back(what, True)
    view(window)._shown = ()
    view(window)._show()


async def cancel_confirm(hub: FakeHub, window: Window) -> None:
    """Cancelling is asked for in the action bar."""
    await ready_to_submit(hub, window)
    view(window)._ask_to_cancel()


async def submitting(hub: FakeHub, window: Window) -> None:
    """F10 was pressed."""
    await show(hub, window, at(10, 43, 28), _ready(state=CaptureState.TOKENISING, can_submit=False))


def _written(*states: WriteBackState) -> list[WriteBack]:
    details = (
        "Posted to NW-20931 and NW-21407, entry CR-00418",
        "Note added to Amara Okafor",
        "Email to amara.okafor@example.com",
    )
    kinds = (WriteBackKind.ACCOUNTS, WriteBackKind.CUSTOMER_RECORD, WriteBackKind.RECEIPT)
    rows = []
    for i, (kind, state, detail) in enumerate(zip(kinds, states, details, strict=True)):
        waiting = {"next_try_at": at(10, 44, 10)} if state is WriteBackState.QUEUED else {}
        when = {"done_at": at(10, 43, 33 + i)} if state is WriteBackState.DONE else {}
        rows.append(samples.write_back(kind, state, detail).model_copy(update=waiting | when))
    return rows


async def approved(hub: FakeHub, window: Window) -> None:
    """The bank said yes; the receipt waits."""
    hub.customers["cus_1"] = samples.customer(
        balance=samples.gbp(6126),
        overdue=None,
        open_items=samples.customer().open_items[2:],
        account_as_of=at(10, 43, 40),
    )
    backs = _written(WriteBackState.DONE, WriteBackState.DONE, WriteBackState.QUEUED)
    await show(hub, window, at(10, 43, 52), samples.payment(samples.approved(), write_backs=backs))


async def approved_late(hub: FakeHub, window: Window) -> None:
    """A late yes, and the accounts refuse it."""
    backs = _written(WriteBackState.PARKED, WriteBackState.DONE, WriteBackState.DONE)
    backs[0] = backs[0].model_copy(
        update={"detail": "Accounts did not take it: the October period is closed. A supervisor will look."}
    )
    attempt = samples.approved(late_success=True)
    await show(hub, window, at(10, 43, 52), samples.payment(attempt, write_backs=backs))


async def approved_other_amount(hub: FakeHub, window: Window) -> None:
    """A supervisor accepted another amount than was agreed."""
    says = "The provider says £100.00, this payment is £123.36."
    said = stop_samples.decision(by=["Dana Whitlock"])
    more = {"charged": samples.gbp(10000), "alarm": says, "alarm_open": True, "decision": said}
    await show(hub, window, at(10, 49, 52), samples.payment(samples.approved(**more)))


def _check(**changes: Any) -> CheckOut:
    usual: dict[str, Any] = {
        "since": at(10, 43, 29),
        "asked": 3,
        "next_at": at(10, 44, 39),
        "person_from": at(10, 48, 39),
    }
    return CheckOut(**(usual | changes))


async def checking(hub: FakeHub, window: Window) -> None:
    """No answer came."""
    hub.lamps = samples.readiness(payments=LampState.SLOW)
    await show(
        hub, window, at(10, 44, 16), samples.payment(samples.unknown(check=_check(), capture=_closed()))
    )


async def checking_differs(hub: FakeHub, window: Window) -> None:
    """An answer came that does not fit."""
    says = "The provider says £99.00, this payment is £123.36."
    attempt = samples.unknown(check=_check(), capture=_closed(), alarm=says, alarm_open=True)
    await show(hub, window, at(10, 44, 16), samples.payment(attempt))


async def decided(hub: FakeHub, window: Window) -> None:
    """Two supervisors found that nothing was charged."""
    attempt = samples.attempt(
        AttemptState.NOT_SENT,
        capture=_closed(),
        sent_at=at(10, 43, 29),
        ended_at=at(10, 58, 2),
        not_sent_reason="Supervisors found that nothing was charged.",
        decision=stop_samples.decision(AttemptState.NOT_SENT),
    )
    await show(hub, window, at(10, 58, 16), samples.payment(attempt))


async def checking_hung_up(hub: FakeHub, window: Window) -> None:
    """No answer came, and the caller is gone."""
    over = {"state": CallState.WRAP_UP, "line_ended_at": at(10, 44, 1)}
    await show(
        hub,
        window,
        at(10, 44, 16),
        samples.payment(samples.unknown(check=_check(), capture=_closed())),
        **over,
    )


def _closed(**changes: Any) -> Any:
    usual = {
        "state": CaptureState.SPENT,
        "recorder_resumed_at": at(10, 43, 32),
        "closed_at": at(10, 43, 32),
        "fields": [NUMBER, EXPIRY, CODE],
    }
    return samples.capture(**(usual | changes))


def declined_attempt(
    kind: DeclineKind = DeclineKind.GENERIC, *, same_card: bool = False, **changes: Any
) -> Any:
    """A try the bank said no to."""
    decline = DeclineOut(
        kind=kind,
        advice=Advice.FIX_DETAIL if same_card else Advice.OTHER_CARD,
        title="Security code refused, check it" if same_card else "Card refused, ask for another",
        say="Your bank did not accept that card, and **nothing was charged**. Do you have another card?",
        retry_same_card=same_card,
    )
    usual = {
        "capture": _closed(),
        "decline": decline,
        "sent_at": at(10, 43, 29),
        "ended_at": at(10, 43, 31),
    }
    return samples.attempt(AttemptState.DECLINED, **(usual | changes))


async def declined(hub: FakeHub, window: Window) -> None:
    """The bank said no."""
    await show(hub, window, at(10, 43, 49), samples.payment(declined_attempt()))


def try_later() -> DeclineOut:
    """The no of a bank that could not answer."""
    return DeclineOut(
        kind=DeclineKind.TRY_LATER,
        advice=Advice.SAME_CARD_LATER,
        title="The bank could not answer, try later",
        say="Your bank cannot answer just now, and nothing was charged. Shall we try again later, or use "
        "another card?",
        retry_same_card=True,
    )


async def declined_for_now(hub: FakeHub, window: Window) -> None:
    """The bank could not answer."""
    await show(hub, window, at(10, 43, 49), samples.payment(declined_attempt(decline=try_later())))


async def out_of_attempts(hub: FakeHub, window: Window) -> None:
    """Three tries are used."""
    tries = [
        declined_attempt(attempt_id=f"att_{i}", number=i, ended_at=at(10, 42 + i, 31)) for i in (1, 2, 3)
    ]
    await show(hub, window, at(10, 46, 49), samples.payment(*tries))


async def not_secured(hub: FakeHub, window: Window) -> None:
    """The recorder did not answer."""
    capture = _closed(
        state=CaptureState.CLOSED,
        secured_at=None,
        recorder_paused_at=None,
        recorder_resumed_at=None,
        tones_masked_at=None,
        fields=[],
    )
    attempt = samples.attempt(
        AttemptState.NOT_SENT,
        card=None,
        capture=capture,
        not_sent_reason="The recorder did not answer.",
        started_at=at(10, 41, 53),
        ended_at=at(10, 41, 58),
    )
    hub.lamps = samples.readiness(recorder=LampState.DOWN)
    await show(hub, window, at(10, 41, 58), samples.payment(attempt))


def _not_sent(reason: str, cause: CloseCause) -> PaymentIntent:
    ended = {"close_cause": cause, "provider_closed_at": at(10, 43, 20)}
    capture = _closed(state=CaptureState.CLOSED, **ended)
    attempt = samples.attempt(
        AttemptState.NOT_SENT, capture=capture, not_sent_reason=reason, ended_at=at(10, 43, 20)
    )
    return samples.payment(attempt)


async def cancelled(hub: FakeHub, window: Window) -> None:
    """The agent cancelled."""
    await show(hub, window, at(10, 43, 40), _not_sent("You cancelled it.", CloseCause.AGENT))


async def hung_up(hub: FakeHub, window: Window) -> None:
    """The caller hung up before submitting."""
    over = {"state": CallState.WRAP_UP, "line_ended_at": at(10, 43, 20)}
    payment = _not_sent("The caller hung up before you submitted.", CloseCause.HUNG_UP)
    await show(hub, window, at(10, 43, 40), payment, **over)


async def lost_live(hub: FakeHub, window: Window) -> None:
    """The hub is gone while the charge is on its way."""
    await submitting(hub, window)
    hub.fail("events", Unavailable("hub_unreachable"), always=True)
    hub.hang_up(Unavailable("hub_unreachable"))
    await settle()


async def held(hub: FakeHub, window: Window) -> None:
    """One invoice is held, one is paid and not posted; the rest is over the limit."""
    first, second, third = samples.customer().open_items
    hub.customers["cus_1"] = samples.customer(
        open_items=[
            first.model_copy(update={"held_by": "01JD-7Q47"}),
            samples.posting(second),
            third.model_copy(update={"due_on": date(2026, 11, 12)}),
        ],
        stale=["accounts"],
        account_as_of=at(10, 27),
        credit=samples.gbp(1200),
    )
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def partly_posting(hub: FakeHub, window: Window) -> None:
    """A part of one invoice is paid and not posted; the rest of it can be paid."""
    first, *others = samples.customer().open_items
    hub.customers["cus_1"] = samples.customer(open_items=[samples.posting(first, 2000), *others])
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def posting_on_account(hub: FakeHub, window: Window) -> None:
    """Something was paid without an invoice, and is not posted."""
    hub.customers["cus_1"] = samples.customer(posting_on_account=samples.gbp(5000))
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def over_limit(hub: FakeHub, window: Window) -> None:
    """More than the agent may take."""
    hub.person = hub.person.model_copy(update={"limit": samples.gbp(10000)})
    hub.calls["call_1"] = samples.call()
    await enter(window)
    while view(window)._body is None:  # the account is still being read
        await settle(0.05)
    body = view(window)._body
    body.what.amount.edit.setText("123.36")
    body.what.amount.edit.textEdited.emit("123.36")


async def nothing_owed(hub: FakeHub, window: Window) -> None:
    """No open invoice, some credit."""
    hub.customers["cus_1"] = samples.customer(
        open_items=[], balance=samples.gbp(0), overdue=None, credit=samples.gbp(1200)
    )
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def closed_account(hub: FakeHub, window: Window) -> None:
    """The account is closed."""
    hub.customers["cus_1"] = samples.customer(closed=True)
    hub.calls["call_1"] = samples.call()
    await enter(window)


PAYMENT_STAGES = (
    capturing, securing, field_failed, entry_closes, ready_to_submit, cancel_confirm, submitting, approved,
    approved_late, approved_other_amount, checking, decided, checking_hung_up, declined, out_of_attempts,
    not_secured, cancelled, hung_up, lost_live, held, partly_posting, posting_on_account, over_limit,
    nothing_owed, closed_account, checking_differs, declined_for_now,
)  # fmt: skip
