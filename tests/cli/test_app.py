"""The program as a whole: help is complete, honest and quick to load."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

import agentdesk
from agentdesk.cli.app import app

HEAVY = ("PySide6", "fastapi", "sqlalchemy", "procrastinate", "httpx", "keyring", "pydantic")


def test_help_lists_every_command() -> None:
    answer = CliRunner().invoke(app, ["--help"])
    assert answer.exit_code == 0
    commands = ("demo", "hub", "desk", "call", "sandbox", "admin", "doctor")
    assert all(command in answer.output for command in commands)


def test_every_command_has_help() -> None:
    for command in app.registered_commands:
        answer = CliRunner().invoke(app, [str(command.name), "--help"])
        assert answer.exit_code == 0
        assert str(command.callback.__doc__).strip().splitlines()[0] in " ".join(answer.output.split())


def test_version_is_the_packages() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.strip() == agentdesk.__version__


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(app, ["pay"]).exit_code == 2


@pytest.mark.parametrize("module", HEAVY)
def test_loading_the_command_line_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, agentdesk.cli.app; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
