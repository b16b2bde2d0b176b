"""Signing in: local accounts, argon2id, opaque tokens of which only the hash is kept."""

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.call import CallState
from agentdesk.domain.errors import NotSignedIn, TooMany
from agentdesk.domain.ids import now
from agentdesk.domain.people import Permission, Role, permissions
from agentdesk.hub import audit, events
from agentdesk.hub.context import Hub
from agentdesk.hub.db.tables import Call, SignInTry, User, UserSession
from agentdesk.wire.model import Amount

SESSION_LASTS = timedelta(hours=12)
#: A session that has ended goes on so long at most while its person has a call that is not finished.
CALL_LASTS = timedelta(hours=4)
LONGEST_DELAY = timedelta(minutes=15)
#: Checked for names that do not exist, so that they take as long; the password was random and is not kept.
DUMMY_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$iOY7mRhphTVJusui9StYMw$AJ4L7c5KevGsbjvofOYDIo6Dt7MQojO54UlIswI7Hs4"
)

_hasher = PasswordHasher()
_hashing = ThreadPoolExecutor(4, "password")  # off the loop, and few at once: each takes 64 MB


@dataclass(frozen=True, slots=True)
class Who:
    """Who is signed in, and from which address. `limit` is their largest payment; None: no ceiling.

    `expires_at` has passed where a call keeps the session open.
    """

    user_id: str
    username: str
    name: str
    role: Role
    limit: Amount | None
    address: str
    session: bytes  # the hash of their token
    expires_at: datetime
    may_refund: bool = False

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything they may do."""
        return permissions(self.role, may_refund=self.may_refund)


async def sign_in(hub: Hub, username: str, password: str, address: str) -> tuple[str, Who]:
    """Return a new token and its owner.

    Raises TooMany while the name has to wait (after the n-th failure in a row 2^(n-1) seconds), NotSignedIn
    for a wrong name or password alike. Commits by itself: a failed try must be remembered.
    """
    name = clean(username)
    async with hub.sessions.begin() as session:
        failures = await _count_try(session, name)
        user = await session.scalar(select(User).where(User.username == name, User.disabled_at.is_(None)))
    right = await _matches(user.password_hash if user else DUMMY_HASH, password)
    async with hub.sessions.begin() as session:
        if user is None or not right:
            subject = user.user_id if user else "unknown name"  # what was typed may be a password
            audit.append(session, None, "sign_in", subject=subject, result="failed", address=address)
            wait = min(timedelta(seconds=2 ** min(failures - 1, 20)), LONGEST_DELAY)
            tried = update(SignInTry).where(SignInTry.username == name)
            await session.execute(tried.values(blocked_until=now() + wait))
        else:
            await session.execute(delete(SignInTry).where(SignInTry.username == name))
            return await open_session(hub, session, user, address)
    raise NotSignedIn("sign_in_failed")


async def open_session(hub: Hub, session: AsyncSession, user: User, address: str) -> tuple[str, Who]:
    """Add a session for the person to the transaction and return its token and owner."""
    token = secrets.token_urlsafe(32)
    row = UserSession(token_hash=_digest(token), user_id=user.user_id, expires_at=now() + SESSION_LASTS)
    session.add(row)
    who = _who(hub, user, row, address)
    audit.append(session, who, "sign_in", subject=user.user_id, result="done")
    return token, who


async def who(hub: Hub, token: str, address: str) -> Who:
    """Return the owner of a live session, or of one that has ended in the middle of a call.

    Raises NotSignedIn.
    """
    wanted = (
        select(User, UserSession)
        .join(UserSession, UserSession.user_id == User.user_id)
        .where(UserSession.token_hash == _digest(token), UserSession.ended_at.is_(None))
        .where(UserSession.expires_at > now() - CALL_LASTS, User.disabled_at.is_(None))
    )
    async with hub.sessions.begin() as session:
        found = (await session.execute(wanted)).one_or_none()
        if found is None or not (found[1].expires_at > now() or await _is_on_a_call(session, found[0])):
            raise NotSignedIn("not_signed_in")
    return _who(hub, found[0], found[1], address)


async def _is_on_a_call(session: AsyncSession, user: User) -> bool:
    mine = select(Call.call_id).where(Call.user_id == user.user_id, Call.state != CallState.ENDED)
    return bool(await session.scalar(select(mine.exists())))


async def sign_out(session: AsyncSession, who: Who, *, renewed: bool = False) -> None:
    """End the session; `renewed` says for the record that its person goes on in another one."""
    await session.execute(
        update(UserSession).where(UserSession.token_hash == who.session).values(ended_at=now())
    )
    await events.tell_signed_out(session)
    detail = {"renewed": True} if renewed else None
    audit.append(session, who, "sign_out", subject=who.user_id, result="done", detail=detail)


async def end_sessions(session: AsyncSession, user_id: str) -> None:
    """End every session of a person."""
    live = (UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    await session.execute(update(UserSession).where(*live).values(ended_at=now()))
    await events.tell_signed_out(session)


async def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.hash, password)


def clean(username: str) -> str:
    """Return the name as it is stored and looked up."""
    return username.strip().lower()


async def _count_try(session: AsyncSession, username: str) -> int:
    """Count the try as failed before the password is looked at, so that many at once are not free.

    Returns the failures in a row with this one. Raises TooMany while the name has to wait.
    """
    at = now()
    checking = at + timedelta(seconds=1)  # until the answer is known
    new = insert(SignInTry).values(username=username, failures=1, blocked_until=checking)
    failures = case((SignInTry.blocked_until < at - LONGEST_DELAY, 1), else_=SignInTry.failures + 1)
    counted: int | None = await session.scalar(
        new.on_conflict_do_update(
            index_elements=[SignInTry.username],
            set_={"failures": failures, "blocked_until": checking},
            where=SignInTry.blocked_until <= at,
        ).returning(SignInTry.failures)
    )
    if counted is None:
        until = await session.scalar(select(SignInTry.blocked_until).where(SignInTry.username == username))
        raise TooMany("sign_in_slow_down", seconds=max(1, ceil((until - at).total_seconds() if until else 0)))
    return counted


async def _matches(password_hash: str, password: str) -> bool:
    return await asyncio.get_running_loop().run_in_executor(_hashing, _verify, password_hash, password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _who(hub: Hub, user: User, row: UserSession, address: str) -> Who:
    return Who(
        user_id=user.user_id,
        username=user.username,
        name=user.name,
        role=Role(user.role),
        limit=limit(hub, user),
        address=address,
        session=row.token_hash,
        expires_at=row.expires_at,
        may_refund=user.may_refund,
    )


def limit(hub: Hub, user: User) -> Amount | None:
    """Return the person's largest payment; None: no ceiling."""
    if user.limit_minor is None:
        return None
    return Amount(minor=user.limit_minor, currency=hub.settings.currency)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
