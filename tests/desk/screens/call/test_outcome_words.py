"""What is said of an outcome that is not quite what was agreed."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import Attempt
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


def _ended(at: datetime, **link: object) -> Attempt:
    return samples.linked(AttemptState.NOT_SENT, ended_at=at, link=samples.link(**link))


@pytest.mark.parametrize(
    ("attempt", "step"),
    [
        (_ended(samples.link().expires_at), Step.LINK_RAN_OUT),
        (_ended(samples.link().expires_at - timedelta(minutes=1)), Step.LINK_CLOSED),
        (_ended(samples.link().expires_at - timedelta(minutes=1), sent_at=None), Step.NOT_SENT),
    ],
)
def test_an_unpaid_link_is_told_by_how_it_ended(
    attempt: Attempt, step: Step, model: CallViewModel, on_call: Callable[..., None]
) -> None:
    on_call(attempt)
    assert model.step is step
    assert ("our side" in model.script.say) is (step is Step.NOT_SENT)


def test_a_link_whose_time_is_over_is_not_offered_any_more(
    model: CallViewModel, on_call: Callable[..., None], qtbot: QtBot
) -> None:
    on_call(samples.linked())
    assert model.step is Step.LINK
    session = model.session
    session.clock.set_by(samples.link().expires_at)
    with qtbot.waitSignal(model.changed):
        session.clock.ticked.emit(session.clock.now())
    assert model.step is Step.LINK_OVER
