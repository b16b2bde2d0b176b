"""The worker: runs the jobs of the queue, and takes over those of workers that died."""

import asyncio
from typing import Any

import procrastinate
import psycopg
import structlog
from procrastinate import RetryDecision
from procrastinate.exceptions import JobAborted, UniqueViolation
from procrastinate.jobs import Job, Status
from psycopg_pool import AsyncConnectionPool

from agentdesk.hub.context import Hub
from agentdesk.hub.db.engine import KEEPALIVE, plain, see_that_it_lives
from agentdesk.hub.jobs.tasks import PERIODIC, WORK

log = structlog.get_logger(__name__)

AT_ONCE = 10
SEEN_EVERY_S = 2.0  # a live worker says so this often
DEAD_AFTER_S = 10.0  # one not heard of this long is dead; its jobs are run again
_ENDS_WITHIN_S = 20.0


class _Again(procrastinate.RetryStrategy):
    """For what a job did not expect, a database that restarts among it: each plans its own expected retries.

    Without end, for what a job follows (money, a posting) must not be forgotten. Procrastinate tells of a
    failure that is tried again where nobody looks, beside every success.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Tell why it failed, where in the code only the first time, and when it runs again."""
        decision = super().get_retry_decision(exception=exception, job=job)
        if isinstance(exception, Exception) and not isinstance(exception, JobAborted):
            trace = None if job.attempts else exception
            told = {"job": job.task_name, "job_id": job.id, "failed": job.attempts + 1, **job.task_kwargs}
            log.error("a job failed and runs again", reason=repr(exception), exc_info=trace, **told)
        return decision


_AGAIN = _Again(linear_wait=10)


def make_app(url: str) -> procrastinate.App:
    """Return the job queue of this database with every job of ours; open it before use."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(pool_factory=_pool, conninfo=plain(url), kwargs=KEEPALIVE)
    )
    for name, work in WORK.items():
        app.task(name=name, pass_context=True, retry=_AGAIN)(work)
    return app


def _pool(**given: Any) -> AsyncConnectionPool:
    """Return what procrastinate wants, with fewer round trips: all it asks are single statements."""
    return AsyncConnectionPool(**{**given, "configure": _each_by_itself, "check": _check})


async def _each_by_itself(connection: psycopg.AsyncConnection) -> None:
    await connection.set_autocommit(True)


async def _check(connection: psycopg.AsyncConnection) -> None:
    see_that_it_lives(connection)


async def run(url: str, hub: Hub) -> None:
    """Run jobs until cancelled; those under way are finished first."""
    async with make_app(url).open_async() as app:
        for job, cron in PERIODIC.items():
            app.periodic(cron=cron, lock=job, queueing_lock=job)(app.tasks[job])
        rescuing = asyncio.create_task(_rescue_again_and_again(app))
        try:
            await app.run_worker_async(
                concurrency=AT_ONCE,
                additional_context={"hub": hub},
                install_signal_handlers=False,
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=_ENDS_WITHIN_S,
                update_heartbeat_interval=SEEN_EVERY_S,
                stalled_worker_timeout=DEAD_AFTER_S,
            )
        finally:
            rescuing.cancel()


async def rescue(app: procrastinate.App) -> int:
    """Put the jobs of dead workers back into the queue; return how many.

    The next of a periodic one may wait already, and does what this one did not: that one ends here.
    """
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S))
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    if stalled:
        log.warning("jobs of a dead worker run again", count=len(stalled))
    return len(stalled)


async def _rescue_again_and_again(app: procrastinate.App) -> None:
    while True:
        try:
            await rescue(app)
        except procrastinate.exceptions.ConnectorException:
            log.warning("jobs of dead workers could not be looked for; asking again")
        await asyncio.sleep(DEAD_AFTER_S)
