"""agentdesk call: what it refuses before a desk is asked."""

import json
import socket
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentdesk.cli.app import app
from agentdesk.desk import deep_link


@pytest.mark.parametrize(
    "given", [[], ["--queue", "Billing"], ["agentdesk://call"], ["agentdesk://call?number="]]
)
def test_a_call_without_number_and_ref_is_refused(given: list[str]) -> None:
    answer = CliRunner().invoke(app, ["call", *given])
    assert (answer.exit_code, "a call needs its number or its ref" in answer.output) == (2, True)


def test_of_a_card_number_the_running_desk_hears_only_the_fact(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        at = deep_link.card()
        at.parent.mkdir(parents=True)
        at.write_text(json.dumps({"port": server.getsockname()[1], "key": "k"}))
        heard: list[str] = []
        desk = threading.Thread(target=lambda: heard.append(_hear(server)))
        desk.start()
        answer = CliRunner().invoke(app, ["call", "--number", "4242 " * 4])
        desk.join(10)
    assert heard == ["k refused\n"]
    assert (answer.exit_code, "4242" in answer.output) == (2, False)
    assert "card number" in answer.output


def _hear(server: socket.socket) -> str:
    line, _ = server.accept()
    with line, line.makefile("rw", encoding="utf-8") as talk:
        words = talk.readline()
        talk.write("That looked like a card number.\n")
        return words
