"""Payment links on the real parts: one debt for link and keypad, whoever is faster."""

from collections.abc import Iterator
from typing import Any

import pytest

from agentdesk.cli.demo.call import Refused
from agentdesk.cli.demo.world import AGENT, World
from tests.end_to_end.desk_by_hand import Person, Phone, Strangers, Taking
from tests.until import until

DAVID_CARDIFF, DAVID_LIVERPOOL, SIOBHAN = "+442920180217", "+441514960225", "+441414960233"


@pytest.fixture
def agent(everything: World) -> Iterator[Person]:
    """An agent whose calls are finished afterwards."""
    agent = Person(everything, AGENT)
    yield agent
    agent.finish_calls()


def _agreed(agent: Person, number: str) -> Taking:
    line = agent.take_call(number)
    item = line.customer()["open_items"][0]
    return line.agree(item["outstanding"]["minor"], [item])


def _succeeded(taking: Taking) -> list[dict[str, Any]]:
    return [one for one in taking.charges() if one["status"] == "succeeded"]


def test_caller_hangs_up_gets_a_link_and_pays_once(agent: Person, phone: Phone) -> None:
    taking = _agreed(agent, DAVID_CARDIFF)
    taking.start()
    taking.key("number", "visa-approves")
    taking.line.hang_up()
    until(lambda: taking.attempt()["state"] == "not_sent")
    url = taking.send_link()
    refused = agent.refused(
        "POST",
        f"/v1/payment-intents/{taking.intent_id}/attempts",
        {"key": "another-press-of-f4", "route": "keypad"},
    )
    assert refused["code"] == "step_not_possible"
    assert taking.pay_link(url, "visa-declines") == "open"  # the customer tries another card
    assert taking.attempt()["state"] == "open"
    phone.fault(face="stripe", route="checkout.session.completed", kind="callback_duplicate", count=1)
    assert taking.pay_link(url, "visa-approves") == "paid"
    until(lambda: taking.attempt()["state"] == "approved")
    attempt = taking.attempt()
    assert attempt["card"] == {"brand": "visa", "last4": "4242"}
    until(lambda: set(taking.written().values()) == {"done"}, 60)
    assert len(_succeeded(taking)) == 1
    titles = [one["title"] for one in taking.timeline()]
    assert titles.count("Approved") == 1
    assert any("Link texted" in one for one in titles)
    with pytest.raises(Refused):
        taking.pay_link(url, "visa-approves")


def test_expired_link_cannot_be_paid_and_the_card_is_keyed_then(agent: Person) -> None:
    taking = _agreed(agent, DAVID_LIVERPOOL)
    url = taking.send_link()
    taking.cancel()
    until(lambda: taking.attempt()["state"] == "not_sent")
    assert taking.attempt()["not_sent_reason"] == "You expired the link."
    with pytest.raises(Refused):
        taking.pay_link(url, "visa-approves")
    assert taking.take("visa-approves")["state"] == "approved"
    assert len(_succeeded(taking)) == 1


def test_link_that_is_paid_before_it_is_expired_is_paid(agent: Person, phone: Phone) -> None:
    """Every message of the provider is lost: only asking for the expiry tells."""
    taking = _agreed(agent, SIOBHAN)
    url = taking.send_link()
    for lost in ("payment_intent.succeeded", "checkout.session.completed"):
        phone.fault(face="stripe", route=lost, kind="callback_lost", count=3)
    assert taking.pay_link(url, "visa-approves") == "paid"
    taking.cancel()
    until(lambda: taking.attempt()["state"] == "approved")
    assert taking.attempt()["late_success"] is False
    assert len(_succeeded(taking)) == 1


def test_link_is_paid_after_the_call_has_ended_and_noted_by_itself(
    agent: Person, strangers: Strangers
) -> None:
    taking = _agreed(agent, strangers.owing())
    line, customer_id = taking.line, taking.show()["customer_id"]
    url = taking.send_link()
    line.hang_up()
    until(lambda: line.show()["state"] == "wrap_up")
    agent.ask("POST", f"/v1/calls/{line.call_id}/wrap-up", {"disposition": "enquiry", "note": "Sent a link."})
    assert line.show()["state"] == "ended"
    assert taking.pay_link(url, "visa-approves") == "paid"
    until(lambda: taking.attempt()["state"] == "approved")
    until(lambda: set(taking.written().values()) == {"done"}, 60)
    after = agent.ask("GET", f"/v1/customers/{customer_id}?fresh=true")
    paid = {part["invoice_id"] for part in taking.show()["allocations"]}
    assert not paid & {item["invoice_id"] for item in after["open_items"]}
    rows = agent.ask("GET", f"/v1/customers/{customer_id}/history")["rows"]
    noted = [row["detail"] for row in rows if row["kind"] == "payment"]
    assert "on a secure link" in noted[0]
    assert len(_succeeded(taking)) == 1


def test_what_the_bank_wants_confirmed_is_paid_by_a_link_under_the_same_payment(
    agent: Person, strangers: Strangers
) -> None:
    taking = _agreed(agent, strangers.owing())
    declined = taking.take("visa-needs-3ds")
    assert declined["state"] == "declined"
    decline = declined["decline"]
    assert (decline["kind"], decline["advice"]) == ("authentication_required", "send_link")
    assert taking.charges() == []  # the intent is left without a card: nothing can be taken on it
    url = taking.send_link()
    assert taking.pay_link(url, "visa-needs-3ds") == "paid"  # on the page the bank asks its holder
    until(lambda: taking.attempt()["state"] == "approved")
    states = [(one["route"], one["state"]) for one in taking.show()["attempts"]]
    assert states == [("keypad", "declined"), ("link", "approved")]
    (charge,) = _succeeded(taking)
    assert charge["metadata"]["attempt"] == taking.attempt()["attempt_id"]
    again = {"key": "one-more-press-of-f4", "route": "keypad"}
    refused = agent.refused("POST", f"/v1/payment-intents/{taking.intent_id}/attempts", again)
    assert refused["code"] == "already_paid"
    until(lambda: taking.written()["accounts"] == "done", 60)


def test_link_goes_by_email_and_after_a_wrong_address_to_the_right_one(
    agent: Person, strangers: Strangers
) -> None:
    taking, right = _agreed(agent, strangers.owing()), "right@northwind.example"
    taking.mail_link("wrong@elsewhere.org")
    until(lambda: taking.attempt()["link"]["problem"])
    link = taking.attempt()["link"]
    assert (link["problem"], link["sent_at"]) == ("The mail server did not take it. Check the address.", None)
    with pytest.raises(Refused):
        taking.mail_link(right)  # the first link may still be paid
    taking.cancel()
    until(lambda: taking.attempt()["state"] == "not_sent")
    taking.mail_link(right)
    url = taking.mailed_link(right)
    again = {"key": "a-press-of-send-again"}
    for _ in range(2):  # one press, asked twice
        agent.ask("POST", f"/v1/attempts/{taking.attempt()['attempt_id']}/resend", again)
    until(lambda: [one["title"] for one in taking.timeline()].count("Link emailed") == 2)
    assert taking.pay_link(url, "mastercard-approves") == "paid"
    until(lambda: taking.attempt()["state"] == "approved")
    assert len(_succeeded(taking)) == 1
    assert [one["title"] for one in taking.timeline()].count("Link emailed") == 2
