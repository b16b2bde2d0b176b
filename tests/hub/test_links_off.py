"""Links that are under way when a firm switches payment links off: none is locked out of sight for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.hub import links, payments
from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import Attempt, PaymentLink
from agentdesk.wire import payments as wire
from tests.hub.test_work import listed
from tests.hub.till import Till

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.allow_log("look at a link failed|link not (closed|sent)|payment page not made"),
]


def switch_off(till: Till) -> None:
    """Take links out of the settings and start the hub again."""
    settings = till.hub.settings.model_copy(update={"link": None})
    till.hub = Hub(settings, till.hub.sessions, replace(till.hub.vendors, link=None, messages=None))


@pytest.mark.parametrize("closing", [True, False])
async def test_an_open_link_is_asked_about_until_its_end_and_then_is_for_a_supervisor(
    till: Till, closing: bool
) -> None:
    attempt_id = await till.link()
    if closing:
        await payments.cancel(till.hub, till.who, attempt_id)
    switch_off(till)
    await till.work()
    await till.due()
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN
    assert await till.jobs("close_link" if closing else "look_at_link")
    an_hour_ago = now() - timedelta(hours=1)
    await till.change(PaymentLink, attempt_id, expires_at=an_hour_ago)
    await till.change(Attempt, attempt_id, started_at=an_hour_ago)
    await till.due()
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, (await till.link_of(attempt_id)).state) == (
        AttemptState.UNKNOWN,
        LinkState.CLOSED,
    )
    assert await till.holding() == [True]
    assert len(await listed(till)) == 1


async def test_a_link_that_is_not_made_yet_frees_its_debt(till: Till) -> None:
    new = wire.NewAttempt(key=new_ulid(), route="link")
    shown = await payments.start_attempt(till.hub, till.who, await till.intent(), new)
    switch_off(till)
    await till.work()
    attempt = await till.attempt(shown.attempts[-1].attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "The payment page could not be made.",
    )
    assert await till.holding() == [False]


async def test_a_text_that_is_not_sent_yet_is_told(till: Till) -> None:
    new = wire.NewAttempt(key=new_ulid(), route="link")
    shown = await payments.start_attempt(till.hub, till.who, await till.intent(), new)
    attempt_id = shown.attempts[-1].attempt_id
    await links.open_page(till.hub, attempt_id, 0)
    switch_off(till)
    await till.work()
    assert (await till.link_of(attempt_id)).problem == "The text service did not take it."
