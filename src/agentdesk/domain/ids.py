"""Prefixed, time-ordered ids and the clock."""

import os
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_LENGTH = 26


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def new_ulid() -> str:
    """Return a fresh ULID: 26 characters, 48 bits of milliseconds then 80 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(5 * (_ULID_LENGTH - 1), -1, -5))


def new_id(prefix: str) -> str:
    """Return `<prefix>_<ULID>`; later ids of one prefix sort after earlier ones (to the millisecond)."""
    return f"{prefix}_{new_ulid()}"


def payment_reference(intent_id: str) -> str:
    """Return the reference printed on every outside record of a payment intent: `PMT-<ULID>`.

    It fits the reference field of every ledger met so far (30 characters).
    """
    return "PMT-" + intent_id.partition("_")[2]


def refund_reference(refund_id: str) -> str:
    """Return the reference printed on every outside record of a refund: `RFD-<ULID>`."""
    return "RFD-" + refund_id.partition("_")[2]


def promise_reference(promise_id: str) -> str:
    """Return the reference printed on every outside record of a promise: `PRM-<ULID>`."""
    return "PRM-" + promise_id.partition("_")[2]


def withdrawal_reference(promise_id: str) -> str:
    """Return the reference of the note that a promise was withdrawn: `PRW-<ULID>`, with the promise's own."""
    return "PRW-" + promise_id.partition("_")[2]


def plan_reference(plan_id: str) -> str:
    """Return the reference printed on every outside record of a payment plan: `PLN-<ULID>`."""
    return "PLN-" + plan_id.partition("_")[2]


def card_reference(card_id: str, *, withdrawn: bool = False) -> str:
    """Return the reference of the note that a card was saved, `CRD-<ULID>`, or let go, `CRW-<ULID>`."""
    return ("CRW-" if withdrawn else "CRD-") + card_id.partition("_")[2]


def call_reference(call_id: str) -> str:
    """Return the reference of the note of a call: `CALL-<ULID>`."""
    return "CALL-" + call_id.partition("_")[2]


def link_reference(attempt_id: str) -> str:
    """Return the reference of the note that a payment link was not paid: `LINK-<ULID>`."""
    return "LINK-" + attempt_id.partition("_")[2]


def short_reference(intent_id: str) -> str:
    """Return the form people read to each other: the last eight characters, as `7Q4M-K2ZD`."""
    return f"{intent_id[-8:-4]}-{intent_id[-4:]}"
