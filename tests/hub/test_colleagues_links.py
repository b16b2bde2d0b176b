"""A link that a colleague opened, in the way of who has its customer on the line: it can be ended."""

import pytest

from agentdesk.domain.capture import CloseCause
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.hub import calls
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import AuditEntry
from agentdesk.hub.routes import payments as routes
from agentdesk.wire.calls import WrapUp
from agentdesk.wire.links import Resend
from tests.hub.till import Till, refused

pytestmark = pytest.mark.anyio


async def end(till: Till, who: Who, attempt_id: str) -> AttemptState | None:
    """Press "Expire the link" as this person does."""
    return (await routes.cancel(till.hub, attempt_id, who, CloseCause.AGENT)).state


async def test_who_has_the_customer_on_the_line_ends_it_and_goes_on(till: Till) -> None:
    attempt_id, sam = await till.link(), await till.colleague()
    intent_id = await till.intent(sam)
    await refused(Conflict, till.start(intent_id, sam))
    assert await end(till, sam, attempt_id) is AttemptState.OPEN  # until the provider confirms it
    await refused(Conflict, till.start(intent_id, sam))
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (AttemptState.NOT_SENT, "Sam expired the link.")
    entry = next(one for one in reversed(await till.rows(AuditEntry)) if one.action == "link.cancel")
    assert (entry.user_id, entry.subject) == (sam.user_id, (await till.show(attempt_id)).intent_id)
    assert await till.start(intent_id, sam)


async def test_without_its_customer_on_the_line_nobody_ends_it(till: Till) -> None:
    attempt_id, sam = await till.link(), await till.colleague()
    await till.call(sam, customer="cus_2")
    await refused(NotFound, end(till, sam, attempt_id))
    call_id = await till.call(sam)
    await till.hang_up(call_id)
    await calls.wrap_up(till.hub, sam, call_id, WrapUp(disposition="call_dropped"))
    await refused(NotFound, end(till, sam, attempt_id))
    assert (await till.link_of(attempt_id)).state is LinkState.OPEN


async def test_nothing_else_of_a_colleagues_payment_can_be_done(till: Till) -> None:
    attempt_id, sam = await till.link(), await till.colleague()
    keypad = await till.start(await till.intent(minor=5000, invoice="8"))
    await till.call(sam)
    for what in (
        routes.resend(till.hub, attempt_id, Resend(key=new_ulid()), sam),
        routes.qr(till.hub, attempt_id, sam),
        end(till, sam, keypad),
    ):
        await refused(NotFound, what)
    assert (await till.attempt(keypad)).state is AttemptState.OPEN
