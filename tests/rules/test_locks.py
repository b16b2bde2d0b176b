"""The lock files hold what pyproject.toml asks for, with hashes, and the suite runs on what they name."""

import re
import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.rules.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ASKED = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["dependency-groups"]["dev"],
}
_PIN = re.compile(
    r"^([a-z0-9][a-z0-9.\-]*)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def _pins(lock: str) -> dict[str, Requirement]:
    """Return what a lock file pins; a package may stand there once."""
    found = _PIN.findall((ROOT / lock).read_text())
    pins = [
        Requirement(f"{name}=={number}" + (f" ; {marker}" if marker else ""))
        for name, number, marker, _ in found
    ]
    return {canonicalize_name(pin.name): pin for pin in pins}


@pytest.mark.parametrize("lock", ASKED)
def test_every_requirement_is_locked_at_a_version_it_allows(lock: str) -> None:
    pins = _pins(lock)
    for asked in map(Requirement, ASKED[lock]):
        pin = pins[canonicalize_name(asked.name)]
        number = next(iter(pin.specifier)).version
        assert asked.specifier.contains(number, prereleases=True), f"{asked} is locked at {number}"


@pytest.mark.parametrize("lock", [*ASKED, "resources/demo/tryton-requirements.txt"])
def test_every_pin_has_hashes_and_nothing_else_is_in_the_file(lock: str) -> None:
    rest = _PIN.sub("", (ROOT / lock).read_text())
    assert [line for line in rest.splitlines() if not line.lstrip().startswith("#")] == []
    assert len(_pins(lock)) > 15


def test_both_locks_agree_on_what_they_share() -> None:
    product, dev = map(_pins, ASKED)
    assert {
        name for name in product.keys() & dev.keys() if product[name].specifier != dev[name].specifier
    } == set()


@pytest.mark.parametrize("lock", ASKED)
def test_the_suite_runs_on_the_locked_versions(lock: str) -> None:
    here = {name: pin for name, pin in _pins(lock).items() if pin.marker is None or pin.marker.evaluate()}
    other = {
        name: version(name) for name, pin in here.items() if not pin.specifier.contains(version(name), True)
    }
    assert other == {}
