"""The caller check on the desk: ticked by key, sent once, kept as it ended, and what it leaves possible."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.call.check_model import CheckModel
from agentdesk.desk.session import Session
from agentdesk.desk.window import Window
from agentdesk.domain.call import CheckResult
from agentdesk.domain.errors import Conflict
from agentdesk.wire.calls import NewCallerCheck
from tests.desk import caller_samples, samples
from tests.desk.fake_hub import FakeHub

PASSED = NewCallerCheck(customer_id="cus_1", result=CheckResult.PASSED, passed=["post_code", "last_bill"])
FAILED = NewCallerCheck(customer_id="cus_1", result=CheckResult.FAILED, passed=["post_code"])


@pytest.fixture
def model(session: Session, hub: FakeHub, enter: Callable[[], None]) -> CheckModel:
    """Give the check of a call whose queue asks for two of three."""
    hub.lamps = caller_samples.with_check(hub.lamps)
    hub.calls["call_1"] = samples.call()
    enter()
    return CheckModel(session)


def _sent(hub: FakeHub) -> list[NewCallerCheck]:
    return [args[1] for name, args in hub.asked if name == "check_caller"]


def test_enough_right_answers_are_sent_as_a_passed_check(
    model: CheckModel, hub: FakeHub, qtbot: QtBot
) -> None:
    model.tick("post_code")
    assert not model.send.is_running
    model.tick("last_bill")
    qtbot.waitUntil(lambda: model.check is not None)
    assert _sent(hub) == [PASSED]
    assert model.right == "Post code, Last bill's amount"
    assert model.ticked == []


def test_a_tick_is_taken_back(model: CheckModel, hub: FakeHub) -> None:
    model.tick("post_code")
    model.tick("post_code")
    assert model.ticked == []
    assert _sent(hub) == []


def test_pressed_twice_it_is_sent_once(model: CheckModel, hub: FakeHub, qtbot: QtBot) -> None:
    gate = hub.hold("check_caller")
    model.tick("post_code")
    model.tick("last_bill")
    model.tick("birth_date")
    model.fail()
    gate.set()
    qtbot.waitUntil(lambda: model.check is not None)
    assert _sent(hub) == [PASSED]


def test_a_check_that_was_not_passed_can_be_asked_again(
    model: CheckModel, hub: FakeHub, qtbot: QtBot
) -> None:
    model.tick("post_code")
    model.fail()
    qtbot.waitUntil(lambda: model.check is not None)
    assert _sent(hub) == [FAILED]
    model.again()
    assert model.check is None
    model.tick("post_code")
    model.tick("last_bill")
    qtbot.waitUntil(lambda: model.check is not None)
    assert model.check
    assert model.check.result is CheckResult.PASSED


def test_a_refusal_is_shown_and_nothing_stays_ticked(model: CheckModel, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("check_caller", Conflict("note_live_payment"))
    model.fail()
    qtbot.waitUntil(lambda: model.error is not None)
    assert (model.check, model.ticked) == (None, [])


def test_another_customer_is_another_check(
    model: CheckModel, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.customers["cus_2"] = samples.customer(customer_id="cus_2")
    model.tick("post_code")
    session.take_call(samples.call(customer_id="cus_2"))
    assert model.ticked == []
    qtbot.waitUntil(lambda: session.customer is not None)


@pytest.mark.parametrize("changes", [{"customer_id": None}, {"customer_id": "cus_1", "queue": "Sales"}])
def test_without_a_customer_or_a_policy_there_is_nothing_to_check(
    session: Session, hub: FakeHub, enter: Callable[[], None], changes: dict[str, str | None]
) -> None:
    asked = caller_samples.with_check(hub.lamps).queues[0].model_copy(update={"queue": "Billing"})
    plain = hub.lamps.queues[0]
    hub.lamps = hub.lamps.model_copy(update={"queues": [plain, asked]})
    hub.calls["call_1"] = samples.call(**changes)
    enter()
    assert CheckModel(session).policy is None


def test_alt_and_a_digit_tick_and_the_keypad_goes_where_it_failed(
    window: Window, session: Session, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot
) -> None:
    hub.lamps = caller_samples.with_check(hub.lamps)
    hub.calls["call_1"] = samples.call()
    enter()
    assert window.shell
    qtbot.waitUntil(window.shell.call.check.isVisible)
    names = [key.name for key in window.shell.keys.now() if key.key[-1].isdigit() and key.key[:3] == "Alt"]
    assert names == [
        "Post code is right", "Date of birth is right", "Last bill's amount is right",
        "Caller check not passed",
    ]  # fmt: skip
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: bool(_sent(hub)))
    assert _sent(hub) == [FAILED]
    form = window.shell.centre["payment"]._model.form
    qtbot.waitUntil(lambda: form.chosen_route is not None and form.chosen_route.route == "link")
    assert "details on file" in next(one.off_reason for one in form.routes if one.route == "keypad")
    qtbot.waitUntil(lambda: "Alt Q" in {key.key for key in window.shell.keys.now()})
    qtbot.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: "Alt 0" in {key.key for key in window.shell.keys.now()})
    assert "Alt Q" not in {key.key for key in window.shell.keys.now()}
