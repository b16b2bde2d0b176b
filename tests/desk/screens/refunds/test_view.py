"""The page of an agent who may refund: found by exactly one thing, opened, and given back or asked for."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payments.refund_panel import RefundForm
from agentdesk.desk.screens.refunds.view import RefundsView
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Unavailable
from tests.desk import log_samples, promise_samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import press, words

Enter = Callable[[], None]
CARD_LIKE = " ".join(["4242"] * 4)


@pytest.fixture
def view(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> RefundsView:
    """Give the page of an agent with a limit of £50."""
    hub.person = promise_samples.refunder()
    detail = log_samples.refunded_story()
    hub.details[detail.payment.intent_id] = detail
    hub.take(detail.payment)
    page = log_samples.log_page()
    mine = [row for row in page.rows if row.intent_id == detail.payment.intent_id]
    hub.log = page.model_copy(update={"rows": [*mine, page.rows[0]]})
    enter()
    assert window.shell is not None
    assert window.shell._pages.currentWidget() is window.shell._desk  # calls come first
    window.shell.show_page("Refunds")
    found = window.shell.pages["Refunds"]
    assert isinstance(found, RefundsView)
    return found


def look_for(view: RefundsView, text: str, qtbot: QtBot) -> None:
    """Type into the search and press Enter."""
    qtbot.keyClick(view.window(), Qt.Key.Key_F3)
    field = QApplication.focusWidget()
    assert field is view.search.edit
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_who_may_not_refund_has_no_such_page(window: Window, hub: FakeHub, enter: Enter) -> None:
    enter()
    assert window.shell is not None
    assert list(window.shell.pages) == ["Rehearse"]


def test_found_by_keys_opened_and_asked_for_over_the_limit(
    view: RefundsView, hub: FakeHub, qtbot: QtBot
) -> None:
    look_for(view, " 123.36 ", qtbot)
    qtbot.waitUntil(lambda: "Amara Okafor" in words(view))
    assert [args for name, args in hub.asked if name == "refundable"] == [("123.36",)]
    press(view, "Open Amara Okafor, £123.36, 01JD-7Q4M")
    qtbot.waitUntil(lambda: view._model.payments.detail is not None)
    press(view.drawer, "Refund")
    form = view.drawer.findChild(RefundForm)
    form.reason.set_text("Billed twice")
    assert "Over your limit of £50.00: a supervisor has to allow it." in words(form)
    qtbot.keyClick(form.reason.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: hub.count("ask_refund") == 1)
    assert hub.count("refund") == 0
    [new] = [args[1] for name, args in hub.asked if name == "ask_refund"]
    assert (new.amount.minor, new.reason) == (12336, "Billed twice")


def test_what_is_within_the_limit_is_refunded_at_once(view: RefundsView, hub: FakeHub, qtbot: QtBot) -> None:
    look_for(view, "4242", qtbot)
    qtbot.waitUntil(lambda: view._model.rows is not None)
    view._model.open(view._model.rows[0])
    qtbot.waitUntil(lambda: view._model.payments.detail is not None)
    press(view.drawer, "Refund")
    form = view.drawer.findChild(RefundForm)
    form.amount.set_value(promise_samples.gbp(5000).money)
    form.reason.set_text("Goodwill")
    assert "cannot be stopped" in words(form)
    qtbot.keyClick(form.reason.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: hub.count("refund") == 1)
    assert hub.count("ask_refund") == 0


def test_nothing_found_is_said(view: RefundsView, hub: FakeHub, qtbot: QtBot) -> None:
    hub.log = hub.log.model_copy(update={"rows": []})
    look_for(view, "99.99", qtbot)
    qtbot.waitUntil(lambda: "No payment for 99.99" in words(view))


def test_a_hub_that_does_not_answer_is_asked_again(view: RefundsView, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("refundable", Unavailable("hub_unreachable"))
    look_for(view, "99.99", qtbot)
    qtbot.waitUntil(lambda: "That did not work" in words(view))
    press(view, "Try again")
    qtbot.waitUntil(lambda: "Amara Okafor" in words(view))


def test_a_card_number_is_not_sent(view: RefundsView, hub: FakeHub, qtbot: QtBot) -> None:
    view._model.look_for(CARD_LIKE)
    assert view._model.looked_for == ""
    assert "looked like a card number" in words(view)
    assert hub.count("refundable") == 0


def test_another_search_closes_what_was_open_and_none_finds_nothing(
    view: RefundsView, hub: FakeHub, qtbot: QtBot
) -> None:
    look_for(view, "4242", qtbot)
    qtbot.waitUntil(lambda: view._model.rows is not None)
    view._model.open(view._model.rows[0])
    qtbot.waitUntil(view.drawer.isVisible)
    view._model.step(1)
    assert view._model.payments.row == view._model.rows[1]
    view._model.step(1)
    assert view._model.payments.row == view._model.rows[1]
    view._model.look_for("  ")
    assert not view.drawer.isVisible()
    assert "Which payment goes back?" in words(view)
    assert hub.count("refundable") == 1
