"""Money given back through hub, sandbox and a real ledger: in parts, and one that fails after it was done."""

from typing import Any

from tests.end_to_end.desk_by_hand import Person, Phone, Taking, new_key
from tests.until import until

DEREK = "+441144960126"
DONE = {"accounts": "done", "customer_record": "done"}


def _paid(agent: Person, card: str) -> Taking:
    line = agent.take_call(DEREK)
    item = next(i for i in line.customer()["open_items"] if not i["held_by"] and not i["posting"])
    taking = line.agree(item["outstanding"]["minor"], [item])
    assert taking.take(card)["state"] == "approved"
    line.hang_up()
    return taking


def _path(taking: Taking) -> str:
    return f"/v1/payment-intents/{taking.intent_id}/refunds"


def _wish(minor: int) -> dict[str, Any]:
    return {"key": new_key(), "amount": {"minor": minor, "currency": "GBP"}, "reason": "Billed twice"}


def _written(taking: Taking, number: int) -> list[str]:
    return [one["state"] for one in taking.show()["refunds"][number]["write_backs"]]


def test_a_part_the_rest_and_no_more(agent: Person, supervisor: Person, phone: Phone) -> None:
    taking = _paid(agent, "visa-approves")
    whole = taking.show()["amount"]["minor"]
    assert agent.refused("POST", _path(taking), _wish(100))["code"] == "not_allowed"
    phone.fault(face="stripe", route="POST /v1/refunds", kind="drop_reply_after_executing")
    first = supervisor.ask("POST", _path(taking), _wish(1000))
    assert first["refunds"][0]["state"] in ("unknown", "done")  # the webhook may be here first
    until(lambda: taking.show()["refunds"][0]["state"] == "done", 60)
    assert supervisor.refused("POST", _path(taking), _wish(whole - 999))["code"] == "refund_too_much"
    rest = _wish(whole - 1000)
    supervisor.ask("POST", _path(taking), rest)
    supervisor.ask("POST", _path(taking), rest)  # the same press twice
    assert supervisor.refused("POST", _path(taking), _wish(1))["code"] == "refund_none_left"
    assert [one["amount"]["minor"] for one in taking.show()["refunds"]] == [1000, whole - 1000]
    assert [one["amount_refunded"] for one in taking.charges()] == [whole]
    until(lambda: _written(taking, 0) == _written(taking, 1) == ["done", "done"], 60)
    customer = taking.show()["customer_id"]
    told = [
        row["title"] + row["detail"] for row in agent.ask("GET", f"/v1/customers/{customer}/history")["rows"]
    ]
    assert sum("Refund £10.00" in words for words in told) == 1
    log = supervisor.ask("GET", "/v1/payments?q=" + taking.show()["short_reference"])
    assert log["rows"][0]["refunded"]["minor"] == log["totals"]["refunded"]["minor"] == whole


def test_one_that_fails_after_it_was_done_is_reversed_in_the_ledger(
    agent: Person, supervisor: Person
) -> None:
    taking = _paid(agent, "visa-refund-fails")
    until(lambda: taking.written() == DONE, 60)
    customer = taking.show()["customer_id"]
    before = agent.ask("GET", f"/v1/customers/{customer}?fresh=true")["balance"]
    amount = taking.show()["amount"]["minor"]
    supervisor.ask("POST", _path(taking), _wish(amount))
    until(lambda: taking.show()["refunds"][0]["reversed"], 60)
    until(lambda: _written(taking, 0) == ["done"] * 4, 60)
    shown = taking.show()
    assert "came back" in shown["attempts"][-1]["alarm"]
    assert (shown["refunded"], shown["refundable"]["minor"]) == (None, amount)
    assert [one["amount_refunded"] for one in taking.charges()] == [0]
    assert agent.ask("GET", f"/v1/customers/{customer}?fresh=true")["balance"] == before
    waiting = supervisor.ask("GET", "/v1/work")["rows"]
    assert any(one["payment"] and one["payment"]["intent_id"] == taking.intent_id for one in waiting)
