"""agentdesk call: says the desk's words and exits with 1 where the call does not show."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
import pytest
from typer.testing import CliRunner

from agentdesk.cli.app import app

Answers = Callable[[str], list[str]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """Return a function that answers as a desk would; it returns the links that come."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    heard: list[str] = []
    words: list[str] = []

    class Desk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            heard.append(self.rfile.readline().decode().strip())
            self.wfile.write(f"{words[0]}\n".encode())

    with socketserver.TCPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        where = platformdirs.user_data_path("agentdesk", ensure_exists=True) / "desk.json"
        where.write_text(json.dumps({"port": server.server_address[1], "key": "k"}))

        def answer(text: str) -> list[str]:
            words.append(text)
            return heard

        yield answer
        server.shutdown()
        thread.join()


def test_a_call_that_shows_is_success(desk: Answers) -> None:
    heard = desk("ok")
    assert CliRunner().invoke(app, ["call", "--number", "+442079460958", "--ref", "CA1"]).exit_code == 0
    assert heard == ["k agentdesk://call?number=%2B442079460958&ref=CA1"]


def test_the_hubs_words_are_said(desk: Answers) -> None:
    words = "0044 is not a telephone number. No payment was touched. Check it."
    desk(words)
    done = CliRunner().invoke(app, ["call", "--number", "0044"])
    assert (done.exit_code, done.stderr.strip()) == (1, words)


def test_without_a_desk_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    done = CliRunner().invoke(app, ["call", "--number", "+442079460958"])
    assert done.exit_code == 1
    assert "agentdesk desk" in done.stderr
