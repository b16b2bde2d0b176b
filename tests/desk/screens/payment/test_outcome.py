"""What an outcome says of how it goes on: nothing that is not so."""

from agentdesk.desk.screens.payment.attempts import AttemptsTable
from agentdesk.desk.screens.payment.outcome import figures, ladder
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.payment import AttemptState
from tests.desk import samples


def test_while_it_is_checked_nobody_is_said_to_decide(dressed: object) -> None:
    attempt = samples.unknown()
    assert attempt.check is not None
    shown = [
        figures(attempt.check, samples.at(10, 44)),
        figures(attempt.check.model_copy(update={"next_at": None}), samples.at(11, 10)),
    ]
    steps, locked = ladder(samples.payment(attempt), attempt, attempt.check)
    assert "decide" not in f"{shown}{steps}{locked}"
    assert (steps[-1].title, steps[-1].detail) == (
        "We keep asking every 5 min",
        "a supervisor sees it in the payment log",
    )
    assert shown[0][-1].value == "Every 5 min"


def test_what_the_agent_did_is_not_put_into_the_banks_mouth(dressed: object) -> None:
    attempt = samples.attempt(AttemptState.NOT_SENT, not_sent_reason="You cancelled it.")
    table = AttemptsTable(samples.payment(attempt))
    words = [one.text() for one in (*table.findChildren(Text), *table.findChildren(Paragraph))]
    assert "You cancelled it." in words
    assert "What happened" in words
    assert not any("bank" in one for one in words)
    table.deleteLater()
