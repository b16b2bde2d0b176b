"""What was closed, and what belonged to somebody who left, is gone: it hears nothing, and takes no room."""

import gc
from collections import Counter
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Command
from agentdesk.desk.screens.by_hand.view_model import ByHandViewModel
from agentdesk.desk.screens.customer.past import PastViewModel
from agentdesk.desk.screens.plan.changing import PlanViewModel
from agentdesk.desk.screens.plan.making import PlanMaking
from agentdesk.desk.screens.promise.view_model import PromiseViewModel
from agentdesk.desk.screens.promise.withdrawal import WithdrawalViewModel
from agentdesk.desk.widgets.drawer import Scrim, scrims
from agentdesk.desk.widgets.key_cap import KeyCap
from agentdesk.desk.window import Window
from tests.desk import card_samples, log_samples, plan_samples, promise_samples, samples
from tests.desk.ends_stages import past
from tests.desk.fake_hub import FakeHub
from tests.desk.plan_stages import allow
from tests.desk.screens.payments.test_view import enter as enter_log
from tests.desk.screens.payments.test_view import supervisor

__all__ = ["supervisor"]  # a fixture

OPENERS: dict[str, Callable[[Window], object]] = {
    "help": lambda window: window.shell.show_help(),
    "the day": lambda window: window.shell.show_journey(),
    "command box": lambda window: window.shell.open_command_box(),
    "readiness": lambda window: window.shell.readiness.open(),
    "sign in again": lambda window: window.shell.renew._model.ask(),
    "a past payment": lambda window: window.findChild(PastViewModel).open("pay_old"),
    "a promise": lambda window: window.findChild(PromiseViewModel).open(),
    "a new plan": lambda window: window.findChild(PlanMaking).open(),
    "a plan": lambda window: window.findChild(PlanViewModel).open(plan_samples.plan()),
    "withdrawing it": lambda window: window.findChild(WithdrawalViewModel).open(),
}


def alive(qtbot: QtBot) -> Counter[str]:
    """Count the desk's own objects by class, once what was asked for has come and what is due has gone."""
    qtbot.waitUntil(lambda: not any(_asks(one) for one in gc.get_objects() if type(one) is Command))
    turned: list[bool] = []
    QTimer.singleShot(0, lambda: turned.append(True))
    qtbot.waitUntil(lambda: bool(turned))
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    ours = (type(one) for one in gc.get_objects() if str(type(one).__module__).startswith("agentdesk.desk"))
    return Counter(f"{one.__module__}.{one.__qualname__}" for one in ours)


def _asks(command: Command) -> bool:
    """Whether it waits for an answer; one whose owner went before it began keeps its task, which is over."""
    task = command._flight.task
    return task is not None and not task.done()


def grown(act: Callable[[], None], qtbot: QtBot) -> Counter[str]:
    """Return what is left of doing something once more; the first times may keep something for good."""
    act()
    act()
    before = alive(qtbot)
    act()
    return alive(qtbot) - before


def float_and_leave(window: Window, opener: Callable[[Window], object], qtbot: QtBot) -> None:
    opener(window)
    qtbot.waitUntil(lambda: bool(scrims(window)))
    for one in window.findChildren(Scrim):
        one.escaped.emit()
    qtbot.waitUntil(lambda: not scrims(window))


def sign_out(window: Window, qtbot: QtBot) -> None:
    window.sign_out()
    qtbot.waitUntil(lambda: window.sign_in is not None and not window.sign_in._model.look.is_running)


class LivesOn(QObject):
    """A model that outlives what it is shown by."""

    changed = Signal()


def test_what_hears_on_is_found(dressed: QApplication, qtbot: QtBot) -> None:
    model = LivesOn()

    def leave_one_listening() -> None:
        cap = KeyCap("F1")
        model.changed.connect(lambda: cap.set_off(True))
        cap.deleteLater()

    assert grown(leave_one_listening, qtbot) == {"agentdesk.desk.widgets.key_cap.KeyCap": 1}


def test_an_agent_who_leaves_takes_all_along(
    window: Window, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot
) -> None:
    def come_and_go() -> None:
        enter()
        window.shell.hold_focus()
        sign_out(window, qtbot)

    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)

    assert grown(come_and_go, qtbot) == Counter()


def test_a_supervisor_who_leaves_takes_all_along(window: Window, supervisor: FakeHub, qtbot: QtBot) -> None:
    def come_and_go() -> None:
        view = enter_log(window, qtbot)
        view._model.open(view._model.table.row(0))
        sign_out(window, qtbot)

    assert grown(come_and_go, qtbot) == Counter()


@pytest.fixture
def on_call(window: Window, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot) -> Window:
    past(hub)
    hub.take(hub.details["pay_old"].payment)
    hub.calls["call_1"] = samples.call()
    allow(hub)
    cards = card_samples.several("card_1")
    hub.customers["cus_1"] = samples.customer(promise=promise_samples.promise(), saved_cards=cards)
    hub.plans["plan_01JD00000000000000019ZQ7WB"] = plan_samples.plan()
    enter()
    qtbot.waitUntil(lambda: window.session.customer is not None)
    return window


@pytest.mark.parametrize("what", OPENERS)
def test_what_floats_leaves_nothing(what: str, on_call: Window, qtbot: QtBot) -> None:
    assert grown(lambda: float_and_leave(on_call, OPENERS[what], qtbot), qtbot) == Counter()


def test_searching_leaves_nothing(on_call: Window, qtbot: QtBot) -> None:
    def search() -> None:
        on_call.shell.find_customer()
        on_call.shell._customers.leave_search()

    assert grown(search, qtbot) == Counter()


def test_taking_a_call_by_hand_leaves_nothing(
    window: Window, enter: Callable[[], None], qtbot: QtBot
) -> None:
    enter()
    model = window.findChild(ByHandViewModel)
    assert grown(lambda: float_and_leave(window, lambda _: model.open(), qtbot), qtbot) == Counter()


def test_deciding_an_outcome_leaves_nothing(window: Window, supervisor: FakeHub, qtbot: QtBot) -> None:
    story = log_samples.undecided_story()
    supervisor.details[story.payment.intent_id] = story
    view = enter_log(window, qtbot)
    window.session.clock.set_by(log_samples.LATER)
    rows = [view._model.table.row(place) for place in range(len(supervisor.log.rows))]
    view._model.open(next(row for row in rows if row.intent_id == story.payment.intent_id))
    qtbot.waitUntil(lambda: view._model.undecided is not None)
    assert grown(lambda: float_and_leave(window, lambda _: view.drawer.decide(), qtbot), qtbot) == Counter()
