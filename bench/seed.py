"""Payments put into the tables by SQL, under all their constraints and triggers, rather than taken.

`submitted` ones wait for the keypad service's token; `finished` ones are approved and written back, with
as many lines, messages and jobs as are kept of one, for tables of a busy hub's size.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from bench.chaos.books import Books

_PLAN = """
create temp table plan (
    n bigint primary key, ref text, customer text, invoice text, number text, minor bigint, user_id text,
    done boolean, at timestamptz
) on commit drop
"""
_SUBMITTED = """
insert into plan select n, ref, customer, invoice, number, minor, 'usr_bench0', false, now()
from unnest(%(ns)s::bigint[], %(refs)s::text[], %(customers)s::text[], %(invoices)s::text[],
            %(numbers)s::text[], %(minors)s::bigint[])
     as given (n, ref, customer, invoice, number, minor)
"""
#: Numbers beyond those of any payment that is taken; one every 20 s, as far back as they reach.
_FINISHED = """
insert into plan select 10^9 + n, 'CA' || md5(n::text), (n %% 5000)::text, 'old' || n, 'OLD-' || n,
    1000 + n %% 20000, 'usr_bench0', true, now() - n * interval '20 seconds'
from generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
_TABLES = (
    """
    insert into call (call_id, call_ref, state, user_id, customer_id, matches, started_at, answered_at,
                      line_ended_at, wrapped_up_at)
    select 'call_' || lpad(n::text, 26, '0'), ref, case when done then 'ended' else 'connected' end, user_id,
           customer, '[]', at, at, case when done then at end, case when done then at end from plan
    """,
    """
    insert into payment_intent (intent_id, key, reference, call_id, customer_id, customer_name, user_id,
                                amount_minor, currency, allocations, created_at)
    select 'pi_' || lpad(n::text, 26, '0'), 'seed' || n, 'PMT-' || lpad(n::text, 26, '0'),
           'call_' || lpad(n::text, 26, '0'), customer, 'Customer ' || customer, user_id, minor, 'GBP',
           jsonb_build_array(jsonb_build_object('invoice_id', invoice, 'number', number,
                                                'amount_minor', minor)), at
    from plan
    """,
    """
    insert into attempt (attempt_id, intent_id, key, number, route, state, charge_key, provider_ids,
                         card_brand, card_last4, authorization_code, started_at, sent_at, ended_at)
    select 'pa_' || lpad(n::text, 26, '0'), 'pi_' || lpad(n::text, 26, '0'), 'seed' || n, 1, 'keypad',
           case when done then 'approved' else 'open' end, 'pa_' || lpad(n::text, 26, '0') || ':charge',
           case when done then jsonb_build_object('payment_intent', 'seed' || n) else '{}' end,
           'visa', '4242', case when done then '123456' end, at, case when done then at end,
           case when done then at end
    from plan
    """,
    """
    insert into attempt_debt (attempt_id, debt)
    select 'pa_' || lpad(n::text, 26, '0'), 'invoice:' || invoice from plan
    """,
    """
    insert into capture_session (attempt_id, state, session_id, call_ref, fields, commands,
                                 recorder_paused_at, tones_masked_at, secured_at, closed_at)
    select 'pa_' || lpad(n::text, 26, '0'), case when done then 'spent' else 'tokenising' end,
           'PK' || md5(n::text), ref,
           '{"number": {"state": "done", "tries": 1}, "expiry": {"state": "done", "tries": 1},
             "security_code": {"state": "done", "tries": 1}}', 4, at, at, at, case when done then at end
    from plan
    """,
)
_HISTORY = (
    """
    insert into payment_event (intent_id, attempt_id, at, kind, title, detail, source, evidence_key)
    select 'pi_' || lpad(n::text, 26, '0'), 'pa_' || lpad(n::text, 26, '0'), at, 'keypad', 'Card number in',
           'accepted by the provider', 'hub', case when line = 1 then 'seed:' || n end
    from plan cross join generate_series(1, 9) line
    """,
    """
    insert into write_back (write_back_id, intent_id, kind, reference, customer_id, payload, state, detail,
                            tries, created_at, done_at)
    select 'wb_' || kind || n, 'pi_' || lpad(n::text, 26, '0'), kind, 'PMT-' || lpad(n::text, 26, '0'),
           customer, '{}', 'done', 'Posted', 1, at, at
    from plan cross join unnest(array['accounts', 'customer_record']) kind
    """,
    """
    insert into webhook_message (provider, event_key, kind, target, body, received_at, applied_at)
    select 'twilio', md5(n::text || '-' || line), 'CaptureEvidence', 'pa_' || lpad(n::text, 26, '0'),
           repeat('Capture=payment-card-number&', 10), at, at
    from plan cross join generate_series(1, 10) line
    """,
    """
    insert into event (user_id, kind, data, at)
    select user_id, 'payment', jsonb_build_object('kind', 'payment', 'seed', repeat('x', 900)), now()
    from plan cross join generate_series(1, 3) line
    """,
    """
    insert into procrastinate_jobs (queue_name, task_name, status, args, attempts)
    select 'default', 'hub:write_back', 'succeeded', jsonb_build_object('write_back_id', 'wb_' || n), 1
    from plan cross join generate_series(1, 4) line
    """,
    """
    insert into procrastinate_events (job_id, type, at)
    select id, type::procrastinate_job_event_type, now()
    from procrastinate_jobs cross join unnest(array['deferred', 'started', 'succeeded']) type
    where args ->> 'write_back_id' like 'wb_%%' and not exists (
        select from procrastinate_events where job_id = procrastinate_jobs.id)
    """,
)


@dataclass(frozen=True)
class Submitted:
    """A payment whose card is keyed and submitted."""

    n: int
    ref: str  # the caller's leg

    @property
    def intent_id(self) -> str:
        """Return its id."""
        return f"pi_{self.n:026}"

    @property
    def attempt_id(self) -> str:
        """Return its attempt's id."""
        return f"pa_{self.n:026}"

    @property
    def session_id(self) -> str:
        """Return the keypad service's session."""
        return "PK" + hashlib.md5(str(self.n).encode()).hexdigest()


def submitted(database: str, books: Books, numbers: Sequence[int], refs: Sequence[str]) -> list[Submitted]:
    """Add payments of the books' invoices of these numbers, one for each, on calls of these legs."""
    made = [Submitted(n, ref) for n, ref in zip(numbers, refs, strict=True)]
    bills = [books.invoices[n] for n in numbers]
    given = {
        "ns": list(numbers),
        "refs": list(refs),
        "customers": [str(bill.party) for bill in bills],
        "invoices": [str(bill.id) for bill in bills],
        "numbers": [bill.number for bill in bills],
        "minors": [int(bill.total * 100) for bill in bills],
    }
    with psycopg.connect(database) as connection:
        connection.execute(_PLAN)
        connection.execute(_SUBMITTED, given)
        for table in _TABLES:
            connection.execute(table)
    return made


def finished(database: str, first: int, last: int) -> None:
    """Add the first to the last of many payments that are done with, and renew the planner's statistics."""
    with psycopg.connect(database, autocommit=True) as connection:
        with connection.transaction():
            connection.execute(_PLAN)
            connection.execute(_FINISHED, {"first": first, "last": last})
            for table in _TABLES + _HISTORY:
                connection.execute(table)
        connection.execute("vacuum analyze")
