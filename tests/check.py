"""The one command that judges a change: lint, format, types, layers, tests and the domain's coverage.

python -m tests.check [arguments for pytest]; with arguments only pytest runs, on what they name.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

#: Each is a check of its own and counts as one test.
STATIC = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "layers": ["lint-imports", "--no-cache"],
}
LEDGER = ["python", "-m", "tests.tryton_server"]
#: Half of the time tests wait for other processes. A file stays in one process with its fixtures, and
#: files keep their order: the long ones have few tests and would else come last, one process idle.
TWO_AT_ONCE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
COVERED = ["--cov=agentdesk", "--cov-branch", "--cov-report="]
GATE = ["coverage", "report", "--include=src/agentdesk/domain/*", "--fail-under=100", "--show-missing"]
REST = ["coverage", "report", "--omit=src/agentdesk/domain/*", "--skip-covered", "--skip-empty"]


def main(args: list[str]) -> int:
    """Run everything even after a failure; return 0 only when nothing failed."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="agentdesk-") as folder:
        os.environ["COVERAGE_FILE"] = f"{folder}/coverage"
        passed, failed, skipped = _part(args, Path(folder)) if args else _whole(Path(folder))
    print(f"\nall of it: {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


def _whole(folder: Path) -> tuple[int, int, int]:
    good = [_step(name, command) for name, command in STATIC.items()]
    _step("the ledger that tests start from", LEDGER)  # once, before two processes would make it at once
    passed, failed, skipped = _pytest([*TWO_AT_ONCE, *COVERED], folder)
    good.append(_step("coverage of the domain: 100 % by branch", GATE))
    _step("coverage of the rest (no gate)", REST)
    return passed + sum(good), failed + len(good) - sum(good), skipped


def _part(args: list[str], folder: Path) -> tuple[int, int, int]:
    print("a part of the suite: pytest only")
    return _pytest(args, folder)


def _pytest(args: list[str], folder: Path) -> tuple[int, int, int]:
    report = folder / "tests.xml"
    good = _step(
        "tests", ["pytest", "-q", "--durations=8", "--durations-min=3", f"--junitxml={report}", *args]
    )
    passed, failed, skipped = _counts(report) if report.exists() else (0, 0, 0)
    if not good and not failed:
        failed = 1  # pytest itself failed: nothing collected, a wrong argument, an aborted interpreter
    return passed, failed, skipped


def _counts(report: Path) -> tuple[int, int, int]:
    """Return passed, failed and skipped; a test that fails again in its clean-up is one failure."""
    passed = failed = skipped = 0
    for case in ET.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        failed += bool(kinds & {"failure", "error"})
        skipped += kinds & {"failure", "error", "skipped"} == {"skipped"}
        passed += not kinds & {"failure", "error", "skipped"}
    return passed, failed, skipped


def _step(name: str, command: list[str]) -> bool:
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    print(
        f"== {name}: {'good' if done.returncode == 0 else 'FAILED'}, {time.monotonic() - began:.1f} s",
        flush=True,
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
