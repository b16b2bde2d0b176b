"""Rehearsals: what is asked of the hub, when, and what the words say."""

from collections.abc import Callable
from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.screens.rehearse.view_model import (
    RehearseViewModel,
    points,
    practises,
    said,
    title,
    verdicts,
)
from agentdesk.desk.session import Session
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CardField
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.exercises import EXERCISES, ExerciseCode
from agentdesk.domain.people import Role
from agentdesk.wire.captures import FieldState
from agentdesk.wire.events import CallChanged, PaymentChanged
from agentdesk.wire.payments import PaymentIntent
from tests.desk import rehearsal_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.rehearsal_samples import scored

TODAY = date(2026, 11, 21)
Made = Callable[[], RehearseViewModel]


@pytest.fixture
def made(session: Session, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot) -> Made:
    """Return a function that signs in and gives the model, loaded."""

    def make() -> RehearseViewModel:
        enter()
        model = RehearseViewModel(session)
        model.setParent(session)
        qtbot.waitUntil(lambda: not (model.load.is_running or model.load_everybody.is_running))
        return model

    return make


def test_the_exercises_are_asked_for_where_no_money_is_real(made: Made, hub: FakeHub) -> None:
    model = made()
    assert model.here
    assert hub.count("rehearsals") == 1
    assert model.why_not == ""


def test_a_live_hub_is_not_asked(made: Made, hub: FakeHub) -> None:
    hub.lamps = samples.readiness().model_copy(update={"test_mode": False})
    model = made()
    assert (model.here, model.in_test_mode, hub.count("rehearsals")) == (False, False, 0)


def test_a_start_is_one_press_and_the_caller_comes(made: Made, hub: FakeHub, qtbot: QtBot) -> None:
    model = made()
    held = hub.hold("start_rehearsal")
    with qtbot.waitSignal(model.begun):
        model.start(ExerciseCode.LOST_ANSWER)
        model.start(ExerciseCode.LOST_ANSWER)
        held.set()
    qtbot.waitUntil(lambda: model.current is not None)
    assert hub.count("start_rehearsal") == 1
    assert model.why_not == "One goes on already"


def test_nothing_starts_while_a_call_is_there(made: Made, hub: FakeHub) -> None:
    hub.calls["call_1"] = samples.call()
    model = made()
    model.start(ExerciseCode.PLAIN)
    assert (model.why_not, hub.count("start_rehearsal")) == ("You have a call", 0)


@pytest.mark.parametrize(
    ("error", "same_key"),
    [(Unavailable("rehearsal_unavailable"), True), (Conflict("rehearsal_no_customer"), False)],
)
def test_a_caller_who_may_be_on_the_way_is_asked_for_with_the_same_key(
    made: Made, hub: FakeHub, qtbot: QtBot, error: Exception, same_key: bool
) -> None:
    model = made()
    hub.fail("start_rehearsal", error)  # type: ignore[arg-type]
    model.start(ExerciseCode.PLAIN)
    qtbot.waitUntil(lambda: model.error is not None)
    model.start(ExerciseCode.PLAIN)
    qtbot.waitUntil(lambda: model.current is not None)
    keys = [arguments[0].key for name, arguments in hub.asked if name == "start_rehearsal"]
    assert (len(keys), keys[0] == keys[1]) == (2, same_key)


def test_a_caller_who_comes_though_the_start_failed_is_known(made: Made, hub: FakeHub, qtbot: QtBot) -> None:
    model = made()
    hub.fail("start_rehearsal", Unavailable("rehearsal_unavailable"))
    model.start(ExerciseCode.PLAIN)
    qtbot.waitUntil(lambda: model.error is not None)
    hub.room = rehearsal_samples.room(current=rehearsal_samples.rehearsal(exercise=ExerciseCode.PLAIN))
    hub.calls["call_1"] = samples.call()
    with qtbot.waitSignal(model.begun):
        hub.push(CallChanged(call=samples.call()))
    assert model.current is not None
    model.leave()
    qtbot.waitUntil(lambda: model.current is None)
    hub.calls.clear()
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    qtbot.waitUntil(lambda: model.why_not == "")
    model.start(ExerciseCode.PLAIN)
    qtbot.waitUntil(lambda: model.current is not None)
    keys = [arguments[0].key for name, arguments in hub.asked if name == "start_rehearsal"]
    assert len(set(keys)) == 2, "the first press has its answer"


def test_one_whose_caller_never_came_can_be_started_again(made: Made, hub: FakeHub, qtbot: QtBot) -> None:
    model = made()
    hub.fail("start_rehearsal", Unavailable("rehearsal_unavailable"))
    model.start(ExerciseCode.PLAIN)
    qtbot.waitUntil(lambda: model.error is not None)
    awaited = rehearsal_samples.rehearsal(exercise=ExerciseCode.PLAIN, call_id=None)
    hub.room = rehearsal_samples.room(current=awaited)
    model.refresh()
    qtbot.waitUntil(lambda: model.current is not None)
    model.start(ExerciseCode.PLAIN)
    qtbot.waitUntil(lambda: model.current is not None and model.current.call_id is not None)
    keys = [arguments[0].key for name, arguments in hub.asked if name == "start_rehearsal"]
    assert (len(keys), len(set(keys))) == (2, 1)


def _on_call(hub: FakeHub) -> None:
    hub.room = rehearsal_samples.room(current=rehearsal_samples.rehearsal())
    payment = hub.take(samples.payment(samples.attempt()))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])


def test_what_the_caller_could_notice_is_asked_about_and_a_key_is_not(
    made: Made, hub: FakeHub, qtbot: QtBot
) -> None:
    _on_call(hub)
    model = made()
    payment = next(iter(hub.payments.values()))
    hub.push(PaymentChanged(payment=payment.model_copy(update={"version": 2})))
    qtbot.waitUntil(lambda: model.session.payment is not None and model.session.payment.version == 2)
    qtbot.waitUntil(lambda: not model.load.is_running)
    before = hub.count("rehearsals")
    keyed = samples.attempt(
        capture=samples.capture(fields=[samples.field(CardField.NUMBER, FieldState.LIVE, digits=7)])
    )
    hub.push(PaymentChanged(payment=samples.payment(keyed, version=3)))
    qtbot.waitUntil(lambda: model.session.payment is not None and model.session.payment.version == 3)
    first = hub.count("rehearsals")
    more = samples.attempt(
        capture=samples.capture(fields=[samples.field(CardField.NUMBER, FieldState.LIVE, digits=8)])
    )
    hub.push(PaymentChanged(payment=samples.payment(more, version=4)))
    qtbot.waitUntil(lambda: model.session.payment is not None and model.session.payment.version == 4)
    assert hub.count("rehearsals") == first >= before
    hub.push(PaymentChanged(payment=samples.payment(samples.approved(), version=5)))
    qtbot.waitUntil(lambda: hub.count("rehearsals") > first)


def _keyed(digits: int, version: int) -> PaymentIntent:
    number = samples.field(CardField.NUMBER, FieldState.LIVE, digits=digits)
    return samples.payment(samples.attempt(capture=samples.capture(fields=[number])), version=version)


def test_the_score_comes_when_the_call_is_finished(made: Made, hub: FakeHub, qtbot: QtBot) -> None:
    _on_call(hub)
    model = made()
    qtbot.waitUntil(lambda: model.current is not None)
    hub.room = rehearsal_samples.room(scored("waited"))
    with qtbot.waitSignal(model.scored):
        hub.push(CallChanged(call=samples.call(customer_id=None)))
    assert model.result is not None
    assert points(model.result) == "2 of 3 right"
    model.put_away()
    assert model.result is None


def test_leaving_gives_no_score(made: Made, hub: FakeHub, qtbot: QtBot) -> None:
    _on_call(hub)
    model = made()
    qtbot.waitUntil(lambda: model.current is not None)
    model.leave()
    qtbot.waitUntil(lambda: model.current is None)
    assert (model.result, hub.asked[-2][0]) == (None, "leave_rehearsal")


def test_a_trainer_sees_what_was_finished(made: Made, hub: FakeHub, qtbot: QtBot) -> None:
    hub.person = samples.person(Role.SUPERVISOR)
    hub.everybody = [scored(), rehearsal_samples.rehearsal()]
    model = made()
    qtbot.waitUntil(lambda: model.everybody == [scored()])


def test_an_agent_does_not_ask_how_others_did(made: Made, hub: FakeHub) -> None:
    made()
    assert hub.count("rehearsal_results") == 0


def test_a_connection_that_comes_back_is_used(
    made: Made, hub: FakeHub, session: Session, qtbot: QtBot
) -> None:
    model = made()
    hub.fail("events", Unavailable("hub_unreachable"))
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(lambda: model.why_not == "Connection lost")
    before = hub.count("rehearsals")
    qtbot.waitUntil(lambda: hub.count("rehearsals") > before)


@pytest.mark.parametrize("code", ExerciseCode)
def test_every_exercise_has_its_words(code: ExerciseCode, tasks: Tasks) -> None:
    assert title(code)
    assert practises(code)
    cast = rehearsal_samples.CAST.model_copy(
        update={"other": "Peter Osei", "rest": samples.gbp(6126), "rest_on": date(2026, 12, 5)}
    )
    for line in range(len(EXERCISES[code].lines)):
        assert "{" not in said(scored(exercise=code, cast=cast, line=line), TODAY)
    everything = [rule for one in (scored(exercise=code, cast=cast),) for rule in verdicts(one, TODAY)]
    broken = verdicts(scored(*EXERCISES[code].rules, exercise=code, cast=cast), TODAY)
    assert all(passed for passed, _ in everything)
    assert not any(passed for passed, _ in broken)
    assert not any("{" in words for _, words in [*everything, *broken])


def test_the_caller_names_themselves_and_the_amount() -> None:
    words = said(rehearsal_samples.rehearsal(), TODAY)
    assert words == (
        "Hello, this is Amara Okafor. I would like to pay my bill NW-20931 by card: £62.10, please."
    )
