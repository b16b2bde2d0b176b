"""python -m bench.desk: a shift at the real window offscreen, and the desk against a bare window."""

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from bench.figures import Figure, main, percentile

HOW = """\
The shift: the real window over a hub in memory, driven by real key events: ring, Enter, F4, F8, 23 keys of
the caller, F10, the outcome, three write-backs, the account read again, Ctrl Enter, the next call. Of ten
payments one is declined first, two are unknown first, one stays unknown and the caller hangs up, one has
another invoice chosen. --pace-ms passes between two steps, far less than a person takes; each call belongs to
another customer than the one before. Memory is the resident set after a collection. The lateness is that of
a timer of 2 ms, over all its ticks after the first payments; its twin, the processor time between two ticks,
is not made longer by waiting for other programs on the machine; what each step costs is told in it.
Warnings: what is logged at WARNING or above, Qt's own, Python's, and what nobody caught; not what the
offscreen platform says of itself.
The desk: from the start of the process to the first painted window, in turns with a window that is only
PySide6's; the median of each. The desk shows its sign-in, at a hub that does not answer.
Its packages alone: the bare window, and httpx, pydantic, structlog, keyring, qasync and asyncio imported."""
_FRAME_MS = 16
_SHOWN = 8


async def measure(options: argparse.Namespace, folder: Path) -> list[Figure]:
    """Let a shift be played, then open windows in turns."""
    facts = await _child(
        folder, "bench.shift", "--payments", str(options.payments), "--first", str(options.first),
        "--pace-ms", str(options.pace_ms),
    )  # fmt: skip
    for line in facts["warned"]:
        print(f"warned: {line}", file=sys.stderr)
    opened = await _open(options.openings, folder)
    return [*_shift(facts, options.first), *_openings(opened), *_slowest(facts)]


async def _open(times: int, folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Return seconds to the first picture and memory of each kind of window."""
    opened: dict[str, list[tuple[float, float]]] = {"desk": [], "packages": [], "bare": []}
    for turn in range(-1, times):  # the first of each finds the disk cold
        for kind, seen_so_far in opened.items():
            began = time.monotonic()
            seen = await _child(folder, "bench.opened", kind)
            if turn >= 0:
                seen_so_far.append((seen["at"] - began, seen["mb"]))
    return opened


async def _child(folder: Path, module: str, *arguments: str) -> dict[str, Any]:
    """Run a module; return the last line it printed. Raises RuntimeError where it failed."""
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE, env=os.environ | home
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{module} ended with {process.returncode}")
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told


def _shift(facts: dict[str, Any], first: int) -> list[Figure]:
    late, busy, (early, end) = facts["late_ms"], facts["busy_ms"], facts["memory_mb"]
    return [
        Figure(f"memory at the end / after {first} payments", end / early, "", 1.1),
        Figure("memory at the end", end, "MB"),
        Figure("lateness of the loop, p99.9", late["0.999"], "ms", _FRAME_MS),
        Figure("lateness of the loop, p50", late["0.5"], "ms"),
        Figure("lateness of the loop, p99", late["0.99"], "ms"),
        Figure("lateness of the loop, longest", late["1.0"], "ms"),
        Figure("processor time between two ticks, p99", busy["0.99"], "ms"),
        Figure("processor time between two ticks, p99.9", busy["0.999"], "ms"),
        Figure(f"share of ticks over {_FRAME_MS} ms", facts["over"] / facts["ticks"]),
        Figure("keys pressed", facts["keys"]),
        Figure("warnings", len(facts["warned"]), "", 0),
    ]


def _openings(opened: dict[str, list[tuple[float, float]]]) -> list[Figure]:
    start = {kind: percentile([s for s, _ in seen], 0.5) for kind, seen in opened.items()}
    memory = {kind: percentile([mb for _, mb in seen], 0.5) for kind, seen in opened.items()}
    return [
        Figure("start of the desk / bare window", start["desk"] / start["bare"], "", 1.5),
        Figure("memory of the desk / bare window", memory["desk"] / memory["bare"], "", 1.5),
        Figure("start of its packages alone / bare window", start["packages"] / start["bare"]),
        Figure("memory of its packages alone / bare window", memory["packages"] / memory["bare"]),
        *(Figure(f"start, {kind}", value * 1000, "ms") for kind, value in start.items()),
        *(Figure(f"memory, {kind}", value, "MB") for kind, value in memory.items()),
    ]


def _slowest(facts: dict[str, Any]) -> list[Figure]:
    steps = sorted(facts["steps"].items(), key=lambda one: -one[1]["median"])
    return [
        Figure(f"longest processor time after: {name}, median of {step['count']}", step["median"], "ms")
        for name, step in steps[:_SHOWN]
    ]


def arguments() -> argparse.ArgumentParser:
    """Return what can be chosen."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--payments", type=int, default=200, help="calls with a payment")
    parser.add_argument("--first", type=int, default=20, help="after so many the memory is first looked at")
    parser.add_argument("--pace-ms", type=float, default=10, help="between two steps")
    parser.add_argument("--openings", type=int, default=7, help="windows of each kind")
    return parser


if __name__ == "__main__":
    main("A shift at the desk, and the desk / a bare window", HOW, arguments(), measure)
