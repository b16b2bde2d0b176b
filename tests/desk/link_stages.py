"""Pictures of a payment link, from its form to its end."""

from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import declined, show, view
from tests.desk.samples import at
from tests.desk.staging import enter, settle


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


LINK_STAGES = (
    link_form, link_after_decline, link_open, link_hung_up, link_not_delivered, link_closing, link_confirm,
)  # fmt: skip
