"""Start our own programs for the demo, and end exactly those."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_WITHIN_S = 90.0
STOPS_WITHIN_S = 15.0


class NotReady(Exception):
    """A program ended or stayed silent; the message ends with what it printed last."""


@dataclass(frozen=True, slots=True)
class Program:
    """A running program of ours; `ready` is the JSON line it printed."""

    name: str
    process: "subprocess.Popen[str]"
    ready: Mapping[str, Any]

    @property
    def url(self) -> str:
        """Where it serves."""
        return str(self.ready["url"])

    def stop(self) -> None:
        """End it and wait."""
        self.process.terminate()
        try:
            self.process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def start(name: str, arguments: list[str], log: Path, environment: Mapping[str, str]) -> Program:
    """Run `agentdesk <arguments>`, its log going to a file, and wait for its ready line.

    Of our settings it gets those given here only, never the user's own. Raises NotReady.
    """
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "agentdesk", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**_without_settings(os.environ), **environment},
        )
    giving_up = threading.Timer(READY_WITHIN_S, process.kill)
    giving_up.start()
    assert process.stdout
    line = process.stdout.readline()
    giving_up.cancel()
    if not line:
        process.wait()
        raise NotReady(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")
    return Program(name, process, json.loads(line))


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    ours = ("AGENTDESK_", "CREDENTIALS_DIRECTORY")
    return {name: value for name, value in environment.items() if not name.upper().startswith(ours)}
