"""What the desk remembers on this computer: where the hub is, who was here last, how it looks.

Nothing of it is secret, so it is kept by QSettings; the password and the session are never kept.
"""

from PySide6.QtCore import QByteArray, QSettings

from agentdesk.desk.theme import NAMES, load_tokens

THEMES = ("system", *NAMES)
TEXT_SIZES: tuple[float, ...] = tuple(load_tokens()["type"]["user_scale"])


def kept() -> "Settings":
    """Return what this user's desk keeps."""
    return Settings(QSettings("agentdesk", "desk"))


class Settings:
    """Typed access to what is kept; what cannot be read back is as if never kept."""

    def __init__(self, store: QSettings) -> None:
        self._kept = store

    @property
    def hub(self) -> str:
        """The hub's address; empty at first."""
        return str(self._kept.value("hub", ""))

    @hub.setter
    def hub(self, url: str) -> None:
        self._kept.setValue("hub", url)

    @property
    def username(self) -> str:
        """Who signed in last; empty at first."""
        return str(self._kept.value("username", ""))

    @username.setter
    def username(self, name: str) -> None:
        self._kept.setValue("username", name)

    @property
    def theme(self) -> str:
        """One of THEMES."""
        kept = str(self._kept.value("theme", "system"))
        return kept if kept in THEMES else "system"

    @theme.setter
    def theme(self, name: str) -> None:
        self._kept.setValue("theme", name)

    @property
    def text_size(self) -> float:
        """One of TEXT_SIZES."""
        try:
            kept = float(str(self._kept.value("text_size", 1.0)))
        except ValueError:
            return 1.0
        return kept if kept in TEXT_SIZES else 1.0

    @text_size.setter
    def text_size(self, scale: float) -> None:
        self._kept.setValue("text_size", scale)

    @property
    def geometry(self) -> QByteArray:
        """Where the window was; empty at first."""
        kept = self._kept.value("geometry")
        return kept if isinstance(kept, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, place: QByteArray) -> None:
        self._kept.setValue("geometry", place)
