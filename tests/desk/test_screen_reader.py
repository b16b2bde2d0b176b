"""A real screen reader's client on the real window: what AT-SPI tells it, under a display of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.processes import start, stop

READER = Path(__file__).with_name("reader.py")
SYSTEM_PYTHON = "/usr/bin/python3"
#: `./run test` gets them where they are missing.
NEEDED = "xvfb dbus at-spi2-core gir1.2-atspi-2.0 python3-gi"
CLIENT = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
DISPLAY = ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"]
BUS = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
READS_WITHIN_S = 120


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the reader was told on its way from signing in to a call."""
    if not has_what_it_needs():
        pytest.skip(f"needs the system packages {NEEDED}")
    folder = tmp_path_factory.mktemp("reader")
    spoken = {
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "XDG_RUNTIME_DIR": str(folder),
    }
    with running(DISPLAY, spoken) as number, running(BUS, spoken | {"DISPLAY": f":{number}"}) as address:
        env = spoken | {"DISPLAY": f":{number}", "DBUS_SESSION_BUS_ADDRESS": address}
        desk = start([sys.executable, "-m", "tests.desk.heard_desk", str(folder)], env=env)
        try:
            return read(env)
        finally:
            stop(desk)


def test_the_sign_in_is_told_by_name_and_role(told: dict[str, Any]) -> None:
    screen = parts(told, "sign in")
    assert ("frame", "Agent Desk") in screen
    fields = [("text", "User name"), ("password text", "Password"), ("push button", "Sign in")]
    assert [part for part in screen if part in fields] == fields
    assert ("panel", "Call recorder: Ready") in screen


def test_the_call_is_told_by_name_and_role(told: dict[str, Any]) -> None:
    screen = parts(told, "call")
    regions = [("heading", "Customer"), ("heading", "Payment"), ("heading", "Call and script")]
    assert [part for part in screen if part in regions] == regions
    assert ("push button", "Take £123.36") in screen
    assert ("label", "Recorder: ready") in screen
    assert [name for role, name in screen if role == "filler"] == []


def test_what_is_off_says_why(told: dict[str, Any]) -> None:
    buttons = [part for part in told["screens"]["call"] if part["role"] == "push button" and part["off"]]
    assert [part["name"] for part in buttons if not part["description"]] == []


def test_the_focus_is_told_as_it_moves(told: dict[str, Any]) -> None:
    moves = [(one["role"], one["name"]) for one in told["heard"] if one["kind"] == "focus"]
    assert {("password text", "Password"), ("text", "User name")} <= set(moves)
    assert ("push button", "Answer") in moves  # the desk itself puts the keyboard there


def test_the_customer_of_the_call_is_announced(told: dict[str, Any]) -> None:
    lines = [one["text"] for one in told["heard"] if one["kind"] == "announcement"]
    assert any(line.startswith("Customer Amara Okafor") for line in lines)


def parts(told: dict[str, Any], screen: str) -> list[tuple[str, str]]:
    return [(part["role"], part["name"]) for part in told["screens"][screen]]


def has_what_it_needs() -> bool:
    programs = all(shutil.which(one) for one in (DISPLAY[0], BUS[0], SYSTEM_PYTHON))
    asked = [SYSTEM_PYTHON, "-c", CLIENT]
    return programs and subprocess.run(asked, check=False, capture_output=True).returncode == 0


def read(env: Mapping[str, str]) -> dict[str, Any]:
    command = [SYSTEM_PYTHON, "-W", "ignore", str(READER)]
    everything = {**os.environ, **env}
    done = subprocess.run(
        command, check=False, env=everything, capture_output=True, text=True, timeout=READS_WITHIN_S
    )
    told: dict[str, Any] = json.loads(done.stdout)
    assert "call" in told["screens"], f"{done.stderr}\n{told['heard']}"
    return told


@contextmanager
def running(command: list[str], env: Mapping[str, str]) -> Iterator[str]:
    """Run a command that says in one line where it is, until the block ends."""
    process = subprocess.Popen(
        command, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
