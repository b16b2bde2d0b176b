"""The waiting screen: ringing calls, the keyboard, open work."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict
from agentdesk.wire.events import CallChanged
from tests.desk import promise_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]


def words(widget: QWidget) -> list[str]:
    """Return every word that shows."""
    return [one.text() for one in widget.findChildren(QWidget) if isinstance(one, Text | Paragraph)]


def test_several_calls_ring(window: Window, hub: FakeHub, enter: Enter) -> None:
    hub.calls["call_1"] = samples.ringing(started_at=samples.NOW - timedelta(seconds=30))
    hub.calls["call_2"] = samples.ringing(call_id="call_2", matches=[])
    hub.calls["call_3"] = samples.ringing(call_id="call_3", number=None, matches=[])
    enter()
    shown = words(window.shell.current_centre)
    assert "Amara Okafor" in shown
    assert "+44 20 7946 0958, Billing queue, 2 more waiting" in [" ".join(one.split()) for one in shown]
    assert "Ringing 30 s" in shown


def test_nothing_open_is_said(window: Window, enter: Enter) -> None:
    enter()
    shown = words(window.shell.current_centre)
    assert "Nothing is open. Payments that need an eye show here." in shown
    assert {"£1,204.18", "11 payments", "2"} <= set(shown)


def test_answer_keeps_the_keyboard_while_the_screen_is_renewed(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.ringing()
    enter()
    assert focused().text() == "Answer"
    hub.push(CallChanged(call=samples.ringing(call_id="call_2")))
    qtbot.waitUntil(lambda: len(window.session.ringing) == 2)
    assert focused().text() == "Answer"


@pytest.mark.parametrize("region", ["Customer", "Payment", "Call and script"])
def test_enter_answers_after_a_click_beside_everything(
    region: str, window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.ringing()
    enter()
    place = next(one for one in window.shell.regions if one.title == region)
    place.hold_focus()
    assert isinstance(focused(), QScrollArea)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.call is not None)
    assert hub.count("answer") == 1


def test_enter_in_the_search_does_not_answer(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.ringing()
    enter()
    press(window, "Ctrl+F")
    QTest.keyClicks(focused(), "Okafor")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: hub.count("search_customers") > 0)
    assert hub.count("answer") == 0


def test_each_row_puts_away_what_it_tells_also_of_one_payment(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    asked = promise_samples.refund_request(allowed=False, decided_by="Ruth", decided_at=samples.NOW, why="No")
    both = samples.payment(samples.approved(), refund_request=asked)
    hub.day = samples.day().model_copy(update={"ended": [both], "answered": [both]})
    enter()
    view = window.shell.current_centre
    _ended, answer = [one for one in view.findChildren(Button) if one.words() == "Put away"]
    answer.click()
    qtbot.waitUntil(lambda: hub.count("put_answer_away") == 1)
    assert hub.count("put_away") == 0


def test_what_two_keys_do_is_listed_once(window: Window, hub: FakeHub, enter: Enter) -> None:
    hub.calls["call_1"] = samples.ringing()
    enter()
    answers = [one.key for one in window.shell._actions() if one.title == "Answer"]
    assert answers == ["Enter"]


def test_a_call_that_a_colleague_took_is_said_in_place(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.ringing()
    enter()
    hub.fail("answer", Conflict("call_not_yours", agent="Tom Ellis"))
    view = window.shell.current_centre
    view._answer.click()
    qtbot.waitUntil(lambda: any(one.startswith("Tom Ellis has this call") for one in words(view)))


def test_a_key_opens_what_is_listed_first(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    first, second = (samples.payment(samples.unknown(), intent_id=one) for one in ("pay_1", "pay_2"))
    hub.day = samples.day(first, second)
    enter()
    caps = [one.key() for one in window.shell.current_centre.findChildren(Button) if one.text() == "Open"]
    assert caps == ["Ctrl O", None]
    press(window, "Ctrl+O")
    qtbot.waitUntil(lambda: window.session.payment is not None)
    assert window.session.payment.intent_id == "pay_1"
    assert "Ctrl O" not in {one.key for one in window.shell.keys.now()}


def test_what_is_not_known_yet_stands_before_what_has_ended(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    over = [samples.payment(samples.approved(), intent_id=one) for one in ("pay_2", "pay_3")]
    unknown = samples.payment(samples.unknown())
    hub.day = samples.day(unknown).model_copy(update={"ended": over})
    enter()
    heads = [one for one in words(window) if one in ("Your open work", "Ended after the call")]
    assert heads == ["Your open work", "Ended after the call"]
    press(window, "Ctrl+O")
    qtbot.waitUntil(lambda: window.session.payment is not None)
    assert window.session.payment.intent_id == unknown.intent_id


def test_a_narrow_screen_keeps_the_names_whole(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["waiting"](hub)
    hub.calls.clear()
    theme.set_text_scale(1.3)
    enter()
    window.resize(1280, 720)
    view = window.shell.current_centre
    qtbot.waitUntil(lambda: view._narrow)
    name = next(one for one in view.findChildren(Paragraph) if one.text() == "Amara Okafor, 01JD-7Q4M")
    qtbot.waitUntil(lambda: name.heightForWidth(name.width()) == theme.line_height("medium"))


def test_a_ringing_call_is_announced_once(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    enter()
    hub.push(CallChanged(call=samples.ringing()))
    qtbot.waitUntil(lambda: ("Call from Amara Okafor", True) in said)
    hub.push(CallChanged(call=samples.ringing(call_id="call_2", started_at=samples.NOW)))
    qtbot.waitUntil(lambda: len(window.session.ringing) == 2)
    assert said.count(("Call from Amara Okafor", True)) == 1


def test_what_stays_keeps_its_place_and_the_keyboard(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.day = samples.day(samples.payment(samples.unknown(), intent_id="pay_1"))
    hub.calls["call_1"] = samples.ringing()
    enter()
    shown = window.shell.current_centre.findChildren(Button)
    opens = next(one for one in shown if one.text() == "Open")
    opens.setFocus()
    hub.push(CallChanged(call=samples.ringing(call_id="call_2", started_at=samples.NOW)))
    qtbot.waitUntil(lambda: len(window.session.ringing) == 2)
    assert focused() is opens
