"""Withdrawing a promise: what can be, what has to be said, and that one press does it once."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.promise.view import PromiseDrawer
from agentdesk.desk.screens.promise.withdrawal import WithdrawalViewModel
from agentdesk.desk.screens.promise.withdrawal_view import WithdrawalDrawer
from agentdesk.desk.session import Session
from agentdesk.desk.widgets.notices import Toast
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict
from agentdesk.domain.promise import PromiseState
from agentdesk.wire.promises import Withdrawal
from tests.desk import promise_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import focused, press

Enter = Callable[[], None]
WRONG = "It was the neighbour who called"


@pytest.fixture
def promised(hub: FakeHub) -> None:
    """Let Amara have a promise that stands."""
    hub.calls["call_1"] = samples.call()
    hub.customers["cus_1"] = samples.customer(promise=promise_samples.promise())


@pytest.fixture
def model(session: Session, promised: None, enter: Enter) -> WithdrawalViewModel:
    enter()
    return WithdrawalViewModel(session)


def test_it_is_withdrawn_once_and_the_customer_read_again(
    model: WithdrawalViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    model.open()
    before = hub.count("customer")
    with qtbot.waitSignal(model.withdrawn):
        model.withdraw(f" {WRONG} ")
        model.withdraw(WRONG)
    sent = [args for name, args in hub.asked if name == "withdraw_promise"]
    assert sent == [(promise_samples.promise().promise_id, Withdrawal(reason=WRONG))]
    assert model.promise is None
    qtbot.waitUntil(lambda: hub.count("customer") == before + 1)


@pytest.mark.parametrize("reason", ["", "  ", "ab "])
def test_without_a_reason_nothing_is_sent(reason: str, model: WithdrawalViewModel, hub: FakeHub) -> None:
    model.open()
    assert model.problem(reason) == "Say why"
    model.withdraw(reason)
    assert hub.count("withdraw_promise") == 0


@pytest.mark.parametrize("state", [PromiseState.KEPT, PromiseState.REPLACED, PromiseState.WITHDRAWN])
def test_what_no_longer_stands_cannot_be_withdrawn(
    state: PromiseState, model: WithdrawalViewModel, session: Session
) -> None:
    session._take_customer(samples.customer(promise=promise_samples.promise(state=state)))
    assert model.why_not == "This customer has no promise that stands"
    model.open()
    assert model.promise is None


def test_a_refusal_is_told_and_the_form_stays(model: WithdrawalViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("withdraw_promise", Conflict("promise_over"))
    model.open()
    with qtbot.waitSignal(model.send.failed):
        model.withdraw(WRONG)
    assert model.promise is not None
    assert model.error.code == "promise_over"


def test_another_customer_closes_the_form(
    model: WithdrawalViewModel, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    model.open()
    hub.customers["cus_2"] = samples.customer(customer_id="cus_2", name="Chidi Okafor")
    session.tasks.start(session.choose_customer("cus_2"))
    qtbot.waitUntil(lambda: model.promise is None)
    assert hub.count("withdraw_promise") == 0


def test_by_keyboard_alone(window: Window, hub: FakeHub, promised: None, enter: Enter, qtbot: QtBot) -> None:
    enter()
    press(window, "Ctrl+P")
    assert any("Ctrl Shift P withdraws it" in one for one in texts(window.findChild(PromiseDrawer)))
    press(window, "Ctrl+Shift+P")
    qtbot.waitUntil(lambda: window.findChild(WithdrawalDrawer) is not None)
    form = window.findChild(WithdrawalDrawer)
    assert not window.shell.agreed.promise.model.is_open
    assert focused() is form.reason.edit
    assert not form._go.isEnabled()
    qtbot.keyClicks(focused(), WRONG)
    qtbot.keyClick(focused(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: hub.count("withdraw_promise") == 1)
    qtbot.waitUntil(lambda: window.findChild(WithdrawalDrawer) is None)
    qtbot.waitUntil(lambda: any("Promise withdrawn" in one.accessibleName() for one in toasts(window)))


def test_where_nothing_stands_it_is_said(window: Window, hub: FakeHub, enter: Enter) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    press(window, "Ctrl+Shift+P")
    assert window.findChild(WithdrawalDrawer) is None
    assert any("Nothing to withdraw" in one.accessibleName() for one in toasts(window))


def toasts(window: Window) -> list[Toast]:
    return window.findChildren(Toast)


def texts(widget: PromiseDrawer) -> list[str]:
    return [one.text() for one in widget.findChildren(Paragraph)]
