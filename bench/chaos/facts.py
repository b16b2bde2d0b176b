"""What a judgement is made from: the vendors' side, the hub's own rows, and what people were told."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row

from bench.chaos.books import Books
from bench.chaos.place import Told

Row = dict[str, Any]

_PAYMENTS = """
    select a.attempt_id, a.state, a.late_success, a.alarm, a.not_sent_reason, i.intent_id, i.reference,
           coalesce(a.charged_minor, i.amount_minor) as amount_minor, i.allocations, i.whole, i.split_of,
           l.state as link_state, a.saved_card_id, i.plan_id, i.instalment, i.customer_id
    from attempt a join payment_intent i using (intent_id) left join payment_link l using (attempt_id)
"""
_REFUNDS = """
    select refund_id, state, reference, amount_minor, attempt_id, why, done_at is not null as was_done
    from refund
"""
_CARDS = """
    select s.card_id, s.state, s.customer_id, s.token, a.state as paid,
           (select count(*) from audit_entry gone, audit_entry tried
            where gone.action = 'card.withdraw' and gone.detail->>'card_id' = s.card_id
              and (tried.action = 'payment.attempt' and tried.detail->>'saved_card' = s.card_id
                   or tried.action = 'plan.take' and tried.detail->>'plan_id' in
                       (select plan_id from payment_plan where card_id = s.card_id))
              and tried.entry_id > gone.entry_id) as tried_later
    from saved_card s join attempt a using (attempt_id)
"""
_WRITE_BACKS = "select write_back_id, kind, state, detail, intent_id from write_back"
_JOBS = """
    select task_name, coalesce(args->>'attempt_id', args->>'refund_id') as attempt_id,
           args->>'write_back_id' as write_back_id
    from procrastinate_jobs where status in ('todo', 'doing')
"""
_AUDIT = "select action, count(*) from audit_entry where result = 'done' group by action"
_PLANS = """
    select plan_id, state, reference, customer_id, card_id, total_minor, invoices, instalments, skipped, why,
           paused_by
    from payment_plan order by made_at
"""
#: What happened to plans and to what they take, in the order in which it was committed.
_STEPS = """
    select action, subject, detail, user_id from audit_entry
    where result = 'done' and (action like 'plan.%' or action in ('payment.attempt', 'payment.refund'))
    order by entry_id
"""
_ACTIVE_PLANS = "select plan_id from payment_plan where state = 'active'"
_STOPPED_PLANS = "select plan_id from payment_plan where state = 'paused' and paused_by is null"
#: Money at risk for longer than the hub's list waits, as a run has it (bench/chaos/hub.py).
_AT_RISK = """
    select attempt_id from attempt
    where state in ('sending', 'pending', 'unknown') and sent_at < now() - interval '300 milliseconds'
    union all
    select refund_id from refund where state = 'unknown' and sent_at < now() - interval '300 milliseconds'
"""
_POSTINGS_OWED = """
    select write_back_id, replace(reference, 'REV-', 'RFD-') from write_back
    where kind = 'accounts' and write_back_id = any(%s)
"""
_UNSETTLED = """
    select (select count(*) from attempt where state in ('sending', 'pending', 'unknown'))
         + (select count(*) from attempt a left join payment_link l using (attempt_id)
            where a.state = 'open' and l.state is distinct from 'open')
         + (select count(*) from refund where state in ('sending', 'pending', 'unknown'))
         + (select count(*) from refund where state = 'done' and next_ask_at is not null)
         + (select count(*) from saved_card where state in ('keeping', 'letting_go'))
         + (select count(*) from write_back where state = 'queued')
"""


@dataclass(frozen=True)
class LedgerSaw:
    """What the ledger and the customer records have: by our reference; amounts in minor units.

    What is posted to no invoice has no line. `in_transit` is what this run brought to the clearing account,
    where the processor's money is awaited. `said` is what each note says, in the order they were written.
    `drafts` count for nothing in the ledger; they wait for a person. `again` is how often the line brought a
    note once more, or too late for who sent it.
    """

    postings: Mapping[str, list[tuple[int | None, int]]]
    notes: Counter[str]
    difference: Decimal
    in_transit: int
    said: list[tuple[str, str]] = field(default_factory=list)
    drafts: int = 0
    again: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Facts:
    """Everything the judgement is made from."""

    charges: list[Row]  # the processor's, succeeded
    given_back: list[Row]  # the processor's refunds, also those that failed afterwards
    kept: list[Row]  # the cards that the processor keeps
    ledger: LedgerSaw
    told: Told
    attempts: list[Row]
    refunds: list[Row]
    cards: list[Row]
    write_backs: list[Row]
    jobs: list[Row]
    audit: list[Row]  # how often each action was done
    plans: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)  # of plans and tries, in their order
    shown: list[Row] = field(default_factory=list)  # the plans as desks see them, in the order of the rows

    @property
    def gone(self) -> list[Row]:
        """The refunds of the processor's whose money did not come back."""
        return [one for one in self.given_back if one["status"] != "failed"]


def read(
    database: str, processor: tuple[list[Row], list[Row], list[Row]], ledger: LedgerSaw, told: Told
) -> Facts:
    """Read the hub's own rows beside what the vendors have; the processor's charges, refunds, kept cards."""
    queries = (_PAYMENTS, _REFUNDS, _CARDS, _WRITE_BACKS, _JOBS, _AUDIT, _PLANS, _STEPS)
    with psycopg.connect(database, row_factory=dict_row) as connection:
        rows = [connection.execute(query).fetchall() for query in queries]
    return Facts(*processor, ledger, told, *rows)


def at_risk(database: str) -> set[str]:
    """Return the attempts and refunds whose outcome nobody could tell for a while, and the stopped plans."""
    with psycopg.connect(database) as connection:
        found = [*connection.execute(_AT_RISK), *connection.execute(_STOPPED_PLANS)]
        return {str(one) for (one,) in found}


def active_plans(database: str) -> list[str]:
    """Return the plans that take their next instalment by themselves."""
    with psycopg.connect(database) as connection:
        return [str(one) for (one,) in connection.execute(_ACTIVE_PLANS).fetchall()]


def postings_owed(database: str, write_backs: list[str]) -> dict[str, str]:
    """Return those of the write-backs that are of the accounts, each with its reference there."""
    with psycopg.connect(database) as connection:
        return dict(connection.execute(_POSTINGS_OWED, (write_backs,)).fetchall())


def settled(database: str) -> bool:
    """Say whether nothing is under way any more; an open link waits for its customer."""
    with psycopg.connect(database) as connection:
        found = connection.execute(_UNSETTLED).fetchone()
    return found == (0,)


def wait_until_settled(database: str, within_s: float) -> float:
    """Wait for the last payment and write-back to end, at most so long; return how long it took."""
    began = time.monotonic()
    while not settled(database) and time.monotonic() - began < within_s:
        time.sleep(0.3)
    return round(time.monotonic() - began, 1)


def in_books(books: Books) -> LedgerSaw:
    """Return what the stand-in has."""
    postings: dict[str, list[tuple[int | None, int]]] = defaultdict(list)
    for one in books.payments.values():
        if one.posted:
            postings[one.values["reference"]].append((one.values["line"], int(abs(one.amount) * 100)))
    said = [(tag.removeprefix("[PMT:"), words) for tag, words in map(_tagged, books.notes)]
    clearing = sum((amount for account, amount in books.entries if account == "clearing"), Decimal())
    difference = sum((amount for _, amount in books.entries), Decimal())
    notes = Counter(reference for reference, _ in said)
    states = [one.state for one in books.payments.values()] + [one.state for one in books.invoices.values()]
    return LedgerSaw(postings, notes, difference, int(clearing * 100), said, states.count("draft"))


def _tagged(note: Row) -> tuple[str, str]:
    tag, _, words = str(note["message"]).partition("]")
    return tag, words


def counts(facts: Facts) -> dict[str, Any]:
    """Return the figures of a run."""
    return {
        "charges": len(facts.charges),
        "charged_minor": sum(one["amount"] for one in facts.charges),
        "refunded_minor": sum(one["amount"] for one in facts.gone),
        "refunds": dict(Counter(row["state"] for row in facts.refunds)),
        "attempts": dict(Counter(row["state"] for row in facts.attempts)),
        "not_sent": dict(Counter(r["not_sent_reason"] for r in facts.attempts if r["state"] == "not_sent")),
        "saved_cards": dict(Counter(row["state"] for row in facts.cards)),
        "charges_of_saved_cards": len(_of_saved_cards(facts)),
        "plans": dict(Counter(row["state"] for row in facts.plans)),
        "instalments": dict(Counter(row["state"] for row in facts.attempts if row["plan_id"])),
        "charges_of_plans": len([r for r in facts.attempts if r["plan_id"] and r["state"] == "approved"]),
        "plan_steps": dict(Counter(row["action"] for row in facts.steps)),
        "write_backs": dict(Counter(f"{row['kind']} {row['state']}" for row in facts.write_backs)),
        "postings": len(facts.ledger.postings),
        "notes": sum(facts.ledger.notes.values()),
        "notes_twice": sum((facts.ledger.notes - Counter(set(facts.ledger.notes))).values()),
        "drafts_left_to_a_person": facts.ledger.drafts,
        "did": dict(facts.told.did),
        "refused": dict(facts.told.refused.most_common(25)),
    }


def _of_saved_cards(facts: Facts) -> list[Row]:
    return [row for row in facts.attempts if row["saved_card_id"] and row["state"] == "approved"]
