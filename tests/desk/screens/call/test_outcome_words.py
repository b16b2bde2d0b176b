"""What is said of an outcome that is not quite what was agreed."""

import pytest

from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.wire.model import Amount
from tests.desk import samples


@pytest.mark.parametrize(
    ("charged", "rest"),
    [
        (samples.gbp(10000), "£23.36 stays open."),
        (samples.gbp(15000), "£26.64 stays on your account, or goes back to you."),
        (Amount(minor=10000, currency="EUR"), "A colleague sets that right; please do not pay it again."),
    ],
)
def test_another_amount_than_was_agreed_is_said_with_what_becomes_of_the_rest(
    charged: Amount, rest: str, model: CallViewModel, on_call
) -> None:
    on_call(samples.approved(charged=charged))
    assert model.step is Step.APPROVED_OTHER_AMOUNT
    took = f"That has gone through, but **{charged} was taken, not the £123.36** we agreed."
    assert model.script.say == f"{took} {rest} Is there anything else?"
