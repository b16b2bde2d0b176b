"""The window by keyboard: regions, search, help, answering, signing out, closing."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.help_overlay import HelpOverlay
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.focus import in_reading_order
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.events import CallChanged, PaymentChanged, ReadinessChanged
from agentdesk.wire.readiness import LampState
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]


@pytest.mark.parametrize("screen", SCREENS)
def test_everything_that_takes_the_keyboard_has_a_name(
    screen: str, window: Window, hub: FakeHub, enter: Enter
) -> None:
    SCREENS[screen](hub)
    enter()
    assert nameless(window) == []


def test_the_sign_in_screen_has_names_too(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    assert nameless(window) == []
    qtbot.waitUntil(lambda: not window.sign_in._model.look.is_running)
    hub.new = True
    window.sign_in._model.look.start()
    qtbot.waitUntil(window.sign_in._named.isVisible)
    assert nameless(window) == []


def test_the_search_has_names_too(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.found = [samples.match(2)]
    enter()
    press(window, "Ctrl+F")
    qtbot.keyClicks(focused(), "oka")
    wait_for_button(window, qtbot, "Amara Okafor")
    assert nameless(window) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_tab_reaches_everything_once_and_comes_round(
    screen: str, window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS[screen](hub)
    enter()
    qtbot.waitUntil(lambda: not window.session.load_customer.is_running)
    window.shell.top_bar.person.setFocus()
    seen = [focused()]
    for _ in range(60):
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
        if focused() is seen[0]:
            break
        seen.append(focused())
    assert len(seen) == len(set(seen))
    assert set(in_reading_order(window)) == set(seen)
    qtbot.keyClick(focused(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert focused() is seen[-1]


def nameless(window: Window) -> list[QWidget]:
    return [
        part
        for part in window.findChildren(QWidget)
        if part.isVisible() and part.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not isinstance(part, QAbstractScrollArea) or part.focusPolicy() != Qt.FocusPolicy.ClickFocus
        if not (part.accessibleName() or (isinstance(part, QAbstractButton) and part.text()))
    ]


def test_f6_walks_through_the_regions_and_back(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["connected"](hub)
    enter()
    shell = window.shell
    seen = []
    for key in ("F6", "F6", "F6", "Shift+F6"):
        press(window, key)
        seen.append(shell._marked.title)
        assert shell._marked.isAncestorOf(focused())
    assert seen == ["Call and script", "Customer", "Payment", "Customer"]


def test_ctrl_f_searches_and_esc_goes_back(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.found = [samples.match(2, "Chidi Okafar", exact=False)]
    hub.customers["cus_2"] = samples.customer(customer_id="cus_2", name="Chidi Okafar")
    hub.histories["cus_2"] = samples.history()
    enter()
    press(window, "Ctrl+F")
    assert isinstance(focused(), QLineEdit)
    qtbot.keyClicks(focused(), "oka")
    qtbot.waitUntil(lambda: hub.count("search_customers") == 1)
    button = wait_for_button(window, qtbot, "Chidi Okafar")
    button.click()
    qtbot.waitUntil(lambda: window.session.customer is not None)
    assert window.session.customer.name == "Chidi Okafar"
    press(window, "Ctrl+F")
    window.shell.customer._model.leave_search()
    assert not window.shell.customer._model.searching


def wait_for_button(window: Window, qtbot: QtBot, name: str) -> QAbstractButton:
    def found() -> list[QAbstractButton]:
        buttons = window.findChildren(QAbstractButton)
        return [one for one in buttons if one.isVisible() and one.accessibleName() == name]

    qtbot.waitUntil(lambda: len(found()) == 1)
    return found()[0]


def test_f1_lists_the_keys_and_gives_the_focus_back(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    press(window, "Ctrl+F")
    before = focused()
    press(window, "F1")
    overlay = window.findChild(HelpOverlay)
    assert overlay.isVisible()
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(HelpOverlay) is None)
    assert focused() is before


def test_enter_answers_the_call_that_rings(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    hub.calls["call_1"] = samples.ringing()
    enter()
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.call is not None)
    assert hub.count("answer") == 1


def in_the_middle(window: Window) -> bool:
    """Whether the keyboard is in the region that shows in the middle, which has the focus line."""
    centre = window.shell.current_centre
    return centre.isAncestorOf(QApplication.focusWidget()) and window.shell._marked is centre


def test_the_keyboard_stays_in_the_middle_through_a_call(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    """What has it goes away at each step; the top bar never gets it."""
    in_the_bar: list[bool] = []
    hub.calls["call_1"] = samples.ringing()
    enter()
    bar, app = window.shell.top_bar, QApplication.instance()
    watch = app.focusChanged.connect(lambda _, now: in_the_bar.append(bool(now and bar.isAncestorOf(now))))
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.customer is not None and in_the_middle(window))
    qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    assert in_the_middle(window)
    states = (samples.attempt(), samples.approved())
    for version, attempt in enumerate(states, 1):
        hub.push(PaymentChanged(payment=samples.payment(attempt, version=version)))
        qtbot.waitUntil(lambda: window.session.payment is not None)
        qtbot.waitUntil(lambda attempt=attempt: window.session.payment.attempts == [attempt])
        qtbot.waitUntil(lambda: in_the_middle(window))
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
        assert in_the_middle(window)
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    qtbot.waitUntil(lambda: window.session.call is None and in_the_middle(window))
    app.focusChanged.disconnect(watch)
    assert in_the_bar
    assert not any(in_the_bar)


def test_who_types_keeps_the_keyboard_when_a_call_rings(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    press(window, "Ctrl+F")
    hub.push(CallChanged(call=samples.ringing()))
    qtbot.waitUntil(lambda: window.session.ringing != [])
    assert isinstance(focused(), QLineEdit)


def test_a_lost_hub_is_said_over_the_payment(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    enter()
    assert not window.shell._lost.isVisible()
    hub.fail("events", Unavailable("hub_unreachable"), always=True)
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(window.shell._lost.isVisible)
    assert any(line.startswith("Connection lost at") and loud for line, loud in said)
    assert "Nothing new can start" in window.shell._lost.accessibleDescription()
    hub.fail("events", None)
    qtbot.waitUntil(lambda: not window.shell._lost.isVisible())
    assert ("Connected again", True) in said


def test_the_payments_page_is_for_those_who_may_see_it(window: Window, enter: Enter) -> None:
    enter()
    assert "Payments" not in window.shell.pages


def test_signing_out_shows_the_sign_in(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    window.sign_out()
    qtbot.waitUntil(lambda: window.sign_in is not None and window.sign_in.isVisible())
    assert window.shell is None


def test_closing_keeps_a_live_payment_until_the_agent_decides(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["capturing"](hub)
    enter()
    window.close()
    assert window.isVisible()
    actions = window.shell.current_centre.action_bar
    assert actions.is_asking()
    qtbot.keyClick(focused(), Qt.Key.Key_Return)  # the safe answer has the focus
    assert not actions.is_asking()
    assert hub.count("cancel") == 0
    window.close()
    wait_for_button(window, qtbot, "Cancel and close").click()
    qtbot.waitUntil(lambda: hub.count("cancel") == 1)
    assert window.isVisible()  # until the hub has confirmed it
    payment = next(iter(hub.payments.values()))
    closed = samples.attempt(AttemptState.NOT_SENT, attempt_id=payment.attempts[-1].attempt_id)
    with qtbot.waitSignal(window.closed):
        over = payment.model_copy(update={"attempts": [closed], "version": payment.version + 1})
        hub.push(PaymentChanged(payment=over))


def test_closing_without_a_live_payment_just_closes(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    with qtbot.waitSignal(window.closed):
        window.close()


def test_signing_out_by_keys_alone(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    press(window, "F12")
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    qtbot.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_S)
    qtbot.waitUntil(lambda: window.sign_in is not None)


@pytest.mark.parametrize("scale", [1.0, 1.3])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_window_fits_the_smallest_size_in_every_text_size(
    screen: str, scale: float, window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    theme.set_text_scale(scale)
    SCREENS[screen](hub)
    enter()
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: window.shell.current_centre.width() >= 560)
    assert window.size().toTuple() == (1280, 720)
    for region in (window.shell.customer, window.shell.call):
        assert region.body.minimumSizeHint().width() <= region.body.parentWidget().width(), region.title


def test_the_next_person_gets_a_desk_of_their_own(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    """What the desk before listened to is heard once, and by nobody who is gone."""
    enter()
    window.sign_out()
    qtbot.waitUntil(lambda: window.shell is None)
    enter()
    hub.calls["call_1"] = samples.call()
    asked = hub.count("history")
    hub.push(CallChanged(call=hub.calls["call_1"]))
    qtbot.waitUntil(lambda: window.shell.customer._model.history is not None)
    assert hub.count("history") == asked + 1
    hub.push(ReadinessChanged(readiness=hub.lamps))
    payment = samples.payment(samples.attempt())
    hub.push(PaymentChanged(payment=payment))
    qtbot.waitUntil(lambda: window.session.payment == payment)


def test_the_hub_is_not_asked_for_signing_in_any_more(window: Window, enter: Enter, qtbot: QtBot) -> None:
    gone = window.sign_in._model
    with qtbot.waitSignal(gone.destroyed):
        enter()


def test_the_side_regions_grow_with_the_text(window: Window, enter: Enter) -> None:
    enter()
    before = window.shell.customer.width()
    theme.set_text_scale(1.15)
    assert window.shell.customer.width() > before


def test_a_lamp_tells_the_hubs_words(window: Window, hub: FakeHub, enter: Enter) -> None:
    hub.lamps = samples.readiness(recorder=LampState.DOWN)
    enter()
    lamp = window.shell.status_bar._lamps["Recorder"]
    assert "down since" in lamp.accessibleName()
    assert lamp.toolTip() == lamp.accessibleDescription() == "Pause was acknowledged in 0.2 s"


def test_no_key_repeats_while_it_is_held(window: Window, enter: Enter) -> None:
    enter()
    actions = [one for one in window.findChildren(QAction) if not one.shortcut().isEmpty()]
    assert actions
    assert [one.text() for one in actions if one.autoRepeat()] == []
