"""agentdesk doctor: each check says what is wrong in words, and what is right."""

import json
import os
import socket
import sys
import time
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from typer.testing import CliRunner

import agentdesk
from agentdesk.cli import checks
from agentdesk.cli.app import app
from agentdesk.desk import key_store


class KeyStore(KeyringBackend):
    """One that encrypts."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch):
    """Return what makes these all the key stores that count."""
    key_store.real.cache_clear()
    yield lambda *names: monkeypatch.setattr(key_store, "REAL", {sys.platform: names})
    key_store.real.cache_clear()


def test_this_machine_can_run_the_program() -> None:
    answer = CliRunner().invoke(app, ["doctor", "--json"])
    findings = {one["name"]: one for one in json.loads(answer.output)}
    assert [one for one in findings.values() if one["state"] == "failed"] == []
    assert answer.exit_code == 0
    assert "PostgreSQL 18" in findings["database"]["words"] or "AGENTDESK_DATABASE_URL" in os.environ


def test_a_failed_check_fails_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def disk() -> tuple[str, str]:
        return "failed", "full"

    monkeypatch.setattr(checks, "ALL", (checks.python, disk))
    answer = CliRunner().invoke(app, ["doctor"])
    assert answer.exit_code == 1
    assert "ok  python" in answer.output
    assert "failed  disk       full" in answer.output


def test_a_check_that_breaks_is_a_finding() -> None:
    def clock() -> tuple[str, str]:
        raise OSError("no clock")

    found = checks.run(clock)
    assert (found.state, found.words) == ("failed", "could not be checked: OSError")


def test_a_database_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_DATABASE_URL", "postgresql+psycopg://me:hidden@127.0.0.1:1/none")
    state, words = checks.database()
    assert state == "failed"
    assert words.startswith("AGENTDESK_DATABASE_URL does not answer")
    assert "hidden" not in words


@pytest.mark.parametrize("url", ["hidden", "postgresql://me:hidden@h:p/db", "mysql://hidden"])
def test_a_malformed_database_address_is_never_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AGENTDESK_DATABASE_URL", url)
    found = checks.run(checks.settings)
    assert (found.state, "database_url: use postgresql://" in found.words) == ("failed", True)
    assert not any("hidden" in checks.run(check).words for check in (checks.settings, checks.database))
    assert "hidden" not in checks._team_database(url)[1]


def test_a_hub_for_others_needs_its_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_HOST", "0.0.0.0")
    state, words = checks.settings()
    assert (state, "public_url is needed" in words) == ("failed", True)


def test_wrong_settings_are_named_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_CURRENCY", "pounds")
    state, words = checks.settings()
    assert state == "failed"
    assert "currency" in words
    assert "pounds" not in words
    assert checks.disk()[0] == "ok"


def test_a_taken_port_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hub:
        monkeypatch.setenv("AGENTDESK_PORT", str(hub.getsockname()[1]))
        assert checks.port()[0] == "warning"
    assert checks.port()[0] == "ok"


def test_qt_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_OPEN_A_WINDOW", "raise ImportError('libGL.so.1: cannot open')")
    assert checks.qt() == (
        "failed",
        "Qt cannot open a window: ImportError: libGL.so.1: cannot open. README.md lists the libraries.",
    )


def test_a_missing_display_library_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_XCB_LIBRARIES", ("libnothing-of-the-kind.so.0",))
    state, words = checks.qt()
    assert (state, "libnothing-of-the-kind.so.0" in words) == ("warning", True)


def test_without_a_key_store_of_the_list_it_is_unsafe(listed) -> None:
    listed()
    state, words = checks.key_store()
    assert (state, "plain settings file" in words) == ("warning", True)


def test_a_key_store_on_the_list_is_safe(listed) -> None:
    listed(f"{__name__}.KeyStore")
    state, words = checks.key_store()
    assert (state, words.partition(" keeps")[0]) == ("ok", "test_doctor")


def test_a_full_disk_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ROOM_NEEDED_BYTES", 10**18)
    assert checks.disk()[0] == "failed"


def test_a_clock_before_the_program_was_installed_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from_tomorrow = tmp_path / "made"
    from_tomorrow.touch()
    tomorrow = time.time() + 86_400
    os.utime(from_tomorrow, (tomorrow, tomorrow))
    monkeypatch.setattr(agentdesk, "__file__", str(from_tomorrow))
    assert checks.clock()[0] == "failed"
