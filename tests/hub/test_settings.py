"""Where settings come from, which source wins, and that no secret is shown."""

from pathlib import Path

import pytest

from agentdesk.hub.settings import HIDDEN, SettingsError, load

FILE = """
business = "From file"
port = 1000
[vendors.stripe]
base_url = "http://127.0.0.1:1"
secret_key = "sk_test_file"
[queues.billing]
paid = "Paid"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a settings file; the environment holds nothing of ours."""
    for name in ("CONFIG", "DATABASE_URL", "SECRETS_DIR", "BUSINESS", "PORT"):
        monkeypatch.delenv(f"AGENTDESK_{name}", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = tmp_path / "hub.toml"
    path.write_text(FILE)
    return path


def _shown(file: Path, **given: object) -> dict[str, tuple[str, str]]:
    return {name: (value, source) for name, value, source in load(file, **given).lines()}


def test_the_strongest_source_wins_and_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = file.parent / "secrets"
    secrets.mkdir()
    (secrets / "agentdesk_vendors__stripe__secret_key").write_text("sk_test_secret_file\n")
    (secrets / "agentdesk_business").write_text("From a secret file")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secrets))
    monkeypatch.setenv("AGENTDESK_BUSINESS", "From the environment")
    monkeypatch.setenv("AGENTDESK_PORT", "2000")
    shown = _shown(file, port=3000)
    assert shown["port"] == ("3000", "command line")
    assert shown["business"] == ("From the environment", "environment")
    assert shown["vendors.stripe.secret_key"] == (HIDDEN, "secret files")
    assert shown["vendors.stripe.base_url"] == ("http://127.0.0.1:1", str(file))
    assert shown["currency"] == ("GBP", "default")
    stripe = load(file).settings.vendors["stripe"]
    assert stripe == {"base_url": "http://127.0.0.1:1", "secret_key": "sk_test_secret_file"}


def test_no_secret_is_shown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_DATABASE_URL", "postgresql://hub:hunter2@db/hub")
    monkeypatch.setenv("AGENTDESK_VENDORS__STRIPE__WEBHOOK_SECRETS", '["whsec_hunter2"]')
    monkeypatch.setenv("AGENTDESK_VENDORS__NOBODY__COLOUR", "hunter2")  # no adapter: nobody knows what it is
    monkeypatch.setenv("AGENTDESK_MAIL__HOST", "mail")
    monkeypatch.setenv("AGENTDESK_MAIL__SENDER", "a@example.com")
    monkeypatch.setenv("AGENTDESK_MAIL__PASSWORD", "hunter2")
    shown = _shown(file)
    assert not any("hunter2" in value or "sk_test" in value for value, _ in shown.values())
    assert shown["database_url"] == (HIDDEN, "environment")
    assert shown["vendors.stripe.webhook_secrets"] == (HIDDEN, "environment")
    assert shown["vendors.nobody.colour"][0] == HIDDEN
    assert shown["mail.password"] == (HIDDEN, "environment")


def test_a_list_in_the_environment_is_json(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_VENDORS__STRIPE__WEBHOOK_SECRETS", '["whsec_1", "whsec_2"]')
    assert load(file).settings.vendors["stripe"]["webhook_secrets"] == ["whsec_1", "whsec_2"]


def test_the_file_can_be_named_by_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTDESK_CONFIG", str(file))
    assert load().settings.business == "From file"


def test_the_public_address_is_the_one_listened_on_unless_said(file: Path) -> None:
    assert load(file).settings.public_url == "http://127.0.0.1:1000"
    assert load(file, host="::1").settings.public_url == "http://[::1]:1000"
    assert load(file, public_url="https://pay.example.com/").settings.public_url == "https://pay.example.com"


def test_a_queue_without_reasons_of_its_own_has_everybodys(file: Path) -> None:
    settings = load(file).settings
    assert settings.dispositions_of("billing") == {"paid": "Paid"}
    assert settings.dispositions_of("other") == settings.dispositions_of(None) == settings.dispositions


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", "hunter2"), ("currency", "hunter2"), ("time_zone", "hunter2"), ("region", "hunter2")],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"AGENTDESK_{name.upper()}", value)
    with pytest.raises(SettingsError, match=name) as caught:
        load(file)
    assert value not in str(caught.value)


@pytest.mark.parametrize("text", ["colour = 'red'", "colour = ", "[vendors.stripe\n"])
def test_an_unknown_name_or_broken_file_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError):
        load(file)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not there"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize("url", ["", "hunter2", "sqlite:///hunter2", "postgresql://hunter2:x@h:port/d"])
def test_a_database_that_is_no_postgresql_is_refused_unseen(file: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="database_url: use postgresql://") as caught:
        load(file, database_url=url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.7", "hub.example.com", "::"])
def test_a_hub_for_others_needs_its_public_address(file: Path, host: str) -> None:
    with pytest.raises(SettingsError, match="public_url is needed"):
        load(file, host=host)
    assert load(file, host=host, public_url="https://pay.example.com").settings.host == host


@pytest.mark.parametrize("content", [b"colour = ", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"hub\.toml\) cannot be read; check the syntax"):
        load(file)
    file.unlink()
    file.mkdir()
    with pytest.raises(SettingsError, match=r"hub\.toml\) cannot be read"):
        load(file)


def test_what_is_shown_can_be_read(file: Path) -> None:
    shown = _shown(file)
    assert shown["routes"] == ("keypad (Card by keypad)", "default")
    assert shown["mail"] == shown["database_url"] == ("(none)", "default")
