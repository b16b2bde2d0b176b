"""What every processor must do with a token, and know afterwards.

A vendor's test module subclasses ProcessorContract and gives the fixtures `port` (a ProcessorPort),
`caller` (makes tokens from cards by name) and `trouble` (arms a fault for the next charge).
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from agentdesk.adapters.base import (
    Charge,
    Find,
    MoneyEvidence,
    OutcomeUnknown,
    ProcessorPort,
    RateLimited,
    Rejected,
)
from agentdesk.domain.ids import new_id, now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, DeclineKind
from tests.adapters.caller import Caller

Trouble = Callable[[str], None]


async def a_charge(caller: Caller, card: str = "visa-approves", minor: int = 12336) -> Charge:
    """Return a charge of a fresh token that was not sent yet."""
    attempt = new_id("att")
    return Charge(
        attempt_id=attempt,
        idempotency_key=f"{attempt}:charge",
        amount=Money(minor, "GBP"),
        token=await caller.token(card),
        description="Invoice INV-1",
        reference=f"PMT-{attempt}",
    )


def asking(charge: Charge, ids: Mapping[str, str] | None = None) -> Find:
    """Return the question what became of a charge sent just now."""
    return Find(charge.attempt_id, ids or {}, now() - timedelta(seconds=5))


@pytest.mark.anyio
class ProcessorContract:
    """The contract."""

    async def test_is_healthy(self, port: ProcessorPort) -> None:
        assert (await port.check()).state == "ready"

    async def test_approves(self, port: ProcessorPort, caller: Caller) -> None:
        charge = await a_charge(caller)
        reply = await port.charge(charge)
        assert (reply.event, reply.seen_via) == (AttemptEvent.APPROVED, "reply")
        assert (reply.our_ref, reply.amount) == (charge.attempt_id, charge.amount)
        assert (str(reply.card), reply.live, reply.decline) == ("Visa ending 4242", False, None)
        assert reply.provider_ids

    async def test_what_was_approved_is_found_by_our_id_and_by_theirs(
        self, port: ProcessorPort, caller: Caller
    ) -> None:
        charge = await a_charge(caller)
        reply = await port.charge(charge)
        for query in (asking(charge), asking(charge, reply.provider_ids)):
            (found,) = await port.find(query)
            assert (found.event, found.seen_via) == (AttemptEvent.APPROVED, "lookup")
            assert (found.provider_ids, found.amount) == (reply.provider_ids, charge.amount)

    async def test_the_same_key_charges_once(self, port: ProcessorPort, caller: Caller) -> None:
        charge = await a_charge(caller)
        first, again = await port.charge(charge), await port.charge(charge)
        assert first.provider_ids == again.provider_ids
        assert len(await port.find(asking(charge))) == 1

    async def test_what_was_never_sent_is_not_found(self, port: ProcessorPort, caller: Caller) -> None:
        charge = await a_charge(caller)
        assert list(await port.find(asking(charge))) == []
        assert port.find_lag > timedelta(0)

    @pytest.mark.parametrize(
        ("card", "kind", "hard"),
        [
            ("visa-declines", DeclineKind.CALL_ISSUER, False),
            ("visa-insufficient-funds", DeclineKind.INSUFFICIENT_FUNDS, False),
            ("visa-lost", DeclineKind.SENSITIVE, True),
            ("visa-stolen", DeclineKind.SENSITIVE, True),
            ("visa-expired", DeclineKind.EXPIRED_CARD, True),
            ("visa-cvc-fails", DeclineKind.SECURITY_CODE, False),
            ("visa-processing-error", DeclineKind.TRY_LATER, False),
            ("visa-needs-3ds", DeclineKind.AUTHENTICATION_REQUIRED, False),
        ],
    )
    async def test_a_decline_is_an_answer(
        self, port: ProcessorPort, caller: Caller, card: str, kind: DeclineKind, hard: bool
    ) -> None:
        charge = await a_charge(caller, card)
        reply = await port.charge(charge)
        assert reply.event is AttemptEvent.DECLINED
        assert reply.decline
        assert (reply.decline.kind, reply.decline.hard) == (kind, hard)
        assert reply.our_ref == charge.attempt_id
        (found,) = await port.find(asking(charge))
        assert (found.event, found.decline) == (AttemptEvent.DECLINED, reply.decline)

    async def test_what_is_not_decided_is_pending(self, port: ProcessorPort, caller: Caller) -> None:
        charge = await a_charge(caller, "visa-late")
        assert (await port.charge(charge)).event is AttemptEvent.PENDING
        (found,) = await port.find(asking(charge))
        assert found.event in (AttemptEvent.PENDING, AttemptEvent.APPROVED)

    @pytest.mark.parametrize("kind", ["drop_reply_after_executing", "error_500_after_executing"])
    async def test_a_lost_answer_is_unknown_and_then_found_once(
        self, port: ProcessorPort, caller: Caller, trouble: Trouble, kind: str
    ) -> None:
        charge = await a_charge(caller)
        trouble(kind)
        with pytest.raises(OutcomeUnknown):
            await port.charge(charge)
        (found,) = await port.find(asking(charge))
        assert (found.event, found.amount) == (AttemptEvent.APPROVED, charge.amount)

    async def test_a_card_whose_answer_is_lost(self, port: ProcessorPort, caller: Caller) -> None:
        charge = await a_charge(caller, "mastercard-answer-lost")
        with pytest.raises(OutcomeUnknown):
            await port.charge(charge)
        found: list[MoneyEvidence] = list(await port.find(asking(charge)))
        assert [one.event for one in found] == [AttemptEvent.APPROVED]

    @pytest.mark.parametrize(
        ("kind", "error"), [("rate_limited", RateLimited), ("error_500_before", OutcomeUnknown)]
    )
    async def test_trouble_before_executing_leaves_nothing(
        self, port: ProcessorPort, caller: Caller, trouble: Trouble, kind: str, error: type[Exception]
    ) -> None:
        charge = await a_charge(caller)
        trouble(kind)
        with pytest.raises(error):
            await port.charge(charge)
        assert list(await port.find(asking(charge))) == []
        assert (await port.charge(charge)).event is AttemptEvent.APPROVED

    async def test_a_token_it_does_not_know_is_refused(self, port: ProcessorPort, caller: Caller) -> None:
        charge = await a_charge(caller)
        for token in ("pm_unknown", ""):
            with pytest.raises(Rejected):
                await port.charge(_with_token(charge, charge.token.provider, token))
        with pytest.raises(Rejected):
            await port.charge(_with_token(charge, "somebody else", charge.token.value))
        assert list(await port.find(asking(charge))) == []


def _with_token(charge: Charge, provider: str, value: str) -> Charge:
    attempt = new_id("att")
    token = type(charge.token)(provider, value)
    return Charge(attempt, f"{attempt}:charge", charge.amount, token, charge.description, charge.reference)
