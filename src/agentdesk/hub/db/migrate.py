"""Bring the database to the tables of this version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from agentdesk.hub.db.engine import with_driver
from agentdesk.hub.db.locks import AdvisoryLock


def upgrade(url: str) -> None:
    """Apply every missing step in one transaction; of many replicas one does it and the others wait."""
    engine = create_engine(with_driver(url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": AdvisoryLock.MIGRATION})
        command.upgrade(_config(connection), "head")


def is_current(connection: Connection) -> bool:
    """Say whether the database has exactly the steps this version knows."""
    wanted = ScriptDirectory.from_config(_config(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == wanted


def empty(connection: Connection) -> None:
    """Delete everything, tables included."""
    connection.execute(text("drop schema public cascade"))
    connection.execute(text("create schema public"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
