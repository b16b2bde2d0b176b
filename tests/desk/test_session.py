"""The shared state: restored after a start, kept fresh by events, forgotten after signing out."""

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from agentdesk.desk.event_stream import HubEvent
from agentdesk.desk.session import ConnectionState, Session
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.events import CallChanged, CallGone, CustomerChanged, PaymentChanged, ReadinessChanged
from agentdesk.wire.readiness import LampState, Part
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]


def tell(hub: FakeHub, qtbot: QtBot, event: HubEvent, until: Callable[[], bool]) -> None:
    """Push an event and wait for what it changes."""
    hub.push(event)
    qtbot.waitUntil(until)


def test_an_unfinished_call_and_its_payment_come_back(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    payment = hub.take(samples.payment(samples.attempt()))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    assert session.call == hub.calls["call_1"]
    assert session.payment == payment
    assert session.live_attempt == payment.attempts[0]
    qtbot.waitUntil(lambda: session.customer == hub.customers["cus_1"])


def test_a_ringing_call_is_offered_until_somebody_takes_it(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    call = samples.ringing()
    tell(hub, qtbot, CallChanged(call=call), lambda: session.ringing == [call])
    hub.push(CallGone(call_id="call_other"))
    tell(hub, qtbot, CallGone(call_id=call.call_id), lambda: session.ringing == [])
    assert session.call is None


def test_a_second_call_of_mine_waits_until_the_first_is_over(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    stray = samples.call(call_id="call_2", customer_id="cus_1", started_at=samples.at(10, 41))
    tell(hub, qtbot, CallChanged(call=stray), lambda: len(session.others) == 1)
    assert session.call is not None
    assert session.call.call_id == "call_1"
    ended = samples.call(state=CallState.ENDED)
    tell(hub, qtbot, CallChanged(call=ended), lambda: session.call == stray)
    assert len(session.others) == 0
    tell(hub, qtbot, CallChanged(call=stray.model_copy(update={"agent": "usr_2"})), lambda: not session.call)


def test_wrapping_up_a_second_call_leaves_the_first(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    hub.calls["call_2"] = samples.call(call_id="call_2", started_at=samples.at(10, 41))
    enter()
    assert session.call == hub.calls["call_2"]
    ended = hub.calls["call_2"].model_copy(update={"state": CallState.ENDED})
    tell(hub, qtbot, CallChanged(call=ended), lambda: session.call == hub.calls["call_1"])


def test_the_call_with_a_live_card_entry_always_shows(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    payment = hub.take(samples.payment(samples.attempt()))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    hub.calls["call_2"] = samples.call(call_id="call_2", started_at=samples.at(10, 41))
    enter()
    assert (session.call, session.payment) == (hub.calls["call_1"], payment)
    held = hub.calls["call_2"].model_copy(update={"state": CallState.HELD})
    hub.push(CallChanged(call=held))
    tell(hub, qtbot, CallChanged(call=samples.ringing(call_id="call_3")), lambda: len(session.ringing) == 1)
    assert session.live_attempt == payment.attempts[0]
    assert session.call == hub.calls["call_1"]


def test_a_payment_that_becomes_live_brings_its_call_back(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    hub.calls["call_2"] = samples.call(call_id="call_2", started_at=samples.at(10, 41))
    enter()
    payment = samples.payment(samples.attempt())
    tell(hub, qtbot, PaymentChanged(payment=payment), lambda: session.call == hub.calls["call_1"])
    assert session.payment == payment


def test_my_call_ends(session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    tell(hub, qtbot, CallChanged(call=samples.call(state=CallState.ENDED)), lambda: session.call is None)
    assert session.customer is None


def test_an_older_form_of_a_payment_is_dropped(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    newer = samples.payment(samples.approved(), version=7)
    older = samples.payment(samples.attempt(), version=6)
    hub.push(PaymentChanged(payment=newer))
    hub.push(PaymentChanged(payment=older))
    tell(hub, qtbot, CallChanged(call=samples.ringing()), lambda: len(session.ringing) == 1)
    assert session.payments[newer.intent_id].state is AttemptState.APPROVED


def test_a_customer_is_read_again_when_something_is_newer(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    qtbot.waitUntil(lambda: session.customer is not None)
    hub.customers["cus_1"] = samples.customer(balance=samples.gbp(6126))
    tell(
        hub,
        qtbot,
        CustomerChanged(customer_id="cus_1"),
        lambda: session.customer is not None and session.customer.balance == samples.gbp(6126),
    )


def test_missed_events_load_everything_again(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    hub.calls["call_1"] = samples.call()
    tell(hub, qtbot, None, lambda: session.call is not None)


def test_a_call_that_came_during_loading_is_not_overwritten(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    """The list was asked for before the call was answered, and arrives after the event."""
    enter()
    waiting = hub.hold("readiness")
    hub.push(None)
    asked = hub.count("readiness") + 1
    qtbot.waitUntil(lambda: hub.count("readiness") == asked)
    hub.calls["call_1"] = samples.call()
    tell(hub, qtbot, CallChanged(call=samples.call()), lambda: session.call is not None)
    waiting.set()
    qtbot.waitUntil(lambda: not session.restore.is_running)
    assert session.call is not None


def test_a_lost_line_is_told_and_found_again(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    told: list[ConnectionState] = []
    session.connection_changed.connect(lambda connection: told.append(connection.state))
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(lambda: told == [ConnectionState.LOST, ConnectionState.LIVE])


def test_nothing_is_kept_after_signing_out(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    payment = hub.take(samples.payment(samples.approved()))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    session.tasks.start(session.sign_out())
    qtbot.waitUntil(lambda: session.person is None)
    assert (session.call, session.customer, session.payments, session.day) == (None, None, {}, None)


def test_the_hub_ends_the_session(session: Session, hub: FakeHub, enter: Enter) -> None:
    enter()
    hub.signed_out()
    assert session.person is None


def test_a_payment_from_the_list_is_shown_without_its_call(session: Session, enter: Enter) -> None:
    enter()
    payment = samples.payment(samples.unknown())
    session.open_payment(payment)
    assert session.payment == payment
    session.open_payment(None)
    assert session.payment is None


def test_a_slow_sign_out_does_not_end_the_next_persons_session(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    held = hub.hold("sign_out")
    ending = session.tasks.start(session.sign_out())
    qtbot.waitUntil(lambda: hub.count("sign_out") == 1)
    session.client.signed_out()  # another answer told already that the session is over
    assert session.person is None
    hub.person = samples.person().model_copy(update={"user_id": "usr_2"})
    enter()
    held.set()
    qtbot.waitUntil(ending.done)
    assert session.person == hub.person


def test_what_was_asked_for_somebody_before_is_dropped(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    qtbot.waitUntil(lambda: not session.restore.is_running)
    held = hub.hold("agent_day")
    session.load_day.restart()
    qtbot.waitUntil(lambda: hub.count("agent_day") == 2)
    ending = session.tasks.start(session.sign_out())
    qtbot.waitUntil(ending.done)
    held.set()
    qtbot.waitUntil(lambda: not session.load_day.is_running)
    assert session.day is None


def test_lamps_that_come_late_are_dropped_and_move_no_clock(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    old = samples.readiness(recorder=LampState.DOWN)
    hub.push(ReadinessChanged(readiness=old.model_copy(update={"now": samples.at(10, 0)})))
    with qtbot.waitSignal(session.readiness_changed):
        hub.push(ReadinessChanged(readiness=samples.readiness(accounts=LampState.SLOW)))
    states = {lamp.part: lamp.state for lamp in session.readiness.lamps}
    assert (states[Part.RECORDER], states[Part.ACCOUNTS]) == (LampState.READY, LampState.SLOW)
    assert session.clock.now() == samples.NOW


def test_a_queue_has_its_own_rules_else_those_of_all(session: Session, hub: FakeHub, enter: Enter) -> None:
    own, of_all = samples.queue("Billing", {}), samples.queue("", {"paid": "Paid"})
    hub.lamps = hub.lamps.model_copy(update={"queues": [of_all, own]})
    enter()
    assert session.queue == of_all
    session.take_call(samples.call())
    assert session.queue == own  # though it gives no reason to wrap up by
    session.take_call(samples.call(queue="Sales"))
    assert session.queue == of_all


def test_the_line_is_open_until_the_caller_has_hung_up(session: Session, enter: Enter) -> None:
    enter()
    assert not session.line_is_open
    session.take_call(samples.call(state=CallState.HELD))
    assert session.line_is_open
    session.take_call(samples.call(state=CallState.WRAP_UP, line_ended_at=samples.NOW))
    assert not session.line_is_open
