"""A payment has the same badge on every screen that shows where it stands."""

import pytest

from agentdesk.desk.screens.payment.attempts import _kind
from agentdesk.desk.screens.payment.call_list import _icon
from agentdesk.desk.screens.payments.columns import outcome_of
from agentdesk.desk.screens.waiting.view_model import work_badge
from agentdesk.desk.standing import standing
from agentdesk.desk.widgets.badge import KINDS
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.payments import Attempt
from tests.desk import log_samples, samples, stop_samples

_ROW = "10:18:26 7P8K Owen-Price Aisha-Khan keypad visa 4242 5840 {state} ddd"
_WAIT = (AttemptState.OPEN, AttemptState.SENDING, AttemptState.PENDING, AttemptState.UNKNOWN)


@pytest.mark.parametrize(
    ("attempt", "route", "kind"),
    [
        *((samples.attempt(state), "keypad", state.value) for state in AttemptState if state != "open"),
        (samples.attempt(), "keypad", "capturing"),
        (samples.linked(), "link", "link"),
        (samples.linked(AttemptState.UNKNOWN), "link", "unknown"),
    ],
)
def test_every_screen_has_the_same_badge(attempt: Attempt, route: str, kind: str) -> None:
    payment, row = samples.payment(attempt), log_samples.log_row(_ROW.format(state=attempt.state))
    assert _kind(attempt) == kind
    assert standing(payment, samples.NOW).kind == kind
    assert _icon(payment) == KINDS[kind].icon
    assert outcome_of(row.model_copy(update={"route": route})) == KINDS[kind]
    if attempt.state in _WAIT:  # else it waits for something else
        assert work_badge(payment) == kind


def test_what_was_not_started_is_a_draft_and_what_was_stopped_is_held() -> None:
    payment, row = samples.payment(), log_samples.log_row(_ROW.format(state="approved"))
    assert (standing(payment, samples.NOW).kind, work_badge(payment)) == ("draft", "draft")
    assert outcome_of(row.model_copy(update={"state": None})) == KINDS["draft"]
    stopped = samples.payment(stop=stop_samples.stop())
    assert (standing(stopped, samples.NOW).kind, _icon(stopped)) == ("held", KINDS["held"].icon)


@pytest.mark.parametrize(("back", "kind"), [(5000, "part_refund"), (12336, "refunded")])
def test_all_or_a_part_went_back(back: int, kind: str) -> None:
    posted = [samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.DONE)]
    payment = samples.payment(samples.approved(), write_backs=posted, refunded=samples.gbp(back))
    row = log_samples.log_row(_ROW.format(state="approved").replace("5840", "12336"))
    assert standing(payment, samples.NOW).kind == kind
    assert outcome_of(row.model_copy(update={"refunded": samples.gbp(back)})) == KINDS[kind]
