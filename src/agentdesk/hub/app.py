"""The hub's application: its database, outside systems, background work and routes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import structlog
from fastapi import FastAPI
from starlette.middleware import Middleware

import agentdesk
from agentdesk.hub import problems, readiness, vendors
from agentdesk.hub.context import Hub
from agentdesk.hub.db.database import opened
from agentdesk.hub.db.engine import make_engine, make_sessions
from agentdesk.hub.door import Door
from agentdesk.hub.edge import Edge
from agentdesk.hub.events import Fanout
from agentdesk.hub.jobs import worker
from agentdesk.hub.readiness import Board
from agentdesk.hub.routes import calls, customers, payments, people, rehearsals, state, webhooks, work
from agentdesk.hub.settings import Settings
from agentdesk.hub.vendors import Vendors

log = structlog.get_logger(__name__)

#: FastAPI speaks OpenTelemetry by itself where the process has a provider; a payment hub does not.
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
ROUTERS = tuple(
    part.router for part in (people, state, calls, customers, payments, rehearsals, work, webhooks)
)
_RESTART_PAUSE_S = 1.0


def create_app(
    settings: Settings, *, outside: Vendors | None = None, with_worker: bool = True, with_desks: bool = True
) -> FastAPI:
    """Return the application; nothing is opened before its lifespan starts.

    `outside` None: the vendors the settings name. Without a worker another process must run the jobs;
    without desks the event log is not read.
    """
    app = FastAPI(
        telemetry=NO_TELEMETRY,  # type: ignore[arg-type]
        title="Agent Desk hub",
        version=agentdesk.__version__,
        lifespan=_lifespan(settings, outside, with_worker=with_worker, with_desks=with_desks),
        middleware=[Middleware(Edge), Middleware(Door)],
        responses=problems.problems(413, 422, 500, 503),
        docs_url=None,  # the pages load scripts from elsewhere
        redoc_url=None,
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _lifespan(
    settings: Settings, outside: Vendors | None, *, with_worker: bool, with_desks: bool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(opened(settings))
            engine = make_engine(url)
            stack.push_async_callback(engine.dispose)
            hub = Hub(settings, make_sessions(engine), outside or vendors.build(settings))
            stack.push_async_callback(hub.vendors.aclose)
            stack.push_async_callback(hub.finish)
            app.state.hub = hub
            app.state.board = _board(settings, hub.vendors)
            app.state.fanout = Fanout(url, hub.sessions)
            work = [lambda: app.state.board.run(hub)]
            if with_desks:
                work.append(app.state.fanout.run)
            if with_worker:
                work.append(lambda: worker.run(url, hub))
            await stack.enter_async_context(_running(work))
            yield

    return lifespan


def _board(settings: Settings, outside: Vendors) -> Board:
    texts = outside.messages.check if outside.messages else None
    return Board(settings, readiness.checks(outside), texts)


@asynccontextmanager
async def _running(work: list[Callable[[], Awaitable[None]]]) -> AsyncIterator[None]:
    """Run endless work beside the routes; one that breaks is logged and started again."""
    tasks = [asyncio.create_task(_forever(one)) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("background work stopped; it starts again")
        await asyncio.sleep(_RESTART_PAUSE_S)
