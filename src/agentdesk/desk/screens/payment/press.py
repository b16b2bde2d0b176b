"""A press of the action bar, and what the bar shows."""

from dataclasses import dataclass

#: Leave what shows and wrap up, or close it; call off a card entry or a link, which asks first; go back.
LEAVE_KEY, CANCEL_KEY, BACK_KEY = "Ctrl W", "Alt X", "Alt B"
#: Where the receipt goes, and seeing it; a link to somewhere else than to where it would go at once.
RECEIPT_KEY, PREVIEW_KEY, ELSEWHERE_KEY = "Alt R", "Alt V", "Alt L"


@dataclass(frozen=True)
class Press:
    """A button: `name` says which, `short` is what the list of keys calls it; `off` is why it is off.

    Without `shows_key` its key is only in the lists: the bar is too narrow for every cap.
    """

    name: str
    words: str
    short: str = ""
    key: str | None = None
    icon: str | None = None
    kind: str = "ghost"
    off: str = ""
    busy: str | None = None
    shows_key: bool = True


@dataclass(frozen=True)
class Actions:
    """What the bar shows."""

    left: tuple[Press, ...] = ()
    reason: str = ""
    main: Press | None = None
    elsewhere: tuple[Press, ...] = ()  # with a key, and a place of its own in the body

    @property
    def presses(self) -> tuple[Press, ...]:
        """Every press of the bar."""
        return (*self.left, self.main) if self.main else self.left

    @property
    def keyed(self) -> dict[str, Press]:
        """Every press that has a key, by its key."""
        return {press.key: press for press in (*self.presses, *self.elsewhere) if press.key}
