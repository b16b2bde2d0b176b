"""What doctor looks at. Each check answers in words; a check that breaks is a finding, not a crash."""

import ctypes
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import agentdesk

if TYPE_CHECKING:
    from agentdesk.hub.settings import Settings

State = Literal["ok", "warning", "failed"]

ROOM_NEEDED_BYTES = 1_000_000_000
STARTS_WITHIN_S = 60

_XCB_LIBRARIES = ("libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1", "libxkbcommon-x11.so.0")
_OPEN_A_WINDOW = "from PySide6.QtWidgets import QApplication, QWidget; a = QApplication([]); QWidget().show()"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer: ok, a warning (it works, but) or failed (it does not)."""

    name: str
    state: State
    words: str

    def as_dict(self) -> dict[str, str]:
        """Return the finding for JSON."""
        return asdict(self)


def run(check: Callable[[], tuple[State, str]]) -> Finding:
    """Run one of ALL; an error of the check itself is a failed finding, told by its kind: its text may hold
    what is secret.
    """
    name = check.__name__.replace("_", " ")
    try:
        return Finding(name, *check())
    except Exception as error:
        return Finding(name, "failed", f"could not be checked: {type(error).__name__}")


def python() -> tuple[State, str]:
    """Python 3.11 to 3.13."""
    version = platform.python_version()
    if (3, 11) <= sys.version_info < (3, 14):
        return "ok", f"Python {version}"
    return "failed", f"Python {version}; needs 3.11, 3.12 or 3.13"


def qt() -> tuple[State, str]:
    """Qt opens a window, offscreen, in a process of its own: a missing library aborts the process."""
    opened = _python(_OPEN_A_WINDOW, env={"QT_QPA_PLATFORM": "offscreen"})
    if opened.returncode:
        return (
            "failed",
            f"Qt cannot open a window: {_last_line(opened.stderr)}. README.md lists the libraries.",
        )
    missing = [name for name in _XCB_LIBRARIES if not _loads(name)] if sys.platform == "linux" else []
    if missing:
        return "warning", f"without a display only: {', '.join(missing)} missing"
    return "ok", "opens windows"


def settings() -> tuple[State, str]:
    """The hub's settings can be read and are right."""
    from agentdesk.hub.settings import SettingsError, load

    try:
        loaded = load()
    except SettingsError as error:
        return "failed", str(error)
    return "ok", f"{len(loaded.sources)} set, the rest as they come; agentdesk hub --show-settings lists them"


def database() -> tuple[State, str]:
    """The team's PostgreSQL answers, or the embedded one starts."""
    address = _settings().database_url
    return _team_database(address.get_secret_value()) if address else _embedded_database()


def _settings() -> "Settings":
    """Return the hub's settings, or its defaults where they are wrong: `settings` says so."""
    from agentdesk.hub.settings import Settings, SettingsError, load

    try:
        return load().settings
    except SettingsError:
        return Settings()


def _team_database(address: str) -> tuple[State, str]:
    import psycopg

    try:
        with psycopg.connect(
            address.replace("postgresql+psycopg://", "postgresql://"), connect_timeout=5
        ) as it:
            return "ok", f"PostgreSQL {it.info.server_version // 10_000} answers at {it.info.host}"
    except psycopg.Error as error:
        return "failed", f"AGENTDESK_DATABASE_URL does not answer: {type(error).__name__}"


def _embedded_database() -> tuple[State, str]:
    import psycopg

    from agentdesk.hub.db import embedded

    with tempfile.TemporaryDirectory(prefix="agentdesk-") as folder:
        Path(folder).chmod(0o755)  # started by root, PostgreSQL runs as a user of its own
        server = embedded.start(Path(folder))
        with psycopg.connect(server.url()) as it:
            version = it.info.server_version
        server.release()
    return "ok", f"embedded PostgreSQL {version // 10_000}.{version % 10_000} starts"


def port() -> tuple[State, str]:
    """The hub's port is free; taken is normal while a hub runs."""
    told = _settings()
    try:
        with socket.create_server((told.host, told.port)):
            return "ok", f"{told.host}:{told.port} is free for the hub"
    except OSError as error:
        return "warning", f"{told.host}:{told.port} cannot be used by a new hub: {error.strerror}"


def key_store() -> tuple[State, str]:
    """There is a key store that encrypts what it holds."""
    from agentdesk.desk.key_store import real

    if store := real():
        return "ok", f"{store.name} keeps the hub's address and the user name; the password is never kept"
    words = "no key store that encrypts: a plain settings file keeps the hub's address and the user name"
    return "warning", f"{words}; the password is never kept"


def disk() -> tuple[State, str]:
    """There is room for the hub's data."""
    folder = _settings().data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    state: State = "ok" if free >= ROOM_NEEDED_BYTES else "failed"
    return state, f"{free / 1e9:.1f} GB free in {folder}; needs {ROOM_NEEDED_BYTES / 1e9:.0f} GB"


def clock() -> tuple[State, str]:
    """The clock is right; providers' signatures are refused when it is minutes off."""
    now = datetime.now(UTC)
    made = datetime.fromtimestamp(Path(agentdesk.__file__).stat().st_mtime, UTC)
    if now < made:
        return "failed", f"it says {now:%Y-%m-%d %H:%M} UTC, before this program was put here"
    if not shutil.which("timedatectl"):
        return "ok", f"it says {now:%Y-%m-%d %H:%M:%S} UTC; nothing here can tell whether it is synchronised"
    asked = subprocess.run(
        ["timedatectl", "show", "-p", "NTPSynchronized", "--value"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    if asked.stdout.strip() == "no":
        return "warning", f"it says {now:%Y-%m-%d %H:%M:%S} UTC and is not synchronised with a time server"
    return "ok", f"it says {now:%Y-%m-%d %H:%M:%S} UTC"


def _python(source: str, *args: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", source, *args],
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=STARTS_WITHIN_S,
        check=False,
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]


ALL: tuple[Callable[[], tuple[State, str]], ...] = (
    python,
    qt,
    settings,
    database,
    port,
    key_store,
    disk,
    clock,
)
