"""Imports go one way: __main__, cli, desk or hub or sandbox, adapters, wire, domain."""

import subprocess
import sys
from pathlib import Path

from tests.rules.tree import ROOT


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run(
        [str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout
    assert " 0 broken" in answer.stdout
