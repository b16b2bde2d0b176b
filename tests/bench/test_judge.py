"""The judge of bench/chaos sees each breach of a law, and nothing where all is well."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bench.chaos.facts import Facts, LedgerSaw
from bench.chaos.judge import breaches, outside_the_queue
from bench.chaos.place import Told

_POSTINGS = {"P-pa_1": [(7, 1200)], "R-rf_1": [(9, 300)]}


def _charge(attempt: str = "pa_1", amount: int = 1200) -> dict[str, Any]:
    ids = {"id": "ch_1", "payment_method": "pm_1"}
    return {"metadata": {"attempt": attempt}, "amount": amount, "status": "succeeded"} | ids


def _went_back(refund: str = "rf_1", amount: int = 300) -> dict[str, Any]:
    return {"metadata": {"refund": refund}, "amount": amount, "status": "succeeded", "charge": "ch_1"}


def _refund(refund: str = "rf_1", **more: Any) -> dict[str, Any]:
    row = {"refund_id": refund, "state": "done", "reference": f"R-{refund}", "amount_minor": 300}
    return row | {"attempt_id": "pa_1", "why": None, "was_done": True} | more


def _attempt(attempt: str = "pa_1", **more: Any) -> dict[str, Any]:
    row = {
        "attempt_id": attempt,
        "state": "approved",
        "late_success": False,
        "alarm": None,
        "not_sent_reason": None,
        "intent_id": f"pi_{attempt}",
        "reference": f"P-{attempt}",
        "amount_minor": 1200,
        "allocations": [{"invoice_id": "7", "amount_minor": 1200}],
        "whole": [],
        "split_of": None,
        "link_state": None,
        "saved_card_id": None,
        "plan_id": None,
        "instalment": None,
    }
    return row | more


def _note_of_link(*after: str) -> dict[str, Any]:
    """Return what changes where the note of an unpaid link names a payment that was charged."""
    told = [("LINK-1", " Not paid: £12\nIt was closed. Nothing was charged. Reference X.")]
    return _ledger(said=told + [(one, " Card payment £12") for one in after])


def _card(card: str = "card_1", **more: Any) -> dict[str, Any]:
    row = {"card_id": card, "state": "kept", "customer_id": "12", "token": f"pm_{card[-1]}"}
    return row | {"paid": "approved", "tried_later": 0} | more


def _kept(token: str = "pm_1", customer: str = "12") -> dict[str, Any]:
    return {"id": token, "customer": "cus_1", "metadata": {"customer": customer}}


def _told(**states: set[str]) -> Told:
    told = Told()
    told.states.update(states)
    return told


def _of_refund(*states: str) -> Told:
    told = _told(pa_1={"approved"})
    told.refunds["rf_1"] = set(states)
    return told


def _well() -> Facts:
    ledger = LedgerSaw(_POSTINGS, Counter({"P-pa_1": 1, "R-rf_1": 1, "CRD-1": 1}), Decimal(), 900)
    done = {"write_back_id": "wb_1", "kind": "accounts", "state": "done", "detail": "", "intent_id": "pi_1"}
    told = _told(pa_1={"open", "sending", "unknown", "approved"})
    told.refunds["rf_1"] = {"sending", "unknown", "done"}
    processor = [_charge()], [_went_back()], [_kept()]
    ours = [_attempt()], [_refund()], [_card()], [done], [], _logged(1)
    return Facts(*processor, ledger, told, *ours)


def test_nothing_is_found_where_all_is_well() -> None:
    assert breaches(_well()) == []


def _ledger(**changes: Any) -> dict[str, Any]:
    return {"ledger": replace(_well().ledger, **changes)}


def _came_back(**changes: Any) -> dict[str, Any]:
    """Return what changes where the refund failed after it was done; the ledger has taken it back."""
    refund = _refund(state="failed", reference="RFD-rf_1")
    notes = Counter({"P-pa_1": 1, "RFD-rf_1": 1, "REV-rf_1": 1, "CRD-1": 1})
    ledger = {"postings": {"P-pa_1": [(7, 1200)]}, "notes": notes, "in_transit": 1200} | changes
    return {"refunds": [refund], "given_back": [_went_back() | {"status": "failed"}]} | _ledger(**ledger)


def _left(state: str, link: str | None = None) -> dict[str, Any]:
    return {"attempts": [_attempt(), _attempt("pa_2", state=state, link_state=link)], "audit": _logged(2)}


def _logged(attempts: int, taken: int = 0, plans: int = 0) -> list[dict[str, Any]]:
    counts = {"payment.attempt": attempts, "payment.refund": 1, "plan.take": taken, "plan.make": plans}
    return [{"action": action, "count": count} for action, count in counts.items()]


def _owed(state: str) -> dict[str, Any]:
    return {"write_backs": [_well().write_backs[0] | {"state": state}]}


def _of_7(minor: int) -> list[dict[str, Any]]:
    return [{"invoice_id": "7", "amount_minor": minor}]


def _on_account(postings: dict[str, Any]) -> dict[str, Any]:
    return {"attempts": [_attempt(allocations=[])], **_ledger(postings=_POSTINGS | postings)}


def _two_cards(*minors: int, split_of: str | None = "pi_1") -> dict[str, Any]:
    """Return what changes where the cards of a split pay invoice 7, of 1200; a third is the second's."""
    whole = {"whole": _of_7(1200)}
    cards = [
        _attempt(f"pa_{n}", amount_minor=minor, allocations=_of_7(minor), **whole)
        | {"intent_id": f"pi_{min(n, 2)}", "split_of": split_of if n > 1 else None}
        for n, minor in enumerate(minors, 1)
    ]
    charges = [_charge(f"pa_{n}", minor) for n, minor in enumerate(minors, 1)]
    references = {f"P-pa_{n}": [(7, minor)] for n, minor in enumerate(minors, 1)}
    ledger = LedgerSaw(
        references | {"R-rf_1": [(9, 300)]},
        Counter(dict.fromkeys([*references, "R-rf_1", "CRD-1"], 1)),
        Decimal(),
        sum(minors) - 300,
    )
    told = _of_refund("done")
    told.states.update({f"pa_{n}": {"approved"} for n in range(1, len(minors) + 1)})
    return {
        "attempts": cards,
        "charges": charges,
        "ledger": ledger,
        "told": told,
        "audit": _logged(len(minors)),
    }


def test_two_cards_and_money_on_account_are_well_where_they_add_up() -> None:
    for minors in ((700, 500), (1200,), (500,)):
        changes = _two_cards(*minors)
        changes["charges"] = [one | {"id": f"ch_{n}"} for n, one in enumerate(changes["charges"], 1)]
        assert breaches(replace(_well(), **changes)) == []
    assert breaches(replace(_well(), **_on_account({"P-pa_1": [(None, 1200)]}))) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"charges": [_charge(), _charge()]}, "charged 2 times"),
        ({"charges": [_charge(), _charge("pa_9")]}, "nobody here knows it"),
        ({"charges": [_charge(amount=1300)]}, "agreed were 1200"),
        ({"charges": []}, "never charged"),
        ({"attempts": [_attempt(state="unknown")]}, "was charged and is unknown here"),
        ({"charges": [_charge(), _charge("pa_2")], **_left("approved")}, "invoice 7 was paid 2 times"),
        (_on_account({"P-pa_1": [(7, 1200)]}), "agreed as [] and is in the ledger as [(7, 1200)]"),
        (_ledger(postings=_POSTINGS | {"P-pa_1": [(None, 1200)]}), "agreed as [1200] and is in the ledger"),
        (_two_cards(700, 600), "2 cards of split pi_1 paid {'7': 1300} of {'7': 1200}"),
        (_two_cards(700, 400), "2 cards of split pi_1 paid {'7': 1100} of {'7': 1200}"),
        (_two_cards(1300), "1 cards of split pi_1 paid {'7': 1300} of {'7': 1200}"),
        (_two_cards(600, 600, split_of=None), "invoice 7 was paid 2 times"),
        (_two_cards(400, 400, 400), "invoice 7 was paid 3 times"),
        ({"attempts": [_attempt(allocations=_of_7(1100))]}, "pa_1 of 1200 pays [1100]"),
        ({"told": _told(pa_1={"not_sent", "approved"})}, "an agent was told not_sent"),
        ({"told": _told(pa_1={"declined", "approved"})}, "an agent was told declined"),
        ({"attempts": [_attempt(late_success=True)]}, "told as not charged before"),
        ({"attempts": [_attempt(alarm="Charged twice")]}, "raised the alarm"),
        ({"given_back": [_went_back(), _went_back()]}, "rf_1 went out 2 times"),
        ({"given_back": [_went_back(), _went_back("rf_9")]}, "rf_9 went out and nobody here knows it"),
        ({"given_back": [_went_back(amount=400)]}, "gave back 400, asked were 300"),
        ({"given_back": []}, "rf_1 is done here and never went out"),
        ({"refunds": [_refund(state="not_sent")]}, "rf_1 went out and is not_sent here"),
        ({"given_back": [_went_back(amount=1300)]}, "of ch_1, which took 1200, 1300 went back"),
        ({"told": _of_refund("not_sent", "done")}, "rf_1 went out and somebody was told not_sent"),
        ({"refunds": [_refund(), _refund("rf_2", state="unknown")]}, "rf_2 is left as unknown"),
        ({"given_back": [_went_back() | {"status": "failed"}]}, "rf_1 came back and is done here"),
        ({"refunds": [_refund(state="failed")]}, "rf_1 went out and is failed here"),
        (
            _came_back(postings=_POSTINGS | {"RFD-rf_1": [(9, 300)]}),
            "RFD-rf_1 is in the ledger and was not paid",
        ),
        (_came_back(notes=Counter({"P-pa_1": 1, "RFD-rf_1": 1, "CRD-1": 1})), "REV-rf_1 has 0 notes"),
        (_ledger(postings=_POSTINGS | {"R-rf_1": []}), "R-rf_1 of 300 is in the ledger as []"),
        (_ledger(postings=_POSTINGS | {"R-rf_1": [(9, 300), (10, 300)]}), "R-rf_1 of 300 is in the ledger"),
        (_ledger(postings={}), "is in the ledger as []"),
        (_ledger(postings=_POSTINGS | {"P-pa_1": [(7, 1200), (7, 1200)]}), "is in the ledger as"),
        (_ledger(postings=_POSTINGS | {"P-pa_1": [(7, 1100)]}), "is in the ledger as"),
        (_ledger(postings=_POSTINGS | {"P-pa_3": [(8, 1)]}), "was not paid"),
        (_ledger(notes=Counter({"R-rf_1": 1})), "CRD-1 has 0 notes"),
        (_ledger(notes=Counter({"R-rf_1": 1})), "P-pa_1 has 0 notes"),
        (_ledger(notes=Counter({"P-pa_1": 2, "R-rf_1": 1})), "P-pa_1 has 2 notes"),
        (_ledger(notes=_well().ledger.notes + Counter(["P-pa_2"])) | _left("declined"), "P-pa_2 has a note"),
        (_ledger(difference=Decimal("0.01")), "does not balance"),
        (_ledger(in_transit=1200), "the processor has 900 for us, the ledger awaits 1200"),
        (_note_of_link(), "LINK-1 says in the customer's record of P-pa_1"),
        (_note_of_link("P-pa_2"), "LINK-1 says in the customer's record of P-pa_1"),
        ({"kept": []}, "card_1 is offered here and not kept"),
        ({"kept": [_kept(), _kept("pm_2")]}, "pm_2 is kept at the processor and nobody agreed"),
        ({"kept": [_kept(customer="13")]}, "card_1 of 12 is kept for {'customer': '13'}"),
        ({"cards": [_card(state="gone")]}, "card_1 is gone here and still kept"),
        ({"cards": [_card(state="gone")], "kept": []}, "CRW-1 has 0 notes"),
        ({"cards": [_card(paid="declined")]}, "card_1 was saved with a payment that is declined"),
        ({"cards": [_card(tried_later=1)]}, "card_1 was charged after it was withdrawn"),
        ({"cards": [_card(state="letting_go")]}, "card_1 is left as letting_go"),
        ({"cards": [_card(state="agreed")]}, "card_1 is left as agreed"),
        ({"attempts": [_attempt(saved_card_id="card_2")]}, "was to charge card_2 and took pm_1"),
        ({"audit": _logged(0)}, "1 times payment.attempt happened, the audit log has 0"),
        (_left("open"), "pa_2 is left open"),
        (_left("open", "opening"), "pa_2 is left open"),
        (_left("sending"), "left as sending"),
        (_left("unknown"), "left as unknown"),
        (_left("pending"), "left as pending"),
        (_owed("parked"), "is left parked"),
        (_owed("queued"), "is left queued"),
    ],
)
def test_each_breach_is_seen(changes: dict[str, Any], words: str) -> None:
    assert any(words in breach for breach in breaches(replace(_well(), **changes)))


def test_what_the_queue_follows_is_no_breach() -> None:
    jobs = [
        {"task_name": "hub:ask_processor", "attempt_id": "pa_2", "write_back_id": None},
        {"task_name": "hub:write_back", "attempt_id": None, "write_back_id": "wb_1"},
    ]
    facts = replace(_well(), jobs=jobs, **_left("unknown"), **_owed("queued"))
    assert breaches(facts) == []


def test_a_link_that_waits_for_its_customer_is_no_breach() -> None:
    assert breaches(replace(_well(), **_left("open", "open"))) == []


def test_a_note_of_a_link_that_the_payments_own_note_follows_is_no_breach() -> None:
    assert breaches(replace(_well(), **_note_of_link("P-pa_1"))) == []
    other = _ledger(said=[("LINK-1", "It was closed: it was paid another way. Reference X.")])
    assert breaches(replace(_well(), **other)) == []


def test_a_note_of_a_link_that_the_line_brought_once_more_after_all_is_no_breach() -> None:
    (link,) = _note_of_link()["ledger"].said
    said = {"said": [link, ("P-pa_1", " Card payment £12"), link]}
    assert breaches(replace(_well(), **_ledger(**said)))
    assert breaches(replace(_well(), **_ledger(**said, again=Counter({link[0]: 1})))) == []


def test_a_refund_that_came_back_and_was_taken_back_is_no_breach() -> None:
    facts = replace(_well(), **_came_back())
    facts = replace(facts, attempts=[_attempt(alarm="Refund came back")])
    facts.told.refunds["rf_1"] = {"done", "failed"}
    assert breaches(facts) == []


def test_a_note_that_the_line_brought_again_may_be_there_twice_and_no_third_time() -> None:
    again = Counter({"P-pa_1": 1})
    for times, found in ((2, []), (3, ["P-pa_1 has 3 notes in the customer's record"])):
        notes = Counter({"P-pa_1": times, "R-rf_1": 1, "CRD-1": 1})
        assert breaches(replace(_well(), **_ledger(notes=notes, again=again))) == found


def test_what_is_at_risk_all_along_has_to_be_on_the_supervisors_list() -> None:
    rows = [{"key": "unknown:pa_1", "kind": "unknown"}, {"key": "alarm:pa_2", "kind": "alarm"}]
    at_risk = {"pa_1", "pa_2", "rf_3"}
    assert outside_the_queue({"pa_1", "pa_4"}, rows, at_risk) == []
    assert outside_the_queue(at_risk, rows, {"pa_1", "pa_2"}) == [
        "pa_2 is at risk, and not on the supervisors' list"
    ]


def test_two_answers_to_one_key_are_a_breach() -> None:
    told = _told(pa_1={"approved"})
    told.did["BREACH: one key, two answers"] += 1
    assert breaches(replace(_well(), told=told)) == ["BREACH: one key, two answers, 1 times"]
