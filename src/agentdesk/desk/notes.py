"""What an agent typed about a call, kept while this program runs: also over a session that ended."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

_NOTHING: Mapping[str, tuple[str, str]] = MappingProxyType({})


class NoteDraft(NamedTuple):
    """A reason and a note that are not sent yet, and the reason and the note that were filled in for what."""

    disposition: str = ""
    note: str = ""
    told: Mapping[str, tuple[str, str]] = _NOTHING


class Notes:
    """Drafts by person and call; nobody gets another's."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str], NoteDraft] = {}

    def keep(self, user_id: str, call_id: str, draft: NoteDraft) -> None:
        """Keep what is typed so far."""
        self._drafts[user_id, call_id] = draft

    def of(self, user_id: str, call_id: str) -> NoteDraft:
        """Return what was typed; empty where nothing was."""
        return self._drafts.get((user_id, call_id), NoteDraft())

    def drop(self, user_id: str, call_id: str) -> None:
        """Forget what was sent."""
        self._drafts.pop((user_id, call_id), None)
