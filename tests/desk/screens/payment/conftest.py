"""A signed-in desk on a call with Amara, over a hub that plays payments."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.session import Session
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
