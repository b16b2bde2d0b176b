"""A signed-in desk on a call with Amara, over a hub that plays payments."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.session import Session
from agentdesk.desk.window import Window
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub


@pytest.fixture
def hub() -> ActingHub:
    """Return a hub with a connected call from Amara."""
    hub = ActingHub()
    hub.calls["call_1"] = samples.call()
    return hub


@pytest.fixture
def model(session: Session, hub: ActingHub, enter: Callable[[], None], qtbot: QtBot) -> PaymentViewModel:
    """Return the payment region's view model, with Amara's account read."""
    enter()
    qtbot.waitUntil(lambda: session.customer is not None)
    return PaymentViewModel(session, WrapUpViewModel(session))


@pytest.fixture
def view(window: Window, hub: ActingHub, enter: Callable[[], None], qtbot: QtBot) -> PaymentView:
    """Return the region in the shown window, with the form of Amara's payment."""
    enter()
    qtbot.waitUntil(lambda: window.session.customer is not None)
    assert window.shell is not None
    view = window.shell.centre["payment"]
    assert isinstance(view, PaymentView)
    qtbot.waitUntil(view.isVisible)
    return view
