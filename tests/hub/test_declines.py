"""What an agent is told of a bank's no, and what never."""

import pytest

from agentdesk.adapters.base import Decline
from agentdesk.domain.payment import ADVICE, Advice, AttemptEvent, DeclineKind
from agentdesk.hub import declines
from agentdesk.hub.db.tables import Attempt
from agentdesk.hub.settings import Settings
from agentdesk.wire.payments import DeclineOut
from tests.hub.till import Till

LINK = {"link": {}}
RAISES = ("fund", "money", "balance", "lost", "stolen", "fraud", "limit")


def told(kind: DeclineKind, *, hard: bool = False, **settings: object) -> DeclineOut:
    return declines.show(declines.kept(Decline(kind, "raw", hard), Settings(**settings)))  # type: ignore[arg-type]


def words(shown: DeclineOut) -> str:
    return f"{shown.kind} {shown.title} {shown.say}".lower()


@pytest.mark.parametrize("kind", DeclineKind)
@pytest.mark.parametrize("hard", [False, True])
def test_nothing_of_an_account_or_a_crime_is_told(kind: DeclineKind, hard: bool) -> None:
    shown = told(kind, hard=hard)
    assert not [word for word in RAISES if word in words(shown)]
    assert "nothing was charged" in shown.say


def test_a_reason_may_be_said_where_the_firm_allows_it() -> None:
    assert told(DeclineKind.INSUFFICIENT_FUNDS).kind is DeclineKind.GENERIC
    allowed = told(DeclineKind.INSUFFICIENT_FUNDS, say_insufficient_funds=True)
    assert allowed.kind is DeclineKind.INSUFFICIENT_FUNDS
    assert "not enough money" in allowed.say


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in DeclineKind
        if ADVICE[kind] is not Advice.STOP and ADVICE[kind] is not Advice.SEND_LINK
    ],
)
def test_a_card_never_to_be_tried_again_is_told_in_neutral_words(kind: DeclineKind) -> None:
    shown = told(kind, hard=True, say_insufficient_funds=True)
    assert (shown.kind, shown.advice, shown.retry_same_card) == (
        DeclineKind.GENERIC,
        Advice.OTHER_CARD,
        False,
    )
    assert shown.say == told(DeclineKind.GENERIC).say == told(DeclineKind.SENSITIVE).say


@pytest.mark.parametrize("kind", DeclineKind)
def test_the_same_card_is_offered_only_where_a_detail_was_wrong_or_its_bank_away(kind: DeclineKind) -> None:
    assert told(kind).retry_same_card is (ADVICE[kind] in (Advice.FIX_DETAIL, Advice.SAME_CARD_LATER))


def test_a_holder_who_must_confirm_gets_a_link_where_there_are_links() -> None:
    kind = DeclineKind.AUTHENTICATION_REQUIRED
    assert (told(kind, **LINK).advice, "link" in told(kind, **LINK).say) == (Advice.SEND_LINK, True)
    assert (told(kind).advice, "another card" in told(kind).say) == (Advice.OTHER_CARD, True)


def test_rows_from_before_these_settings_say_no_more_than_they_did() -> None:
    old = {"kind": "insufficient_funds", "raw_code": "insufficient_funds", "hard": False}
    assert declines.show(old).kind is DeclineKind.GENERIC
    assert declines.show(None).kind is DeclineKind.GENERIC


@pytest.mark.anyio
async def test_the_raw_code_is_kept_and_not_shown(till: Till) -> None:
    attempt_id = await till.sending()
    no = Decline(DeclineKind.SENSITIVE, "stolen_card", hard=True)
    await till.learn(attempt_id, AttemptEvent.DECLINED, decline=no)
    assert (await till.row(Attempt, attempt_id)).decline["raw_code"] == "stolen_card"
    assert "stolen" not in (await till.show(attempt_id)).model_dump_json()
