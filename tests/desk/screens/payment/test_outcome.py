"""What an outcome says of how it goes on: nothing that is not so."""

from agentdesk.desk.screens.payment.attempts import AttemptsTable
from agentdesk.desk.screens.payment.checking import figures, ladder
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.payment import AttemptState
from tests.desk import samples, stop_samples


def test_while_it_is_checked_it_says_from_when_a_supervisor_decides(dressed: object) -> None:
    attempt = samples.unknown()
    assert attempt.check is not None
    for now, detail in (
        (samples.at(10, 44), "decides from "),
        (samples.at(11, 10), "decides now, we keep asking"),
    ):
        figure = figures(attempt.check, now)[-1]
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


def test_what_the_agent_did_is_not_put_into_the_banks_mouth(dressed: object) -> None:
    attempt = samples.attempt(AttemptState.NOT_SENT, not_sent_reason="You cancelled it.")
    table = AttemptsTable(samples.payment(attempt))
    words = [one.text() for one in (*table.findChildren(Text), *table.findChildren(Paragraph))]
    assert "You cancelled it." in words
    assert "What happened" in words
    assert not any("bank" in one for one in words)
    table.deleteLater()
