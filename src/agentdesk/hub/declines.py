"""A bank's no, as far as an agent may know it: which group, what to say, what to offer next.

The raw code stays in the row, for the log. What the firm's settings allow to be told is kept with it: a
later change of the settings does not rewrite what was said.
"""

from dataclasses import dataclass
from typing import Any

from agentdesk.adapters.base import Decline
from agentdesk.domain.payment import ADVICE, Advice, AttemptState, DeclineKind
from agentdesk.hub.db.tables import Attempt
from agentdesk.hub.settings import Settings
from agentdesk.i18n import _
from agentdesk.wire.payments import DeclineOut


@dataclass(frozen=True, slots=True)
class _Words:
    """The group as the agent reads it, and what to tell the caller."""

    title: str
    say: str


_OTHERWISE = _Words(
    _("Card refused, ask for another"),
    _("Your bank did not accept that card, and nothing was charged. Do you have another card?"),
)
_BY_LINK = _Words(
    _("The bank wants the holder to confirm"),
    _(
        "Your bank wants you to confirm this yourself, and nothing was charged. "
        "Shall I send you a link, where you can do that?"
    ),
)
_WORDS = {
    DeclineKind.INSUFFICIENT_FUNDS: _Words(
        _("Not enough money on the card, ask for another"),
        _(
            "Your bank says that there is not enough money for this on that card, and nothing was charged. "
            "Do you have another card?"
        ),
    ),
    DeclineKind.SECURITY_CODE: _Words(
        _("Security code refused, check it"),
        _("Your bank did not accept the security code, and nothing was charged. Shall we key it once more?"),
    ),
    DeclineKind.ADDRESS: _Words(_("Address refused, ask for another card"), _OTHERWISE.say),
    DeclineKind.BAD_NUMBER: _Words(
        _("Card number refused, check it"),
        _("Your bank did not accept the card number, and nothing was charged. Shall we key it once more?"),
    ),
    DeclineKind.EXPIRED_CARD: _Words(
        _("Card out of date, ask for another"),
        _("That card seems to be out of date, and nothing was charged. Do you have another card?"),
    ),
    DeclineKind.NOT_SUPPORTED: _Words(_("Card not accepted for this, ask for another"), _OTHERWISE.say),
    DeclineKind.AUTHENTICATION_REQUIRED: _Words(
        _("The bank wants the holder to confirm, ask for another card"),
        _(
            "Your bank wants you to confirm this yourself, which cannot be done by phone, and nothing was "
            "charged. Do you have another card?"
        ),
    ),
    DeclineKind.TRY_LATER: _Words(
        _("The bank could not answer, try later"),
        _(
            "Your bank cannot answer just now, and nothing was charged. "
            "Shall we try again later, or use another card?"
        ),
    ),
    DeclineKind.DUPLICATE: _Words(
        _("The bank saw this payment already, stop"),
        _(
            "Your bank has seen this payment before, and nothing was charged now. "
            "Let me look whether it was paid already."
        ),
    ),
}
_SAME_CARD = frozenset({Advice.FIX_DETAIL, Advice.SAME_CARD_LATER})
_ON_ACCOUNT = frozenset({DeclineKind.INSUFFICIENT_FUNDS, DeclineKind.LIMIT})
#: Even where the bank says never to try the card again.
_MEANT_HARD = frozenset({DeclineKind.DUPLICATE, DeclineKind.AUTHENTICATION_REQUIRED})


def kept(decline: Decline, settings: Settings, *, saved: bool = False) -> dict[str, Any]:
    """Return what the row keeps of a bank's no; of a saved card nothing can be keyed again."""
    return {
        "kind": decline.kind.value,
        "raw_code": decline.raw_code,
        "hard": decline.hard,
        "may_say_funds": settings.say_insufficient_funds,
        "by_link": settings.link is not None,
        "saved": saved,
    }


def advice(attempt: Attempt) -> Advice | None:
    """Return what a bank's no advises; None where it said none."""
    return show(attempt.decline).advice if attempt.state == AttemptState.DECLINED else None


def show(row: dict[str, Any] | None) -> DeclineOut:
    """Return what the agent may know. A card never to be tried again is told in neutral words."""
    row = row or {"kind": DeclineKind.GENERIC, "hard": False}
    kind = _told(row)
    words = _WORDS.get(kind, _OTHERWISE)
    if kind is DeclineKind.AUTHENTICATION_REQUIRED and row.get("by_link"):
        words = _BY_LINK
    return DeclineOut(
        kind=kind,
        advice=_advice(kind, row),
        title=words.title,
        say=words.say,
        retry_same_card=ADVICE[kind] in _SAME_CARD,
    )


def _told(row: dict[str, Any]) -> DeclineKind:
    """Return the kind without what nobody may read out: why a bank blocks a card, what is on an account."""
    kind = DeclineKind(row["kind"])
    if kind is DeclineKind.SENSITIVE or (row["hard"] and kind not in _MEANT_HARD):
        return DeclineKind.GENERIC
    if row.get("saved") and ADVICE[kind] is Advice.FIX_DETAIL:
        return DeclineKind.GENERIC
    if kind in _ON_ACCOUNT and not row.get("may_say_funds"):
        return DeclineKind.GENERIC
    return kind


def _advice(kind: DeclineKind, row: dict[str, Any]) -> Advice:
    advice = ADVICE[kind]
    return Advice.OTHER_CARD if advice is Advice.SEND_LINK and not row.get("by_link") else advice
