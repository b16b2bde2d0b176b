"""A promise to pay: when it can be taken, what is refused, that one press writes one down, what follows."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.promise.view_model import PromiseViewModel, line
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Invalid, Unavailable
from agentdesk.domain.promise import PromiseState
from agentdesk.wire.events import CallChanged, PaymentChanged
from agentdesk.wire.promises import NewPromise
from tests.desk import promise_samples, samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]
DUE = date(2026, 12, 4)
SOME = samples.gbp(6210).money
REASONS = samples.DISPOSITIONS | {"promise_to_pay": "Promised to pay"}


@pytest.fixture
def model(session: Session, hub: FakeHub, enter: Enter) -> PromiseViewModel:
    """Give the form's model on a call with Amara."""
    hub.lamps = samples.readiness().model_copy(update={"queues": [samples.queue("", REASONS)]})
    hub.calls["call_1"] = samples.call()
    enter()
    return PromiseViewModel(session, WrapUpViewModel(session))


def sent(hub: FakeHub) -> list[tuple[str, NewPromise]]:
    """Return the promises the hub was given, with whose they are."""
    return [args for name, args in hub.asked if name == "promise"]  # type: ignore[misc]


def keep(model: PromiseViewModel, qtbot: QtBot) -> None:
    """Open the form and write a promise down."""
    model.open()
    with qtbot.waitSignal(model.made):
        model.keep(SOME, DUE)


def test_it_is_written_down_once_and_fills_in_the_wrap_up(
    model: PromiseViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    model.open()
    with qtbot.waitSignal(model.made):
        model.keep(SOME, DUE)
        model.keep(SOME, DUE)
    [(customer_id, new)] = sent(hub)
    assert (customer_id, new.call_id, new.amount, new.due_on) == ("cus_1", "call_1", samples.gbp(6210), DUE)
    assert not model.is_open
    wrap_up = model._wrap_up
    assert wrap_up.disposition == "promise_to_pay"
    assert wrap_up.note == "Promised £62.10 by Friday 4 December. Reference 015K-M3XW."
    qtbot.waitUntil(lambda: hub.count("customer") == 2)


def test_a_queue_without_such_a_reason_gets_the_note_alone(
    model: PromiseViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.lamps = samples.readiness()
    model.session._set_readiness(hub.lamps)
    keep(model, qtbot)
    assert (model._wrap_up.disposition, model._wrap_up.note[:15]) == ("", "Promised £62.10")


def test_what_was_chosen_or_typed_stays(model: PromiseViewModel, qtbot: QtBot) -> None:
    model._wrap_up.choose("query")
    model._wrap_up.type_note("Moves in May")
    keep(model, qtbot)
    assert (model._wrap_up.disposition, model._wrap_up.note) == ("query", "Moves in May")


def test_a_payment_and_a_promise_are_both_told(model: PromiseViewModel, qtbot: QtBot) -> None:
    wrap_up = model._wrap_up
    wrap_up.suggest("part_payment", "Took £10.00.")
    keep(model, qtbot)
    wrap_up.suggest("part_payment", "Took £10.00 by card.")
    assert wrap_up.disposition == "promise_to_pay"
    assert wrap_up.note == "Took £10.00 by card. Promised £62.10 by Friday 4 December. Reference 015K-M3XW."


@pytest.mark.parametrize(
    ("minor", "due", "why"),
    [
        (18463, DUE, "£184.63 is more than the £184.62 owed."),
        (6210, date(2026, 11, 20), "Friday 20 November is over. Choose today or a later day."),
        (6210, date(2026, 12, 22), "Too far away. Choose Monday 21 December or an earlier day."),
        (18462, DUE, ""),
        (1, date(2026, 11, 21), ""),
        (1, date(2026, 12, 21), ""),
    ],
)
def test_what_cannot_be_promised_is_not_sent(
    model: PromiseViewModel, hub: FakeHub, minor: int, due: date, why: str
) -> None:
    model.open()
    amount = samples.gbp(minor).money
    assert model.problem(amount, due) == why
    model.keep(amount, due)
    assert model.send.is_running is not bool(why)
    assert sent(hub) == []


def test_amount_and_day_are_needed(model: PromiseViewModel) -> None:
    assert model.problem(None, DUE) == "Type the amount"
    assert model.problem(SOME, None) == "Type the day"


def test_what_was_paid_and_is_not_posted_is_no_longer_owed(model: PromiseViewModel, qtbot: QtBot) -> None:
    items = samples.customer().open_items
    paid = samples.posting(items[0])
    model.session._take_customer(samples.customer(open_items=[paid, *items[1:]]))
    assert model.owed == samples.gbp(18462 - 6210).money
    model.session._take_customer(samples.customer(posting_on_account=samples.gbp(2000)))
    assert model.owed == samples.gbp(18462 - 2000).money


def test_why_none_can_be_taken(model: PromiseViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    session = model.session
    for changes, why in (
        ({"balance": samples.gbp(0)}, "Nothing is owed"),
        ({"balance": samples.gbp(-500)}, "Nothing is owed"),
        ({"balance": None}, "What is owed is not known"),
    ):
        session._take_customer(samples.customer(**changes))
        assert model.why_not == why
        model.open()
        assert not model.is_open
    session._take_customer(samples.customer())
    hub.push(PaymentChanged(payment=samples.payment(samples.attempt())))
    qtbot.waitUntil(lambda: model.why_not == "A card entry is open")
    hub.push(PaymentChanged(payment=samples.payment(samples.approved(), version=2)))
    qtbot.waitUntil(lambda: model.why_not == "")
    hub.push(CallChanged(call=samples.call(customer_id=None)))
    qtbot.waitUntil(lambda: model.why_not == "Choose the customer first")
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    qtbot.waitUntil(lambda: model.why_not == "Promises are taken on a call")
    hub.fail("events", Unavailable("hub_unreachable"), always=True)


def test_another_call_closes_the_form(model: PromiseViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    model.open()
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    qtbot.waitUntil(lambda: not model.is_open)
    assert sent(hub) == []


def test_silence_keeps_the_key_and_a_refusal_makes_a_new_one(
    model: PromiseViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    model.open()
    hub.fail("promise", Unavailable("hub_unreachable"))
    with qtbot.waitSignal(model.send.failed):
        model.keep(SOME, DUE)
    assert model.error is not None
    assert model.error.code == "hub_unreachable"
    hub.fail("promise", Invalid("amount_over_balance", amount="£62.10", owed="£50.00"))
    with qtbot.waitSignal(model.send.failed):
        model.keep(SOME, DUE)
    assert model.error.code == "amount_over_balance"
    with qtbot.waitSignal(model.made):
        model.keep(SOME, DUE)
    keys = [new.key for _, new in sent(hub)]
    assert (keys[0] == keys[1], keys[1] == keys[2]) == (True, False)


def test_an_answer_that_comes_on_the_next_call_writes_nothing_into_its_wrap_up(
    model: PromiseViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    held = hub.hold("promise")
    model.open()
    model.keep(SOME, DUE)
    qtbot.waitUntil(lambda: bool(sent(hub)))
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    hub.push(CallChanged(call=samples.call(call_id="call_2")))
    qtbot.waitUntil(lambda: model.session.call is not None and model.session.call.call_id == "call_2")
    with qtbot.waitSignal(model.made):
        held.set()
    assert (model._wrap_up.disposition, model._wrap_up.note) == ("", "")


def test_ready_made_days_stay_within_the_policy(model: PromiseViewModel) -> None:
    assert list(model.ready_made) == ["In a week", "In two weeks", "In four weeks"]
    model.session._set_readiness(samples.readiness().model_copy(update={"promise_days": 10}))
    assert model.ready_made == {"In a week": model.today + timedelta(days=7)}


def test_only_an_open_or_a_broken_promise_stands(model: PromiseViewModel) -> None:
    today = model.today
    for state, stands in (
        (PromiseState.OPEN, True),
        (PromiseState.BROKEN, True),
        (PromiseState.KEPT, False),
        (PromiseState.REPLACED, False),
    ):
        model.session._take_customer(samples.customer(promise=promise_samples.promise(state=state)))
        assert (model.standing is not None) is stands
    assert line(promise_samples.promise(), today) == "Promised £62.10 by Friday 4 December, in 13 days."
    some = promise_samples.promise(paid=samples.gbp(1000))
    assert line(some, today).endswith("in 13 days. £10.00 of it is paid.")
    broken = promise_samples.promise(state=PromiseState.BROKEN, due_on=date(2026, 11, 18))
    assert line(broken, today) == (
        "Promised £62.10 by Wednesday 18 November, not kept: £0.00 of it was paid here."
    )
