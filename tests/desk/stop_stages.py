"""Pictures of a payment that another one stops, with the sample data of the design."""

from typing import Any

from agentdesk.desk.window import Window
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.payments import PaymentDetail, TimelineItem, TimelineKind
from tests.desk import samples, stop_samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import show, view
from tests.desk.samples import at
from tests.desk.staging import enter, settle


async def _stopped(hub: FakeHub, window: Window, **stop: Any) -> None:
    """The same amount was taken a quarter of an hour ago."""
    amount, part = samples.gbp(6210), samples.payment().allocations[0]
    parts = [part.model_copy(update={"invoice_id": "inv_21888", "number": "NW-21888"})]
    payment = samples.payment(amount=amount, allocations=parts, stop=stop_samples.stop(**stop))
    await show(hub, window, at(10, 42, 34), payment)


async def duplicate(hub: FakeHub, window: Window) -> None:
    """A like payment was taken, and its story is open."""
    await _stopped(hub, window)
    kinds = TimelineKind
    told = [
        (kinds.SECURED, "Line secured", at(10, 25, 8)),
        (kinds.APPROVED, "Approved", at(10, 27, 12)),
    ]
    story = [
        TimelineItem(at=when, kind=kind, title=title, detail="", source="hub") for kind, title, when in told
    ]
    before = samples.payment(intent_id=stop_samples.earlier().intent_id, short_reference="01JD-7Q47")
    hub.details[before.intent_id] = PaymentDetail(payment=before, timeline=story)
    view(window)._model.stopping.look()
    await settle()


async def duplicate_asked(hub: FakeHub, window: Window) -> None:
    """A supervisor has been asked."""
    await _stopped(hub, window, asked_at=at(10, 42, 10))


_DECIDED = {"asked_at": at(10, 42, 10), "decided_by": "Dana Whitlock", "decided_at": at(10, 42, 30)}


async def duplicate_allowed(hub: FakeHub, window: Window) -> None:
    """A supervisor lets it go on."""
    said = {"allowed": True, "reason": "She pays the gas too.", "allowed_until": at(10, 52, 30)}
    await _stopped(hub, window, **_DECIDED, **said)


async def duplicate_refused(hub: FakeHub, window: Window) -> None:
    """A supervisor does not."""
    await _stopped(hub, window, **_DECIDED, allowed=False, reason="She meant the bill she has paid.")


async def stopped_unknown(hub: FakeHub, window: Window) -> None:
    """Nobody knows yet whether the payment before took the money."""
    unknown = stop_samples.earlier(state=AttemptState.UNKNOWN, ended_at=None, card=None)
    await _stopped(hub, window, earlier=unknown, can_ask=False, same_invoices=["NW-20931"])


async def stopped_link(hub: FakeHub, window: Window) -> None:
    """A link is open for the debt."""
    link = stop_samples.earlier(state=AttemptState.OPEN, route="link", ended_at=None, sent_at=None, card=None)
    await _stopped(hub, window, earlier=link, can_ask=False)


async def link_beside(hub: FakeHub, window: Window) -> None:
    """The colleague's link that is in the way, opened over the stopped payment."""
    await stopped_link(hub, window)
    before = stop_samples.earlier()
    link = samples.payment(
        samples.linked(),
        intent_id=before.intent_id,
        short_reference=before.short_reference,
        agent="usr_2",
        agent_name=before.agent_name,
        call_id="call_0",
        amount=before.amount,
    )
    hub.details[before.intent_id] = PaymentDetail(payment=link, timeline=[])
    view(window)._model.stopping.open_link()
    await settle(0.4)


async def held_by(hub: FakeHub, window: Window) -> None:
    """One invoice is being checked, one has an open link."""
    first, second, third = samples.customer().open_items
    unknown = stop_samples.earlier(state=AttemptState.UNKNOWN, ended_at=None, card=None)
    link = stop_samples.earlier(
        intent_id="pay_2",
        short_reference="01JD-7Q3C",
        amount=samples.gbp(6126),
        numbers=["NW-21407"],
        state=AttemptState.OPEN,
        route="link",
        ended_at=None,
        sent_at=None,
    )
    hub.customers["cus_1"] = samples.customer(
        open_items=[
            first.model_copy(update={"held_by": "01JD-7Q47", "holder": unknown}),
            second.model_copy(update={"held_by": "01JD-7Q3C", "holder": link}),
            third,
        ]
    )
    hub.calls["call_1"] = samples.call()
    await enter(window)


STOP_STAGES = (
    duplicate, duplicate_asked, duplicate_allowed, duplicate_refused, stopped_unknown, stopped_link,
    link_beside, held_by,
)  # fmt: skip
