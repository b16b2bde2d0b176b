"""The form of a promise in the desk's window: by keyboard alone, and what it says."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.promise.view import PromiseDrawer, Standing
from agentdesk.desk.widgets.script import ScriptQuote
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict
from tests.desk import promise_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import words

Enter = Callable[[], None]


@pytest.fixture
def desk(window: Window, hub: FakeHub, enter: Enter) -> Window:
    """Give the window on a call with Amara."""
    hub.calls["call_1"] = samples.call()
    enter()
    assert window.shell is not None
    return window


def drawer(desk: Window, qtbot: QtBot) -> PromiseDrawer:
    """Open the form by its key and return it."""
    qtbot.keyClick(desk, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: desk.findChild(PromiseDrawer) is not None)
    found = desk.findChild(PromiseDrawer)
    assert isinstance(found, PromiseDrawer)
    return found


def asks(form: PromiseDrawer) -> str:
    """Return what the caller is asked; empty while nothing can be asked."""
    quote = form.findChild(ScriptQuote)
    assert quote is not None
    return quote.accessibleName() if quote.isVisible() else ""


def test_by_keys_alone(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    form = drawer(desk, qtbot)
    assert QApplication.focusWidget() is form.amount.edit
    qtbot.keyClicks(form.amount.edit, "62.10")
    qtbot.keyClick(form.amount.edit, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is form.day.edit
    assert asks(form) == ""
    qtbot.keyClicks(form.day.edit, "4/12")
    assert asks(form) == (
        "Say to the caller: “You promise to pay £62.10 by Friday 4 December. Is that right?”"
    )
    qtbot.keyClick(form.day.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: hub.count("promise") == 1)
    qtbot.waitUntil(lambda: not desk.shell.agreed.promise.model.is_open)  # type: ignore[union-attr]


def test_escape_writes_nothing_down(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    form = drawer(desk, qtbot)
    qtbot.keyClicks(form.day, "4/12")
    qtbot.keyClick(form.day.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not desk.shell.agreed.promise.model.is_open)  # type: ignore[union-attr]
    assert hub.count("promise") == 0


def test_wrong_days_are_said_at_the_field(desk: Window, qtbot: QtBot) -> None:
    form = drawer(desk, qtbot)
    for typed, why in (
        ("4/1", "Too far away. Choose Monday 21 December or an earlier day."),
        ("4/12/2025", "Thursday 4 December 2025 is over. Choose today or a later day."),
        ("soon", "That is not a day. Type it like 4/12, 2026-12-04 or +7."),
        ("+7", ""),
    ):
        form.day.set_text(typed)
        assert form.day.edit.accessibleDescription() == why
        assert form._keep.isEnabled() is (why == "")


def test_a_ready_made_day_fills_the_field(desk: Window, qtbot: QtBot) -> None:
    form = drawer(desk, qtbot)
    next(iter(form._chips.values())).click()
    assert form.day.text() == "28/11/2026"
    assert "Saturday 28 November, in 7 days" in words(form)


def test_a_refusal_of_the_hub_stays_in_the_form(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("promise", Conflict("call_over"))
    form = drawer(desk, qtbot)
    form.day.set_text("+7")
    form._keep.click()
    qtbot.waitUntil(lambda: "The call has ended" in words(form))
    assert form.isVisible()


def test_a_card_number_is_refused_at_the_day(desk: Window, qtbot: QtBot) -> None:
    form = drawer(desk, qtbot)
    form.day.set_text(" ".join(["4242"] * 4))
    assert form.day.text() == ""
    assert "looked like a card number" in form.day.edit.accessibleDescription()


def test_why_none_can_be_taken_is_said(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    desk.session._take_customer(samples.customer(balance=samples.gbp(0), open_items=[]))
    qtbot.keyClick(desk, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert desk.findChild(PromiseDrawer) is None
    assert "No promise can be taken" in words(desk)


def test_what_stands_shows_over_a_new_payment_and_not_over_one_that_was_started(
    desk: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    standing = desk.findChild(Standing)
    assert standing is not None
    assert not standing.isVisible()
    desk.session._take_customer(samples.customer(promise=promise_samples.promise()))
    assert standing.isVisible()
    assert "Promised £62.10 by Friday 4 December, in 13 days." in words(standing)
    desk.session.take_payment(samples.payment(samples.approved()))
    assert not standing.isVisible()


def test_in_the_wrap_up_its_key_does_not_finish_the_call(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.NOW)
    enter()
    assert window.shell is not None
    window.shell.centre["wrap_up"]._model.choose("query")  # type: ignore[attr-defined]
    form = drawer(window, qtbot)
    form.day.set_text("+7")
    qtbot.keyClick(form.day.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: hub.count("promise") == 1)
    assert hub.count("wrap_up") == 0
