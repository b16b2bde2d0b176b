"""The receipt as the customer gets it: shown before it is sent, sent to any address, once for each press."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.preview import PreviewDrawer
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.write_back import WriteBackKind
from tests.desk import promise_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import press, words
from tests.desk.walk import press as press_key

Enter = Callable[[], None]
LOOK = "See the receipt as the customer gets it"


@pytest.fixture
def desk(window: Window, hub: FakeHub, enter: Enter) -> Window:
    """Give the window with an approved payment and its receipt."""
    payment = hub.take(
        samples.payment(samples.approved(), write_backs=[samples.write_back(WriteBackKind.RECEIPT)])
    )
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    return window


def look(desk: Window, qtbot: QtBot) -> PreviewDrawer:
    """Open the preview."""
    qtbot.waitUntil(lambda: desk.session.payment is not None)
    press(desk, LOOK)
    drawer = desk.findChild(PreviewDrawer)
    assert isinstance(drawer, PreviewDrawer)
    return drawer


def is_gone(desk: Window) -> bool:
    """Say whether the preview is closed."""
    found = desk.findChild(PreviewDrawer)
    return found is None or not found.isVisible()


def sent(hub: FakeHub) -> list[str]:
    """Return the addresses receipts were sent to."""
    return [args[1].email for name, args in hub.asked if name == "send_receipt"]


def test_its_key_opens_it(desk: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.session.payment is not None)
    assert {one.key: one.name for one in desk.shell.keys.now()}["Alt V"] == LOOK
    press_key(desk, "Alt+V")
    assert desk.findChild(PreviewDrawer) is not None


def test_it_shows_the_mail_and_the_page(desk: Window, qtbot: QtBot) -> None:
    drawer = look(desk, qtbot)
    qtbot.waitUntil(lambda: "Northwind Energy" in words(drawer))
    shown = words(drawer)
    page = promise_samples.receipt()
    for part in (page.subject, page.sender, page.amount, page.paid, page.foot, page.file_name):
        assert str(part) in shown
    for line in page.lines:
        assert f"{line.label} {line.value}" in shown
    assert drawer.address.text() == "amara.okafor@example.com"


def test_it_is_sent_by_keys_to_another_address(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    drawer = look(desk, qtbot)
    qtbot.waitUntil(drawer._send.isEnabled)
    field = QApplication.focusWidget()
    assert field is drawer.address.edit
    drawer.address.set_text("amara@work.example")
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: sent(hub) == ["amara@work.example"])
    qtbot.waitUntil(lambda: is_gone(desk))
    assert sent(hub) == ["amara@work.example"]


def test_what_is_no_address_is_not_sent(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    drawer = look(desk, qtbot)
    qtbot.waitUntil(drawer._send.isEnabled)
    drawer.address.set_text("nobody")
    drawer._send.click()
    assert drawer.address.edit.accessibleDescription() != ""
    assert (drawer.isVisible(), sent(hub)) == (True, [])


def test_escape_sends_nothing(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    drawer = look(desk, qtbot)
    qtbot.keyClick(drawer.address.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: is_gone(desk))
    assert sent(hub) == []


def test_a_receipt_that_does_not_come_is_asked_for_again(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("receipt", Unavailable("hub_unreachable"))
    drawer = look(desk, qtbot)
    qtbot.waitUntil(lambda: "The receipt did not load" in words(drawer))
    assert not drawer._send.isEnabled()
    press(drawer, "Try again")
    qtbot.waitUntil(drawer._send.isEnabled)


def test_without_a_mail_server_it_can_be_seen_and_not_sent(
    desk: Window, hub: FakeHub, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer = look(desk, qtbot)
    qtbot.waitUntil(drawer._send.isEnabled)
    drawer._show(promise_samples.receipt(sender=None))
    assert not drawer._send.isEnabled()
    assert "no mail server is set up" in words(drawer)
