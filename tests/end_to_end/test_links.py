"""Payment links on the real parts: one debt for link and keypad, whoever is faster."""

from collections.abc import Iterator
from typing import Any

import pytest

from agentdesk.cli.demo.call import Refused
from agentdesk.cli.demo.world import AGENT, World
from tests.end_to_end.desk_by_hand import Person, Phone, Taking
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
    assert attempt["card"]["label"] == "Visa ending 4242"
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
