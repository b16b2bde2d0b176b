"""A merchant: Stripe's official SDK pointed at the sandbox, each request and reply judged."""

from typing import Any

import httpx
import requests
import stripe

from tests.processes import Running
from tests.sandbox.vendor import FORM, description, fresh_key


class Judged(stripe.RequestsClient):
    """Sends the SDK's requests and keeps what the vendor's description says against them or the replies."""

    def __init__(self) -> None:
        self.session = requests.Session()
        super().__init__(session=self.session)
        self.problems: list[str] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        """Send one request."""
        content, status, answered = super().request(method, url, headers, post_data)
        judge = description("stripe")
        if judge:
            sent = {**headers, "Content-Type": FORM} if post_data else headers
            if status == 200:  # a refused request may well be wrong
                self.problems += judge.check_request(method, url, sent, post_data or "")
            self.problems += judge.check_response(method, url, status, answered, content)
        return content, status, answered


class Merchant:
    """The SDK, the script API and a few orders that most tests give."""

    def __init__(self, sandbox: Running, sim: httpx.Client) -> None:
        self.sandbox = sandbox
        self.sim = sim
        self.judged = Judged()
        self.sdk = stripe.StripeClient(
            sandbox.ready["stripe_key"],
            base_addresses={"api": sandbox.url},
            http_client=self.judged,
            max_network_retries=0,
        )
        self.v1 = self.sdk.v1

    def close(self) -> None:
        """Close the connections."""
        self.judged.session.close()

    def token(self, card: str = "visa-approves") -> str:
        """Return a token for a card, by its name."""
        answer = self.sim.post("/_sim/tokens", json={"card": card})
        return str(answer.raise_for_status().json()["payment_method"])

    def order(self, card: str = "visa-approves", **params: Any) -> dict[str, Any]:
        """Return the parameters that charge a card on the phone."""
        usual = {
            "amount": 12336,
            "currency": "gbp",
            "confirm": True,
            "payment_method": self.token(card),
            "payment_method_options": {"card": {"moto": True}},
        }
        return {**usual, **params}

    def charge(self, card: str = "visa-approves", **params: Any) -> stripe.PaymentIntent:
        """Charge a card."""
        return self.v1.payment_intents.create(self.order(card, **params))

    def link(self, **params: Any) -> stripe.checkout.Session:
        """Make a pay link for £123.36."""
        price = {"currency": "gbp", "unit_amount": 12336, "product_data": {"name": "Invoice INV-2051"}}
        usual = {
            "mode": "payment",
            "success_url": f"{self.sandbox.url}/inbox?paid={{CHECKOUT_SESSION_ID}}",
            "line_items": [{"price_data": price, "quantity": 1}],
        }
        return self.v1.checkout.sessions.create({**usual, **params})

    def pay(self, link: stripe.checkout.Session, card: str, **how: str) -> httpx.Response:
        """Pay a link as its customer."""
        return self.sim.post(f"/_sim/links/{link.id}/pay", json={"card": card, **how})

    def charges(self, attempt: str) -> list[dict[str, Any]]:
        """Return what the sandbox charged for an attempt."""
        return list(self.sim.get("/_sim/charges", params={"attempt": attempt}).json())

    def event_types(self, about: str) -> list[str]:
        """Return the types of the events about an object, oldest first."""
        events = self.v1.events.list({"limit": 100}).data
        return [e.type for e in reversed(events) if e.data.object["id"] == about]


def fresh_attempt() -> str:
    """Return an attempt that no test used before."""
    return f"attempt-{fresh_key()}"
