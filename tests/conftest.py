"""What every test gets: asyncio for async tests, and failure on an unexpected log line or a leaked window."""

import gc
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from agentdesk import log
from tests.tryton_server import ensure_template, tryton_server
from tests.until import WITHIN_S

__all__ = ["tryton_server"]

WAITS_MS = int(WITHIN_S * 1000)


def pytest_configure(config: pytest.Config) -> None:
    """Register our marks, and send structlog where the tests see it: to the standard library."""
    log.setup(json=False, stream=Path(os.devnull).open("w"))  # noqa: SIM115 open as long as the process
    config.addinivalue_line(
        "markers", "allow_log(pattern): warnings that match this regular expression do not fail the test"
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Prepare what takes longer than a test may."""
    ensure_template(session.items)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop the product uses."""
    return "asyncio"


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def logfail(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test when something warned or worse was logged that no `allow_log` mark expects."""
    collector = _Collector()
    logging.getLogger().addHandler(collector)
    yield
    logging.getLogger().removeHandler(collector)
    allowed = [mark.args[0] for mark in request.node.iter_markers("allow_log")]
    unexpected = [line for line in collector.lines if not any(re.search(one, line) for one in allowed)]
    assert not unexpected, "unexpected log lines:\n" + "\n".join(unexpected)


def _top_level_widgets() -> set[object]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    app = widgets and widgets.QApplication.instance()
    return set(app.topLevelWidgets()) if app else set()


def _delete_what_was_asked_for() -> None:
    core = sys.modules.get("PySide6.QtCore")
    if core and core.QCoreApplication.instance():
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture(autouse=True)
def no_leaked_widgets() -> Iterator[None]:
    """Fail the test when a window it made is still there afterwards."""
    before = _top_level_widgets()
    yield
    if _top_level_widgets() - before:
        _delete_what_was_asked_for()
        leaked = _top_level_widgets() - before
        assert not leaked, f"windows left behind: {[type(one).__name__ for one in leaked]}"


class PatientBot(QtBot):
    """Waits as long as every test does: five seconds, pytest-qt's own, are short on a busy machine."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = WAITS_MS) -> None:
        """Wait until a condition holds; fail at the deadline."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = WAITS_MS, **more: Any) -> Any:
        """Wait, as the block ends, until a signal was emitted; fail at the deadline."""
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitExposed(self, widget: QWidget, *, timeout: int = WAITS_MS) -> Any:
        """Wait, as the block ends, until a window shows; fail at the deadline."""
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Return pytest-qt's robot, with more patience."""
    return PatientBot(request)
