"""People: the first administrator, new accounts, passwords."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.errors import Conflict, Invalid, NotFound
from agentdesk.domain.ids import new_id
from agentdesk.domain.people import Role, permissions
from agentdesk.hub import audit, auth
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.locks import AdvisoryLock
from agentdesk.hub.db.tables import User
from agentdesk.i18n import _
from agentdesk.wire import people as wire

SHORTEST_PASSWORD = 12


def show(hub: Hub, person: User | Who) -> wire.Person:
    """Return the person as desks know them."""
    role = Role(person.role)
    return wire.Person(
        user_id=person.user_id,
        username=person.username,
        name=person.name,
        role=role,
        permissions=sorted(permissions(role, may_refund=person.may_refund)),
        limit=person.limit if isinstance(person, Who) else auth.limit(hub, person),
        signed_in_until=person.expires_at if isinstance(person, Who) else None,
    )


async def set_up_needed(session: AsyncSession) -> bool:
    """Say whether nobody has an account yet."""
    return not await session.scalar(select(select(User.user_id).exists()))


async def set_up(session: AsyncSession, new: wire.SetUp, address: str) -> User:
    """Make the first administrator. Raises Conflict for the second time, Invalid for a weak password."""
    # of two at once, one is the second
    await session.execute(select(func.pg_advisory_xact_lock(AdvisoryLock.SET_UP)))
    if not await set_up_needed(session):
        raise Conflict("set_up_done")
    first = wire.NewPerson(**new.model_dump(), role=Role.ADMIN)
    return await create(session, None, first, address=address)


async def create(session: AsyncSession, who: Who | None, new: wire.NewPerson, *, address: str = "") -> User:
    """Add an account. `who` None: from the command line. Raises Invalid for a weak password, Conflict."""
    password_hash = await _hash(new.password)
    username = auth.clean(new.username)
    if await session.scalar(select(User.user_id).where(User.username == username)):
        raise Conflict("user_name_taken", username=username)
    user = User(
        user_id=new_id("usr"),
        username=username,
        name=new.name,
        role=new.role,
        limit_minor=new.limit_minor,
        may_refund=new.may_refund,
        password_hash=password_hash,
    )
    session.add(user)
    audit.append(
        session,
        who,
        "person.create",
        subject=user.user_id,
        result="done",
        detail={"username": username, "role": new.role, "limit_minor": new.limit_minor}
        | ({"may_refund": True} if new.may_refund else {}),
        address=address,
    )
    return user


async def set_password(session: AsyncSession, user: User, password: str) -> None:
    """Change a person's password and end their sessions. Raises Invalid for one too short or too long."""
    user.password_hash = await _hash(password)
    await auth.end_sessions(session, user.user_id)
    audit.append(session, None, "person.set_password", subject=user.user_id, result="done")


async def named(session: AsyncSession, username: str) -> User:
    """Return the account of this name. Raises NotFound."""
    user = await session.scalar(select(User).where(User.username == auth.clean(username)))
    if user is None:
        raise NotFound("not_found")
    return user


async def everybody(session: AsyncSession) -> list[User]:
    """Return all accounts by name."""
    return list(await session.scalars(select(User).order_by(User.username)))


async def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid("password_weak")
    if len(password) > wire.LONGEST_PASSWORD:  # nobody could sign in with it
        raise Invalid("field_invalid", field="password", reason=_("it is longer than 200 characters"))
    return await auth.hash_password(password)
