"""Telling a database that does not answer from one that refused."""

import psycopg
import sqlalchemy.exc

#: SQLSTATE of a lost connection, of a server that stops, starts or recovers, and of one that is full.
_AWAY = ("08", "57P", "53300")


def is_away(error: BaseException | None) -> bool:
    """Say whether an error, or what it came from, is that the database does not answer."""
    while error is not None:
        if isinstance(error, sqlalchemy.exc.TimeoutError):
            return True  # no connection came free
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return error.sqlstate is None or error.sqlstate.startswith(_AWAY)
        error = error.__cause__
    return False
