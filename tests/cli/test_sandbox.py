"""agentdesk sandbox as a process: says when it is ready, stops when told."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from tests.until import WITHIN_S


def test_it_says_it_is_ready_in_one_json_line_and_stops_on_sigterm() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "agentdesk", "sandbox", "--seed", "7"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        ready = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=WITHIN_S)
    assert ready["name"] == "sandbox"
    assert ready["pid"] == process.pid
    assert ready["url"].startswith("http://127.0.0.1:")
    assert (process.returncode, rest) == (0, ""), errors


def test_the_same_seed_gives_the_same_credentials() -> None:
    from agentdesk.sandbox.settings import Settings

    assert Settings(seed=7).auth_token == Settings(seed=7).auth_token != Settings(seed=8).auth_token


@pytest.mark.parametrize("option", ["--port", "--frame-port", "--smtp-port"])
def test_port_that_is_taken_is_said_in_one_sentence(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = subprocess.run(
            [sys.executable, "-m", "agentdesk", "sandbox", option, str(taken.getsockname()[1])],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1].startswith("The sandbox cannot listen")
    assert "Traceback" not in refused.stderr
