"""A card saved by consent pays the next call of the same customer, until the consent is withdrawn."""

from collections.abc import Iterator
from typing import Any

import pytest

from agentdesk.cli.demo.call import call
from agentdesk.cli.demo.world import AGENT, World, new_key
from tests.end_to_end.desk_by_hand import ENDED, Line, Person, Phone, Strangers, Taking
from tests.until import until


@pytest.fixture
def agent(everything: World) -> Iterator[Person]:
    """An agent whose calls are finished afterwards."""
    agent = Person(everything, AGENT)
    yield agent
    agent.finish_calls()


def _agree(taking: Taking) -> None:
    rules = taking.line.person.ask("GET", "/v1/readiness")["saved_cards"]
    path = f"/v1/attempts/{taking.attempt()['attempt_id']}/consent"
    taking.line.person.ask("PUT", path, {"wording": rules["wording"]})


def _cards(line: Line) -> list[dict[str, Any]]:
    return list(line.customer()["saved_cards"])


def _bill(line: Line) -> Taking:
    """Agree to pay the next bill that nothing holds."""
    items = [
        one for one in line.customer()["open_items"] if one["outstanding"]["minor"] and not one["held_by"]
    ]
    return line.agree(items[0]["outstanding"]["minor"], items[:1])


def _saved(line: Line, card: str = "visa-approves") -> dict[str, Any]:
    """Let the caller pay with a card that they want kept, and return it as saved."""
    taking = _bill(line)
    taking.key_card(card)
    _agree(taking)
    taking.submit()
    until(lambda: taking.attempt()["state"] in ENDED)
    assert taking.attempt()["state"] == "approved"
    until(lambda: taking.attempt()["consent"]["state"] == "kept")
    until(lambda: taking.written() == {"accounts": "done", "customer_record": "done"})
    (saved,) = _cards(line)
    return saved


def _charge(line: Line, card_id: str) -> Taking:
    taking = _bill(line)
    body = {"key": new_key(), "route": "saved", "saved_card": card_id}
    line.person.ask("POST", f"/v1/payment-intents/{taking.intent_id}/attempts", body)
    return taking


def _at_stripe(world: World, path: str) -> Any:
    return call("GET", f"{world.sandbox.url}/v1/{path}", token=world.sandbox.ready["stripe_key"])


def test_the_first_call_saves_it_the_second_pays_with_it_and_then_it_is_withdrawn(
    agent: Person, strangers: Strangers, everything: World
) -> None:
    number = strangers.owing(2, more_than=1000)
    line = agent.take_call(number)
    card = _saved(line)
    assert (card["label"], card["off_reason"]) == ("Visa ending 4242, 12/34", None)
    agent.finish_calls()

    again = agent.take_call(number)
    assert [one["card_id"] for one in _cards(again)] == [card["card_id"]]
    taking = _charge(again, card["card_id"])
    until(lambda: taking.attempt()["state"] in ENDED)
    attempt = taking.attempt()
    assert (attempt["state"], attempt["card"]["last4"]) == ("approved", "4242")
    assert _charged(taking) == [(taking.show()["amount"]["minor"], "succeeded")]
    until(lambda: taking.written() == {"accounts": "done", "customer_record": "done"})

    agent.ask("DELETE", f"/v1/saved-cards/{card['card_id']}")
    assert _cards(again) == []
    paid_by = taking.charges()[0]["payment_intent"]
    token = _at_stripe(everything, f"payment_intents/{paid_by}")["payment_method"]
    until(lambda: _at_stripe(everything, f"payment_methods/{token}")["customer"] is None)
    late = again.agree(1100, on_account=True)
    body = {"key": new_key(), "route": "saved", "saved_card": card["card_id"]}
    refused = agent.refused("POST", f"/v1/payment-intents/{late.intent_id}/attempts", body)
    assert refused["code"] == "saved_card_unknown"
    until(lambda: {"Card saved", "Saved card removed"} <= _noted(again))


def _noted(line: Line) -> set[str]:
    """Return which of our notes the customer record shows."""
    rows = line.person.ask("GET", f"/v1/customers/{line.show()['customer_id']}/history")["rows"]
    told = " ".join(f"{row['title']} {row['detail']}" for row in rows)
    return {words for words in ("Card saved", "Saved card removed") if words in told}


def _charged(taking: Taking) -> list[tuple[int, str]]:
    return [(one["amount"], one["status"]) for one in taking.charges()]


def test_keeping_a_card_that_the_processor_first_loses_costs_nothing(
    agent: Person, phone: Phone, strangers: Strangers
) -> None:
    line = agent.take_call(strangers.owing(2, more_than=1000))
    phone.fault(face="stripe", route="/attach", kind="drop_reply_after_executing")
    phone.fault(face="stripe", route="POST /v1/customers", kind="error_500_before")
    taking = _bill(line)
    taking.key_card("mastercard-approves")
    _agree(taking)
    taking.submit()
    until(lambda: taking.attempt()["state"] == "approved")
    until(lambda: taking.attempt()["consent"]["state"] == "kept")
    assert _charged(taking) == [(taking.show()["amount"]["minor"], "succeeded")]
    assert len(_cards(line)) == 1


def test_a_saved_card_whose_answer_is_lost_is_followed_and_charged_once(
    agent: Person, phone: Phone, strangers: Strangers
) -> None:
    line = agent.take_call(strangers.owing(2, more_than=1000))
    card = _saved(line)
    phone.fault(face="stripe", route="POST /v1/payment_intents", kind="drop_reply_after_executing")
    taking = _charge(line, card["card_id"])
    until(lambda: taking.attempt()["state"] == "approved")
    assert _charged(taking) == [(taking.show()["amount"]["minor"], "succeeded")]
