"""The end of a call: a reason is needed, a card number is refused, a live payment comes first."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.wrap_up.view_model import PROMISE, WrapUpViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.call import DISPOSITIONS, CallState
from agentdesk.domain.errors import Conflict, Invalid
from agentdesk.wire.calls import WrapUp
from agentdesk.wire.events import CallChanged, PaymentChanged
from agentdesk.wire.readiness import DispositionInfo, QueueInfo
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]
CARD_LIKE = " ".join(["4242"] * 4)


@pytest.fixture
def model(session: Session, hub: FakeHub, enter: Enter) -> WrapUpViewModel:
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP)
    enter()
    return WrapUpViewModel(session)


def refused(model: WrapUpViewModel, qtbot: QtBot) -> str:
    """Finish, and return the code of what is said against it."""
    with qtbot.waitSignal(model.failed) as failed:
        model.finish()
    assert model.error is failed.args[0]
    return str(model.error.code)


def test_reason_and_note_end_the_call(model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    model.choose("query")
    model.note = "  asked about the tariff "
    assert model.why_not == ""
    model.finish()
    qtbot.waitUntil(lambda: model.session.call is None)
    assert ("wrap_up", ("call_1", WrapUp(disposition="query", note="asked about the tariff"))) in hub.asked
    assert (model.disposition, model.note) == ("", "")


def test_without_a_reason_nothing_is_sent(model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    assert model.why_not == "Choose a reason"
    assert refused(model, qtbot) == "disposition_required"
    assert hub.count("wrap_up") == 0
    model.choose("query")
    assert model.error is None


def test_a_reason_of_another_queue_is_none(model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    model.suggest("wrong_number", "")
    assert model.why_not == "Choose a reason"
    assert refused(model, qtbot) == "disposition_required"
    assert hub.count("wrap_up") == 0


def test_the_hub_does_not_know_the_reason(model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("wrap_up", Invalid("reason_unknown", reason="query"))
    model.choose("query")
    assert refused(model, qtbot) == "reason_unknown"
    assert model.session.call is not None
    model.finish()
    qtbot.waitUntil(lambda: model.session.call is None)


def test_a_note_like_a_card_number_does_not_leave_the_desk(
    model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    model.choose("query")
    model.note = f"they read out {CARD_LIKE}"
    assert refused(model, qtbot) == "card_number_refused"
    assert hub.count("wrap_up") == 0


def test_a_live_payment_comes_first(model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    model.choose("query")
    hub.push(PaymentChanged(payment=samples.payment(samples.attempt())))
    qtbot.waitUntil(lambda: model.why_not == "A payment is still live")
    assert refused(model, qtbot) == "note_live_payment"
    assert hub.count("wrap_up") == 0
    with qtbot.waitSignal(model.changed):
        hub.push(PaymentChanged(payment=samples.payment(samples.approved(), version=2)))
    assert model.why_not == ""


def test_the_hub_knows_of_a_live_payment_first(model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("wrap_up", Conflict("note_live_payment"))
    model.choose("query")
    assert refused(model, qtbot) == "note_live_payment"


def test_two_presses_end_it_once(model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    model.choose("query")
    model.finish()
    model.finish()
    qtbot.waitUntil(lambda: model.session.call is None)
    assert hub.count("wrap_up") == 1


def test_a_suggestion_does_not_overwrite_what_was_typed(model: WrapUpViewModel) -> None:
    model.suggest("bill_paid", "Paid £123.36")
    assert (model.disposition, model.note) == ("bill_paid", "Paid £123.36")
    model.choose("complaint")
    model.note = "angry"
    model.suggest("bill_paid", "Paid £123.36")
    assert (model.disposition, model.note) == ("complaint", "angry")


def test_the_next_call_starts_empty(model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    model.choose("query")
    model.note = "half a word"
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    hub.push(CallChanged(call=samples.call(call_id="call_2")))
    qtbot.waitUntil(lambda: model.session.call.call_id == "call_2")
    assert (model.disposition, model.note, model.session.line_is_open) == ("", "", True)


def test_each_queue_has_its_reasons(model: WrapUpViewModel, session: Session) -> None:
    assert model.dispositions == samples.DISPOSITIONS
    own = samples.queue("Billing", {"wrong": "Wrong number", "paid": "Paid"})
    session.readiness = session.readiness.model_copy(update={"queues": [*session.readiness.queues, own]})
    assert list(model.dispositions) == ["wrong", "paid"]
    session.readiness = None
    assert model.dispositions == DISPOSITIONS


# ---------------------------------------------------------------- a note that is needed, time, the next call
def _told(model: WrapUpViewModel, **policy: object) -> None:
    told = [DispositionInfo(code="query", words="Query"), DispositionInfo(code="wrong", words="Wrong number")]
    told.append(DispositionInfo(code="complaint", words="Complaint", note_required=True))
    queues = [QueueInfo(queue="", dispositions=told)]
    model.session._set_readiness(samples.readiness().model_copy(update={"queues": queues} | policy))


def test_a_reason_that_needs_a_note_is_not_taken_without_one(
    model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    _told(model)
    model.choose("query")
    assert (model.needs_note, model.why_not) == (False, "")
    model.choose("complaint")
    assert model.why_not == "This reason needs a note"
    model.type_note("   ")
    assert refused(model, qtbot) == "note_required"
    assert hub.count("wrap_up") == 0
    with qtbot.waitSignal(model.changed):
        model.type_note("Wants a call back")
    assert model.why_not == ""
    with qtbot.waitSignal(model.changed):
        model.type_note("")
    assert model.why_not == "This reason needs a note"


def test_the_hub_wants_a_note_that_this_desk_did_not_know_of(
    model: WrapUpViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("wrap_up", Invalid("note_required"))
    model.choose("query")
    assert refused(model, qtbot) == "note_required"
    assert model.session.call is not None


@pytest.mark.parametrize(("allowed", "over"), [(0, False), (72, False), (71, True)])
def test_the_time_after_the_call_is_counted_and_ends_nothing(
    model: WrapUpViewModel, allowed: int, over: bool
) -> None:
    assert model.after_call_s is None
    ended = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 40, 30))
    model.session.take_call(ended)
    _told(model, wrap_up_s=allowed)
    assert (model.after_call_s, model.allowed_s, model.is_over_time) == (72, allowed, over)
    model.choose("query")
    assert model.why_not == ""


def test_what_was_typed_waits_while_another_call_shows(
    model: WrapUpViewModel, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    model.session.take_call(samples.call(state=CallState.WRAP_UP))
    model.choose("query")
    model.type_note("Wants a paper bill.")
    session.take_call(samples.call(call_id="call_2", started_at=samples.NOW))
    session.go_to("call_2")
    assert (model.disposition, model.note) == ("", "")
    model.type_note("Of the second call.")
    session.go_to("call_1")
    assert (model.disposition, model.note) == ("query", "Wants a paper bill.")
    session.take_call(samples.call(state=CallState.ENDED))
    assert (session.call.call_id, model.note) == ("call_2", "Of the second call.")


def test_the_prepared_part_is_known_again_after_another_call(
    model: WrapUpViewModel, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    model.session.take_call(samples.call(state=CallState.WRAP_UP))
    model.suggest("query", "Tried £5.00.")
    session.take_call(samples.call(call_id="call_2", started_at=samples.NOW))
    session.go_to("call_2")
    assert (model.disposition, model.note) == ("", "")
    session.go_to("call_1")
    assert (model.disposition, model.note) == ("query", "Tried £5.00.")
    model.type_note("Angry. Tried £5.00. Rings back.")
    session.go_to("call_2")
    session.go_to("call_1")
    model.suggest("bill_paid", "Took £5.00.")
    assert (model.disposition, model.note) == ("bill_paid", "Angry. Took £5.00. Rings back.")


def test_each_prepared_part_is_replaced_where_it_stands(model: WrapUpViewModel) -> None:
    model.suggest("query", "Tried £5.00.")
    model.suggest("", "Promised £7.00.", PROMISE)
    model.type_note("Tried £5.00. Promised £7.00 or so.")
    model.suggest("bill_paid", "Took £5.00.")
    assert model.note == "Took £5.00. Promised £7.00 or so."
    model.type_note("Took five pounds.")
    model.suggest("bill_paid", "Took £5.00, code 1.")
    assert model.note == "Took five pounds."


def test_what_is_suggested_gives_way_to_what_is_known_better(model: WrapUpViewModel) -> None:
    model.suggest("query", "Tried £5.00.")
    model.suggest("bill_paid", "Took £5.00.")
    assert (model.disposition, model.note) == ("bill_paid", "Took £5.00.")
    model.suggest("", "Took £5.00, code 1.")
    assert (model.disposition, model.note) == ("", "Took £5.00, code 1.")
