"""The window opens whole on a screen that is there, also where it was left on one that is gone."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QRect

LARGE, LAPTOP = (1920, 1080), (1366, 768)
WITHIN_S = 60


@dataclass
class Opened:
    """Where the desk opened."""

    window: QRect
    frame: QRect
    room: QRect

    @property
    def is_whole(self) -> bool:
        """Whether all of it is in sight, and its title in reach; the frame's edges may be hidden."""
        return self.room.contains(self.window) and self.frame.top() >= self.room.top()


def opened(folder: Path, *screens: tuple[int, int], to: tuple[int, int] | None = None) -> Opened:
    """Open the desk before screens side by side, and close it.

    `to`: it is moved there before it is closed.
    """
    config = folder / "screens.json"
    places = [sum(width for width, _height in screens[:i]) for i in range(len(screens))]
    described = [
        {"name": f"screen {x}", "x": x, "y": 0, "width": width, "height": height}
        | {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
        for x, (width, height) in zip(places, screens, strict=True)
    ]
    config.write_text(json.dumps({"screens": described}))
    asked = [sys.executable, "-m", "tests.desk.placed_desk", str(folder / "desk.ini"), *map(str, to or ())]
    env = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    done = subprocess.run(asked, env=env, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])  # above it is the log
    return Opened(**{name: QRect(*place) for name, place in told.items()})


@pytest.mark.parametrize("left", [LARGE, LAPTOP])
def test_a_place_on_a_screen_that_is_gone_is_left_for_one_that_is_there(
    tmp_path: Path, left: tuple[int, int]
) -> None:
    opened(tmp_path, left, LARGE, to=(left[0] + 200, 100))
    both = opened(tmp_path, left, LARGE)
    assert (both.room.left(), both.frame.left()) == (left[0], left[0] + 200), "kept while both are there"
    one = opened(tmp_path, left)
    assert one.room.size().toTuple() == left
    assert one.is_whole, one


@pytest.mark.parametrize("screen", [LARGE, LAPTOP])
def test_the_first_time_it_opens_whole(tmp_path: Path, screen: tuple[int, int]) -> None:
    assert opened(tmp_path, screen).is_whole
