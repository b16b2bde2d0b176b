"""Pictures of a payment link, from its form to its end."""

from typing import Any

from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.payment import Advice, AttemptState, DeclineKind
from agentdesk.wire.payments import Attempt, CardOut, DeclineOut
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import declined, declined_attempt, show, view
from tests.desk.samples import at
from tests.desk.staging import enter, settle


def confirm_attempt(**changes: Any) -> Attempt:
    """A try whose bank wants the card holder to confirm."""
    decline = DeclineOut(
        kind=DeclineKind.AUTHENTICATION_REQUIRED,
        advice=Advice.SEND_LINK,
        title="The bank wants the card holder to confirm it",
        say="Your bank wants you to confirm this yourself, and nothing was charged.",
        retry_same_card=False,
    )
    card = CardOut(brand="visa", last4="3155")
    return declined_attempt(**({"decline": decline, "card": card} | changes))


async def link_form(hub: FakeHub, window: Window) -> None:
    """Where the link goes."""
    hub.calls["call_1"] = samples.call()
    await enter(window)
    view(window)._model.link.ask()
    await settle()


async def link_after_decline(hub: FakeHub, window: Window) -> None:
    """Where the link of a declined payment goes."""
    await declined(hub, window)
    view(window)._model.link.ask()
    await settle()


async def link_open(hub: FakeHub, window: Window) -> None:
    """It is in the customer's hands."""
    await show(hub, window, at(10, 44, 40), samples.payment(samples.linked()))


async def link_hung_up(hub: FakeHub, window: Window) -> None:
    """The caller is gone, the link is not."""
    over = {"state": CallState.WRAP_UP, "line_ended_at": at(10, 44, 1)}
    not_sent = samples.attempt(AttemptState.NOT_SENT, capture=None, not_sent_reason="The caller hung up.")
    linked = samples.linked(attempt_id="att_2", number=2)
    await show(hub, window, at(10, 45), samples.payment(not_sent, linked), **over)


async def link_not_delivered(hub: FakeHub, window: Window) -> None:
    """The text did not arrive."""
    link = samples.link(delivered_at=None, problem="The text did not reach the phone.")
    await show(hub, window, at(10, 45), samples.payment(samples.linked(link=link)))


async def link_closing(hub: FakeHub, window: Window) -> None:
    """It is being expired."""
    link = samples.link(state=LinkState.CLOSING)
    await show(hub, window, at(10, 45), samples.payment(samples.linked(link=link)))


async def link_confirm(hub: FakeHub, window: Window) -> None:
    """Asked whether to expire it."""
    await link_open(hub, window)
    view(window)._press("expire")
    await settle()


async def link_form_email(hub: FakeHub, window: Window) -> None:
    """By email, to another address."""
    await link_form(hub, window)
    link = view(window)._model.link
    link.choose(LinkWay.EMAIL)
    await settle()


async def link_form_move(hub: FakeHub, window: Window) -> None:
    """An open link goes somewhere else."""
    await link_open(hub, window)
    view(window)._model.link.ask_move()
    await settle()


async def link_emailed(hub: FakeHub, window: Window) -> None:
    """It went by email, and every way is allowed."""
    _allow_all(hub)
    mailed = samples.link(way=LinkWay.EMAIL, sent_to="amara.okafor@example.com", delivered_at=None)
    await show(hub, window, at(10, 44, 40), samples.payment(samples.linked(link=mailed)))


async def link_qr(hub: FakeHub, window: Window) -> None:
    """Shown to the customer."""
    await link_emailed(hub, window)
    view(window)._model.link.show_qr()
    await settle(0.3)


async def routes_off(hub: FakeHub, window: Window) -> None:
    """One way to pay is down, the other not set up."""
    reasons = ("The keypad service does not answer.", "Payment links are not set up.")
    routes = [
        one.model_copy(update={"off_reason": why}) for one, why in zip(hub.lamps.routes, reasons, strict=True)
    ]
    hub.lamps = hub.lamps.model_copy(update={"routes": routes})
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def must_confirm(hub: FakeHub, window: Window) -> None:
    """The bank wants the card holder."""
    await show(hub, window, at(10, 43, 50), samples.payment(confirm_attempt()))


async def must_confirm_last(hub: FakeHub, window: Window) -> None:
    """The bank wants the card holder, at the last try."""
    no = [declined_attempt(attempt_id=f"att_{n}", number=n, ended_at=at(10, 41, 31)) for n in (1, 2)]
    last = confirm_attempt(attempt_id="att_3", number=3)
    await show(hub, window, at(10, 43, 50), samples.payment(*no, last))


async def must_confirm_hung_up(hub: FakeHub, window: Window) -> None:
    """The same, and the caller is gone."""
    over = {"state": CallState.WRAP_UP, "line_ended_at": at(10, 44, 1)}
    await show(hub, window, at(10, 45), samples.payment(confirm_attempt()), **over)


def _allow_all(hub: FakeHub) -> None:
    routes = [
        one.model_copy(update={"ways": [way.model_copy(update={"off_reason": None}) for way in one.ways]})
        for one in hub.lamps.routes
    ]
    hub.lamps = hub.lamps.model_copy(update={"routes": routes})


LINK_STAGES = (
    link_form, link_after_decline, link_open, link_hung_up, link_not_delivered, link_closing, link_confirm,
    link_form_email, link_form_move, link_emailed, link_qr, routes_off, must_confirm, must_confirm_last,
    must_confirm_hung_up,
)  # fmt: skip
