"""./run before it changes anything: what it checks, names, asks and refuses."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.tree import ROOT

QT_LIBRARIES, SCREEN_READER = (
    re.search(rf'{name}="([^"]*)"', (ROOT / "run").read_text())[1].split()  # type: ignore[index]
    for name in ("qt_libraries", "screen_reader")
)


class Machine:
    """A folder of pretend system programs that stand before the real ones, and a copy of run."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.checkout = folder / "programs", folder / "a checkout"
        self.programs.mkdir()
        self.checkout.mkdir()
        for name in ("run", "requirements.lock", "requirements-dev.lock"):
            (self.checkout / name).write_bytes((ROOT / name).read_bytes())
        self.has("id", "echo 1000")
        self.has(
            "python3", f'[ "$2" = venv ] && echo made an environment && exit 7; exec "{sys.executable}" "$@"'
        )
        self.has_packages([*QT_LIBRARIES, *SCREEN_READER])

    def has(self, program: str, script: str) -> None:
        path = self.programs / program
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_packages(self, names: list[str]) -> None:
        self.has("dpkg-query", "\n".join(f"echo '{name} installed'" for name in names))

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", str(self.checkout / "run"), *args],
            env=os.environ | {"PATH": f"{self.programs}:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("args", [(), ("deploy",)])
def test_it_says_what_it_can_do(machine: Machine, args: tuple[str, ...]) -> None:
    answer = machine.run(*args)
    assert answer.returncode == 2
    assert "./run [-y] demo" in answer.stderr
    assert "set -eu" not in answer.stderr


def test_an_old_python_is_refused_by_version(machine: Machine) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        machine.has(name, '[ "$1" = --version ] && echo Python 3.9.2 && exit; exit 1')
    answer = machine.run("demo")
    assert (answer.returncode, answer.stderr) == (
        2,
        "run: needs Python 3.11, 3.12 or 3.13; python3 is Python 3.9.2\n",
    )


def test_nothing_is_installed_when_nothing_is_missing(machine: Machine) -> None:
    answer = machine.run("demo")
    assert "System packages" not in answer.stderr
    assert "made an environment" in answer.stdout


def test_only_the_tests_need_what_a_screen_reader_needs(machine: Machine) -> None:
    machine.has_packages(QT_LIBRARIES)
    machine.has("sudo", "exit 1")
    assert "System packages" not in machine.run("demo").stderr
    assert f"System packages to install: {' '.join(SCREEN_READER)} \n" in machine.run("test").stderr


def test_ubuntus_new_package_names_count(machine: Machine) -> None:
    machine.has_packages([name.replace("libglib2.0-0", "libglib2.0-0t64") for name in QT_LIBRARIES])
    assert "System packages" not in machine.run("demo").stderr


def test_a_removed_package_counts_as_missing(machine: Machine) -> None:
    rows = [f"echo '{name} {'config-files' if name == 'libegl1' else 'installed'}'" for name in QT_LIBRARIES]
    machine.has("dpkg-query", "\n".join(rows))
    machine.has("sudo", "exit 1")
    assert "System packages to install: libegl1 \n" in machine.run("demo").stderr


def test_with_nobody_to_ask_it_names_the_command_and_stops(machine: Machine) -> None:
    machine.has_packages(QT_LIBRARIES[2:])
    machine.has("sudo", "echo SUDO $*")
    answer = machine.run("demo")
    wanted = f"sudo apt-get install -y --no-install-recommends {' '.join(QT_LIBRARIES[:2])}"
    assert answer.returncode == 2
    assert wanted in answer.stderr
    assert "SUDO" not in answer.stdout + answer.stderr


def test_yes_means_do_not_ask(machine: Machine) -> None:
    machine.has_packages(QT_LIBRARIES[1:])
    machine.has("sudo", "echo SUDO $* >&2")
    answer = machine.run("-y", "demo")
    assert "SUDO apt-get update" in answer.stderr
    assert f"apt-get install -y --no-install-recommends {QT_LIBRARIES[0]}" in answer.stderr
