"""Cards, issuer, vault and journal."""

import json
import random
import re
from datetime import UTC, datetime

import httpx
import pytest

from agentdesk.sandbox import cards, issuer
from agentdesk.sandbox.clock import Clock
from agentdesk.sandbox.deliver import is_loopback
from agentdesk.sandbox.ids import Ids
from agentdesk.sandbox.journal import REFUSED, Journal, has_digit_run
from agentdesk.sandbox.settings import Settings
from agentdesk.sandbox.vault import WRONG_CVC, Vault
from tests.sandbox.vendor import PaidCall


@pytest.mark.parametrize("card", cards.CARDS, ids=lambda card: card.name)
def test_every_card_can_be_keyed(card: cards.TestCard) -> None:
    assert cards.passes_luhn(card.number)
    assert cards.brand_of(card.number) == card.brand
    assert len(card.number) == cards.number_length(card.brand)
    assert len(card.cvc) == cards.cvc_length(card.brand)


def test_names_and_numbers_are_unique() -> None:
    assert len({card.name for card in cards.CARDS}) == len({card.number for card in cards.CARDS})
    assert len({card.name for card in cards.CARDS}) == len(cards.CARDS)


def test_a_number_that_is_no_test_card_is_unknown() -> None:
    assert cards.by_number("4" * 16) is None


def decide(name: str, amount: int = 1234, cvc: str | None = None, *, phoned: bool = False) -> issuer.Decision:
    """Charge a card by name."""
    card = cards.by_name(name)
    vault = Vault(Ids(random.Random(1)))
    keyed = vault.keep(card, card.expiry, cvc or card.cvc)
    return issuer.decide(keyed, amount, datetime.now(UTC), phoned=phoned)


@pytest.mark.parametrize("card", cards.CARDS, ids=lambda card: card.name)
def test_the_issuer_has_an_answer_for_every_card(card: cards.TestCard) -> None:
    decision = decide(card.name)
    assert (decision.outcome == "declined") == bool(decision.advice_code)


@pytest.mark.parametrize(
    ("name", "outcome", "code", "decline_code"),
    [
        ("visa-approves", "approved", "", ""),
        ("visa-declines", "declined", "card_declined", "generic_decline"),
        ("visa-insufficient-funds", "declined", "card_declined", "insufficient_funds"),
        ("visa-lost", "declined", "card_declined", "lost_card"),
        ("visa-expired", "declined", "expired_card", "expired_card"),
        ("visa-cvc-fails", "declined", "incorrect_cvc", "incorrect_cvc"),
        ("visa-needs-3ds", "requires_action", "authentication_required", "authentication_required"),
        ("visa-late", "processing", "", ""),
        ("mastercard-answer-lost", "lost", "", ""),
    ],
)
def test_what_the_issuer_answers(name: str, outcome: str, code: str, decline_code: str) -> None:
    decision = decide(name)
    assert (decision.outcome, decision.code, decision.decline_code) == (outcome, code, decline_code)


def test_a_bank_that_wants_the_holder_lets_an_order_by_telephone_pass() -> None:
    card = decide("visa-asks-holder-later"), decide("visa-asks-holder-later", phoned=True)
    assert [one.outcome for one in card] == ["requires_action", "approved"]
    assert decide("visa-needs-3ds", phoned=True).outcome == "requires_action"


def test_the_issuer_refuses_by_amount_and_by_security_code() -> None:
    assert decide("visa-approves", issuer.LIMIT + 1).decline_code == "card_velocity_exceeded"
    assert decide("visa-approves", issuer.LIMIT).outcome == "approved"
    assert decide("visa-approves", cvc=WRONG_CVC).code == "incorrect_cvc"


def test_the_vault_keeps_no_number() -> None:
    vault = Vault(Ids(random.Random(1)))
    card = cards.by_name("visa-approves")
    kept = vault.keep(card, "0430", None)
    assert vault.get(kept.token) == kept
    assert (kept.last4, kept.exp_month, kept.exp_year, kept.cvc_check) == ("4242", 4, 2030, "unchecked")
    assert card.number not in repr(vars(vault)) + repr(kept)
    assert vault.get("pm_card_visa").name == "visa-approves"
    assert vault.get("pm_nobody") is None


def test_the_journal_refuses_digit_runs_wherever_they_are() -> None:
    journal = Journal()
    run = "4" * 16
    spaced = " ".join([run[:4]] * 4)
    journal.add("request", body={"a": [f"x{run}y", spaced], run: 1}, n=int(run))
    (entry,) = journal.after(0)
    assert entry.facts == {"body": {"a": [f"x{REFUSED}y", REFUSED], REFUSED: 1}, "n": REFUSED}
    assert journal.after(1) == []


def test_identifiers_hold_no_digit_run() -> None:
    ids = Ids(random.Random(1))
    made = [ids.sid("CA") for _ in range(3000)]
    assert not any(map(has_digit_run, made))
    assert len(set(made)) == len(made)


def test_the_journal_of_a_payment_holds_no_digit_run_and_no_security_code(paid_call: PaidCall) -> None:
    before = len(paid_call.sim.get("/_sim/journal").json())
    session = paid_call.open(description="1234 5678 1234 5678")
    for field in ("payment-card-number", "expiration-date", "security-code"):
        paid_call.ask(session, field)
    paid_call.update(session, status="complete")
    paid_call.result()
    entries = paid_call.sim.get("/_sim/journal", params={"after": before}).json()
    text = json.dumps(entries)
    assert {"request", "reply", "callback"} <= {entry["what"] for entry in entries}
    assert re.search(r"\d{13,19}", text) is None
    assert REFUSED in text
    shown = {e["facts"]["body"].get("SecurityCode", "x") for e in entries if e["what"] == "callback"}
    assert all(set(code) <= {"x"} for code in shown)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8/cb", True),
        ("http://localhost/cb", True),
        ("http://[::1]:8/cb", True),
        ("https://hub.example/cb", False),
        ("http://127.0.0.1.example/cb", False),
        ("ftp://127.0.0.1/cb", False),
        ("/cb", False),
    ],
)
def test_it_posts_to_this_computer_only(url: str, allowed: bool) -> None:
    assert is_loopback(url) is allowed


def test_time_can_run_faster_and_be_wrong() -> None:
    right, wrong = Clock(Settings()), Clock(Settings(speed=4, clock_skew_s=3600))
    assert wrong.seconds(10) == 2.5
    assert 3590 < wrong.unix() - right.unix() < 3610


def test_configuration_is_changed_by_known_names_only(sim: httpx.Client) -> None:
    assert sim.post("/_sim/config", json={"auth_token": "mine"}).status_code == 422
    before = sim.get("/_sim/config").json()
    assert sim.post("/_sim/config", json={"business": "Other"}).json()["business"] == "Other"
    assert sim.post("/_sim/config", json=before).json() == before


def test_callers_and_cards_are_listed_without_numbers(sim: httpx.Client) -> None:
    known = [{"name": "Amara Okafor", "number": "+442079460958"}]
    assert sim.post("/_sim/callers", json=known).json() == known == sim.get("/_sim/callers").json()
    listed = sim.get("/_sim/cards").json()
    assert [card["name"] for card in listed] == [card.name for card in cards.CARDS]
    assert not has_digit_run(json.dumps(listed))
