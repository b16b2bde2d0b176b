"""What all tables have in common: how constraints are named and what a Python type is in the database."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

_NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All our tables; text is unbounded text, instants carry their zone, dicts are JSONB and None is null."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB(none_as_null=True),
        str: String,
        int: BigInteger,
    }


def states(words: str) -> CheckConstraint:
    """Return the rule that the column `state` holds one of these words."""
    return CheckConstraint("state in ({})".format(", ".join(f"'{word}'" for word in words.split())), "state")
