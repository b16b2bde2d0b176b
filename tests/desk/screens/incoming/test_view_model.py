"""Which call wants the agent, and what one press does about it."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.incoming.view_model import IncomingViewModel, Want
from agentdesk.desk.session import Session
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict, Unavailable
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

NEXT = samples.call(
    call_id="call_2", started_at=samples.NOW, matches=[samples.match(2, "Chidi Okafor")], customer_id=None
)
OVER = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 41))


@pytest.fixture
def model(session: Session, enter: Callable[[], None]) -> IncomingViewModel:
    """Give the model of an agent who is free."""
    enter()
    return IncomingViewModel(session)


def _rings(session: Session, hub: FakeHub, call_id: str = "call_2") -> None:
    rings = samples.ringing(call_id=call_id, matches=[samples.match(2, "Chidi Okafor")])
    hub.calls[call_id] = rings
    session.take_call(rings)


def test_nothing_is_told_where_nothing_rings(model: IncomingViewModel) -> None:
    assert model.notice is None
    model.press()


def test_who_rings_is_told_and_answered_once(
    model: IncomingViewModel, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    _rings(session, hub)
    _rings(session, hub, "call_3")
    notice = model.notice
    assert (notice.want, notice.title) == (Want.RINGING, "A call is ringing: Chidi Okafor")
    assert " ".join(notice.text.split()) == "+44 20 7946 0958, Billing queue, 1 more waiting"
    model.press()
    model.press()
    qtbot.waitUntil(lambda: session.call is not None)
    assert (hub.count("answer"), session.call.call_id) == (1, "call_2")


def test_on_a_call_nobody_is_disturbed_by_what_rings(
    model: IncomingViewModel, session: Session, hub: FakeHub
) -> None:
    session.take_call(samples.call())
    _rings(session, hub)
    assert model.notice is None


def test_in_the_wrap_up_it_is_answered_and_gone_to(
    model: IncomingViewModel, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = OVER
    session.take_call(OVER)
    _rings(session, hub)
    assert "What you typed of this call is kept." in model.notice.text
    model.press()
    qtbot.waitUntil(lambda: session.call is not None and session.call.call_id == "call_2")
    assert (model.notice.want, model.notice.title) == (Want.TO_WRAP_UP, "Not wrapped up yet: Amara Okafor")
    model.press()
    assert session.call == OVER


def test_a_caller_of_whom_nothing_is_known_leaves_no_gap(
    model: IncomingViewModel, session: Session, hub: FakeHub
) -> None:
    hub.calls["call_1"] = OVER
    session.take_call(OVER)
    session.take_call(samples.ringing(call_id="call_2", matches=[], number=None, queue=None))
    assert model.notice.text == "What you typed of this call is kept."


def test_a_call_connected_in_the_wrap_up_is_told_and_gone_to(
    model: IncomingViewModel, session: Session
) -> None:
    session.take_call(OVER)
    session.take_call(NEXT)
    assert session.call == OVER
    notice = model.notice
    assert (notice.want, notice.title, notice.off) == (Want.ON_THE_LINE, "On the line: Chidi Okafor", "")
    model.press()
    assert session.call == NEXT


def test_it_is_not_gone_to_while_a_card_is_taken(
    model: IncomingViewModel, session: Session, hub: FakeHub
) -> None:
    payment = samples.payment(samples.attempt())
    session.take_call(samples.call(payment_intent_ids=[payment.intent_id]))
    session.take_payment(payment)
    session.take_call(NEXT)
    assert model.notice.off == "A payment is live on this call"
    model.press()
    assert session.call.call_id == "call_1"


def test_an_open_link_keeps_nobody(model: IncomingViewModel, session: Session) -> None:
    payment = samples.payment(samples.linked())
    session.take_call(OVER.model_copy(update={"payment_intent_ids": [payment.intent_id]}))
    session.take_payment(payment)
    session.take_call(NEXT)
    model.press()
    session.take_payment(payment.model_copy(update={"version": payment.version + 1}))
    assert session.call == NEXT


def test_who_was_too_late_is_told_until_it_is_put_away(
    model: IncomingViewModel, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    _rings(session, hub)
    hub.fail("answer", Conflict("call_not_yours", agent="Tom Ellis"))
    model.press()
    qtbot.waitUntil(lambda: model.notice is not None and model.notice.want is Want.FAILED)
    assert model.notice.text.startswith("Tom Ellis has this call")
    model.press()
    assert model.notice.want is Want.RINGING


def test_without_a_connection_nobody_can_tell(
    model: IncomingViewModel, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    _rings(session, hub)
    hub.fail("events", Unavailable("hub_unreachable"), always=True)
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(lambda: model.notice is None)
