"""What an outcome says of how it goes on: nothing that is not so."""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.attempts import AttemptsTable
from agentdesk.desk.screens.payment.checking import figures, ladder
from agentdesk.desk.screens.payment.outcome import OutcomeBody, attempts_left, next_steps
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.standing import standing
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.payment import AttemptState
from tests.desk import samples, stop_samples
from tests.desk.payment_stages import try_later
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import take, tell
from tests.desk.tone_stages import seen_already

DIFFERS = "The provider says £99.00, this payment is £123.36."


def test_while_it_is_checked_it_says_from_when_a_supervisor_decides(dressed: object) -> None:
    attempt = samples.unknown()
    assert attempt.check is not None
    for now, detail in (
        (samples.at(10, 44), "decides from "),
        (samples.at(11, 10), "decides now, we keep asking"),
    ):
        figure = figures(attempt, attempt.check, now)[-1]
        assert figure.value == "Supervisor"
        assert figure.detail.startswith(detail)
    steps, locked = ladder(samples.payment(attempt), attempt, attempt.check)
    assert (steps[-1].title, steps[-1].detail) == (
        "A supervisor decides from then",
        "we ask on; you are told here",
    )
    assert "no card can be taken for them until this ends" in locked


def test_the_word_of_one_supervisor_frees_nothing(dressed: object) -> None:
    said = stop_samples.decision(AttemptState.NOT_SENT, by=["Ruth Adeyemi"], final=False)
    attempt = samples.unknown(decision=said)
    assert attempt.check is not None
    steps, _ = ladder(samples.payment(attempt), attempt, attempt.check)
    assert steps[-1].title == "Ruth Adeyemi says it was not charged"
    assert "nothing is free yet" in steps[-1].detail


@pytest.mark.parametrize("state", [AttemptState.UNKNOWN, AttemptState.PENDING])
def test_an_answer_that_differs_is_not_told_as_no_answer(dressed: object, state: AttemptState) -> None:
    attempt = samples.unknown(alarm=DIFFERS, alarm_open=True).model_copy(update={"state": state})
    payment = samples.payment(attempt)
    assert attempt.check is not None
    steps, locked = ladder(payment, attempt, attempt.check)
    shown = [f"{one.label} {one.detail}" for one in figures(attempt, attempt.check, samples.at(10, 44))]
    told = " ".join([*(f"{one.title} {one.detail}" for one in steps), *shown])
    assert "An answer that does not fit" in told
    assert not [words for words in ("No answer", "no answer", "nothing final", "has it") if words in told]
    assert "locked" in locked
    assert standing(payment, samples.NOW).words == (
        f"{DIFFERS} Money may have been taken: a supervisor looks at it, do not take it again."
    )


def test_what_the_agent_did_is_not_put_into_the_banks_mouth(dressed: object) -> None:
    attempt = samples.attempt(AttemptState.NOT_SENT, not_sent_reason="You cancelled it.")
    table = AttemptsTable(samples.payment(attempt))
    words = [one.text() for one in (*table.findChildren(Text), *table.findChildren(Paragraph))]
    assert "You cancelled it." in words
    assert "What happened" in words
    assert not any("bank" in one for one in words)
    table.deleteLater()


def test_a_bank_that_could_not_answer_refused_no_card(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.DECLINED, decline=try_later())
    assert model.payment is not None and model.attempt is not None
    assert actions(model).main.words == "Key the card again"
    steps = {one.title: one.detail for one in next_steps(model, model.attempt)}
    assert steps["Key the card again"] == "The bank could not answer, try later"
    assert "Try another card" in steps
    assert not [title for title in steps if title.startswith("Try Visa")]
    assert isinstance(view._body, OutcomeBody)
    block = view._body.block
    assert block.accessibleName() == "Not taken, nothing was charged"
    assert "said no" not in block.accessibleDescription()


def test_what_the_bank_has_seen_before_is_looked_for_and_not_paid_again(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.DECLINED, decline=seen_already())
    assert model.payment is not None and model.attempt is not None
    assert attempts_left(model.payment) == "No attempts left on this payment"
    steps = {one.key: one for one in next_steps(model, model.attempt)}
    assert all(steps[key].refused for key in ("card", "link", "same"))
    assert steps["another"].detail == "Only for something else: look first whether this was paid"
    assert isinstance(view._body, OutcomeBody)
    assert "whether it was paid already" in view._body.block.accessibleDescription()
    script = CallViewModel(model.session, lambda: False).script
    assert "whether it was paid already" in script.say
    assert "F3" not in str(script.hints) and "new payment" not in str(script.hints)
