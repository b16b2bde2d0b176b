"""The connection pool and the session factory."""

from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from agentdesk.hub.db.at_commit import HubSession

Sessions = async_sessionmaker[AsyncSession]

#: Seconds after which the system asks whether the server is still there, on connections that are quiet.
KEEPALIVE: dict[str, Any] = {"keepalives_idle": 10, "keepalives_interval": 5}
_DRIVER = "postgresql+psycopg://"


def make_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """Return an engine for a `postgresql://` URL; connects on first use.

    A connection that died while idle is replaced before it is used.
    """
    engine = create_async_engine(
        with_driver(url),
        pool_size=pool_size,
        max_overflow=10,
        pool_use_lifo=True,  # few connections, each of which soon has every statement prepared
        hide_parameters=True,  # an error is logged with its statement: names and notes stay out
        connect_args=KEEPALIVE,
    )
    event.listen(engine.sync_engine, "checkout", _replace_dead)
    return engine


def _replace_dead(connection: Any, *_: object) -> None:
    try:
        see_that_it_lives(connection.driver_connection)
    except psycopg.OperationalError as error:
        raise InvalidatePoolError from error


def see_that_it_lives(connection: psycopg.AsyncConnection) -> None:
    """Read what the server said while the connection was idle: its end is seen without asking.

    Raises psycopg.OperationalError.
    """
    connection.pgconn.consume_input()  # its last words
    connection.pgconn.consume_input()  # that nothing comes any more


def make_sessions(engine: AsyncEngine) -> Sessions:
    """Return the session factory; objects stay readable after a commit."""
    return async_sessionmaker(engine, expire_on_commit=False, sync_session_class=HubSession)


def with_driver(url: str) -> str:
    """Name psycopg in the URL, as SQLAlchemy wants it."""
    return _DRIVER + _rest(url)


def plain(url: str) -> str:
    """Return the URL as psycopg itself reads it."""
    return "postgresql://" + _rest(url)


def _rest(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("the database URL starts with postgresql://")
    return rest
