"""agentdesk hub and agentdesk admin as processes: on an embedded database of their own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from agentdesk.sandbox.cards import CARDS
from tests.processes import start, stop
from tests.until import WITHIN_S

PROGRAM = [sys.executable, "-m", "agentdesk"]
SETTINGS = """
port = 0
business = "Northwind Energy"
data_dir = "{folder}/data"
[vendors.stripe]
base_url = "http://127.0.0.1:1"
secret_key = "sk_test_1"
[vendors.twilio]
base_url = "http://127.0.0.1:1"
account_sid = "AC00000000000000000000000000000000"
auth_token = "token"
[vendors.tryton]
base_url = "http://127.0.0.1:1"
database = "none"
key = "key"
user = "hub"
password = "word"
[vendors.cti]
secret = "secret"
"""


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a settings file whose data folder the database's own account can reach."""
    monkeypatch.delenv("AGENTDESK_DATABASE_URL", raising=False)
    with tempfile.TemporaryDirectory(prefix="agentdesk-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "hub.toml"
        file.write_text(SETTINGS.format(folder=folder))
        yield file


def _run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=os.environ | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_hub_starts_on_nothing_serves_and_stops(config: Path) -> None:
    hub = start([*PROGRAM, "hub", "--config", str(config)])
    try:
        assert hub.ready["name"] == "hub"
        assert hub.ready["public_url"] == hub.url
        assert httpx.get(f"{hub.url}/readyz", timeout=WITHIN_S).json()["ok"]
        made = _run("admin", "create-user", "ada", "--role", "admin", "--config", str(config), **_password())
        assert made.returncode == 0, made.stderr
        given = {"username": "ada", "password": _password()["AGENTDESK_PASSWORD"]}
        assert httpx.post(f"{hub.url}/v1/sessions", json=given, timeout=WITHIN_S).status_code == 201
    finally:
        code, said = stop(hub)
    assert code == 0, said
    assert not (config.parent / "data" / "postgresql-18" / "postmaster.pid").exists()


def test_accounts_and_the_audit_log_from_the_command_line(config: Path) -> None:
    def admin(*arguments: str) -> subprocess.CompletedProcess[str]:
        return _run("admin", *arguments, "--config", str(config), **_password())

    assert admin("create-user", "Priya", "--name", "Priya Shah").returncode == 0
    again = admin("create-user", "priya")
    assert (again.returncode, "is taken" in again.stderr) == (1, True)
    assert admin("set-password", "nobody").returncode == 1
    assert admin("set-password", "priya").returncode == 0
    too_long = _run(
        "admin", "set-password", "priya", "--config", str(config), AGENTDESK_PASSWORD="hunter2" * 30
    )
    assert (too_long.returncode, "longer than 200" in too_long.stderr) == (1, True)
    assert "Priya Shah" in admin("list").stdout
    assert "2 entries" in admin("audit-verify").stdout
    assert admin("reset", "--yes").returncode == 0
    assert admin("list").stdout.strip() == ""


def _password() -> dict[str, str]:
    return {"AGENTDESK_PASSWORD": "correct horse battery"}


def test_settings_are_shown_with_their_source_and_without_secrets(config: Path) -> None:
    shown = _run("hub", "--config", str(config), "--show-settings", AGENTDESK_CURRENCY="EUR")
    assert shown.returncode == 0, shown.stderr
    lines = {line.split()[0]: line for line in shown.stdout.splitlines()}
    assert lines["currency"].split()[1:] == ["EUR", "environment"]
    assert lines["vendors.stripe.secret_key"].split()[1] == "(hidden)"
    assert "sk_test_1" not in shown.stdout


def test_what_is_not_right_is_said_in_one_line(config: Path) -> None:
    config.write_text(
        SETTINGS.format(folder=config.parent).replace("sk_test_1", "").replace("secret_key", "no")
    )
    refused = _run("hub", "--config", str(config))
    assert refused.returncode == 1
    assert "vendors.stripe.secret_key: Field required" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_everything_missing_is_named_at_once_and_how_to_set_it(config: Path) -> None:
    config.write_text("port = 0\n")
    refused = _run("hub", "--config", str(config))
    assert refused.returncode == 1
    for name in (
        "vendors.twilio.account_sid",
        "vendors.stripe.secret_key",
        "vendors.tryton.key",
        "vendors.cti.secret",
    ):
        assert refused.stderr.count(f"{name}: ") == 1
    assert "AGENTDESK_VENDORS__TWILIO__ACCOUNT_SID" in refused.stderr
    assert "[vendors.twilio]" in refused.stderr


@pytest.mark.parametrize("command", [["hub"], ["hub", "--worker-only"], ["admin", "list"]])
@pytest.mark.parametrize(
    "url", ["postgresql://me:hunter2@127.0.0.1:1/none", "postgresql://me:hunter2@[x/none", "hunter2"]
)
def test_a_database_that_does_not_answer_is_one_sentence(config: Path, command: list[str], url: str) -> None:
    refused = _run(
        *command, "--config", str(config), AGENTDESK_DATABASE_URL=url, AGENTDESK_DATABASE_WAIT_S="1"
    )
    assert refused.returncode == 1
    assert "database" in refused.stderr
    assert "hunter2" not in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.splitlines()) <= 2


@pytest.mark.parametrize("command", [["hub"], ["hub", "--worker-only"]])
def test_embedded_database_that_cannot_start_is_said_without_a_traceback(
    config: Path, command: list[str]
) -> None:
    data = config.parent / "data" / "postgresql-18"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")  # a folder that only looks like a database
    refused = _run(*command, "--config", str(config))
    assert refused.returncode == 1
    assert "PostgreSQL does not start" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        (CARDS[0].number, "a long enough password", "card number"),
        ("  ", "a long enough password", "at least 1 character"),
        ("x" * 121, "a long enough password", "at most 120 characters"),
        ("Ada", "hunter2" * 30, "at most 200 characters"),
        ("Ada", "hunter2", "too short"),
    ],
)
def test_account_that_is_not_acceptable_is_refused_and_not_repeated(
    config: Path, name: str, password: str, words: str
) -> None:
    refused = _run(
        "admin", "create-user", name, "--config", str(config), AGENTDESK_PASSWORD=password, COLUMNS="200"
    )
    assert refused.returncode in (1, 2)
    assert words in refused.stderr
    assert "hunter2" not in refused.stderr and CARDS[0].number not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_messages_that_were_not_used_are_counted(config: Path) -> None:
    shown = _run("admin", "webhooks", "--config", str(config))
    assert (shown.returncode, shown.stdout.strip()) == (0, "Every message that came was used.")
