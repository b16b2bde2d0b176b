"""Pictures of choosing what to pay, of two cards, and of several payments in one call."""

from agentdesk.desk.screens.payment.choice import Pick
from agentdesk.desk.screens.payment.what import WhatToPay
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.policy import Lookup, Policy
from agentdesk.wire.events import CustomerChanged
from agentdesk.wire.payments import AllocationOut, PaymentIntent
from agentdesk.wire.readiness import AmountRules
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import declined_attempt, view
from tests.desk.samples import at, gbp
from tests.desk.staging import enter, settle


def rules(hub: FakeHub, **policy: object) -> None:
    """Let the firm have these rules of an amount."""
    hub.lamps = hub.lamps.model_copy(update={"amounts": AmountRules.of(Policy(**policy))})  # type: ignore[arg-type]


async def _choosing(hub: FakeHub, window: Window) -> WhatToPay:
    hub.calls["call_1"] = samples.call()
    await enter(window)
    while view(window)._body is None:  # the account is still being read
        await settle(0.05)
    return view(window)._body.what


def parts(**minor: int) -> list[AllocationOut]:
    """How much goes to which invoice: NW_20931=6210."""
    return [
        AllocationOut(invoice_id=f"inv_{name[3:]}", number=name.replace("_", "-"), amount=gbp(one))
        for name, one in minor.items()
    ]


def first_card() -> PaymentIntent:
    """£50.00 of £123.36, approved."""
    return samples.payment(
        samples.approved(),
        amount=gbp(5000),
        allocations=parts(NW_20931=5000),
        whole=parts(NW_20931=6210, NW_21407=6126),
    )


async def amount_moved(hub: FakeHub, window: Window) -> None:
    """An invoice that was chosen is paid by now: the account was read again."""
    await _choosing(hub, window)
    left = [one for one in samples.customer().open_items if one.number != "NW-20931"]
    hub.customers["cus_1"] = samples.customer(open_items=left)
    hub.push(CustomerChanged(customer_id="cus_1"))
    await settle(0.2)


async def part(hub: FakeHub, window: Window) -> None:
    """A typed amount that pays one invoice in part."""
    what = await _choosing(hub, window)
    what.pick(Pick.OTHER)
    what.amount.edit.setText("70")
    what.amount.edit.textEdited.emit("70")
    await settle()


async def under_least(hub: FakeHub, window: Window) -> None:
    """Less than is taken by card."""
    what = await _choosing(hub, window)
    what.amount.edit.setText("0.50")
    what.amount.edit.textEdited.emit("0.50")
    await settle()


async def fixed(hub: FakeHub, window: Window) -> None:
    """Invoices are paid whole."""
    rules(hub, lookup=Lookup.FIXED)
    await _choosing(hub, window)


async def on_account(hub: FakeHub, window: Window) -> None:
    """An amount without an invoice."""
    rules(hub, lookup=Lookup.OPTIONAL)
    what = await _choosing(hub, window)
    what.pick(Pick.ON_ACCOUNT)
    what.amount.edit.setText("25")
    what.amount.edit.textEdited.emit("25")
    await settle()


async def two_cards(hub: FakeHub, window: Window) -> None:
    """What the first card pays is typed."""
    what = await _choosing(hub, window)
    what.split.begin()
    what.split.first.edit.setText("50")
    what.split.first.edit.textEdited.emit("50")
    await settle()


async def first_approved(hub: FakeHub, window: Window) -> None:
    """The first card has paid; the rest is offered."""
    hub.take(first_card())
    hub.calls["call_1"] = samples.call(payment_intent_ids=[first_card().intent_id])
    await enter(window)


async def second_card(hub: FakeHub, window: Window) -> None:
    """The form of the rest."""
    await first_approved(hub, window)
    view(window)._model.in_call.another()
    await settle()


async def rest_after_hang_up(hub: FakeHub, window: Window) -> None:
    """The first card has paid and the caller has hung up: the rest goes by a link."""
    hub.take(first_card())
    over = {"state": CallState.WRAP_UP, "line_ended_at": at(10, 44)}
    hub.calls["call_1"] = samples.call(payment_intent_ids=[first_card().intent_id], **over)
    await enter(window)


async def rest_by_link(hub: FakeHub, window: Window) -> None:
    """Where that link goes."""
    await rest_after_hang_up(hub, window)
    while window.session.customer is None:
        await settle(0.1)
    view(window)._model.in_call.rest_by_link()
    await settle()


async def several_payments(hub: FakeHub, window: Window) -> None:
    """Three payments of one call; the second shows."""
    gas = samples.payment(
        declined_attempt(attempt_id="att_2"),
        intent_id="pay_2",
        amount=gbp(6126),
        allocations=parts(NW_21888=6126),
        created_at=at(10, 44),
    )
    third = samples.payment(
        samples.approved(attempt_id="att_3"),
        intent_id="pay_3",
        amount=gbp(7336),
        allocations=parts(NW_20931=1210, NW_21407=6126),
        created_at=at(10, 46),
        split_of=first_card().intent_id,
        whole=first_card().whole,
    )
    for one in (first_card(), gas, third):
        hub.take(one)
    hub.calls["call_1"] = samples.call(payment_intent_ids=list(hub.payments))
    await enter(window)
    view(window)._model.in_call.step(-1)
    await settle()


PAY_STAGES = (
    amount_moved, part, under_least, fixed, on_account, two_cards, first_approved, second_card,
    rest_after_hang_up, rest_by_link, several_payments,
)  # fmt: skip
