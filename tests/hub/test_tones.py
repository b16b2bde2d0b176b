"""What the tone doctor is given and says, keying slowly, and digits typed where none belong."""

import pytest

from agentdesk.domain.capture import CaptureEvent, CardField, FieldProblem
from agentdesk.domain.card import CardSummary
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.hub import captures
from agentdesk.hub.capture_session import FIELD_S, SLOW_FIELD_S
from agentdesk.hub.db.tables import AuditEntry, CaptureSession
from agentdesk.wire.captures import FieldOut, FieldState, FindingOut
from tests.hub.till import CARD, Till

pytestmark = pytest.mark.anyio
NUMBER, EXPIRY, CODE = CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE
VISA, AMEX = CardSummary("visa"), CardSummary("amex")


async def _asked(till: Till, *, slow: bool = False) -> str:
    attempt_id = await till.start(await till.intent())
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER, slow=slow)
    return attempt_id


async def _field(till: Till, attempt_id: str, card_field: CardField = NUMBER) -> FieldOut:
    capture = (await till.attempt(attempt_id)).capture
    assert capture
    return next(one for one in capture.fields if one.field is card_field)


async def _finding(till: Till, attempt_id: str) -> FindingOut:
    finding = (await _field(till, attempt_id)).finding
    assert finding
    return finding


async def _keyed(till: Till, attempt_id: str, keys: int, card: CardSummary | None = VISA) -> None:
    for digits in range(1, keys + 1):
        await till.capture(attempt_id, CaptureEvent.PROGRESS, field=NUMBER, digits=digits, card=card)


async def _refused(till: Till, attempt_id: str, problem: FieldProblem = FieldProblem.INVALID) -> None:
    await till.capture(attempt_id, CaptureEvent.FIELD_BAD, field=NUMBER, problem=problem)


async def test_brand_and_length_show_while_the_number_is_keyed(till: Till) -> None:
    attempt_id = await _asked(till)
    assert ((await _field(till, attempt_id)).brand, (await _field(till, attempt_id)).length) == (None, 16)
    await _keyed(till, attempt_id, 2, AMEX)
    field = await _field(till, attempt_id)
    assert (field.brand, field.length, field.digits) == ("amex", 15, 2)
    assert (await till.attempt(attempt_id)).card is None  # it is not in


async def test_a_key_that_was_lost_is_seen_by_the_count(till: Till) -> None:
    attempt_id = await _asked(till)
    await _keyed(till, attempt_id, 15)
    await _refused(till, attempt_id)
    told = await _finding(till, attempt_id)
    assert told == FindingOut(trouble=Trouble.TOO_FEW, remedy=Remedy.SLOWLY, keys=15, expected=16)


async def test_what_the_refusal_shows_counts_more_than_reports_that_may_be_lost(till: Till) -> None:
    attempt_id = await _asked(till)
    await _keyed(till, attempt_id, 3)
    await till.capture(
        attempt_id, CaptureEvent.FIELD_BAD, field=NUMBER, problem=FieldProblem.INVALID, digits=16
    )
    assert (await _finding(till, attempt_id)).trouble is Trouble.WRONG


async def test_silence_is_found_at_the_deadline_and_so_is_a_caller_who_stops(till: Till) -> None:
    attempt_id = await _asked(till)
    await till.late(attempt_id)
    assert (await _finding(till, attempt_id)).trouble is Trouble.SILENT
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    await _keyed(till, attempt_id, 7)
    await till.late(attempt_id)
    found = await _finding(till, attempt_id)
    assert (found.trouble, found.keys) == (Trouble.BROKE_OFF, 7)


async def test_three_bad_tries_offer_another_way(till: Till) -> None:
    attempt_id = await _asked(till)
    remedies = []
    for _ in range(3):
        await _keyed(till, attempt_id, 16)
        await _refused(till, attempt_id)
        remedies.append((await _finding(till, attempt_id)).remedy)
        await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    assert remedies == [Remedy.AGAIN, Remedy.SLOWLY, Remedy.OTHER_ROUTE]


async def test_one_refusal_told_twice_is_one_bad_try(till: Till) -> None:
    attempt_id = await _asked(till)
    await _refused(till, attempt_id)
    await _refused(till, attempt_id)
    row = await till.row(CaptureSession, attempt_id)
    assert len(row.fields[NUMBER]["bad"]) == 1


async def test_a_field_that_is_in_starts_over_with_the_doctor(till: Till) -> None:
    attempt_id = await _asked(till)
    await _refused(till, attempt_id)
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    assert (await _field(till, attempt_id)).finding is None
    await captures.ask_field(till.hub, till.who, attempt_id, NUMBER)
    await _refused(till, attempt_id)
    assert (await _finding(till, attempt_id)).remedy is Remedy.AGAIN


# ---------------------------------------------------------------- slowly
async def test_slowly_gives_longer_for_each_key_and_stays_for_the_fields_after(till: Till) -> None:
    attempt_id = await _asked(till, slow=True)
    for card_field in (NUMBER, EXPIRY, CODE):
        await captures.ask_field(till.hub, till.who, attempt_id, card_field)
        field = await _field(till, attempt_id, card_field)
        assert field.asked_at
        assert field.deadline
        assert field.slow
        assert (field.deadline - field.asked_at).total_seconds() == pytest.approx(SLOW_FIELD_S, abs=1)
        await till.capture(attempt_id, CaptureEvent.PROGRESS, field=card_field, digits=1)
        assert await till.waits_s(attempt_id) == pytest.approx(SLOW_FIELD_S, abs=2)
        await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=card_field, card=CARD)


async def test_without_it_the_hub_waits_less_long_than_the_provider(till: Till) -> None:
    attempt_id = await _asked(till)
    assert await till.waits_s(attempt_id) == pytest.approx(FIELD_S, abs=2)
    assert FIELD_S < till.keypad.opened[-1].key_gap_s == SLOW_FIELD_S


async def test_a_card_keyed_after_the_hubs_deadline_is_taken_all_the_same(till: Till) -> None:
    attempt_id = await _asked(till)
    await till.late(attempt_id)
    await till.capture(attempt_id, CaptureEvent.FIELD_IN, field=NUMBER, card=CARD)
    field = await _field(till, attempt_id)
    assert (field.state, field.finding) == (FieldState.DONE, None)


# ---------------------------------------------------------------- digits on the desk
async def test_only_the_fact_of_typed_digits_is_kept(till: Till) -> None:
    attempt_id = await _asked(till)
    async with till.hub.sessions.begin() as session:
        await captures.refuse_digits(session, till.who, attempt_id)
    kept = (await till.rows(AuditEntry))[-1]
    assert (kept.action, kept.result, kept.detail) == ("desk.digits", "refused", {"attempt_id": attempt_id})
