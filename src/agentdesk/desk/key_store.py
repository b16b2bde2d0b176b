"""The computer's key store, where it has a real one: it keeps the hub's address and who was here last."""

import keyring
import structlog
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

#: Key stores that encrypt what they hold. Anything else, such as keyrings.alt's plain text file, is refused.
REAL = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.Windows",
    "keyring.backends.macOS",
)
_SERVICE = "Agent Desk"

log = structlog.get_logger(__name__)


class KeyStore:
    """One real key store. Reading and writing may wait for a person who unlocks it."""

    def __init__(self, store: KeyringBackend) -> None:
        self._store = store

    @property
    def name(self) -> str:
        """What it is called: `SecretService`."""
        return _module(self._store).rpartition(".")[2]

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


def real() -> KeyStore | None:
    """Return this computer's real key store; None where there is none.

    Of a chain the real store itself is used: a chain would write on into one that is not.
    """
    chosen = keyring.get_keyring()
    stores = getattr(chosen, "backends", [chosen])
    return next((KeyStore(store) for store in stores if _module(store) in REAL), None)


def _module(store: KeyringBackend) -> str:
    return type(store).__module__
