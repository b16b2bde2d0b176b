"""The watch over the Qt loop: what it counts, and that nothing that warns gets past it."""

import logging
import time
import warnings

import pytest
from bench.loop_watch import LoopWatch, Spread, Warned
from PySide6.QtCore import QTimer, qInstallMessageHandler, qWarning
from pytestqt.qtbot import QtBot


def test_a_spread_keeps_its_percentiles_in_tenths() -> None:
    spread = Spread()
    for ms in range(1, 101):
        spread.add(ms / 2)
    assert (spread.count, spread.at(0.5), spread.at(1.0), spread.over(49)) == (100, 25.0, 50.0, 2)
    assert Spread().at(0.999) == 0.0


def _hold_the_loop() -> None:
    until = time.thread_time() + 0.05
    while time.thread_time() < until:
        pass


def test_a_stall_is_seen_with_what_was_done(qtbot: QtBot) -> None:
    watch = LoopWatch()
    watch.start()
    watch.begin("busy")
    QTimer.singleShot(0, _hold_the_loop)
    qtbot.waitUntil(lambda: watch.late.at(1.0) > 0 and watch.late.count > 3)
    watch.stop()
    assert watch.late.at(1.0) >= 45
    assert watch.steps["busy"].at(1.0) >= 45


@pytest.mark.allow_log("logged|python's|qt's")
def test_whatever_warns_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.excepthook", None)  # both hooks are put back by this
    monkeypatch.setattr("sys.unraisablehook", None)
    heard = Warned()
    with warnings.catch_warnings():
        try:
            before = heard.install()
            logging.getLogger("some").warning("logged")
            warnings.warn("python's", stacklevel=1)
            qWarning("qt's")
            qWarning("This plugin does not support propagateSizeHints()")
        finally:
            logging.captureWarnings(False)
            logging.getLogger().removeHandler(heard)
            qInstallMessageHandler(before)
    assert [line.partition(":")[0] for line in heard.said] == ["some", "py.warnings", "qt"]
