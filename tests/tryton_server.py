"""A real Tryton for tests: one for the session, or one with a clean copy of the demo's database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentdesk.cli.demo import tryton
from agentdesk.cli.demo.tryton import TrytonServer


@contextmanager
def running_tryton(data_dir: Path, *, session_timeout_s: int = 300) -> Iterator[TrytonServer]:
    """Serve a clean copy of the demo's database from `data_dir` on a free port."""
    tryton.reset(_quiet, data_dir)
    server = tryton.start(0, data_dir, session_timeout_s=session_timeout_s)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def tryton_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    """One Tryton for all tests that leave each other's customers alone."""
    with running_tryton(tmp_path_factory.mktemp("tryton")) as server:
        yield server


def ensure_template(items: list[pytest.Item]) -> None:
    """Make the template database, which takes a minute, before the clock of a test that needs it runs."""
    if any("tryton_server" in getattr(item, "fixturenames", ()) for item in items):
        tryton.ensure_template(_quiet)


def config_of(server: TrytonServer, url: str | None = None) -> dict[str, str]:
    """Return what an adapter has to be told; `url` where it shall go through something in between."""
    return {
        "base_url": url or server.url,
        "database": server.database,
        "key": server.key,
        "user": server.user,
        "password": server.password,
    }


def _quiet(_stage: str, _done: int, _total: int) -> None:
    """Take progress and show nothing."""


if __name__ == "__main__":
    tryton.ensure_template(_quiet)
