"""The demo's programs: started with the demo's settings only, and ended."""

from pathlib import Path

import httpx
import pytest

from agentdesk.cli.demo import programs


def test_a_program_gets_the_demos_settings_and_none_of_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENTDESK_DATABASE_URL", "postgresql://live")
    monkeypatch.setenv("agentdesk_vendors__stripe__secret_key", "live")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    seen = tmp_path / "seen.py"
    (tmp_path / "sitecustomize.py").write_text(
        "import os, pathlib\n"
        f"pathlib.Path({str(seen)!r}).write_text("
        "' '.join(n for n in os.environ if n.upper().startswith(('AGENTDESK_', 'CREDENTIALS_'))))"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    program = programs.start("sandbox", ["sandbox"], tmp_path / "log", {"AGENTDESK_BUSINESS": "Demo"})
    try:
        assert seen.read_text() == "AGENTDESK_BUSINESS"
    finally:
        program.stop()
    assert program.process.returncode is not None
    with pytest.raises(httpx.TransportError):
        httpx.get(program.url)
