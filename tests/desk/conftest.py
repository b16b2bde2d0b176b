"""What every desk test gets: the application dressed as the program dresses it, light and at 100 %."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from agentdesk.desk.theme import theme


def pytest_configure(config: pytest.Config) -> None:
    """Ignore what the offscreen platform says about each window it shows; any other warning fails."""
    config.addinivalue_line("qt_log_ignore", "This plugin does not support propagateSizeHints")


@pytest.fixture(scope="session")
def dressed_once(qapp: QApplication) -> QApplication:
    """Load fonts and connect to the system's settings, once."""
    theme.start(qapp, "light")
    theme.set_reduced_motion(True)
    return qapp


@pytest.fixture
def dressed(dressed_once: QApplication) -> Iterator[QApplication]:
    """Return the dressed application, and undo what the test changed of its looks."""
    yield dressed_once
    if theme.text_scale != 1.0:
        theme.set_text_scale(1.0)
    if theme.name != "light":
        theme.choose("light")
