"""agentdesk desk as a process: says when its window is there, saves pictures, stops when told."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.until import WITHIN_S, until


def test_it_says_it_is_ready_takes_a_picture_and_stops_on_sigterm(tmp_path: Path) -> None:
    places = {name: str(tmp_path) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    command = ["-m", "agentdesk", "desk", "--hub", "http://127.0.0.1:9", "--screenshot-dir", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | places | {"QT_QPA_PLATFORM": "offscreen"},
    ) as process:
        ready = json.loads(process.stdout.readline())
        try:
            until((tmp_path / "001.png").exists)
        finally:
            process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=WITHIN_S)
    assert (ready["name"], ready["pid"]) == ("desk", process.pid)
    assert (tmp_path / "001.png").stat().st_size > 0
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("hub", ["http://hub.example", "hub.example"])
def test_an_address_in_the_clear_is_refused(hub: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agentdesk", "desk", "--hub", hub],
        capture_output=True,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )
    assert done.returncode == 2
    assert "https://" in done.stderr
