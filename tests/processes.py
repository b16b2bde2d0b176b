"""Starts our own programs as separate processes and ends them, for tests that need the real thing."""

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

READY_WITHIN_S = 60.0
STOPS_WITHIN_S = 60.0


@dataclass
class Running:
    """A process that has said it is ready; `ready` is its JSON line."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    errors: IO[str]

    @property
    def url(self) -> str:
        """Return where it serves."""
        return str(self.ready["url"])


def start(
    command: Sequence[str], *, within_s: float = READY_WITHIN_S, env: Mapping[str, str] | None = None
) -> Running:
    """Start a command, wait for its JSON ready line and return it running; `env` adds to ours."""
    errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 it lives as long as the process
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **(env or {})}
    )
    timer = threading.Timer(within_s, process.kill)
    timer.start()
    assert process.stdout
    line = process.stdout.readline()
    timer.cancel()
    if not line:
        process.wait()
        said = _all(errors)
        process.stdout.close()
        errors.close()
        raise RuntimeError(f"{' '.join(command)} was not ready within {within_s} s:\n{said}")
    return Running(process, json.loads(line), errors)


def stop(running: Running) -> tuple[int, str]:
    """End a process by SIGTERM; return its exit code and what it wrote to stderr."""
    running.process.terminate()
    try:
        running.process.communicate(timeout=STOPS_WITHIN_S)
    finally:
        running.process.kill()
        running.process.wait()
        said = _all(running.errors)
        running.errors.close()
    return running.process.returncode, said


def _all(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
