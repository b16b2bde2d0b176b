"""One debt over two cards, and an amount on account, on the real parts: the ledger has each once."""

from collections.abc import Iterator
from typing import Any

import pytest

from agentdesk.cli.demo.world import AGENT, SUPERVISOR, World
from tests.end_to_end.desk_by_hand import Line, Person, Phone, Strangers, Taking
from tests.until import until

KOFI = "+441174960167"  # owes nothing


@pytest.fixture
def agent(everything: World) -> Iterator[Person]:
    """An agent whose calls are finished afterwards."""
    agent = Person(everything, AGENT)
    yield agent
    agent.finish_calls()


def _whole(line: Line) -> tuple[int, list[dict[str, Any]]]:
    """Return what two invoices of the caller owe, and how much each."""
    items = line.customer()["open_items"][:2]
    parts = [{"invoice_id": one["invoice_id"], "amount": one["outstanding"]} for one in items]
    return sum(one["outstanding"]["minor"] for one in items), parts


def _numbers(line: Line) -> set[str]:
    return {one["number"] for one in line.customer()["open_items"]}


def _written(refund: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["state"]) for one in refund["write_backs"]]


def _succeeded(*halves: Taking) -> list[tuple[int, str]]:
    return [(one["amount"], one["status"]) for half in halves for one in half.charges()]


def test_two_cards_pay_two_invoices_once(agent: Person, strangers: Strangers) -> None:
    line = agent.take_call(strangers.owing(2, more_than=1000))
    owed, whole = _whole(line)
    balance = line.customer()["balance"]["minor"]
    first = line.agree(700, whole=whole)
    assert first.take("visa-approves")["card"] == {"brand": "visa", "last4": "4242"}
    second = line.agree(owed - 700, split_of=first.intent_id)  # at once: nothing needs to be posted before
    assert second.take("mastercard-approves")["card"] == {"brand": "mastercard", "last4": "8210"}
    for half in (first, second):
        until(lambda half=half: half.written() == {"accounts": "done", "customer_record": "done"})
        assert half.attempt()["alarm"] is None
    assert _succeeded(first, second) == [(700, "succeeded"), (owed - 700, "succeeded")]
    until(lambda: line.customer()["balance"]["minor"] == balance - owed)
    paid = {part["invoice_id"] for part in whole}
    assert not paid & {one["invoice_id"] for one in line.customer()["open_items"]}


def test_an_unknown_first_card_blocks_the_second_until_it_is_found(
    agent: Person, phone: Phone, strangers: Strangers
) -> None:
    line = agent.take_call(strangers.owing(2, more_than=1000))
    owed, whole = _whole(line)
    first = line.agree(700, whole=whole)
    first.key_card("visa-approves")
    phone.fault(face="stripe", route="POST /v1/payment_intents", kind="drop_reply_after_executing")
    phone.fault(face="stripe", route="payment_intent.succeeded", kind="callback_lost")
    phone.fault(face="stripe", route="GET /v1/payment_intents", kind="error_500_before", count=None)
    first.submit()
    until(lambda: first.attempt()["state"] == "unknown")
    rest = line.intent_body(owed - 700, split_of=first.intent_id)
    assert agent.refused("POST", "/v1/payment-intents", rest)["code"] == "split_not_yet"
    held = {one["number"] for one in line.customer()["open_items"] if one["held_by"]}
    assert len(held) == 2  # the second card's too: it is one debt
    phone.disarm()
    until(lambda: first.attempt()["state"] == "approved", 60)
    second = line.agree(owed - 700, split_of=first.intent_id)
    assert second.take("mastercard-approves")["state"] == "approved"
    assert sum(amount for amount, _ in _succeeded(first, second)) == owed


def test_the_rest_is_taken_once_and_a_like_payment_is_still_stopped(
    agent: Person, strangers: Strangers
) -> None:
    line = agent.take_call(strangers.owing(2, more_than=1000))
    owed, whole = _whole(line)
    half = owed // 2
    first = line.agree(half, whole=whole)
    assert first.take("visa-approves")["state"] == "approved"
    rest = line.intent_body(owed - half, split_of=first.intent_id)
    too_early = agent.ask("POST", "/v1/payment-intents", rest)
    late = agent.ask("POST", "/v1/payment-intents", rest | {"key": rest["key"] + "-again"})
    assert Taking(line, too_early["intent_id"]).take("visa-declines")["state"] == "declined"
    assert Taking(line, too_early["intent_id"]).take("mastercard-approves")["state"] == "approved"
    start = {"key": "a-third-half-of-a-debt", "route": "keypad"}
    third = agent.refused("POST", f"/v1/payment-intents/{late['intent_id']}/attempts", start)
    assert third["code"] == "already_paid"
    again = rest | {"key": rest["key"] + "-once-more"}
    assert agent.refused("POST", "/v1/payment-intents", again)["code"] == "split_differs"


def test_the_second_half_of_a_debt_can_be_a_link(agent: Person, strangers: Strangers) -> None:
    line = agent.take_call(strangers.owing(2, more_than=1000))
    owed, whole = _whole(line)
    first = line.agree(owed - 500, whole=whole)
    assert first.take("visa-approves")["state"] == "approved"
    second = line.agree(500, split_of=first.intent_id)
    assert second.pay_link(second.send_link(), "mastercard-approves") == "paid"
    until(lambda: second.attempt()["state"] == "approved")
    until(lambda: second.written()["accounts"] == "done")


def test_an_amount_on_account_stands_to_the_credit_and_can_go_back(agent: Person, everything: World) -> None:
    line = agent.take_call(KOFI)
    assert (line.customer()["balance"]["minor"], _numbers(line)) == (0, set())
    taking = line.agree(2500, on_account=True)
    assert taking.take("visa-approves")["state"] == "approved"
    until(lambda: taking.written()["accounts"] == "done")
    customer = line.customer()
    assert (customer["balance"]["minor"], customer["credit"]["minor"]) == (-2500, 2500)
    back = {
        "key": "money-back-on-account",
        "amount": {"minor": 1000, "currency": "GBP"},
        "reason": "Too much",
    }
    supervisor = Person(everything, SUPERVISOR)
    supervisor.ask("POST", f"/v1/payment-intents/{taking.intent_id}/refunds", back)
    until(lambda: [one["state"] for one in taking.show()["refunds"]] == ["done"])
    until(
        lambda: (
            {one["kind"]: one["state"] for one in taking.show()["refunds"][0]["write_backs"]}["accounts"]
            == "done"
        )
    )
    assert line.customer()["credit"]["minor"] == 1500
