"""The processes of a run: hub replicas and workers that can be killed at any instant, and come back."""

import asyncio
import json
import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from bench.chaos import hub
from bench.chaos.line import Line

#: Hubs are forked from one process that has imported everything: a thousand deaths take minutes, not hours.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        *("bench.chaos.hub", "bench.chaos.run", "agentdesk.log"),
        # what a hub reads only once it knows its vendors, and once it serves
        *(f"agentdesk.adapters.tryton.{part}" for part in ("accounting", "crm")),
        *(f"agentdesk.adapters.twilio.{part}" for part in ("capture", "recorder", "webhooks")),
        *(f"agentdesk.adapters.{part}" for part in ("stripe.webhooks", "cti.phone", "cti.webhooks")),
        *("httpcore", "h11", "anyio._backends._asyncio", "uvicorn.lifespan.on"),
        *("uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto"),
    ]
)

READY_WITHIN_S = 90.0
STOPS_WITHIN_S = 15.0
_FAILED_STARTS = 60  # in a row, of one: the database never came back
_PAUSE_S = 0.2


@dataclass
class Member:
    """One place in the fleet and the process that fills it; `ready` while it does its work."""

    name: str
    arguments: list[str]
    process: BaseProcess | None = None
    ready: bool = False
    port: int = 0  # 0: serves nothing
    lives: int = 0


@dataclass
class Fleet:
    """Replicas behind their line, and workers. Who dies is started again."""

    hubs: Line
    environment: Mapping[str, str]
    launcher: list[str]
    folder: Path
    members: list[Member] = field(default_factory=list)
    kills: int = 0
    deaths: int = 0  # by kill -9: ours, and those at failpoints
    failed_starts: int = 0
    ended: Counter[str] = field(default_factory=Counter)  # who ended by themselves
    _keepers: list["asyncio.Task[None]"] = field(default_factory=list)

    async def fill(self, replicas: int, workers: int) -> None:
        """Start everybody; the first replica alone, because it makes the tables. Raises RuntimeError."""
        self.members += [Member(f"replica-{n}", ["--no-worker", "--port", "0"]) for n in range(replicas)]
        self.members += [Member(f"worker-{n}", ["--worker-only"]) for n in range(workers)]
        await self._start(self.members[0])
        await asyncio.gather(*(self._start(one) for one in self.members[1:]))
        self._keepers = [asyncio.create_task(self._keep(one)) for one in self.members]

    def kill(self, chance: random.Random) -> bool:
        """Kill -9 anybody, whatever they do; False while fewer than half of all do their work."""
        living = [one.process for one in self.members if one.process and one.process.is_alive()]
        if not living or sum(one.ready for one in self.members) * 2 < len(self.members):
            return False
        chance.choice(living).kill()
        self.kills += 1
        return True

    def broken(self) -> list[str]:
        """Return why keepers gave up, in words."""
        return [repr(task.exception()) for task in self._keepers if task.done() and task.exception()]

    async def _keep(self, one: Member) -> None:
        while True:
            assert one.process
            await _ended(one.process)
            self._count_end(one)
            one.ready = False
            if one.port in self.hubs.ports:
                self.hubs.ports.remove(one.port)
            await self._start(one)

    async def _start(self, one: Member) -> None:
        """Start one and wait until it is ready; one that does not get there is started again."""
        log = self.folder / f"{one.name}.log"
        failed = 0
        while True:
            one.lives += 1
            life = ["--life", f"{one.name}.{one.lives}", *self.launcher, "--", "hub", *one.arguments]
            said, says = _FORKS.Pipe(duplex=False)
            one.process = _FORKS.Process(target=hub.live, args=(life, dict(self.environment), str(log), says))
            one.process.start()
            says.close()
            line = await asyncio.wait_for(_line(said), READY_WITHIN_S)
            if line:
                self._is_ready(one, json.loads(line))
                return
            await _ended(one.process)
            failed += not self._count_end(one)
            if failed > _FAILED_STARTS:
                raise RuntimeError(f"{one.name}: {log.read_text(errors='replace')[-1500:]}")
            await asyncio.sleep(_PAUSE_S)

    def _count_end(self, one: Member) -> bool:
        """Count who ended, and how; say whether by kill -9."""
        assert one.process
        killed = one.process.exitcode == -signal.SIGKILL
        if killed:
            self.deaths += 1
        elif one.ready:
            self.ended[one.name] += 1
        else:  # the database was down just then: who supervises hubs tries again
            self.failed_starts += 1
        return killed

    def _is_ready(self, one: Member, said: dict[str, str]) -> None:
        one.ready = True
        if "url" in said:
            one.port = int(said["url"].rsplit(":", 1)[1])
            self.hubs.ports.append(one.port)

    async def stop(self) -> None:
        """End everybody, and wait."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        living = [one.process for one in self.members if one.process and one.process.is_alive()]
        for process in living:
            process.terminate()
        for process in living:
            try:
                await asyncio.wait_for(_ended(process), STOPS_WITHIN_S)
            except TimeoutError:
                process.kill()
                await _ended(process)


async def _ended(process: BaseProcess) -> None:
    """Wait for the end of a process."""
    await _readable(process.sentinel)
    process.join()


async def _line(said: Connection) -> bytes:
    """Return what a process printed first; nothing where it ended before."""
    read = b""
    while not read.endswith(b"\n"):
        await _readable(said.fileno())
        if not (part := os.read(said.fileno(), 4096)):
            break
        read += part
    return read


async def _readable(number: int) -> None:
    loop, something = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(number, something.set)
    try:
        await something.wait()
    finally:
        loop.remove_reader(number)
