"""A card session as its screen shows it; never a digit."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from agentdesk.domain import tones
from agentdesk.domain.capture import CaptureState, CardField, FieldProblem
from agentdesk.hub.db.tables import CaptureSession
from agentdesk.wire.captures import CaptureOut, FieldOut, FieldState, FindingOut


def show(row: CaptureSession) -> CaptureOut:
    """Return a card session: which fields are in, which are not, and why."""
    return CaptureOut(
        state=CaptureState(row.state),
        secured_at=row.secured_at,
        recorder_paused_at=row.recorder_paused_at,
        recorder_resumed_at=row.recorder_resumed_at,
        tones_masked_at=row.tones_masked_at,
        closed_at=row.closed_at,
        close_reason=row.close_reason,
        close_cause=row.close_cause,
        provider_closed_at=row.provider_closed_at,
        deadline=row.deadline_at if _is_agents_turn(row) else None,
        fields=[_field(CardField(name), progress) for name, progress in _in_order(row.fields)],
        can_submit=row.state == CaptureState.COLLECTED,
    )


def _is_agents_turn(row: CaptureSession) -> bool:
    keyed = any(progress["state"] == FieldState.LIVE for progress in row.fields.values())
    return row.state in (CaptureState.COLLECTING, CaptureState.COLLECTED) and not keyed


def _in_order(fields: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    order = [f.value for f in CardField]
    return sorted(fields.items(), key=lambda item: order.index(item[0]))


def _field(card_field: CardField, progress: dict[str, Any]) -> FieldOut:
    state, brand = FieldState(progress["state"]), progress.get("brand")
    return FieldOut(
        field=card_field,
        state=state,
        digits=None if card_field is CardField.SECURITY_CODE else progress.get("digits"),
        length=tones.places(card_field, brand),
        brand=brand,
        problem=progress.get("problem"),
        asked_at=_instant(progress.get("asked_at")),
        deadline=_instant(progress.get("deadline")),
        done_at=_instant(progress.get("done_at")),
        tries=progress.get("tries", 0),
        slow=bool(progress.get("slow")),
        finding=_finding(card_field, progress) if state is FieldState.FAILED else None,
    )


def _finding(card_field: CardField, progress: dict[str, Any]) -> FindingOut | None:
    bad = [tones.BadTry(FieldProblem(one["problem"]), one["keys"]) for one in progress.get("bad", [])]
    found = tones.diagnose(card_field, progress.get("brand"), bad, slow=bool(progress.get("slow")))
    return FindingOut(**asdict(found)) if found else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
