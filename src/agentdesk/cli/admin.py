"""agentdesk admin: accounts and the audit log, straight on the hub's database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from agentdesk.wire.people import NewPerson

app = typer.Typer(help="Accounts and the audit log, straight on the hub's database.", no_args_is_help=True)

Config = Annotated[Path | None, typer.Option(help="A TOML file of settings; else AGENTDESK_CONFIG.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="AGENTDESK_PASSWORD")]


@app.command("create-user")
def create_user(
    username: str,
    password: Password,
    name: Annotated[str, typer.Option(help="The name people see.")] = "",
    role: Annotated[str, typer.Option(help="agent, supervisor or admin.")] = "agent",
    limit_minor: Annotated[
        int | None, typer.Option(min=0, help="Largest payment in minor units; none: no ceiling.")
    ] = None,
    may_refund: Annotated[bool, typer.Option("--may-refund", help="An agent may refund, too.")] = False,
    config: Config = None,
) -> None:
    """Make an account; asks for the password unless AGENTDESK_PASSWORD holds it."""
    from agentdesk.domain.people import Role
    from agentdesk.hub import people

    if role not in list(Role):
        raise typer.BadParameter("agent, supervisor or admin", param_hint="--role")
    new = _person(
        username=username,
        name=name or username,
        password=password,
        role=role,
        limit_minor=limit_minor,
        may_refund=may_refund,
    )

    async def work(session: "AsyncSession") -> str:
        user = await people.create(session, None, new, address="command line")
        return f"{user.username} is there as {user.role}."

    _do(work, config)


def _person(**given: Any) -> "NewPerson":
    """Return a new account. Raises BadParameter, which repeats nothing that was typed."""
    from pydantic import ValidationError

    from agentdesk.domain.card import looks_like_pan
    from agentdesk.wire.people import NewPerson

    if looks_like_pan(given["username"]) or looks_like_pan(given["name"]):
        raise typer.BadParameter("that looked like a card number; nothing was kept")
    try:
        return NewPerson(**given)
    except ValidationError as error:
        wrong = [f"{one['loc'][0]}: {one['msg']}" for one in error.errors(include_input=False)]
        raise typer.BadParameter("; ".join(wrong)) from None


@app.command("set-password")
def set_password(username: str, password: Password, config: Config = None) -> None:
    """Change a password and end the person's sessions."""
    from agentdesk.hub import people

    async def work(session: "AsyncSession") -> str:
        user = await people.named(session, username)
        await people.set_password(session, user, password)
        return f"{user.username} has a new password and is signed out everywhere."

    _do(work, config)


@app.command("list")
def list_people(config: Config = None) -> None:
    """List all accounts."""
    from agentdesk.hub import people

    async def work(session: "AsyncSession") -> str:
        return "\n".join(f"{u.username:<24} {u.role:<12} {u.name}" for u in await people.everybody(session))

    _do(work, config)


@app.command("audit-verify")
def audit_verify(config: Config = None) -> None:
    """Check the chain of the audit log; exits with 1 where an entry was changed, removed or put in."""
    from agentdesk.hub import audit

    async def work(session: "AsyncSession") -> str:
        broken = await audit.verify(session)
        if broken is not None:
            raise _Failed(f"The audit log is broken at entry {broken}.")
        count, last = await audit.head(session)
        return f"The audit log is whole: {count} entries, the last is {last.hex()}."

    _do(work, config)


@app.command("webhooks")
def webhook_counts(config: Config = None) -> None:
    """Count the messages of providers that were not used, by reason: refused, a duplicate, of no use."""
    from agentdesk.hub import webhooks

    async def work(session: "AsyncSession") -> str:
        counts = await webhooks.not_used(session)
        lines = [
            f"{c.provider:<12} {c.reason:<16} {c.count:>8}  last {c.last_at:%Y-%m-%d %H:%M} UTC"
            for c in counts
        ]
        return "\n".join(lines) or "Every message that came was used."

    _do(work, config)


@app.command()
def reset(
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything in the hub's database: people, payments, audit log."""
    from agentdesk.hub.db import migrate

    if not yes:
        typer.confirm("Delete every person, payment and audit entry of this hub?", abort=True)

    async def work(session: "AsyncSession") -> str:
        await session.run_sync(lambda inner: migrate.empty(inner.connection()))
        return "The database is empty; the next start makes it new."

    _do(work, config)


class _Failed(Exception):
    pass


def _do(work: "Callable[[AsyncSession], Awaitable[str]]", config: Path | None) -> None:
    """Run one piece of work in one transaction and say its answer; errors become words and exit code 1."""
    from agentdesk.domain.errors import AgentDeskError
    from agentdesk.hub.db.database import Unreachable
    from agentdesk.hub.db.embedded import EmbeddedError
    from agentdesk.hub.settings import SettingsError

    async def run() -> str:
        async with _transaction(config) as session:
            return await work(session)

    try:
        typer.echo(asyncio.run(run()))
    except (AgentDeskError, SettingsError, EmbeddedError, Unreachable, _Failed) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@asynccontextmanager
async def _transaction(config: Path | None) -> "AsyncIterator[AsyncSession]":
    from agentdesk.hub.db.database import opened
    from agentdesk.hub.db.engine import make_engine, make_sessions
    from agentdesk.hub.settings import load

    settings = load(config).settings
    async with opened(settings) as url:
        engine = make_engine(url)
        try:
            async with make_sessions(engine).begin() as session:
                yield session
        finally:
            await engine.dispose()
