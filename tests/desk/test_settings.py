"""What is kept where: names in a real key store, else in the settings file; a password nowhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as NoStore
from keyring.errors import KeyringLocked
from PySide6.QtCore import QSettings

from agentdesk.desk import key_store
from agentdesk.desk.settings import Settings

HUB = "https://hub.northwind.example"


class Store(KeyringBackend):
    """A key store in memory."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


class RealStore(Store):
    """One of those on the list."""


class LockedStore(RealStore):
    """One whose person does not unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked


class PlainStore(Store):
    """A file that anybody can read."""


RealStore.__module__ = LockedStore.__module__ = "keyring.backends.SecretService"
PlainStore.__module__ = "keyrings.alt.file"


class Chain(ChainerBackend):
    """Several stores behind one face."""

    backends: list[KeyringBackend] = []


@pytest.fixture
def use() -> Iterator[Callable[[KeyringBackend], None]]:
    """Return what makes a store the computer's."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def file(tmp_path: Path) -> QSettings:
    """Return the settings file."""
    return QSettings(str(tmp_path / "desk.ini"), QSettings.Format.IniFormat)


def remember(file: QSettings) -> Settings:
    """Keep the names of one day; return what the next day reads."""
    first = Settings(file, key_store.real())
    first.hub, first.username = HUB, "priya.nair"
    first.keep_names()
    return Settings(file, key_store.real())


def test_a_real_store_holds_the_names_and_the_file_does_not(use, file: QSettings) -> None:
    store = RealStore()
    use(store)
    read = remember(file)
    assert (read.hub, read.username) == (HUB, "priya.nair")
    assert store.held == {("Agent Desk", "hub"): HUB, ("Agent Desk", "username"): "priya.nair"}
    assert file.allKeys() == []


@pytest.mark.parametrize("store", [PlainStore(), NoStore()])
def test_any_other_store_is_left_alone_and_the_file_holds_the_names(
    store: KeyringBackend, use, file: QSettings
) -> None:
    use(store)
    read = remember(file)
    assert (read.hub, read.username) == (HUB, "priya.nair")
    assert getattr(store, "held", {}) == {}
    assert sorted(file.allKeys()) == ["hub", "username"]


def test_a_chain_of_plain_stores_is_no_real_store(use, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = PlainStore()
    monkeypatch.setattr(Chain, "backends", [plain, NoStore()])
    use(Chain())
    assert key_store.real() is None


def test_in_a_chain_only_the_real_store_is_written(
    use, file: QSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, real = PlainStore(), RealStore()
    monkeypatch.setattr(Chain, "backends", [plain, real])
    use(Chain())
    assert remember(file).hub == HUB
    assert (plain.held, len(real.held)) == ({}, 2)


@pytest.mark.allow_log("the key store was not (read|written)")
def test_a_store_that_stays_locked_keeps_nothing_and_stops_nobody(use, file: QSettings) -> None:
    use(LockedStore())
    read = remember(file)
    assert (read.hub, read.username) == ("", "")
    assert file.allKeys() == []


def test_nothing_is_written_that_did_not_change(use, file: QSettings) -> None:
    store = RealStore()
    use(store)
    again = remember(file)
    store.held.clear()
    again.keep_names()
    assert store.held == {}


def test_looks_that_cannot_be_read_are_as_never_kept(file: QSettings) -> None:
    file.setValue("theme", "sepia")
    file.setValue("text_size", "huge")
    read = Settings(file)
    assert (read.theme, read.text_size, read.geometry.isEmpty()) == ("system", 1.0, True)
    read.theme, read.text_size = "dark", 1.3
    assert (Settings(file).theme, Settings(file).text_size) == ("dark", 1.3)
