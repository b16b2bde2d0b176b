"""The connection pool and the session factory."""

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from agentdesk.hub.db.at_commit import HubSession

Sessions = async_sessionmaker[AsyncSession]

_DRIVER = "postgresql+psycopg://"


def make_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """Return an engine for a `postgresql://` URL; connects on first use.

    A connection that died while idle is replaced before it is used.
    """
    return create_async_engine(
        with_driver(url),
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        hide_parameters=True,  # an error is logged with its statement: names and notes stay out
    )


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
