"""Words that the hub reads once, in a process that speaks the language nobody speaks."""

import os
import subprocess
import sys

_ASK = """
from agentdesk.hub import readiness, refund_outcomes
for table in (refund_outcomes._TOLD, refund_outcomes._TITLE, readiness._SILENT):
    assert table
    for code, words in table.items():
        print("" if "\u27e6" in words else f"{code!r}: {words}", end="")
"""


def test_no_word_kept_in_a_table_is_left_in_english() -> None:
    env = os.environ | {"AGENTDESK_LANGUAGE": "qps", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", _ASK], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2000:]
