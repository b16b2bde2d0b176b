"""The demo's Tryton: clean copies of the template, several servers at once, and words when it fails."""

import json
from pathlib import Path

import phonenumbers
import pytest

from agentdesk.cli.demo import tryton
from agentdesk.cli.demo.tryton import TrytonFailed, TrytonServer
from tests.tryton_server import running_tryton


def nobody(_stage: str, _done: int, _total: int) -> None:
    """Take progress for nobody."""


def test_two_servers_run_at_once_on_databases_of_their_own(
    tryton_server: TrytonServer, tmp_path: Path
) -> None:
    with running_tryton(tmp_path) as other:
        assert other.url != tryton_server.url
        assert other.data_dir != tryton_server.data_dir
        assert other.process.poll() is None
        assert tryton_server.process.poll() is None
    assert other.process.poll() is not None


def test_a_reset_leaves_nothing_of_the_old_database(tryton_server: TrytonServer, tmp_path: Path) -> None:
    tryton.reset(nobody, tmp_path)
    clean = (tmp_path / "tryton.sqlite").read_bytes()
    (tmp_path / "tryton.sqlite").write_bytes(b"changed")
    (tmp_path / "tryton.sqlite-wal").write_bytes(b"would be replayed")
    tryton.reset(nobody, tmp_path)
    assert (tmp_path / "tryton.sqlite").read_bytes() == clean
    assert not (tmp_path / "tryton.sqlite-wal").exists()


def test_a_database_is_kept_between_runs(tryton_server: TrytonServer, tmp_path: Path) -> None:
    tryton.ensure_database(nobody, tmp_path)
    (tmp_path / "people.json").write_text("[]")
    tryton.ensure_database(nobody, tmp_path)
    assert tryton.callers(tmp_path) == []


def test_what_opens_the_database_is_for_its_owner_only(tryton_server: TrytonServer) -> None:
    access = tryton_server.data_dir / "access.json"
    assert access.stat().st_mode & 0o077 == 0
    assert json.loads(access.read_text())["key"] == tryton_server.key


def test_the_callers_have_accounts_and_valid_numbers(tryton_server: TrytonServer) -> None:
    people = tryton.callers(tryton_server.data_dir)
    assert len(people) == 200
    assert len({person["code"] for person in people}) == 200
    numbers = [phonenumbers.parse(person["phone"]) for person in people if person["phone"]]
    assert all(phonenumbers.is_valid_number(number) for number in numbers)
    amara = next(person for person in people if person["code"] == "NE 204 118")
    assert (amara["name"], amara["phone"]) == ("Amara Okafor", "+442079460958")


def test_a_server_that_does_not_start_says_why(tryton_server: TrytonServer, tmp_path: Path) -> None:
    tryton.reset(nobody, tmp_path)
    (tmp_path / "tryton.sqlite").unlink()
    with pytest.raises(TrytonFailed, match="does not answer"):
        tryton.start(0, tmp_path)


def test_the_home_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGENTDESK_TRYTON_HOME", str(tmp_path))
    assert tryton.default_data_dir() == tmp_path / "demo"
