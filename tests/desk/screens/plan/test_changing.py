"""A payment plan that stands: how it shows, what can be done to it now and by whom, and doing it once."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.customer.past import PastViewModel
from agentdesk.desk.screens.payment.choice import Pick
from agentdesk.desk.screens.plan.changing import PlanViewModel
from agentdesk.desk.screens.plan.changing_view import PlanDrawer, meaning
from agentdesk.desk.screens.plan.line import PlanLine
from agentdesk.desk.screens.plan.standing import line
from agentdesk.desk.session import Connection, ConnectionState, Session
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import scrims
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.people import Role
from agentdesk.domain.plan import InstalmentState, PlanState
from agentdesk.wire.events import CallChanged, CustomerChanged
from agentdesk.wire.plans import PaymentPlan, PlanChange, PlanWish
from agentdesk.wire.work import WorkList
from tests.desk import plan_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.plan_stages import allow
from tests.desk.screens.payments.test_view import enter as enter_log
from tests.desk.screens.payments.test_view import supervisor, words
from tests.desk.walk import focused, press

__all__ = ["supervisor"]  # a fixture

Enter = Callable[[], None]
PAID, TAKING, DUE = InstalmentState.PAID, InstalmentState.TAKING, InstalmentState.DUE
ILL = "The caller lost their work"


@pytest.fixture
def called(hub: FakeHub) -> None:
    """Let Amara, who has an active plan, be on the line."""
    allow(hub)
    hub.keep_plan(plan_samples.plan())
    hub.calls["call_1"] = samples.call()


@pytest.fixture
def model(session: Session, called: None, hub: FakeHub, enter: Enter, qtbot: QtBot) -> PlanViewModel:
    enter()
    model = PlanViewModel(session)
    model.open(plan_samples.plan())
    qtbot.waitUntil(lambda: not model.load.is_running)
    return model


def changes(hub: FakeHub) -> list[PlanChange]:
    return [args[1] for name, args in hub.asked if name == "change_plan"]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (
            plan_samples.plan(),
            "3 of 6 paid, next £30.77 on Sunday 20 December, Visa ending 4242, 08/28.",
        ),
        (plan_samples.plan(PAID, TAKING), "1 of 6 paid, £30.77 is being taken, Visa ending 4242, 08/28."),
        (plan_samples.plan(*[PAID] * 6), "6 of 6 paid, Visa ending 4242, 08/28."),
        (plan_samples.paused(), f"2 of 6 paid. Paused: {plan_samples.REFUSED}"),
        (
            plan_samples.plan(PAID, state=PlanState.CANCELLED, why="The caller paid all."),
            "1 of 6 paid, £30.77 of £184.62. The caller paid all.",
        ),
        (
            plan_samples.plan(*[PAID] * 6, state=PlanState.DONE),
            "6 of 6 paid, £184.62 of £184.62.",
        ),
    ],
)
def test_where_it_stands_is_said_in_a_line(plan: PaymentPlan, said: str) -> None:
    assert line(plan, samples.NOW.date()) == said


@pytest.mark.parametrize(
    ("plan", "wishes"),
    [
        (plan_samples.plan(), [PlanWish.PAUSE, PlanWish.SKIP, PlanWish.CANCEL]),
        (plan_samples.paused(), [PlanWish.RESUME, PlanWish.SKIP, PlanWish.CANCEL]),
        (plan_samples.plan(PAID, TAKING), [PlanWish.PAUSE, PlanWish.CANCEL]),
        (plan_samples.plan(*[PAID] * 6), [PlanWish.PAUSE, PlanWish.CANCEL]),
        (plan_samples.plan(PAID, state=PlanState.DONE), []),
        (plan_samples.plan(PAID, state=PlanState.CANCELLED), []),
    ],
)
def test_only_what_is_possible_now_is_offered(
    plan: PaymentPlan, wishes: list[PlanWish], model: PlanViewModel, hub: FakeHub
) -> None:
    hub.keep_plan(plan)
    model.open(plan)
    assert model.wishes == wishes


@pytest.mark.parametrize("wish", list(PlanWish))
def test_each_is_done_once_with_its_reason(
    wish: PlanWish, model: PlanViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    plan = plan_samples.paused() if wish is PlanWish.RESUME else plan_samples.plan()
    hub.keep_plan(plan)
    model.open(plan)
    model.ask(wish)
    assert meaning(model, wish)
    with qtbot.waitSignal(model.done) as done:
        model.do(f" {ILL} ")
        model.do(ILL)
    assert done.args == [wish]
    assert changes(hub) == [PlanChange(wish=wish, reason=ILL, number=4 if wish is PlanWish.SKIP else None)]
    assert model.wish is None
    qtbot.waitUntil(lambda: model.session.customer.plan == model.plan)  # type: ignore[union-attr]


def test_another_payment_that_is_next_is_not_skipped(
    model: PlanViewModel, hub: FakeHub, session: Session, qtbot: QtBot
) -> None:
    model.ask(PlanWish.SKIP)
    hub.keep_plan(plan_samples.plan(*[PAID] * 4))
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: model.plan is not None and model.plan.next.number == 5)  # type: ignore[union-attr]
    assert model.wish is None
    model.do(ILL)
    assert changes(hub) == []


def test_a_refusal_is_told_and_the_plan_is_read_again(
    model: PlanViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("change_plan", Conflict("plan_over", state="cancelled"))
    hub.plans[plan_samples.plan().plan_id] = plan_samples.plan(PAID, state=PlanState.CANCELLED)
    model.ask(PlanWish.PAUSE)
    with qtbot.waitSignal(model.send.failed):
        model.do(ILL)
    assert model.error is not None and model.error.code == "plan_over"
    qtbot.waitUntil(lambda: model.plan is not None and model.plan.state is PlanState.CANCELLED)
    assert model.wishes == []
    assert model.wish is None


def test_a_lost_answer_and_another_press_ask_for_the_same(
    model: PlanViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("change_plan", Unavailable("hub_unreachable"))
    model.ask(PlanWish.SKIP)
    with qtbot.waitSignal(model.send.failed):
        model.do(ILL)
    with qtbot.waitSignal(model.done):
        model.do(ILL)
    first, second = changes(hub)
    assert first == second


def test_after_the_call_only_a_supervisor_changes_it(
    model: PlanViewModel, hub: FakeHub, session: Session, qtbot: QtBot
) -> None:
    assert model.why_not == ""
    hub.push(CallChanged(call=samples.call(state=CallState.WRAP_UP, line_ended_at=samples.NOW)))
    qtbot.waitUntil(lambda: not session.line_is_open)
    assert model.why_not == "With the customer on the line, or a supervisor"
    model.ask(PlanWish.CANCEL)
    assert model.wish is None
    session.person = samples.person(Role.SUPERVISOR)
    assert model.why_not == ""


def test_without_a_connection_nothing_is_changed(
    model: PlanViewModel, session: Session, hub: FakeHub
) -> None:
    model.ask(PlanWish.PAUSE)
    session.connection = Connection(ConnectionState.LOST, samples.NOW)
    model.do(ILL)
    assert changes(hub) == []


def test_another_customer_closes_it(model: PlanViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    hub.customers["cus_2"] = samples.customer(customer_id="cus_2")
    hub.push(CallChanged(call=samples.call(customer_id="cus_2")))
    qtbot.waitUntil(lambda: model.plan is None)


# ---------------------------------------------------------------- in the window


@pytest.fixture
def desk(window: Window, called: None, enter: Enter, qtbot: QtBot) -> Window:
    enter()
    qtbot.waitUntil(lambda: window.findChild(PlanLine) is not None)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def opened(desk: Window, qtbot: QtBot) -> PlanDrawer:
    """Open the plan that stands by its key."""
    press(desk, "Alt+P")
    qtbot.waitUntil(lambda: desk.findChild(PlanDrawer) is not None)
    found = desk.findChild(PlanDrawer)
    assert isinstance(found, PlanDrawer)
    return found


def test_the_customer_shows_it_in_a_line_that_opens_it(desk: Window, qtbot: QtBot) -> None:
    shown = desk.findChild(PlanLine)
    assert isinstance(shown, PlanLine)
    assert shown.accessibleName() == (
        "Payment plan: 3 of 6 paid, next £30.77 on Sunday 20 December, Visa ending 4242, 08/28."
    )
    shown.findChild(Button).click()
    qtbot.waitUntil(lambda: desk.findChild(PlanDrawer) is not None)


def test_removing_its_card_says_that_it_is_paused(
    desk: Window, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    assert desk.shell is not None
    desk.shell.customer._model.ask_to_remove("card_1")
    assert "The payment plan on it is paused." in words(desk)
    assert any("The payment plan on it is paused." in one for one, _loud in said)


def test_paused_it_is_amber_and_says_why(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.keep_plan(plan_samples.paused())
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: any(one.findChild(Banner) for one in desk.findChildren(PlanLine)))
    assert plan_samples.REFUSED in words(desk)


def test_it_is_paused_by_keys_alone(
    desk: Window, hub: FakeHub, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    drawer = opened(desk, qtbot)
    assert focused() is drawer.presses[PlanWish.PAUSE]
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    assert drawer.form is not None
    assert [one for one, _loud in said if one.startswith("Nothing is taken until somebody resumes it.")]
    assert not drawer.presses[PlanWish.PAUSE].isEnabled()
    qtbot.keyClicks(focused(), ILL)
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(drawer.presses[PlanWish.RESUME].isVisible)
    assert drawer.form is None
    assert changes(hub) == [PlanChange(wish=PlanWish.PAUSE, reason=ILL)]
    assert any(one.startswith("Paused. 3 of 6 paid") for one, _loud in said)


def test_without_a_reason_nothing_is_sent_and_it_can_be_kept(
    desk: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    drawer = opened(desk, qtbot)
    drawer.presses[PlanWish.CANCEL].click()
    assert drawer.form is not None
    drawer.form._go.click()
    assert "Say it in a few words." in words(drawer)
    drawer.form.left.emit()
    assert drawer.form is None
    assert changes(hub) == []


def test_a_press_is_busy_while_it_is_sent(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    held = hub.hold("change_plan")
    drawer = opened(desk, qtbot)
    drawer.presses[PlanWish.SKIP].click()
    assert drawer.form is not None
    drawer.form.sent.emit([ILL])
    drawer.form.sent.emit([ILL])
    assert drawer.form._go.is_busy
    held.set()
    qtbot.waitUntil(lambda: drawer.form is None)
    assert len(changes(hub)) == 1


def test_a_payment_of_it_opens(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.take(
        samples.payment(samples.approved(), intent_id="pay_01JD0000000000000001JD7Q41", plan="019Z-Q7WB")
    )
    drawer = opened(desk, qtbot)
    [first] = [one for one in drawer.findChildren(Button) if one.accessibleName() == "Open payment 01JD-7Q41"]
    first.click()
    past = desk.findChild(PastViewModel)
    assert isinstance(past, PastViewModel)
    qtbot.waitUntil(lambda: past.payment is not None)
    assert "Payment plan 019Z-Q7WB, agreed with Priya Nair" in words(desk)


def test_each_payment_is_named_with_its_state(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.keep_plan(plan_samples.paused())
    drawer = opened(desk, qtbot)
    qtbot.waitUntil(lambda: "Paused: nothing is taken" in words(drawer))
    names = [one.accessibleName() for one in drawer.findChildren(object) if hasattr(one, "accessibleName")]
    assert "Payment 1: £30.77 on Sunday 20 September, Paid" in names
    assert "Payment 3: £30.77 on Friday 20 November, Not paid" in names
    assert "Payment 4: £30.77 on Sunday 20 December, To come" in names


def test_what_it_takes_cannot_be_ticked_and_leads_to_it(desk: Window, qtbot: QtBot) -> None:
    region = desk.shell.centre["payment"]  # type: ignore[union-attr]
    what = region._body.what
    assert [(one.badge, bool(one.held)) for one in what.lines] == [("plan", True)] * 3
    assert not any(row.isEnabled() for row in what.table._rows)
    [banner] = [
        one for one in what.findChildren(Banner) if one.accessibleName() == "A payment plan takes this"
    ]
    banner.pressed.emit()
    qtbot.waitUntil(lambda: desk.findChild(PlanDrawer) is not None)


def test_a_refusal_for_a_plan_leads_to_it(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.keep_plan(plan_samples.plan(numbers=["NW-20931"]))
    hub.push(CustomerChanged(customer_id="cus_1"))
    region = desk.shell.centre["payment"]  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: bool(region._model.form.choice.payable))
    region._model.form.choose(Pick.EVERYTHING)
    told = {"numbers": "NW-21407", "reference": "019Z-Q7WB", "amount": "£30.77", "on": "20 December 2026"}
    hub.fail("create_payment", Conflict("in_plan", **told))
    region._model.take()
    qtbot.waitUntil(lambda: region._error.findChild(Banner) is not None)
    region._error.findChild(Banner).pressed.emit()
    qtbot.waitUntil(lambda: desk.findChild(PlanDrawer) is not None)


def test_a_supervisor_opens_it_from_the_work_list(window: Window, supervisor: FakeHub, qtbot: QtBot) -> None:
    supervisor.waiting = WorkList(rows=[plan_samples.work()], count=1, as_of=samples.NOW)
    supervisor.plans[plan_samples.paused().plan_id] = plan_samples.paused()
    page = enter_log(window, qtbot)
    page.show_work(True)
    qtbot.waitUntil(lambda: page._work.table.rowCount() == 1)
    page.work_table.select(0)
    page._open_work(page._work.table.row(0))
    qtbot.waitUntil(lambda: window.findChild(PlanDrawer) is not None)
    drawer = window.findChild(PlanDrawer)
    assert isinstance(drawer, PlanDrawer)
    assert "Amara Okafor" in words(drawer)
    assert drawer.presses[PlanWish.RESUME].isEnabled()
    for one in scrims(window):
        one.escaped.emit()
    qtbot.waitUntil(lambda: not scrims(window))
