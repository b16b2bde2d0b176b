"""Signing in, people and what they may do."""

from typing import Annotated

from pydantic import Field, StringConstraints

from agentdesk.domain.people import Permission, Role
from agentdesk.wire.model import Amount, Instant, Wire

LONGEST_PASSWORD = 200
_Password = Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class SignIn(Wire):
    """Name and password of a local account."""

    username: str = Field(min_length=1, max_length=120)
    password: _Password


class Person(Wire):
    """Who is signed in. `limit` is the largest single payment they may take; None for no ceiling.

    `signed_in_until` is when their session ends by itself; None for somebody else's account.
    """

    user_id: str
    username: str
    name: str
    role: Role
    permissions: list[Permission]
    limit: Amount | None
    signed_in_until: Instant | None = None


class Colleague(Wire):
    """A person by name only, to choose whose payments to see."""

    user_id: str
    name: str


class Session(Wire):
    """A session; `token` goes into `Authorization: Bearer` and is shown only here."""

    token: str
    expires_at: Instant
    person: Person


class SetUp(Wire):
    """The first administrator of a new hub."""

    username: _Name
    name: _Name
    password: _Password


class NewPerson(SetUp):
    """An account an administrator makes. `limit_minor` in the hub's currency; None for no ceiling.

    `may_refund`: an agent may give money back, too, up to that limit.
    """

    role: Role
    limit_minor: int | None = Field(default=None, ge=0)
    may_refund: bool = False


class SetUpState(Wire):
    """Whether the first administrator is still to be made."""

    needed: bool
