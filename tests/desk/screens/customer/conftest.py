"""What the tests of the customer region begin with."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.session import Session
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]


@pytest.fixture
def model(session: Session) -> CustomerViewModel:
    return CustomerViewModel(session)


@pytest.fixture
def on_call(hub: FakeHub, enter: Enter, qtbot: QtBot) -> Callable[..., None]:
    """Return a function that signs in to a call."""

    def begin(**changes: object) -> None:
        hub.calls["call_1"] = samples.call(**changes)
        enter()

    return begin
