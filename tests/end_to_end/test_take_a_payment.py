"""A phone payment through hub, sandbox and a real ledger: each ending, and that money is said truly."""

import json
import urllib.parse

import pytest

from agentdesk.cli.demo.call import Refused, call
from agentdesk.cli.demo.world import World
from tests.end_to_end.desk_by_hand import Person, Phone, Taking
from tests.until import until

AMARA = "+442079460958"
DEREK = "+441144960126"
FATIMA = "+441614960134"
OWAIN = "+442920180142"
KOFI = "+441174960167"
WHITFIELDS = "+441914980175"
GWEN = "+441184960191"
RUPERT = "+441164960209"
ACCOUNTED = {"accounts": "done", "customer_record": "done"}


def _inbox(world: World) -> list[dict[str, object]]:
    return list(call("GET", f"{world.sandbox.url}/_sim/inbox"))


def test_approved_payment_is_charged_once_posted_logged_and_receipted(
    agent: Person, supervisor: Person, everything: World
) -> None:
    line = agent.take_call(AMARA)
    customer = line.customer()
    assert customer["name"] == "Amara Okafor"
    assert customer["balance"] == {"minor": 18462, "currency": "GBP"}
    first_two = customer["open_items"][:2]
    taking = line.agree(12336, first_two, receipt_email="amara.okafor@example.com")
    attempt = taking.take("visa-approves")
    assert attempt["state"] == "approved"
    assert attempt["card"] == {"brand": "visa", "last4": "4242"}
    until(lambda: taking.written() == {**ACCOUNTED, "receipt": "done"})
    assert [(c["amount"], c["status"]) for c in taking.charges()] == [(12336, "succeeded")]
    after = line.customer()
    assert after["balance"]["minor"] == 6126
    assert [item["number"] for item in after["open_items"]] == [customer["open_items"][2]["number"]]
    history = agent.ask("GET", f"/v1/customers/{customer['customer_id']}/history")["rows"]
    reference = taking.show()["reference"]
    assert any(reference in row["title"] + row["detail"] or "123.36" in row["title"] for row in history)
    assert any("123.36" in json.dumps(mail, ensure_ascii=False) for mail in _inbox(everything))
    log = supervisor.ask("GET", "/v1/payments?q=" + taking.show()["short_reference"])
    assert [row["intent_id"] for row in log["rows"]] == [taking.intent_id]
    assert log["totals"]["approved"]["minor"] == 12336
    recorder = call("GET", f"{everything.sandbox.url}/_sim/calls/{line.ref}/recorder")
    until(lambda: taking.attempt()["capture"]["recorder_resumed_at"])
    assert recorder is not None
    line.hang_up()
    until(lambda: line.show()["state"] == "wrap_up")
    agent.ask(
        "POST", f"/v1/calls/{line.call_id}/wrap-up", {"disposition": "payment_taken", "note": "All well."}
    )
    assert line.show()["state"] == "ended"


def test_declined_says_nothing_was_charged_and_another_card_pays_the_same_debt(agent: Person) -> None:
    line = agent.take_call(DEREK)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    declined = taking.take("visa-declines")
    assert declined["state"] == "declined"
    assert "nothing was charged" in declined["decline"]["say"]
    assert taking.written() == {}
    approved = taking.take("visa-approves")
    assert (approved["number"], approved["state"]) == (2, "approved")
    assert [c["status"] for c in taking.charges() if c["status"] == "succeeded"] == ["succeeded"]
    until(lambda: taking.written() == ACCOUNTED)


def test_lost_answer_is_unknown_holds_the_debt_and_is_found(agent: Person, phone: Phone) -> None:
    line = agent.take_call(FATIMA)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    taking.key_card("visa-approves")
    phone.fault(face="stripe", route="POST /v1/payment_intents", kind="drop_reply_after_executing")
    taking.submit()
    seen: list[str] = []

    def over() -> bool:
        seen.append(taking.attempt()["state"])
        return seen[-1] == "approved"

    until(over, 40)
    assert "not_sent" not in seen
    assert "declined" not in seen
    assert len([c for c in taking.charges() if c["status"] == "succeeded"]) == 1
    until(lambda: taking.written() == ACCOUNTED)


def test_unknown_debt_cannot_be_taken_again_meanwhile(agent: Person, phone: Phone) -> None:
    line = agent.take_call(FATIMA)
    item = next(i for i in line.customer()["open_items"] if not i["held_by"])
    taking = line.agree(item["outstanding"]["minor"], [item])
    taking.key_card("visa-approves")
    phone.fault(face="stripe", route="POST /v1/payment_intents", kind="drop_reply_after_executing")
    phone.fault(face="stripe", route="payment_intent.succeeded", kind="callback_lost")
    phone.fault(face="stripe", route="GET /v1/payment_intents", kind="error_500_before", count=None)
    taking.submit()
    until(lambda: taking.attempt()["state"] == "unknown")
    held = next(i for i in line.customer()["open_items"] if i["invoice_id"] == item["invoice_id"])
    assert held["held_by"] == taking.show()["short_reference"]
    second = line.agree(item["outstanding"]["minor"], [item])
    problem = agent.refused(
        "POST",
        f"/v1/payment-intents/{second.intent_id}/attempts",
        {"key": "k" * 20, "route": "keypad"},
    )
    assert problem["code"] == "already_being_paid"
    phone.disarm()
    until(lambda: taking.attempt()["state"] == "approved", 60)


def test_wrong_number_is_asked_again(agent: Person) -> None:
    line = agent.take_call(OWAIN)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    taking.start()
    taking.ask("number")
    line.script("keys", digits="4242424242424241#", gap_ms=0)  # fails the check digit
    until(lambda: taking.field("number")["state"] == "failed")
    assert taking.field("number")["problem"] == "invalid"
    for name in ("number", "expiry", "security_code"):
        taking.key(name, "visa-approves")
    until(lambda: taking.attempt()["capture"]["can_submit"])
    taking.cancel()
    attempt = taking.attempt()
    assert (attempt["state"], attempt["capture"]["state"]) == ("not_sent", "closed")
    assert taking.charges() == []


def test_caller_who_hangs_up_before_submit_is_not_charged(agent: Person) -> None:
    line = agent.take_call(OWAIN)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    taking.start()
    taking.key("number", "visa-approves")
    line.hang_up()
    until(lambda: taking.attempt()["state"] == "not_sent")
    assert "hung up" in taking.attempt()["not_sent_reason"]
    assert taking.charges() == []
    assert line.show()["state"] == "wrap_up"


def test_recorder_that_does_not_answer_keeps_card_entry_shut(agent: Person, phone: Phone) -> None:
    line = agent.take_call(OWAIN)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    phone.fault(face="twilio", route="Recordings", kind="error_500_before", count=2)
    attempt = taking.start()
    assert attempt["state"] == "not_sent"
    assert attempt["capture"]["secured_at"] is None
    assert "recorder" in attempt["not_sent_reason"]
    phone.disarm()
    assert taking.start()["capture"]["secured_at"]
    taking.cancel()


def test_agent_hears_flat_tones_while_the_caller_keys(agent: Person, everything: World) -> None:
    line = agent.take_call(OWAIN)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    taking.key_card("visa-approves")
    heard = call("GET", f"{everything.sandbox.url}/_sim/calls/{line.ref}/agent-audio")
    text = json.dumps(heard)
    assert "flat" in text
    assert "4242" not in text
    taking.cancel()


def test_posting_the_ledger_refuses_is_parked_and_shown_as_paid(agent: Person) -> None:
    line = agent.take_call(RUPERT)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    assert taking.take("visa-approves")["state"] == "approved"
    until(lambda: taking.written()["accounts"] == "parked")
    shown = next(i for i in line.customer()["open_items"] if i["invoice_id"] == item["invoice_id"])
    assert (shown["posting"], shown["outstanding"]["minor"]) == (item["outstanding"], 0)
    body = line.intent_body(item["outstanding"]["minor"], [item])
    assert agent.refused("POST", "/v1/payment-intents", body)["code"] == "already_paid"
    day = agent.ask("GET", "/v1/agent-day")
    assert taking.intent_id in [one["intent_id"] for one in day["open_work"]]


def test_two_people_on_one_number_are_never_guessed(agent: Person) -> None:
    line = agent.take_call(WHITFIELDS)
    shown = line.show()
    assert shown["customer_id"] is None
    assert sorted(m["name"] for m in shown["matches"]) == ["Joan Whitfield", "Peter Whitfield"]
    chosen = shown["matches"][0]["customer_id"]
    agent.ask("PUT", f"/v1/calls/{line.call_id}/customer", {"customer_id": chosen})
    assert line.customer()["name"] == shown["matches"][0]["name"]


def test_withheld_number_says_so(agent: Person) -> None:
    line = agent.take_call(None)
    assert "withheld" in line.show()["match_problem"]


@pytest.mark.parametrize(
    ("minor", "currency", "code"),
    [
        (0, "GBP", "amount_zero"),
        (10_000_000, "GBP", "amount_over_limit"),
        (150_000, "GBP", "amount_over_balance"),
        (100, "EUR", "currency_mismatch"),
    ],
)
def test_amounts_that_may_not_be_taken(agent: Person, minor: int, currency: str, code: str) -> None:
    line = agent.take_call(AMARA)
    body = line.intent_body(minor) | {"amount": {"minor": minor, "currency": currency}}
    assert agent.refused("POST", "/v1/payment-intents", body)["code"] == code
    assert line.show()["payment_intent_ids"] == []


def test_closed_account_and_unknown_call_are_refused(agent: Person) -> None:
    line = agent.take_call(GWEN)
    refused = agent.refused("POST", "/v1/payment-intents", line.intent_body(100))
    assert refused["code"] == "account_closed"
    assert agent.refused("GET", "/v1/calls/call_nowhere")["code"] == "call_unknown"


def test_card_number_in_a_note_is_refused_and_not_kept(agent: Person) -> None:
    line = agent.take_call(KOFI)
    note = {"disposition": "enquiry", "note": "card 4242 4242 4242 4242"}
    refused = agent.refused("POST", f"/v1/calls/{line.call_id}/wrap-up", note)
    assert refused["code"] == "card_number_refused"
    assert "4242" not in json.dumps(refused)
    assert line.show()["state"] != "ended"


def test_one_press_makes_one_intent_and_one_attempt(agent: Person) -> None:
    line = agent.take_call(OWAIN)
    item = line.customer()["open_items"][0]
    body = line.intent_body(item["outstanding"]["minor"], [item])
    first = agent.ask("POST", "/v1/payment-intents", body)
    assert agent.ask("POST", "/v1/payment-intents", body)["intent_id"] == first["intent_id"]
    taking = Taking(line, first["intent_id"])
    attempt = {"key": "one-press-one-attempt", "route": "keypad"}
    path = f"/v1/payment-intents/{taking.intent_id}/attempts"
    agent.ask("POST", path, attempt)
    agent.ask("POST", path, attempt)
    assert len(taking.show()["attempts"]) == 1
    taking.cancel()


def test_forged_and_replayed_webhooks_have_no_effect(agent: Person, everything: World) -> None:
    line = agent.take_call(OWAIN)
    item = line.customer()["open_items"][0]
    taking = line.agree(item["outstanding"]["minor"], [item])
    taking.start()
    forged = urllib.parse.urlencode({"Result": "success", "PaymentToken": "pm_forged"})
    attempt_id = taking.attempt()["attempt_id"]
    with pytest.raises(Refused) as refused:
        call("POST", f"{everything.hub.url}/webhooks/twilio/{attempt_id}", forged)
    assert refused.value.status == 403
    assert taking.attempt()["state"] == "open"
    taking.cancel()
