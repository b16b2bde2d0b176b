"""The call region's view model, signed in to a call."""

from collections.abc import Callable

import pytest

from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.session import Session
from agentdesk.wire.payments import Attempt
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]


@pytest.fixture
def model(session: Session) -> CallViewModel:
    return CallViewModel(session, lambda: False)


@pytest.fixture
def on_call(session: Session, hub: FakeHub, enter: Enter) -> Callable[..., None]:
    """Return a function that signs in to a call, with an attempt to pay if one is given."""

    def begin(attempt: Attempt | None = None, **changes: object) -> None:
        if attempt is not None:
            payment = hub.take(samples.payment(attempt))
            changes["payment_intent_ids"] = [payment.intent_id]
        hub.calls["call_1"] = samples.call(**changes)
        enter()

    return begin
