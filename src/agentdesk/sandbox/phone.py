"""The caller's phone in a browser: a handset, the card in the caller's hand, and what can go wrong."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from agentdesk.sandbox import cards
from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.web import page

KEYS = (
    ("1", ""),
    ("2", "ABC"),
    ("3", "DEF"),
    ("4", "GHI"),
    ("5", "JKL"),
    ("6", "MNO"),
    ("7", "PQRS"),
    ("8", "TUV"),
    ("9", "WXYZ"),
    ("*", ""),
    ("0", ""),
    ("#", ""),
)

BADGES = {
    "approve": ("success", "Approves"),
    "lost_answer": ("warning", "Unknown"),
    "late": ("info", "Pending"),
    "needs_3ds": ("info", "Needs a link"),
    "needs_3ds_unless_phoned": ("warning", "Approves once"),
    "dispute": ("warning", "Disputed"),
    "refund_pending": ("info", "Refund waits"),
    "refund_fails": ("warning", "Refund fails"),
}
DECLINES = ("danger", "Declines")
REFUSED_BRAND = ("neutral", "Not sent")

MISHAPS = (
    ("hang-up", "Hang up now", "card session must close"),
    ("star", "Press star", "session ends, restart offered"),
    ("double-tone", "Double a tone", "the digit arrives twice"),
    ("say-digits", "Say digits aloud", "audio is blocked"),
    ("quiet", "Go quiet for 30 s", "field times out"),
    ("drop", "Drop the provider", "outcome must be unknown"),
)


_STATES = {"ringing": "Ringing", "in-progress": "On a call", "completed": "Ended"}


def router(box: Sandbox) -> APIRouter:
    """Return /, which lists the phones, /phone, /phone?call=CA… and /phone/CA…, where one can be begun."""
    routes = APIRouter()

    @routes.get("/")
    async def home() -> HTMLResponse:
        phones = [
            {"sid": call.sid, "caller": call.caller.caller, "state": _STATES[call.caller.status]}
            for call in reversed(box.telephony.calls())
        ]
        return page("home.html", business=box.settings.business, phones=phones)

    @routes.get("/phone")
    async def phone(call: str = "") -> HTMLResponse:
        hands = [_in_hand(card) for card in cards.CARDS]
        business = box.settings.business
        return page("phone.html", business=business, call=call, cards=hands, keys=KEYS, mishaps=MISHAPS)

    @routes.get("/phone/{sid}")
    async def phone_of(sid: str) -> HTMLResponse:
        return await phone(sid)

    return routes


def _in_hand(card: cards.TestCard) -> dict[str, str]:
    kind, word = BADGES.get(card.does, DECLINES)
    if card.name == "amex-refused-brand":
        kind, word = REFUSED_BRAND
    title = f"{card.brand.capitalize()}, test ending {card.last4}"
    return {"name": card.name, "title": title, "label": card.label, "kind": kind, "word": word}
