"""A hub that is killed at any step of a link: what was committed goes on, one page, one charge, one debt."""

from collections.abc import Awaitable

import pytest

from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.hub import link_messages, links, payments
from agentdesk.hub.db.tables import AttemptDebt
from agentdesk.wire import payments as wire
from tests.hub.outside import Scripted
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


class Killed(BaseException):
    """The process is gone: nothing of ours gets to answer it."""


async def _killed(part: Scripted, where: str, work: Awaitable[None]) -> None:
    """Let the hub die in the middle of this step, as the next call of `where` is asked or answered."""
    part.fails[where] = Killed()  # type: ignore[assignment]
    with pytest.raises(Killed):
        await work


async def _wanted(till: Till) -> str:
    """Return an attempt by link that is committed and whose job has not run."""
    new = wire.NewAttempt(key=new_ulid(), route="link")
    shown = await payments.start_attempt(till.hub, till.who, await till.intent(), new)
    return shown.attempts[-1].attempt_id


async def _state(till: Till, attempt_id: str) -> LinkState:
    link = (await till.attempt(attempt_id)).link
    assert link
    return link.state


async def _is_held(till: Till) -> bool:
    """Say whether the debt is held, and then that nobody else can take it."""
    with pytest.raises(Conflict):
        await till.start(await till.intent())
    return [row.holding for row in await till.rows(AttemptDebt)] == [True]


async def _pay(till: Till, attempt_id: str) -> None:
    till.pages.end(attempt_id, AttemptEvent.APPROVED)
    await till.due()
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED
    assert len(till.ledger.booked) == 1


@pytest.mark.parametrize("where", ["open", "open_answer"])
async def test_around_making_the_page(till: Till, where: str) -> None:
    attempt_id = await _wanted(till)
    await _killed(till.pages, where, links.open_page(till.hub, attempt_id, 0))
    assert await _state(till, attempt_id) is LinkState.OPENING
    assert await _is_held(till)
    await till.work()
    assert await _state(till, attempt_id) is LinkState.OPEN
    asked = [one[1] for one in till.pages.asked if one[0] == "open"]
    assert asked == [f"{attempt_id}:charge"] * 2
    assert (len(till.pages.made), len(till.texts.sent)) == (1, 1)
    await _pay(till, attempt_id)


@pytest.mark.parametrize(("where", "texts"), [("send", 1), ("send_answer", 2)])
async def test_around_texting_it(till: Till, where: str, texts: int) -> None:
    attempt_id = await _wanted(till)
    await links.open_page(till.hub, attempt_id, 0)
    await _killed(till.texts, where, link_messages.send(till.hub, attempt_id, 0))
    assert await _is_held(till)
    await till.work()
    assert len(till.texts.sent) == texts
    assert len({one.body for one in till.texts.sent}) == 1  # one page: paid once is paid
    await _pay(till, attempt_id)


@pytest.mark.parametrize("where", ["find", "find_answer"])
async def test_around_looking_how_it_ended(till: Till, where: str) -> None:
    attempt_id = await till.link()
    till.pages.end(attempt_id, AttemptEvent.APPROVED)
    await _killed(till.pages, where, links.look(till.hub, attempt_id, 1))
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN
    assert await _is_held(till)
    await _pay(till, attempt_id)


@pytest.mark.parametrize("where", ["expire", "expire_answer"])
@pytest.mark.parametrize("is_paid", [False, True])
async def test_around_closing_it(till: Till, where: str, is_paid: bool) -> None:
    attempt_id = await till.link()
    await links.cancel(till.hub, till.who, attempt_id)
    if is_paid:
        till.pages.end(attempt_id, AttemptEvent.APPROVED)
    await _killed(till.pages, where, links.close_page(till.hub, attempt_id, 0))
    assert await _state(till, attempt_id) is LinkState.CLOSING
    assert await _is_held(till)
    await till.work()
    ended = AttemptState.APPROVED if is_paid else AttemptState.NOT_SENT
    assert (await till.attempt(attempt_id)).state is ended
    assert len(till.ledger.booked) == int(is_paid)
