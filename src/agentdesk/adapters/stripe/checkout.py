"""Payment links: Stripe's hosted Checkout page, on which the customer pays once and by themselves."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, Field

from agentdesk.adapters.base import Health, MoneyEvidence, OutcomeUnknown, SeenVia
from agentdesk.adapters.links import OpenedLink, OpenLink
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.intent import NAME, PaymentIntent, event_of
from agentdesk.adapters.stripe.intent import evidence as intent_evidence
from agentdesk.adapters.stripe.replies import asked, client, event_id, failure, read
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent

_SESSIONS = "/v1/checkout/sessions"
_EXPAND = [("expand[]", "payment_intent.latest_charge")]


class Session(BaseModel):
    """A Checkout session, reduced to what we use. `payment_intent` is an id where it was not expanded."""

    id: str
    status: str | None
    payment_status: str
    amount_total: int | None
    currency: str | None = Field(pattern="^[a-z]{3}$")
    livemode: bool
    url: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    payment_intent: PaymentIntent | str | None = None

    @property
    def attempt(self) -> str | None:
        """The attempt id we stored; None where the session is not ours."""
        return self.metadata.get("attempt")


class StripeCheckout:
    """LinkPort on Stripe's Checkout sessions: one payment, an end, and a page that is theirs alone."""

    Config = StripeConfig
    name = NAME

    def __init__(self, config: StripeConfig) -> None:
        self._http = client(config)
        self.live = config.live

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def open(self, request: OpenLink) -> OpenedLink:
        """Make the page; the same key makes one. Raises VendorError."""
        response = await self._http.send(
            "POST", _SESSIONS, form=_form(request), headers={"Idempotency-Key": request.idempotency_key}
        )
        if not response.is_success:
            raise failure(response)
        session = read(Session, response)
        if session.url is None:
            raise OutcomeUnknown(f"{NAME}: the page has no address")
        return OpenedLink(session.id, session.url)

    async def find(self, session_id: str) -> Sequence[MoneyEvidence]:
        """Return how the page ended; empty while it can still be paid."""
        response = await asked(self._http, f"{_SESSIONS}/{session_id}", _EXPAND)
        session = read(Session, response)
        return evidence(session, "lookup", event_id(response, session.id))

    async def expire(self, session_id: str) -> Sequence[MoneyEvidence]:
        """Close the page for good, and return how it ended, which may be that it was paid.

        400 means that the page was not open any more: only a look tells why.
        """
        response = await self._http.send("POST", f"{_SESSIONS}/{session_id}/expire")
        if not response.is_success and response.status_code != 400:
            raise failure(response)
        return await self.find(session_id)

    async def check(self) -> Health:
        """Say whether the account answers what `find` asks."""
        return await self._http.health(_SESSIONS, [("limit", "1")])


def evidence(
    session: Session, seen_via: SeenVia, event_id: str, occurred_at: datetime | None = None
) -> list[MoneyEvidence]:
    """Return what a session says of its attempt's money; nothing while its page is open.

    What the intent behind an open page shows is never told: after a refused card or an abandoned question
    of the bank the customer may still pay.
    """
    intent = session.payment_intent if isinstance(session.payment_intent, PaymentIntent) else None
    if intent and event_of(intent) is AttemptEvent.APPROVED:
        return [intent_evidence(intent, seen_via, event_id, occurred_at)]
    event = _event_of(session, intent)
    if event is None:
        return []
    return [
        MoneyEvidence(
            event=event,
            provider=NAME,
            seen_via=seen_via,
            event_id=event_id,
            our_ref=session.attempt,
            provider_ids=_ids(session),
            amount=_amount(session),
            occurred_at=occurred_at or datetime.now(UTC),
            live=session.livemode,
        )
    ]


def _event_of(session: Session, intent: PaymentIntent | None) -> AttemptEvent | None:
    if session.status == "expired":
        return AttemptEvent.CLOSED
    if session.status != "complete":
        return None
    if session.payment_status == "paid":
        return AttemptEvent.APPROVED
    if intent and event_of(intent) is AttemptEvent.DECLINED:
        return AttemptEvent.DECLINED  # the page is gone, so nobody can try again on it
    return AttemptEvent.PENDING


def _ids(session: Session) -> dict[str, str]:
    intent = session.payment_intent
    intent_id = intent.id if isinstance(intent, PaymentIntent) else intent
    return {"payment_intent": intent_id} if intent_id else {}


def _amount(session: Session) -> Money | None:
    if session.amount_total is None or session.currency is None:
        return None
    return Money(session.amount_total, session.currency.upper())


def _form(request: OpenLink) -> dict[str, str]:
    price = "line_items[0][price_data]"
    return {
        "mode": "payment",
        # cards only: what a bank decides days later would hold the debt for as long
        "payment_method_types[0]": "card",
        "line_items[0][quantity]": "1",
        f"{price}[currency]": request.amount.currency.lower(),
        f"{price}[unit_amount]": str(request.amount.minor),
        f"{price}[product_data][name]": request.description,
        "client_reference_id": request.attempt_id,
        "metadata[attempt]": request.attempt_id,
        "metadata[reference]": request.reference,
        "payment_intent_data[description]": request.description,
        "payment_intent_data[metadata][attempt]": request.attempt_id,
        "payment_intent_data[metadata][reference]": request.reference,
        "expires_at": str(int(request.expires_at.timestamp())),
        "success_url": request.thanks_url,
    }
