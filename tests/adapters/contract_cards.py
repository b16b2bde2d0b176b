"""What every processor that keeps cards must do with one, and know of it afterwards.

A vendor's test module subclasses CardContract and gives the fixtures `port` (a CardPort), `processor` (its
ProcessorPort), `caller` (makes tokens from cards by name) and `trouble` (arms a fault for the next such
request).
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from agentdesk.adapters.base import Charge, NotSent, OutcomeUnknown, ProcessorPort, Rejected, TokenRef
from agentdesk.adapters.cards import CardPort
from agentdesk.domain.ids import new_id
from agentdesk.domain.payment import AttemptEvent, DeclineKind
from agentdesk.domain.saved_card import label
from tests.adapters.caller import Caller
from tests.adapters.contract_processor import a_charge, asking

Trouble = Callable[..., None]


async def charged(
    port: CardPort,
    processor: ProcessorPort,
    caller: Caller,
    *,
    keep: bool = True,
    card: str = "visa-approves",
) -> TokenRef:
    """Return the card of an approved charge, of a new customer, not kept yet."""
    paid = await processor.charge(replace(await a_charge(caller, card), keep=keep))
    assert paid.event is AttemptEvent.APPROVED
    token = await port.token_of(paid.provider_ids)
    customer = new_id("cus")
    return replace(token, customer=await port.open_customer(customer, key=f"{customer}:open"))


async def again(caller: Caller, token: TokenRef) -> Charge:
    """Return a charge of a kept card that was not sent yet."""
    return replace(await a_charge(caller), token=token)


@pytest.mark.anyio
class CardContract:
    """The contract."""

    async def test_a_kept_card_is_charged_again_and_again(
        self, port: CardPort, processor: ProcessorPort, caller: Caller
    ) -> None:
        token = await charged(port, processor, caller)
        assert await port.find(token) is None
        kept = await port.keep(token, key=new_id("key"))
        assert (kept.token, label(kept.card), kept.live) == (token, "Visa ending 4242, 12/34", False)
        assert await port.find(token) == kept
        for _ in range(2):
            paid = await processor.charge(await again(caller, token))
            assert (paid.event, str(paid.card)) == (AttemptEvent.APPROVED, "Visa ending 4242")

    async def test_a_kept_card_is_charged_while_its_holder_is_away(
        self, port: CardPort, processor: ProcessorPort, caller: Caller
    ) -> None:
        token = await charged(port, processor, caller)
        await port.keep(token, key=new_id("key"))
        charge = replace(await again(caller, token), holder_away=True)
        first, same = await processor.charge(charge), await processor.charge(charge)
        assert (first.event, first.amount, str(first.card)) == (
            AttemptEvent.APPROVED,
            charge.amount,
            "Visa ending 4242",
        )
        assert first.provider_ids == same.provider_ids
        (found,) = await processor.find(asking(charge))
        assert found.event is AttemptEvent.APPROVED

    async def test_a_bank_that_wants_the_holder_who_is_away_is_a_decline(
        self, port: CardPort, processor: ProcessorPort, caller: Caller
    ) -> None:
        token = await charged(port, processor, caller, card="visa-asks-holder-later")
        await port.keep(token, key=new_id("key"))
        charge = replace(await again(caller, token), holder_away=True)
        reply = await processor.charge(charge)
        assert reply.event is AttemptEvent.DECLINED
        assert reply.decline and reply.decline.kind is DeclineKind.AUTHENTICATION_REQUIRED
        (found,) = await processor.find(asking(charge))
        assert (found.event, found.decline) == (AttemptEvent.DECLINED, reply.decline)
        with_them = await processor.charge(await again(caller, token))
        assert with_them.event is AttemptEvent.APPROVED, "with the holder on the line the bank need not ask"

    async def test_keeping_it_twice_is_keeping_it(
        self, port: CardPort, processor: ProcessorPort, caller: Caller
    ) -> None:
        token, key = await charged(port, processor, caller), new_id("key")
        kept = await port.keep(token, key=key)
        assert await port.keep(token, key=key) == kept
        assert await port.keep(token, key=new_id("key")) == kept

    async def test_one_key_makes_one_customer(self, port: CardPort) -> None:
        key = new_id("key")
        assert await port.open_customer("12", key=key) == await port.open_customer("12", key=key)

    async def test_the_card_of_a_charge_that_did_not_say_so_is_not_kept(
        self, port: CardPort, processor: ProcessorPort, caller: Caller
    ) -> None:
        token = await charged(port, processor, caller, keep=False)
        with pytest.raises(Rejected):
            await port.keep(token, key=new_id("key"))
        assert await port.find(token) is None

    async def test_a_card_that_was_let_go_is_never_charged_again(
        self, port: CardPort, processor: ProcessorPort, caller: Caller
    ) -> None:
        token = await charged(port, processor, caller)
        await port.keep(token, key=new_id("key"))
        for _ in range(2):
            await port.let_go(token)
        assert await port.find(token) is None
        with pytest.raises(Rejected):
            await processor.charge(await again(caller, token))
        with pytest.raises(Rejected):
            await port.keep(token, key=new_id("key"))

    async def test_what_was_never_kept_is_let_go_without_an_error(
        self, port: CardPort, processor: ProcessorPort, caller: Caller
    ) -> None:
        await port.let_go(await charged(port, processor, caller))
        await port.let_go(TokenRef(port.name, "pm_unknown", "cus_unknown"))
        assert await port.find(TokenRef(port.name, "pm_unknown", "cus_unknown")) is None

    async def test_nobody_else_can_be_charged_with_it(
        self, port: CardPort, processor: ProcessorPort, caller: Caller
    ) -> None:
        token = await charged(port, processor, caller)
        await port.keep(token, key=new_id("key"))
        other = replace(token, customer=await port.open_customer("34", key=new_id("key")))
        with pytest.raises(Rejected):
            await processor.charge(await again(caller, other))
        assert await port.find(other) is None

    @pytest.mark.parametrize("kind", ["drop_reply_after_executing", "error_500_after_executing"])
    async def test_a_lost_answer_is_found_by_asking_again(
        self, port: CardPort, processor: ProcessorPort, caller: Caller, trouble: Trouble, kind: str
    ) -> None:
        token, key = await charged(port, processor, caller), new_id("key")
        trouble(kind, "/attach")
        with pytest.raises(OutcomeUnknown):
            await port.keep(token, key=key)
        kept = await port.keep(token, key=key)
        assert kept.token == token
        trouble(kind, "/detach")
        with pytest.raises(OutcomeUnknown):
            await port.let_go(token)
        await port.let_go(token)
        assert await port.find(token) is None

    async def test_a_charge_that_is_not_known_names_no_card(self, port: CardPort) -> None:
        for ids in ({}, {"payment_intent": "pi_unknown"}):
            with pytest.raises(Rejected):
                await port.token_of(ids)

    async def test_a_look_that_fails_has_changed_nothing(self, port: CardPort, trouble: Trouble) -> None:
        trouble("error_500_before", "GET /v1/payment_methods")
        with pytest.raises(NotSent):
            await port.find(TokenRef(port.name, "pm_1", "cus_1"))
