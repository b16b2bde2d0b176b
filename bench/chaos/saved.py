"""Saved cards as scripted agents use them: agreed to while keyed, charged on a later call, withdrawn."""

import asyncio
import secrets
from typing import TYPE_CHECKING

from bench.chaos.place import Refused

if TYPE_CHECKING:
    from bench.chaos.agents import Agent

#: How many consents are taken back at once, and how many of the cards on offer their holders want gone.
_TAKEN_BACK = 0.1
_WITHDRAWN = 0.3


async def agree(agent: "Agent", path: str) -> None:
    """Let the caller agree to have the card saved that they keyed; now and then not, after all."""
    rules = (await agent.ask("GET", "/v1/readiness"))["saved_cards"]
    await agent.if_possible("PUT", f"{path}/consent", {"wording": rules["wording"]})
    agent.place.told.did["consents"] += 1
    if agent.chance.random() < _TAKEN_BACK:
        await agent.if_possible("DELETE", f"{path}/consent")


async def offered(agent: "Agent", customer: str) -> list[str]:
    """Return the cards that this customer may pay with."""
    known = await agent.ask("GET", f"/v1/customers/{customer}")
    return [one["card_id"] for one in known["saved_cards"] if one["off_reason"] is None]


async def charge(agent: "Agent", intent_id: str) -> str:
    """Charge one of the customer's cards, now and then while they withdraw it; return the last state seen.

    Nothing where there is none, or the hub does not charge it: refused on this call, or withdrawn.
    """
    cards = await offered(agent, (await agent.show(intent_id))["customer_id"])
    if not cards:
        return ""
    card_id, steps = agent.chance.choice(cards), []
    body = {"key": secrets.token_urlsafe(18), "route": "saved", "saved_card": card_id}
    if agent.chance.random() < _WITHDRAWN / 3:
        steps.append(agent.if_possible("DELETE", f"/v1/saved-cards/{card_id}"))
    trying = agent.maybe_twice(f"/v1/payment-intents/{intent_id}/attempts", body)
    tried, *_ = await asyncio.gather(trying, *steps, return_exceptions=True)
    if isinstance(tried, Refused):
        agent.place.told.refused[f"saved card: {tried}"] += 1
        return ""
    agent.place.told.did["saved cards tried"] += 1
    return await agent.watch(intent_id)


async def perhaps_withdraw(agent: "Agent", customer: str) -> None:
    """Let a customer withdraw a card; from then on nobody may offer it."""
    cards = await offered(agent, customer)
    if not cards or agent.chance.random() > _WITHDRAWN:
        return
    await agent.ask("DELETE", f"/v1/saved-cards/{cards[0]}")
    agent.place.told.did["cards withdrawn"] += 1
    if cards[0] in await offered(agent, customer):
        agent.place.told.did["BREACH: a withdrawn card is offered"] += 1
