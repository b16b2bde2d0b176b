"""The judge of bench/chaos sees each breach of a payment plan, and nothing where all is well."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bench.chaos.facts import Facts, LedgerSaw
from bench.chaos.judge import breaches
from bench.chaos.place import Told

Row = dict[str, Any]


def _charge(number: int = 1, amount: int = 600, attempt: str = "") -> Row:
    ids = {"id": f"ch_{number}", "payment_method": "pm_1", "metadata": {"attempt": attempt or f"pa_{number}"}}
    return ids | {"amount": amount, "status": "succeeded"}


def _try(number: int = 1, **more: Any) -> Row:
    row: Row = {
        **{"attempt_id": f"pa_{number}", "intent_id": f"pi_{number}", "reference": f"P-{number}"},
        **{"state": "approved", "late_success": False, "alarm": None, "not_sent_reason": None},
        **{"whole": [], "split_of": None, "link_state": None, "saved_card_id": "card_1", "amount_minor": 600},
        **{
            "allocations": [{"invoice_id": "7", "amount_minor": 600}],
            "plan_id": "pl_1",
            "instalment": number,
        },
    }
    return row | more


def _plan(**more: Any) -> Row:
    days = [("2026-11-01", 600), ("2026-11-08", 600)]
    parts = [{"number": n, "due_on": day, "amount_minor": minor} for n, (day, minor) in enumerate(days, 1)]
    row = {"plan_id": "pl_1", "state": "done", "reference": "PLN-1", "customer_id": "12", "total_minor": 1200}
    row |= {"invoices": [{"invoice_id": "7", "amount_minor": 1200}], "instalments": parts}
    return row | more


def _shown(paid: int = 1200, *numbers: int) -> dict[str, list[Row]]:
    parts = [{"number": n, "state": "paid"} for n in numbers or (1, 2)]
    return {"shown": [{"paid": {"minor": paid}, "instalments": parts, "short_reference": "ABCD"}]}


def _step(action: str, subject: str = "pl_1", user_id: str | None = None, **detail: Any) -> Row:
    return {"action": action, "subject": subject, "user_id": user_id, "detail": detail}


def _take(number: int) -> Row:
    return _step("plan.take", f"pi_{number}", plan_id="pl_1", attempt_id=f"pa_{number}")


MADE, OVER = _step("plan.make", user_id="usr_1"), _step("plan.over")
PAUSED, RESUMED = _step("plan.paused"), _step("plan.resumed", user_id="usr_2")


def _ledger(*said: str, **more: Any) -> dict[str, Any]:
    postings = {f"P-{n}": [(7, 600)] for n in (1, 2)}
    notes = Counter({"P-1": 1, "P-2": 1, "PLN-1": 1})
    subjects = [("PLN-2", f" Payment plan ABCD {one}\nWhy.") for one in said]
    saw = LedgerSaw(postings, notes, Decimal(), 1200, said=subjects)
    return {"ledger": replace(saw, **more)}


def _logged(plans: int = 1) -> list[Row]:
    return [{"action": "plan.take", "count": 2}, {"action": "plan.make", "count": plans}]


def _well(**changes: Any) -> Facts:
    told = Told()
    told.states.update({f"pa_{n}": {"sending", "approved"} for n in (1, 2)})
    card = {
        "card_id": "card_1",
        "state": "not_kept",
        "customer_id": "12",
        "token": "pm_1",
        "paid": "approved",
    }
    ours: dict[str, Any] = {
        **{"charges": [_charge(1), _charge(2)], "given_back": [], "kept": [], "told": told, "refunds": []},
        **{
            "attempts": [_try(1), _try(2)],
            "cards": [card | {"tried_later": 0}],
            "write_backs": [],
            "jobs": [],
        },
        **{"audit": _logged(), "plans": [_plan()], "steps": [MADE, _take(1), _take(2), OVER]},
    }
    return Facts(**ours | _shown() | _ledger() | changes)


def _own_payment() -> Row:
    return _try(3, plan_id=None, instalment=None, state="not_sent", saved_card_id=None)


def _beside(*steps: Row) -> dict[str, Any]:
    """Return what changes where an agent started a payment of the same invoice at some place of the steps."""
    attempts = [_try(1), _try(2), _own_payment()]
    return {"attempts": attempts, "steps": list(steps), "audit": [*_logged(), _AGENTS]}


_AGENTS = {"action": "payment.attempt", "count": 1}
_START = _step("payment.attempt", "pi_3", "usr_1", attempt_id="pa_3")
_BACK = _step("payment.refund", "pi_1", "usr_2")
_FAILED = {"attempts": [_try(1, state="declined"), _try(2)]}
_LATE = {"number": 2, "due_on": "9999-01-01", "amount_minor": 600}


def test_nothing_is_found_where_all_is_well() -> None:
    assert breaches(_well()) == []


def test_a_payment_of_what_no_plan_takes_any_more_is_well() -> None:
    assert breaches(_well(**_beside(MADE, _take(1), _take(2), OVER, _START))) == []


def test_a_plan_that_stood_still_after_what_was_not_charged_is_well() -> None:
    steps = [MADE, _take(1), PAUSED, RESUMED, _take(2), OVER]
    ledger = _ledger("is paused", "goes on", notes=Counter({"P-2": 1, "PLN-1": 1}), in_transit=600)
    ledger["ledger"] = replace(ledger["ledger"], postings={"P-2": [(7, 600)]})
    one = {"charges": [_charge(2)], "steps": steps, **_FAILED, **_shown(600, 2)}
    assert breaches(_well(**one | ledger)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"charges": [_charge(1), _charge(2), _charge(2)]}, "instalment 2 of pl_1 was charged 2 times"),
        ({"charges": [_charge(1), _charge(2, 700)]}, "instalment 2 of pl_1 took 700"),
        ({"plans": [_plan(total_minor=1100)]}, "pl_1 of 1100 took 1200"),
        ({"plans": [_plan(instalments=[*_plan()["instalments"][:1], _LATE])]}, "was charged before its day"),
        ({"plans": [_plan(invoices=[{"invoice_id": "7", "amount_minor": 1100}])]}, "on which 1100 were owed"),
        (_shown(600), "pl_1 shows 600 paid, charged were 1200"),
        (_shown(1200, 1), "pl_1 shows [1] as paid"),
        ({"steps": [MADE, _take(1), PAUSED, _take(2), OVER]}, "pl_1 was paused when an instalment was taken"),
        ({"steps": [_take(1), _take(2)]}, "pl_1 was None when an instalment was taken"),
        ({"steps": [MADE, _take(1), _take(2), PAUSED]}, "by the audit log it is paused"),
        (_FAILED, "pl_1 went on after pa_1"),
        ({"steps": [MADE, _take(1), _BACK, _take(2), OVER]}, "['pl_1'] went on though some of it went back"),
        (_beside(MADE, _START, _take(1), _take(2), OVER), "pa_3 was started for what pl_1 takes"),
        (_ledger(notes=Counter({"P-1": 1, "P-2": 1})), "PLN-1 has 0 notes"),
        ({"steps": [MADE, _take(1), PAUSED, RESUMED, _take(2), OVER]}, "is paused: 1 times, 0 notes"),
        ({"audit": _logged(0)}, "1 times plan.make happened, the audit log has 0"),
    ],
)
def test_each_breach_is_seen(changes: dict[str, Any], words: str) -> None:
    assert any(words in breach for breach in breaches(_well(**changes)))
