"""The computer's key store, where it has a real one: it keeps the hub's address and who was here last."""

import sys
from functools import cache

import structlog
from keyring.backend import KeyringBackend
from keyring.core import load_keyring
from keyring.errors import KeyringError

#: Key stores that encrypt what they hold, by system. Nothing else is asked: not keyrings.alt's plain text
#: file, and no store of another system, which takes longer to say no than the window to open.
REAL = {
    "linux": (
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
    ),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
    "darwin": ("keyring.backends.macOS.Keyring",),
}
_SERVICE = "Agent Desk"

log = structlog.get_logger(__name__)


class KeyStore:
    """One real key store. Reading and writing may wait for a person who unlocks it."""

    def __init__(self, store: KeyringBackend) -> None:
        self._store = store

    @property
    def name(self) -> str:
        """What it is called: `SecretService`."""
        return type(self._store).__module__.rpartition(".")[2]

    def read(self, name: str) -> str:
        """Return what is kept; empty where nothing is, or where the store stays locked."""
        try:
            return self._store.get_password(_SERVICE, name) or ""
        except KeyringError as error:
            log.warning("the key store was not read", store=self.name, reason=type(error).__name__)
            return ""

    def write(self, name: str, value: str) -> None:
        """Keep a value; where the store stays locked it is asked for again next time."""
        try:
            self._store.set_password(_SERVICE, name, value)
        except KeyringError as error:
            log.warning("the key store was not written", store=self.name, reason=type(error).__name__)


@cache
def real() -> KeyStore | None:
    """Return this computer's real key store, of several the one its desktop prefers; None where none is."""
    stores = [store for name in REAL.get(sys.platform, ()) if (store := _load(name)) is not None]
    best = max(stores, key=lambda store: float(store.priority), default=None)
    return KeyStore(best) if best is not None else None


def _load(name: str) -> KeyringBackend | None:
    try:
        return load_keyring(name)
    except RuntimeError:  # it says so where its service does not run, or a library of it is missing
        return None
