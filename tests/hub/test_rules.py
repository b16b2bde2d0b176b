"""What the database holds to, whoever writes: append-only tables, fixed values, one holder of a debt."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import errors
from sqlalchemy import create_engine

from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureState
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.plan import PlanState
from agentdesk.domain.refund import RefundState
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.hub.db import migrate
from agentdesk.hub.db.engine import plain, with_driver
from agentdesk.hub.db.tables import Base

INTENT = """
insert into user_account (user_id, username, name, role, password_hash) values ('u', 'u', 'U', 'agent', '');
insert into call (call_id, state, matches, started_at) values ('c', 'connected', '[]', now());
insert into payment_intent (intent_id, key, reference, call_id, customer_id, customer_name, user_id,
    amount_minor, currency, allocations, created_at)
    values ('i', 'k', 'PMT-1', 'c', 'cu', 'Cu', 'u', 100, 'GBP', '[]', now());
"""


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection to a database with one payment intent."""
    with psycopg.connect(plain(database_url), autocommit=True) as connection:
        connection.execute(INTENT)
        yield connection


def _attempt(db: psycopg.Connection[Any], name: str, debt: str = "invoice:1") -> None:
    number = db.execute("select count(*) + 1 from attempt").fetchone()
    with db.transaction():
        db.execute(
            "insert into attempt (attempt_id, intent_id, key, number, route, state, charge_key, started_at,"
            " sent_at) values (%s, 'i', %s, %s, 'keypad', 'open', %s, now(), now())",
            [name, name, number[0] if number else 1, f"charge-{name}"],
        )
        db.execute("insert into attempt_debt (attempt_id, debt) values (%s, %s)", [name, debt])


def _move(db: psycopg.Connection[Any], name: str, state: str) -> None:
    db.execute("update attempt set state = %s where attempt_id = %s", [state, name])


def test_the_migrations_make_the_tables_the_program_knows(database_url: str) -> None:
    engine = create_engine(with_driver(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: kind != "table" or not name.startswith("procrastinate"),
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, Base.metadata) == []
        assert migrate.is_current(connection)
    engine.dispose()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate.upgrade(database_url)


@pytest.mark.parametrize("holding", ["open", "sending", "pending", "unknown"])
def test_a_debt_is_held_by_one_attempt_at_a_time(db: psycopg.Connection[Any], holding: str) -> None:
    _attempt(db, "first")
    _move(db, "first", holding)
    with pytest.raises(errors.UniqueViolation, match="uq_attempt_debt_one_at_risk"):
        _attempt(db, "second")
    _attempt(db, "other", debt="invoice:2")


@pytest.mark.parametrize("ended", ["approved", "declined", "not_sent"])
def test_an_ended_attempt_lets_its_debt_go(db: psycopg.Connection[Any], ended: str) -> None:
    _attempt(db, "first")
    _move(db, "first", ended)
    _attempt(db, "second")
    rows = db.execute("select attempt_id, holding from attempt_debt order by 1").fetchall()
    assert rows == [("first", False), ("second", True)]


def test_nobody_can_let_a_debt_go_by_hand(db: psycopg.Connection[Any]) -> None:
    _attempt(db, "first")
    db.execute("update attempt_debt set holding = false")
    assert db.execute("select holding from attempt_debt").fetchall() == [(True,)]


@pytest.mark.parametrize(
    "statement",
    [
        "update payment_event set title = 'x'",
        "delete from payment_event",
        "truncate payment_event",
        "update audit_entry set result = 'x'",
        "delete from audit_entry",
        "truncate audit_entry",
    ],
)
def test_what_happened_cannot_be_changed(db: psycopg.Connection[Any], statement: str) -> None:
    db.execute(
        "insert into payment_event (intent_id, at, kind, title, detail, source)"
        " values ('i', now(), 'n', 't', '', '')"
    )
    db.execute(
        "insert into audit_entry (at, address, action, subject, result, detail, previous_hash, entry_hash)"
        " values (now(), '', 'a', 's', 'r', '{}', '', '1')"
    )
    with pytest.raises(errors.RestrictViolation, match="append-only"):
        db.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "statement",
    [
        "update attempt set charge_key = 'another'",
        "update attempt set intent_id = 'another'",
        "update payment_intent set amount_minor = 1",
        "update payment_intent set currency = 'EUR'",
        "update payment_intent set reference = 'another'",
    ],
)
def test_what_a_payment_is_never_changes(db: psycopg.Connection[Any], statement: str) -> None:
    _attempt(db, "first")
    with pytest.raises(errors.RestrictViolation, match="never changes"):
        db.execute(statement)  # type: ignore[call-overload]


def test_writing_the_same_value_is_no_change(db: psycopg.Connection[Any]) -> None:
    db.execute("update payment_intent set amount_minor = amount_minor, version = version + 1")


# ---------------------------------------------------------------- states
STATES: dict[str, type[StrEnum]] = {
    "attempt": AttemptState,
    "call": CallState,
    "capture_session": CaptureState,
    "payment_link": LinkState,
    "refund": RefundState,
    "saved_card": SavedCardState,
    "payment_plan": PlanState,
    "write_back": WriteBackState,
}


def test_every_state_column_holds_the_states_of_its_table_and_nothing_else(
    db: psycopg.Connection[Any],
) -> None:
    tables = "select table_name from information_schema.columns where column_name = 'state'"
    ours = tables + " and table_schema = 'public' and table_name not like 'procrastinate%'"
    assert {name for (name,) in db.execute(ours)} == STATES.keys()
    rules = "select conname, pg_get_constraintdef(oid) from pg_constraint where conname like 'ck\\_%\\_state'"
    held = {name: set(re.findall("'([a-z_]+)'", rule)) for name, rule in db.execute(rules)}
    assert held == {f"ck_{name}_state": set(states) for name, states in STATES.items()}
    with pytest.raises(errors.CheckViolation):
        db.execute("update call set state = 'gone'")


# ---------------------------------------------------------------- refunds
def _refund(db: psycopg.Connection[Any], name: str, minor: int) -> None:
    db.execute(
        "insert into refund (refund_id, intent_id, attempt_id, user_id, key, refund_key, reference,"
        " amount_minor, reason, state, sent_at)"
        " values (%s, 'i', 'a', 'u', %s, %s, %s, %s, '', 'sending', now())",
        [name, name, name, name, minor],
    )


def test_refunds_are_held_against_what_was_charged(db: psycopg.Connection[Any]) -> None:
    _attempt(db, "a")
    db.execute("update attempt set charged_minor = 40")
    with pytest.raises(errors.CheckViolation):
        _refund(db, "r1", 41)
    _refund(db, "r2", 40)


def test_refunds_never_add_up_to_more_than_was_taken(db: psycopg.Connection[Any]) -> None:
    _attempt(db, "a")
    _refund(db, "r1", 60)
    with pytest.raises(errors.CheckViolation):
        _refund(db, "r2", 41)
    _refund(db, "r3", 40)
    db.execute("update refund set state = 'failed' where refund_id = 'r1'")
    _refund(db, "r4", 60)
    with pytest.raises(errors.CheckViolation):
        _refund(db, "r5", 1)
    with pytest.raises(errors.CheckViolation):
        _refund(db, "r6", -1)


@pytest.mark.parametrize("column", ["amount_minor", "attempt_id", "refund_key", "reference"])
def test_what_a_refund_is_never_changes(db: psycopg.Connection[Any], column: str) -> None:
    _attempt(db, "a")
    _refund(db, "r1", 60)
    value = 61 if column == "amount_minor" else "b"
    with pytest.raises(errors.RestrictViolation):
        db.execute(f"update refund set {column} = %s", [value])  # type: ignore[call-overload]
