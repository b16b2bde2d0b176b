"""Card entry that goes wrong, on the real parts: a bad line, a slow caller, hold, signing out."""

from tests.end_to_end.desk_by_hand import Person
from tests.until import until

OWAIN = "+442920180142"


def _taking(agent: Person):  # type: ignore[no-untyped-def]
    line = agent.take_call(OWAIN)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    taking.start()
    return line, taking


def test_a_lost_key_is_found_and_slowly_the_card_comes_in(agent: Person) -> None:
    line, taking = _taking(agent)
    taking.ask("number")
    line.script("key-card", card="visa-approves", gap_ms=0, slip="lost")
    until(lambda: taking.field("number")["state"] == "failed")
    found = taking.field("number")["finding"]
    assert (found["trouble"], found["remedy"], found["keys"]) == ("too_few", "slowly", 15)
    attempt = taking.attempt()["attempt_id"]
    agent.ask("POST", f"/v1/attempts/{attempt}/fields/number?slow=true")
    line.script("key-card", card="visa-approves", gap_ms=0)
    until(lambda: taking.field("number")["state"] == "done")
    assert taking.field("number")["slow"]
    taking.cancel()


def test_doubled_tones_end_in_a_wrong_number_and_then_in_another_way(agent: Person) -> None:
    line, taking = _taking(agent)
    line.script("tones", doubled=True)
    remedies = []
    for _ in range(3):
        taking.ask("number")
        line.script("key-card", card="visa-approves", gap_ms=0)
        until(lambda: taking.field("number")["state"] == "failed")
        remedies.append(taking.field("number")["finding"]["remedy"])
    assert taking.field("number")["finding"]["trouble"] == "wrong"  # all that can be known
    assert remedies == ["again", "slowly", "other_route"]
    taking.cancel()


def test_hold_closes_the_card_session_and_it_can_start_again_afterwards(agent: Person) -> None:
    line, taking = _taking(agent)
    taking.key("number", "visa-approves")
    line.script("hold", held=True)
    until(lambda: taking.attempt()["capture"]["provider_closed_at"])
    attempt = taking.attempt()
    assert (attempt["state"], attempt["capture"]["close_cause"]) == ("not_sent", "held")
    assert taking.charges() == []
    line.script("hold", held=False)
    until(lambda: line.show()["state"] == "connected")
    taking.start()
    assert taking.attempt()["capture"]["secured_at"]
    taking.cancel()
