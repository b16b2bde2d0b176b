"""Tokens for cards: what remains once the digits are gone."""

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

from agentdesk.sandbox import cards
from agentdesk.sandbox.ids import Ids

WRONG_CVC = "911"
"""The security code that every issuer here refuses, as in Square's sandbox."""

ALIASES = {
    "pm_card_visa": "visa-approves",
    "pm_card_mastercard": "mastercard-approves",
    "pm_card_amex": "amex-approves",
    "pm_card_chargeDeclined": "visa-declines",
    "pm_card_visa_chargeDeclined": "visa-declines",
    "pm_card_chargeDeclinedInsufficientFunds": "visa-insufficient-funds",
    "pm_card_authenticationRequired": "visa-needs-3ds",
}
"""Stripe's ready-made test tokens."""


@dataclass(frozen=True)
class VaultedCard:
    """A card without its number; `name` is the test card's name in cards.py.

    `bank` is how the one who holds it has their bank behave, see stripe_routes.
    """

    token: str
    name: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str
    cvc_check: Literal["pass", "fail", "unchecked"]
    bank: str = ""


class Vault:
    """Tokens of this process, shared by Twilio's Pay Connector and Stripe."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._cards: dict[str, VaultedCard] = {}

    def keep(self, card: cards.TestCard, expiry: str, cvc: str | None, bank: str = "") -> VaultedCard:
        """Exchange a keyed card for a token; `expiry` is MMYY, `cvc` None when it was not asked."""
        token = self._ids.token("pm_")
        self._cards[token] = replace(_vaulted(token, card, expiry, cvc), bank=bank)
        return self._cards[token]

    def get(self, token: str) -> VaultedCard | None:
        """Return the card behind a token or one of Stripe's aliases; None when there is none."""
        if token in ALIASES:
            card = cards.by_name(ALIASES[token])
            return _vaulted(token, card, card.expiry, card.cvc)
        return self._cards.get(token)


def _vaulted(token: str, card: cards.TestCard, expiry: str, cvc: str | None) -> VaultedCard:
    digest = hashlib.sha256(card.name.encode()).hexdigest()
    fingerprint = "fp" + digest[:14].translate(str.maketrans("0123456789", "ghijklmnop"))
    check: Literal["pass", "fail", "unchecked"] = "unchecked"
    if cvc is not None:
        check = "fail" if cvc == WRONG_CVC else "pass"
    month, year = int(expiry[:2]), 2000 + int(expiry[2:])
    return VaultedCard(token, card.name, card.brand, card.last4, month, year, fingerprint, check)
