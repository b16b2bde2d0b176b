"""What is kept where: names in a real key store, else in the settings file; a password nowhere."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.compat import properties
from keyring.core import _load_keyring_class
from keyring.errors import KeyringLocked
from PySide6.QtCore import QSettings

from agentdesk.desk import key_store
from agentdesk.desk.settings import Settings

HUB = "https://hub.northwind.example"


class RealStore(KeyringBackend):
    """A key store in memory."""

    priority = 5  # type: ignore[assignment]
    held: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


class OtherStore(RealStore):
    """One that the desktop prefers less."""

    priority = 4  # type: ignore[assignment]
    held: ClassVar[dict[tuple[str, str], str]] = {}


class LockedStore(RealStore):
    """One whose person does not unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked


class AbsentStore(RealStore):
    """One whose service does not run."""

    @properties.classproperty
    def priority(self) -> float:
        raise RuntimeError("nobody answers")


class PlainStore(RealStore):
    """A file that anybody can read."""

    held: ClassVar[dict[tuple[str, str], str]] = {}


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return what makes these stores all that the computer has of the list."""

    def use(*stores: type[RealStore]) -> None:
        names = tuple(f"{__name__}.{store.__name__}" for store in stores)
        monkeypatch.setattr(key_store, "REAL", {sys.platform: names})

    key_store.real.cache_clear()
    yield use
    key_store.real.cache_clear()
    for store in (RealStore, OtherStore, PlainStore):
        store.held.clear()


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
    use(RealStore)
    read = remember(file)
    assert (read.hub, read.username) == (HUB, "priya.nair")
    assert RealStore.held == {("Agent Desk", "hub"): HUB, ("Agent Desk", "username"): "priya.nair"}
    assert file.allKeys() == []


def test_any_other_store_is_left_alone_and_the_file_holds_the_names(
    use, file: QSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", PlainStore())
    use(AbsentStore)
    read = remember(file)
    assert (read.hub, read.username) == (HUB, "priya.nair")
    assert PlainStore.held == {}
    assert sorted(file.allKeys()) == ["hub", "username"]


def test_a_system_without_any_on_the_list_has_none(use, monkeypatch: pytest.MonkeyPatch) -> None:
    use()
    monkeypatch.setattr(key_store, "REAL", {})
    assert key_store.real() is None


def test_of_several_the_one_that_the_desktop_prefers_is_written(use, file: QSettings) -> None:
    use(OtherStore, AbsentStore, RealStore)
    assert remember(file).hub == HUB
    assert (OtherStore.held, len(RealStore.held)) == ({}, 2)


@pytest.mark.parametrize("name", key_store.REAL["linux"])
def test_each_on_the_list_is_there_to_be_asked(name: str) -> None:
    assert isinstance(_load_keyring_class(name), type)


@pytest.mark.allow_log("the key store was not (read|written)")
def test_a_store_that_stays_locked_keeps_nothing_and_stops_nobody(use, file: QSettings) -> None:
    use(LockedStore)
    read = remember(file)
    assert (read.hub, read.username) == ("", "")
    assert file.allKeys() == []


def test_nothing_is_written_that_did_not_change(use, file: QSettings) -> None:
    use(RealStore)
    again = remember(file)
    RealStore.held.clear()
    again.keep_names()
    assert RealStore.held == {}


def test_looks_that_cannot_be_read_are_as_never_kept(file: QSettings) -> None:
    file.setValue("theme", "sepia")
    file.setValue("text_size", "huge")
    read = Settings(file)
    assert (read.theme, read.text_size, read.geometry.isEmpty()) == ("system", 1.0, True)
    read.theme, read.text_size = "dark", 1.3
    assert (Settings(file).theme, Settings(file).text_size) == ("dark", 1.3)
