"""What the desk remembers on this computer: where the hub is, who was here last, how it looks.

The password and the session are never kept.
"""

from PySide6.QtCore import QByteArray, QLocale, QSettings

from agentdesk.desk import key_store
from agentdesk.desk.key_store import KeyStore
from agentdesk.desk.theme import NAMES, load_tokens
from agentdesk.i18n import LANGUAGES

THEMES = ("system", *NAMES)
TEXT_SIZES: tuple[float, ...] = tuple(load_tokens()["type"]["user_scale"])


def kept() -> "Settings":
    """Return what this user's desk keeps; may wait for the key store, so ask before the loop runs."""
    return Settings(QSettings("agentdesk", "desk"), key_store.real())


def system_language() -> str:
    """Return the computer's language where we have it, else English."""
    code = QLocale.system().name().split("_")[0]
    return code if code in LANGUAGES else "en"


class Settings:
    """Typed access to what is kept; what cannot be read back is as if never kept.

    `hub` is the hub's address, `username` who signed in last; both are empty at first.
    """

    def __init__(self, store: QSettings, keys: KeyStore | None = None) -> None:
        self._kept, self._keys = store, keys
        self.hub, self.username = self._known = (self._read("hub"), self._read("username"))

    def keep_names(self) -> None:
        """Write hub and user name where they changed; may wait for the key store, so not in the loop."""
        names = (self.hub, self.username)
        for name, value, known in zip(("hub", "username"), names, self._known, strict=True):
            if value != known:
                self._write(name, value)
        self._known = names

    # Without a real key store both go to the plain settings file. Neither is a secret, and an agent who
    # must type the hub's address each morning one day types a wrong one; a store that only looks safe
    # would be worse than a file that does not.

    def _read(self, name: str) -> str:
        return self._keys.read(name) if self._keys else str(self._kept.value(name, ""))

    def _write(self, name: str, value: str) -> None:
        if self._keys:
            self._keys.write(name, value)
        else:
            self._kept.setValue(name, value)

    @property
    def theme(self) -> str:
        """One of THEMES."""
        kept = str(self._kept.value("theme", "system"))
        return kept if kept in THEMES else "system"

    @theme.setter
    def theme(self, name: str) -> None:
        self._kept.setValue("theme", name)

    @property
    def language(self) -> str:
        """One of LANGUAGES; empty where it is the computer's."""
        kept = str(self._kept.value("language", ""))
        return kept if kept in LANGUAGES else ""

    @language.setter
    def language(self, code: str) -> None:
        self._kept.setValue("language", code)

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
    def less_motion(self) -> bool:
        """Whether nothing on the screen is to move, whatever the computer says."""
        return str(self._kept.value("less_motion", "")) == "yes"

    @less_motion.setter
    def less_motion(self, wanted: bool) -> None:
        self._kept.setValue("less_motion", "yes" if wanted else "")

    @property
    def geometry(self) -> QByteArray:
        """Where the window was; empty at first."""
        kept = self._kept.value("geometry")
        return kept if isinstance(kept, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, place: QByteArray) -> None:
        self._kept.setValue("geometry", place)
