"""What the vendors saw against what the hub says: every difference is a breach."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from agentdesk.domain.ids import card_reference, link_reference
from bench.chaos import plan_judge
from bench.chaos.facts import Facts, Row, settled

_NOT_CHARGED = {"declined", "not_sent"}
_NOTHING = "Nothing was charged"
_NOT_GIVEN = {"failed", "not_sent"}


def breaches(facts: Facts) -> list[str]:
    """Return every breach of a law, in words."""
    found: list[str] = []
    for check in _CHECKS:
        found += check(facts)
    return found


# ---------------------------------------------------------------- the checks
def _money(facts: Facts) -> Iterator[str]:
    """Each charge has one payment that says so, and each approved payment has its charge."""
    known = {row["attempt_id"]: row for row in facts.attempts}
    counts = Counter(_attempt(one) for one in facts.charges)
    for attempt_id, count in counts.items():
        row = known.get(attempt_id)
        if count > 1:
            yield f"{attempt_id} was charged {count} times"
        if row is None:
            yield f"{attempt_id} was charged and nobody here knows it"
        elif row["state"] != "approved":
            yield f"{attempt_id} was charged and is {row['state']} here"
    for one in facts.charges:
        row = known.get(_attempt(one))
        if row and one["amount"] != row["amount_minor"]:
            yield f"{_attempt(one)} was charged {one['amount']}, agreed were {row['amount_minor']}"
    for row in facts.attempts:
        if row["state"] == "approved" and row["attempt_id"] not in counts:
            yield f"{row['attempt_id']} is approved here and was never charged"


def _refunds(facts: Facts) -> Iterator[str]:
    """Each refund went out once, of its own amount, and of no charge more than it took; or it came back."""
    known = {row["refund_id"]: row for row in facts.refunds}
    counts = Counter(_refund(one) for one in facts.given_back)
    for one in facts.given_back:
        refund_id = _refund(one)
        row = known.get(refund_id)
        if counts[refund_id] > 1:
            yield f"{refund_id} went out {counts[refund_id]} times"
        if row is None:
            yield f"{refund_id} went out and nobody here knows it"
        else:
            yield from _one_refund(facts, one, row)
    for row in facts.refunds:
        if row["state"] == "done" and row["refund_id"] not in counts:
            yield f"{row['refund_id']} is done here and never went out"
    yield from _too_much(facts)


def _one_refund(facts: Facts, one: Row, row: Row) -> Iterator[str]:
    refund_id, came_back = row["refund_id"], one["status"] == "failed"
    if row["state"] != ("failed" if came_back else "done"):
        went = "came back" if came_back else "went out"
        yield f"{refund_id} {went} and is {row['state']} here"
    lies = facts.told.refunds[refund_id] & (_NOT_GIVEN - {"failed"} if came_back else _NOT_GIVEN)
    if lies:
        yield f"{refund_id} went out and somebody was told {', '.join(sorted(lies))}"
    if one["amount"] != row["amount_minor"]:
        yield f"{refund_id} gave back {one['amount']}, asked were {row['amount_minor']}"


def _too_much(facts: Facts) -> Iterator[str]:
    took = {one["id"]: one["amount"] for one in facts.charges}
    back = Counter[str]()
    for one in facts.gone:
        back[one["charge"]] += one["amount"]
    for charge, minor in back.items():
        if minor > took.get(charge, 0):
            yield f"of {charge}, which took {took.get(charge, 0)}, {minor} went back"


def _debts(facts: Facts) -> Iterator[str]:
    """No invoice was paid by two charges, but by the two cards of one split: all else pays in full.

    What a plan takes is counted together (`plan_judge`): another payment may have taken what it left.
    """
    paid: dict[str, list[Row]] = defaultdict(list)
    for row in _charged(facts):
        for part in row["allocations"] if not row["plan_id"] else ():
            paid[part["invoice_id"]].append(row)
    for invoice, by in paid.items():
        cards = {row["intent_id"] for row in by}
        if len(by) > len(cards) or len({_split(row) for row in by}) > 1:
            names = ", ".join(row["attempt_id"] for row in by)
            yield f"invoice {invoice} was paid {len(by)} times, by {names}"


def _splits(facts: Facts) -> Iterator[str]:
    """The cards of a split paid no more of an invoice than was agreed, and both together exactly that."""
    splits: dict[str, list[Row]] = defaultdict(list)
    for row in _charged(facts):
        if row["whole"]:
            splits[_split(row)].append(row)
    for first, rows in splits.items():
        agreed, paid = _of_invoices(rows[0]["whole"]), Counter[str]()
        for row in rows:
            paid.update(_of_invoices(row["allocations"]))
        both = len({row["intent_id"] for row in rows}) > 1
        if paid - agreed or (both and paid != agreed):
            yield f"{len(rows)} cards of split {first} paid {dict(paid)} of {dict(agreed)}"


def _charged(facts: Facts) -> list[Row]:
    known = {row["attempt_id"]: row for row in facts.attempts}
    return [known[_attempt(one)] for one in facts.charges if _attempt(one) in known]


def _split(row: Row) -> str:
    return str(row["plan_id"] or row["split_of"] or row["intent_id"])


def _of_invoices(parts: list[Row]) -> Counter[str]:
    return Counter({part["invoice_id"]: part["amount_minor"] for part in parts})


def _words(facts: Facts) -> Iterator[str]:
    """Nobody was told "not charged" of a charge that exists, and nothing raised an alarm."""
    charged = {_attempt(one) for one in facts.charges}
    # a refund that came back, or never went, is an alarm
    kept = {row["attempt_id"] for row in facts.refunds if row["state"] in ("failed", "not_sent")}
    for attempt_id in charged:
        if lies := facts.told.states[attempt_id] & _NOT_CHARGED:
            yield f"{attempt_id} was charged and an agent was told {', '.join(sorted(lies))}"
    for row in facts.attempts:
        if row["late_success"]:
            yield f"{row['attempt_id']} was told as not charged before it was approved"
        if row["alarm"] and row["attempt_id"] not in kept:
            yield f"{row['attempt_id']} raised the alarm: {row['alarm']}"
    for what, count in facts.told.did.items():
        if what.startswith("BREACH"):
            yield f"{what}, {count} times"


def _postings(facts: Facts) -> Iterator[str]:
    """Each payment and refund is in the ledger exactly once; the ledger balances and agrees with the bank."""
    amounts = _amounts(facts)
    for reference, minor in amounts.items():
        lines = facts.ledger.postings.get(reference, [])
        if len({line for line, _ in lines}) != len(lines) or sum(part for _, part in lines) != minor:
            yield f"{reference} of {minor} is in the ledger as {lines}"
    for reference in facts.ledger.postings.keys() - amounts.keys():
        yield f"{reference} is in the ledger and was not paid"
    if facts.ledger.difference:
        yield f"the ledger does not balance: {facts.ledger.difference}"
    took = sum(one["amount"] for one in facts.charges) - sum(one["amount"] for one in facts.gone)
    if facts.ledger.in_transit != took:
        yield f"the processor has {took} for us, the ledger awaits {facts.ledger.in_transit}"


def _parts(facts: Facts) -> Iterator[str]:
    """Each payment is posted in the parts that were agreed, one on account to no invoice."""
    for row in facts.attempts:
        agreed = sorted(part["amount_minor"] for part in row["allocations"])
        if agreed and sum(agreed) != row["amount_minor"]:
            yield f"{row['attempt_id']} of {row['amount_minor']} pays {agreed}"
        lines = facts.ledger.postings.get(row["reference"], []) if row["state"] == "approved" else []
        posted = sorted(minor for line, minor in lines if line is not None)
        if lines and posted != agreed:
            yield f"{row['reference']} was agreed as {agreed} and is in the ledger as {lines}"


def _notes(facts: Facts) -> Iterator[str]:
    """Each payment, refund and saved card is in the customer's record exactly once, and no other is."""
    amounts = _amounts(facts)
    came_back = _came_back(facts)
    for reference in [*amounts, *came_back, *_card_notes(facts)]:
        # a note that the line brought once more is there twice: nothing in the records prevents it
        if not 1 <= facts.ledger.notes[reference] <= 1 + facts.ledger.again[reference]:
            yield f"{reference} has {facts.ledger.notes[reference]} notes in the customer's record"
    ours = {row["reference"] for row in [*facts.attempts, *facts.refunds]}
    for reference in (ours - amounts.keys() - set(came_back)) & facts.ledger.notes.keys():
        yield f"{reference} has a note in the customer's record and was not paid"


def _link_notes(facts: Facts) -> Iterator[str]:
    """No note of a link says of a payment that was charged that it was not, unless its own note follows."""
    paid = {row["intent_id"]: row["reference"] for row in _charged(facts)}
    links = {link_reference(row["attempt_id"]): paid.get(row["intent_id"]) for row in facts.attempts}
    for place, (reference, words) in enumerate(facts.ledger.said):
        payment = links.get(reference)
        if facts.ledger.again[reference] and reference in dict(facts.ledger.said[:place]):
            continue  # the line brought it once more, when all was said
        later = (one for one, _ in facts.ledger.said[place + 1 :])
        if payment and _NOTHING in words and payment not in later:
            yield f"{reference} says in the customer's record of {payment}, which was paid: {_NOTHING}"


def _came_back(facts: Facts) -> list[str]:
    """Return the references of both notes of each refund that was done and failed."""
    back = [row["reference"] for row in facts.refunds if row["state"] == "failed" and row["was_done"]]
    return [*back, *(reference.replace("RFD-", "REV-") for reference in back)]


def _card_notes(facts: Facts) -> list[str]:
    """Return the references of what a customer's record must say of saved cards."""
    kept = [card_reference(row["card_id"]) for row in facts.cards if row["state"] == "kept"]
    gone = [card_reference(row["card_id"], withdrawn=True) for row in facts.cards if row["state"] == "gone"]
    return [*kept, *gone]


def _amounts(facts: Facts) -> dict[str, int]:
    paid = [row for row in facts.attempts if row["state"] == "approved"]
    back = [row for row in facts.refunds if row["state"] == "done"]
    return {row["reference"]: row["amount_minor"] for row in [*paid, *back]}


def _cards(facts: Facts) -> Iterator[str]:
    """The processor keeps the cards that we say, for whom we say, and none that was withdrawn."""
    known = {row["token"]: row for row in facts.cards if row["token"]}
    kept = {one["id"]: one for one in facts.kept}
    for token, one in kept.items():
        row = known.get(token)
        if row is None:
            yield f"{token} is kept at the processor and nobody agreed to it"
        elif row["state"] != "kept":
            yield f"{row['card_id']} is {row['state']} here and still kept at the processor"
        elif one["metadata"].get("customer") != row["customer_id"]:
            yield f"{row['card_id']} of {row['customer_id']} is kept for {one['metadata']}"
    for row in facts.cards:
        if row["state"] == "kept" and row["token"] not in kept:
            yield f"{row['card_id']} is offered here and not kept at the processor"
        if row["state"] in ("kept", "letting_go", "gone") and row["paid"] != "approved":
            yield f"{row['card_id']} was saved with a payment that is {row['paid']}"
        if row["tried_later"]:
            yield f"{row['card_id']} was charged after it was withdrawn"


def _saved_charges(facts: Facts) -> Iterator[str]:
    """A charge of a saved card took that card."""
    tokens = {row["card_id"]: row["token"] for row in facts.cards}
    wanted = {row["attempt_id"]: row["saved_card_id"] for row in facts.attempts if row["saved_card_id"]}
    for one in facts.charges:
        card_id = wanted.get(_attempt(one))
        if card_id and one["payment_method"] != tokens.get(card_id):
            yield f"{_attempt(one)} was to charge {card_id} and took {one['payment_method']}"


def _left_over(facts: Facts) -> Iterator[str]:
    """Nothing is left that nobody follows."""
    followed = {job["attempt_id"] or job["write_back_id"] for job in facts.jobs}
    for row in facts.attempts:
        if row["state"] == "open" and row["link_state"] != "open":
            yield f"{row['attempt_id']} is left open: it holds its debt, and nobody can pay"
        at_risk = row["state"] in ("unknown", "pending")
        if row["state"] == "sending" or (at_risk and row["attempt_id"] not in followed):
            yield f"{row['attempt_id']} is left as {row['state']} and nobody follows it"
    for row in facts.refunds:
        at_risk = row["state"] in ("sending", "unknown", "pending")
        if at_risk and row["refund_id"] not in followed:
            yield f"{row['refund_id']} is left as {row['state']} and nobody follows it"
    for row in facts.cards:
        if row["state"] in ("keeping", "letting_go") or (row["state"], row["paid"]) == ("agreed", "approved"):
            yield f"{row['card_id']} is left as {row['state']}"
    for row in facts.write_backs:
        forgotten = row["state"] == "queued" and row["write_back_id"] not in followed
        if row["state"] == "parked" or forgotten:
            yield f"write-back {row['kind']} of {row['intent_id']} is left {row['state']}: {row['detail']}"


def outside_the_queue(before: set[str], rows: list[Row], after: set[str]) -> list[str]:
    """Return what was at risk before and after the hub was asked for its list, and is not on it."""
    listed = {row["key"].partition(":")[2] for row in rows if row["kind"] in ("unknown", "plan")}
    return [f"{one} is at risk, and not on the supervisors' list" for one in before & after - listed]


def _audit(facts: Facts) -> Iterator[str]:
    """Each attempt, refund and plan is in the audit log once."""
    logged = {row["action"]: row["count"] for row in facts.audit}
    of_plans = len([row for row in facts.attempts if row["plan_id"]])
    made = {"payment.attempt": len(facts.attempts) - of_plans, "payment.refund": len(facts.refunds)}
    made |= {"plan.take": of_plans, "plan.make": len(facts.plans)}
    for action, count in made.items():
        if logged.get(action, 0) != count:
            yield f"{count} times {action} happened, the audit log has {logged.get(action, 0)}"


def at_the_end(database: str, environment: Mapping[str, str]) -> list[str]:
    """Return what is wrong once all had its time: something still under way, a broken audit chain."""
    late = [] if settled(database) else ["something is still under way, long after the last call"]
    return late + _audit_breach(environment)


def _audit_breach(environment: Mapping[str, str]) -> list[str]:
    """Return what `agentdesk admin audit-verify` finds wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "agentdesk", "admin", "audit-verify"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return [] if done.returncode == 0 else [f"audit: {(done.stdout + done.stderr).strip()[-300:]}"]


def _refund(given_back: Row) -> str:
    return str(given_back["metadata"].get("refund", "nobody's"))


def _attempt(charge: Row) -> str:
    return str(charge["metadata"].get("attempt", "nobody's"))


_CHECKS = (
    _money,
    _refunds,
    _debts,
    _splits,
    _words,
    _postings,
    _parts,
    _notes,
    _link_notes,
    _cards,
    _saved_charges,
    *plan_judge.CHECKS,
    _left_over,
    _audit,
)
