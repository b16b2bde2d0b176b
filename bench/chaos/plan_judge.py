"""What the vendors saw of payment plans against what the hub says and what was agreed."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.chaos.facts import Facts, Row

_NOT_CHARGED = frozenset({"declined", "not_sent"})
_LEADS_TO = {
    "plan.make": "active",
    "plan.paused": "paused",
    "plan.resumed": "active",
    "plan.cancelled": "cancelled",
    "plan.over": "done",
}


def _taken(facts: Facts) -> Iterator[str]:
    """Each instalment was taken at most once, on its day or later, and no more than was agreed of it."""
    for plan in facts.plans:
        agreed = {one["number"]: one for one in plan["instalments"]}
        charged = _charged(facts, plan)
        for number, count in Counter(row["instalment"] for row in charged).items():
            if count > 1:
                yield f"instalment {number} of {plan['plan_id']} was charged {count} times"
            if agreed[number]["due_on"] > str(datetime.now(UTC).date()):
                yield f"instalment {number} of {plan['plan_id']} was charged before its day"
        for row in charged:
            if row["amount_minor"] > agreed[row["instalment"]]["amount_minor"]:
                yield f"instalment {row['instalment']} of {plan['plan_id']} took {row['amount_minor']}"
        taken = sum(row["amount_minor"] for row in charged)
        if taken > plan["total_minor"]:
            yield f"{plan['plan_id']} of {plan['total_minor']} took {taken}"


def _owed(facts: Facts) -> Iterator[str]:
    """Of no invoice that a plan takes was more paid than was owed."""
    owed = Counter[str]()
    for plan in facts.plans:
        for one in plan["invoices"]:
            owed[one["invoice_id"]] = max(owed[one["invoice_id"]], one["amount_minor"])
    paid, before = Counter[str](), Counter[str]()
    for row in facts.attempts:
        for part in row["allocations"] if row["attempt_id"] in _charges(facts) else ():
            paid[part["invoice_id"]] += part["amount_minor"]
        for part in row["whole"]:  # before one card of a split paid some of it
            before[part["invoice_id"]] = max(before[part["invoice_id"]], part["amount_minor"])
    for invoice, minor in owed.items():
        if paid[invoice] > max(minor, before[invoice]):
            yield f"of invoice {invoice}, on which {minor} were owed, {paid[invoice]} were paid"


def _shown(facts: Facts) -> Iterator[str]:
    """Desks show of each plan what was charged."""
    for plan, shown in zip(facts.plans, facts.shown, strict=True):
        charged = _charged(facts, plan)
        taken, told = sum(row["amount_minor"] for row in charged), shown["paid"]["minor"]
        if told != taken:
            yield f"{plan['plan_id']} shows {told} paid, charged were {taken}"
        paid = {one["number"] for one in shown["instalments"] if one["state"] == "paid"}
        if paid != {row["instalment"] for row in charged}:
            yield f"{plan['plan_id']} shows {sorted(paid)} as paid, charged were {len(charged)}"


def _steps(facts: Facts) -> Iterator[str]:
    """Instalments were only taken of active plans, and nothing of what these take was paid another way.

    One that was not charged, or of which some went back, let its plan stand still. Everybody who takes such a
    step stands in one line, so that the order of the audit log is that of the steps.
    """
    plans = {row["plan_id"]: row for row in facts.plans}
    tries = {row["attempt_id"]: row for row in facts.attempts}
    of_intent = {row["intent_id"]: row["plan_id"] for row in facts.attempts if row["plan_id"]}
    states: dict[str, str] = {}
    went_back: set[str] = set()  # the active plans of which some went back, until they are paused
    last: dict[str, Row] = {}  # of each plan, the try after which the hub did not let it stand still
    for step in facts.steps:
        plan_id = step["subject"]
        if step["action"] == "payment.attempt":
            row = tries[step["detail"]["attempt_id"]]
            yield from _held(row, [plans[one] for one, state in states.items() if state == "active"])
        elif step["action"] == "payment.refund":
            plan_id = of_intent.get(step["subject"], "")
            went_back |= {plan_id} if states.get(plan_id) == "active" else set()
        elif step["action"] == "plan.take":
            plan_id = step["detail"]["plan_id"]
            if states.get(plan_id) != "active":
                yield f"{plan_id} was {states.get(plan_id)} when an instalment was taken"
            yield from _went_on(plan_id, last.get(plan_id))
            last[plan_id] = tries[step["detail"]["attempt_id"]]
        elif after := _LEADS_TO.get(step["action"]):
            states[plan_id] = after
            went_back -= {plan_id}
            if after in ("cancelled", "done") or (after == "paused" and step["user_id"] is None):
                last.pop(plan_id, None)
        if went_back and step["action"] == "plan.take":
            yield f"{sorted(went_back)} went on though some of it went back"
    for plan_id, row in plans.items():
        yield from _went_on(plan_id, last.get(plan_id))
        if states.get(plan_id) != row["state"]:
            yield f"{plan_id} is {row['state']}, by the audit log it is {states.get(plan_id)}"


def _held(row: Row, active: list[Row]) -> Iterator[str]:
    invoices = {part["invoice_id"] for part in [*row["allocations"], *row["whole"]]}
    for plan in active:
        if invoices & {one["invoice_id"] for one in plan["invoices"]}:
            yield f"{row['attempt_id']} was started for what {plan['plan_id']} takes"


def _went_on(plan_id: str, before: Row | None) -> Iterator[str]:
    if before and before["state"] in _NOT_CHARGED:
        yield f"{plan_id} went on after {before['attempt_id']}, which was not charged"


def _notes(facts: Facts) -> Iterator[str]:
    """The customer's record says of each plan what was agreed, and why it stands still or is over."""
    said = Counter(_subject(words) for _, words in facts.ledger.said)
    for plan, shown in zip(facts.plans, facts.shown, strict=True):
        if not 1 <= facts.ledger.notes[plan["reference"]] <= 1 + facts.ledger.again[plan["reference"]]:
            yield f"{plan['reference']} has {facts.ledger.notes[plan['reference']]} notes"
        for action, words in (("plan.paused", "is paused"), ("plan.resumed", "goes on")):
            name = f"Payment plan {shown['short_reference']} {words}"
            times = [(one["action"], one["subject"]) for one in facts.steps].count((action, plan["plan_id"]))
            if said[name] < times:
                yield f"{name}: {times} times, {said[name]} notes say so"


def _subject(words: str) -> str:
    return words.strip().partition(":")[0].partition("\n")[0]


def _charged(facts: Facts, plan: Row) -> list[Row]:
    """Return a row for each charge of a plan; its amount is what the processor took."""
    tries = {row["attempt_id"]: row for row in facts.attempts if row["plan_id"] == plan["plan_id"]}
    of = [(tries.get(_attempt(one)), one["amount"]) for one in facts.charges]
    return [row | {"amount_minor": minor} for row, minor in of if row]


def _charges(facts: Facts) -> set[str]:
    return {_attempt(one) for one in facts.charges}


def _attempt(charge: Row) -> str:
    return str(charge["metadata"].get("attempt", "nobody's"))


CHECKS = (_taken, _owed, _shown, _steps, _notes)
