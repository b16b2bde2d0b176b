"""Pictures of how payments end: at the end of the call, and after it."""

from datetime import timedelta

from agentdesk.desk.window import Window
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.payments import PaymentDetail, PaymentIntent
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import view
from tests.desk.staging import enter, settle


async def wrap_up_unknown(hub: FakeHub, window: Window) -> None:
    """Finishing the call while the outcome is asked for."""
    await _wrapping_up(hub, window, samples.payment(samples.unknown()))


async def wrap_up_many(hub: FakeHub, window: Window) -> None:
    """A payment taken, a card declined, a link that is open."""
    posted = samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.QUEUED)
    refused = samples.attempt(
        AttemptState.NOT_SENT, attempt_id="att_2", not_sent_reason="You cancelled the card entry."
    )
    link = samples.linked(attempt_id="att_3")
    await _wrapping_up(
        hub,
        window,
        samples.payment(samples.approved(), write_backs=[posted], created_at=samples.at(10, 41)),
        samples.payment(refused, intent_id="pay_2", short_reference="01JD-7Q5A", amount=samples.gbp(6126)),
        samples.payment(link, intent_id="pay_3", short_reference="01JD-7Q6C", amount=samples.gbp(6126)),
    )


async def _wrapping_up(hub: FakeHub, window: Window, *payments: PaymentIntent) -> None:
    ids = [hub.take(one).intent_id for one in payments]
    hub.calls["call_1"] = samples.call(payment_intent_ids=ids)
    await enter(window)
    view(window)._model.leave()
    await settle(0.3)


async def waiting_link(hub: FakeHub, window: Window) -> None:
    """Between calls: a link is open at a customer, a payment is not known."""
    link = samples.payment(samples.linked(), intent_id="pay_3", customer_name="Peter Osei")
    hub.day = samples.day(samples.payment(samples.unknown()), link)
    await enter(window)


def _ended() -> list[PaymentIntent]:
    posted = samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.DONE)
    expired = samples.linked(
        AttemptState.NOT_SENT, not_sent_reason="The link expired before it was paid.", ended_at=samples.NOW
    )
    link = {"intent_id": "pay_3", "customer_name": "Peter Osei", "short_reference": "01JD-7Q6C"}
    return [
        samples.payment(samples.approved(), write_backs=[posted]),
        samples.payment(expired, **link, amount=samples.gbp(6126)),
        samples.payment(expired, intent_id="pay_5", customer_name="Ana Ruiz", short_reference="01JD-7Q9F"),
    ]


async def waiting_ended(hub: FakeHub, window: Window) -> None:
    """Between calls: an unknown was approved after all, a link ran out, another was paid by card since."""
    other = {"intent_id": "pay_4", "customer_name": "Chidi Okafor", "short_reference": "01JD-7Q8E"}
    open_link = samples.payment(samples.linked(), **other)
    ended = {"ended": _ended(), "taken_elsewhere": ["pay_5"]}
    hub.day = samples.day(open_link).model_copy(update=ended)
    await enter(window)


async def ended_on_a_call(hub: FakeHub, window: Window) -> None:
    """The link of the last caller runs out while the next one is on the line."""
    hub.calls["call_1"] = samples.call()
    await enter(window)
    hub.day = hub.day.model_copy(update={"ended": _ended()[1:2]})
    window.session.load_day.restart()
    await settle(0.3)


def past(hub: FakeHub, *, sent: bool = True) -> PaymentIntent:
    """Let the history have a payment that a colleague took a month ago; its receipt was sent, or not yet."""
    state = WriteBackState.DONE if sent else WriteBackState.QUEUED
    receipt = samples.write_back(WriteBackKind.RECEIPT, state, "Email sent to amara.okafor@example.com")
    posted = samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.DONE)
    day = samples.NOW.replace(month=10, day=8)
    old = samples.payment(
        samples.approved(ended_at=day, started_at=day),
        intent_id="pay_old",
        short_reference="01JA-3M2K",
        agent="usr_2",
        agent_name="Tom Ellis",
        call_id="call_0",
        amount=samples.gbp(5840),
        write_backs=[posted, receipt],
        created_at=day,
    )
    history = samples.history()
    rows = [
        row.model_copy(update={"intent_id": "pay_old"} if i == 1 else {})
        for i, row in enumerate(history.rows)
    ]
    hub.histories["cus_1"] = history.model_copy(update={"rows": rows})
    hub.details["pay_old"] = PaymentDetail(payment=old, timeline=[])
    return old


async def past_payment(hub: FakeHub, window: Window) -> None:
    """The caller never got last month's receipt: the payment, opened from the history."""
    past(hub)
    hub.calls["call_1"] = samples.call()
    await enter(window)
    await settle(0.2)
    window.shell._customers.open_newest_payment()
    await settle(0.4)


async def renewing(hub: FakeHub, window: Window) -> None:
    """The password, in the middle of a call, before the session ends."""
    until = {"signed_in_until": samples.NOW + timedelta(minutes=12)}
    hub.person = hub.person.model_copy(update=until)
    hub.calls["call_1"] = samples.call()
    await enter(window)
    window.shell.renew._model.ask()
    await settle(0.4)


async def signed_out(hub: FakeHub, window: Window) -> None:
    """The session has ended by itself."""
    await enter(window)
    window.session.client.signed_out()
    await settle(0.3)


async def leaving_open(hub: FakeHub, window: Window) -> None:
    """Signing out while a charge is on its way."""
    sent = hub.take(samples.payment(samples.attempt(AttemptState.SENDING, sent_at=samples.NOW)))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[sent.intent_id])
    await enter(window)
    window.sign_out()
    await settle(0.3)


ENDS_STAGES = (
    renewing,
    signed_out,
    leaving_open,
    past_payment,
    wrap_up_unknown,
    wrap_up_many,
    waiting_link,
    waiting_ended,
    ended_on_a_call,
)
