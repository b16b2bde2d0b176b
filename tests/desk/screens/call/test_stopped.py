"""What to say while another payment stops this one."""

import pytest

from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.domain.payment import AttemptState
from tests.desk import samples, stop_samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.call.test_view_model import Enter

_BEFORE = {"ended_at": None, "sent_at": None}


@pytest.mark.parametrize(
    ("stop", "step"),
    [
        ({}, Step.SECOND_PAYMENT),
        ({"asked_at": samples.NOW}, Step.SUPERVISOR_ASKED),
        ({"asked_at": samples.NOW, "allowed": False}, Step.NOT_ALLOWED),
        ({"asked_at": samples.NOW, "allowed": True}, Step.LOOKING),
        ({"earlier": stop_samples.earlier(state=AttemptState.UNKNOWN, **_BEFORE)}, Step.BEING_PAID),
        ({"earlier": stop_samples.earlier(state=AttemptState.OPEN, route="link", **_BEFORE)}, Step.LINK_OPEN),
        ({"earlier": stop_samples.earlier(state=AttemptState.DECLINED)}, Step.LOOKING),
    ],
)
def test_a_stopped_payment_has_its_words(
    stop: dict[str, object], step: Step, model: CallViewModel, hub: FakeHub, enter: Enter
) -> None:
    payment = hub.take(samples.payment(stop=stop_samples.stop(**stop)))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    assert model.step is step
    if step is Step.SECOND_PAYMENT:
        assert "**£62.10**" in model.script.say
