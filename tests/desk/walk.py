"""The screens a test of the whole window walks through."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from agentdesk.domain.call import CallState
from tests.desk import samples
from tests.desk.fake_hub import FakeHub


def _waiting(hub: FakeHub) -> None:
    hub.day = samples.day(samples.payment(samples.unknown()))
    hub.calls["call_1"] = samples.ringing()


def _connected(hub: FakeHub) -> None:
    hub.calls["call_1"] = samples.call()


def _several(hub: FakeHub) -> None:
    hub.calls["call_1"] = samples.call(customer_id=None, matches=[samples.match(1), samples.match(2)])


def _capturing(hub: FakeHub) -> None:
    payment = hub.take(samples.payment(samples.attempt()))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])


def _approved(hub: FakeHub) -> None:
    payment = hub.take(samples.payment(samples.approved()))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])


def _wrap_up(hub: FakeHub) -> None:
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.NOW)


#: How to set the hub up for each screen.
SCREENS: dict[str, Callable[[FakeHub], None]] = {
    "waiting": _waiting,
    "connected": _connected,
    "several": _several,
    "capturing": _capturing,
    "approved": _approved,
    "wrap_up": _wrap_up,
}


def shortcuts(window: QWidget) -> list[str]:
    """Return every key sequence that fires now, by any visible and enabled part of the window."""
    parts = [
        part for part in (window, *window.findChildren(QWidget)) if part.isVisible() and part.isEnabled()
    ]
    found = [part.shortcut() for part in parts if isinstance(part, QAbstractButton)]
    found += [s for part in parts for action in part.actions() if _fires(action) for s in action.shortcuts()]
    found += [
        one.key()
        for one in window.findChildren(QShortcut)
        if one.isEnabled() and isinstance(one.parent(), QWidget) and one.parent().isVisible()
    ]
    return sorted(sequence.toString() for sequence in found if sequence != QKeySequence())


def press(window: QWidget, key: str) -> None:
    """Press a key as its shortcut would; fails where none or several take it."""
    takers = [
        action
        for part in (window, *window.findChildren(QWidget))
        if part.isVisible()
        for action in part.actions()
        if _fires(action) and QKeySequence(key) in action.shortcuts()
    ]
    assert len(takers) == 1, f"{key} is taken by {len(takers)}"
    takers[0].trigger()


def focused() -> QWidget:
    """Return the part that has the keyboard."""
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def _fires(action: QAction) -> bool:
    return action.isEnabled()
