"""The one account behind the Stripe face: what its parts share."""

from collections.abc import Callable

from agentdesk.sandbox import cards
from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.stripe_errors import StripeError
from agentdesk.sandbox.stripe_events import Events
from agentdesk.sandbox.stripe_idempotency import Keys
from agentdesk.sandbox.stripe_objects import payment_method
from agentdesk.sandbox.stripe_store import Obj, Store
from agentdesk.sandbox.vault import ALIASES, VaultedCard

USED = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or was "
    "detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must "
    "attach it to a Customer first."
)


class Account:
    """The objects, the cards behind the tokens, the events and the saved replies."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.clock = box.clock
        self.store = Store(box.ids, box.clock)
        self.events = Events(box, self.store)
        self.keys = Keys()
        self.watchers: list[Callable[[Obj], None]] = []
        self.answer_lost = False
        self.payout_of: dict[str, str] = {}
        self._spent: set[str] = set()

    def method(self, token: str) -> Obj:
        """Return the payment method of a token, the first time from the vault; an alias makes a new one."""
        if token in ALIASES:
            card = cards.by_name(ALIASES[token])
            token = self.box.vault.keep(card, card.expiry, card.cvc).token
        vaulted = self.box.vault.get(token)
        if vaulted and not self.store.has("payment_method", token):
            self.store.add(payment_method(vaulted))
        return self.store.get("payment_method", token, "payment_method")

    def card(self, token: str) -> VaultedCard:
        """Return the card behind a payment method."""
        card = self.box.vault.get(token)
        assert card is not None, "every payment method comes from the vault"
        return card

    def usable(self, token: str, customer: str | None) -> Obj:
        """Return the payment method if it may be charged for this customer."""
        method = self.method(token)
        if method["customer"] and method["customer"] != customer:
            message = "The provided PaymentMethod belongs to a Customer. Please include it in `customer`."
            raise StripeError.invalid(message, param="payment_method")
        if method["id"] in self._spent:
            raise StripeError.invalid(USED, param="payment_method")
        return method

    def spend(self, method: Obj) -> None:
        """Use up a payment method that is not kept with a customer."""
        if not method["customer"]:
            self._spent.add(method["id"])

    def changed(self, kind: str, intent: Obj) -> None:
        """Tell of a move of a payment intent: one event, and the checkout session that waits for it."""
        self.events.emit(kind, intent)
        for watcher in self.watchers:
            watcher(intent)
