"""PySide6 keeps its hands off the reference counts of None, True and False.

PySide6 6.12.0 on CPython 3.11 loses one reference to None on every call that returns nothing and one to True
on every signal without arguments, and the interpreter aborts after some thousand calls. Hence the bound in
pyproject.toml.
"""

import json
import os
import subprocess
import sys

CALLS = 2_000

MEASURE = """
import json, sys
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

class Bell(QObject):
    rang = Signal()
    said = Signal(object)

app, bell, label, button, timer = QApplication([]), Bell(), QLabel("a"), QPushButton("b"), QTimer()
bell.rang.connect(lambda: None)
bell.said.connect(lambda _: None)
button.clicked.connect(lambda: None)
actions = {
    "a label is changed": lambda: label.setText("c"),
    "a widget is enabled": lambda: label.setEnabled(True),
    "a signal is sent": lambda: bell.rang.emit(),
    "a signal with a value is sent": lambda: bell.said.emit(True),
    "a button is pressed": lambda: button.click(),
    "a timer is started": lambda: (timer.start(1_000), timer.stop()),
    "an event is handled": lambda: (QTimer.singleShot(0, lambda: None), app.sendPostedEvents()),
}
watched = {"None": None, "True": True, "False": False}
lost = {}
for name, act in actions.items():
    act()
    before = {key: sys.getrefcount(value) for key, value in watched.items()}
    for _ in range(CALLS):
        act()
    after = {key: sys.getrefcount(value) for key, value in watched.items()}
    lost[name] = {key: after[key] - before[key] for key in watched}
print(json.dumps(lost))
"""


def test_calling_qt_does_not_use_up_none_or_true() -> None:
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE.replace("CALLS", str(CALLS))],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert measured.returncode == 0, measured.stderr
    lost = json.loads(measured.stdout)
    assert len(lost) == 7
    assert {
        name: counts for name, counts in lost.items() if max(map(abs, counts.values())) > CALLS / 10
    } == {}
