"""Saved cards and consents for tests and pictures."""

from typing import Any

from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payments import Attempt
from agentdesk.wire.readiness import RouteInfo
from agentdesk.wire.saved_cards import Consent, SavedCard, SavedCardRules
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.samples import at

RULES = SavedCardRules(
    wording="2026-11",
    words="Shall we keep this card for your next payment? We charge it only when you ask us to. "
    "You can have it removed at any time. Do you agree?",
    only_checked=True,
)
ROUTE = RouteInfo(route="saved", title="Saved card", detail="A card the customer had kept.", off_reason=None)


def allow(hub: FakeHub, **rules: Any) -> None:
    """Let the firm save cards."""
    routes = [one for one in hub.lamps.routes if one.route != "saved"]
    told = {"routes": [*routes, ROUTE], "saved_cards": RULES.model_copy(update=rules)}
    hub.lamps = hub.lamps.model_copy(update=told)


def card(**changes: Any) -> SavedCard:
    """A card that can be charged."""
    usual: dict[str, Any] = {
        "card_id": "card_1",
        "brand": "visa",
        "last4": "4242",
        "label": "Visa ending 4242, 08/28",
        "agreed_by": "Tom Ellis",
        "agreed_at": at(9, 0),
        "off_reason": None,
        "exp_month": 8,
        "exp_year": 2028,
    }
    return SavedCard(**(usual | changes))


_ALL = {
    "card_1": card(),
    "card_2": card(
        card_id="card_2",
        brand="mastercard",
        last4="5100",
        label="Mastercard ending 5100, 10/26",
        off_reason="It expired 10/26.",
    ),
    "card_3": card(
        card_id="card_3",
        brand="mastercard",
        last4="8210",
        label="Mastercard ending 8210, 01/30",
        exp_month=1,
        exp_year=2030,
    ),
}


def several(*names: str) -> list[SavedCard]:
    """Return these cards; without a name the first, and one that is out of date."""
    return [_ALL[name] for name in names or ("card_1", "card_2")]


def consent(state: SavedCardState = SavedCardState.AGREED, why: str | None = None) -> Consent:
    """What the caller said."""
    return Consent(state=state, wording="2026-11", by="Priya Nair", at=at(10, 43, 15), why=why)


def keyed(**changes: Any) -> Attempt:
    """A try whose card is in and not submitted."""
    fields = [
        samples.field(one, FieldState.DONE, done_at=at(10, 43, 10))
        for one in (CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE)
    ]
    capture = samples.capture(state=CaptureState.COLLECTED, fields=fields, can_submit=True)
    return samples.attempt(**({"capture": capture} | changes))


def tried(state: AttemptState, **changes: Any) -> Attempt:
    """A try with a saved card."""
    usual = {"route": "saved", "capture": None, "sent_at": at(10, 43, 20)}
    if state is not AttemptState.SENDING:
        usual |= {"ended_at": at(10, 43, 21)}
    return samples.attempt(state, **(usual | changes))
