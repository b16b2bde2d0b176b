"""The processes of a run: hub replicas and workers that can be killed at any instant, and come back."""

import asyncio
import json
import multiprocessing
import os
import random
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from bench.chaos import hub
from bench.chaos.balancer import Balancer

#: Hubs are forked from one process that has imported everything: a thousand deaths take minutes, not hours.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["bench.chaos.hub", "bench.chaos.run"])

READY_WITHIN_S = 90.0
STOPS_WITHIN_S = 15.0
_FAILED_STARTS = 20


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
    """Replicas behind the balancer, and workers. Who dies is started again."""

    balancer: Balancer
    environment: Mapping[str, str]
    launcher: list[str]
    folder: Path
    members: list[Member] = field(default_factory=list)
    kills: int = 0
    failed_starts: int = 0
    _keepers: list["asyncio.Task[None]"] = field(default_factory=list)

    async def fill(self, replicas: int, workers: int) -> None:
        """Start everybody; the first replica alone, because it makes the tables. Raises RuntimeError."""
        self.members += [Member(f"replica-{n}", ["--no-worker", "--port", "0"]) for n in range(replicas)]
        self.members += [Member(f"worker-{n}", ["--worker-only"]) for n in range(workers)]
        await self._start(self.members[0])
        await asyncio.gather(*(self._start(one) for one in self.members[1:]))
        self._keepers = [asyncio.create_task(self._keep(one)) for one in self.members]

    def kill(self, chance: random.Random) -> bool:
        """Kill -9 one that is ready; False where nobody is."""
        ready = [one for one in self.members if one.ready]
        if ready and (process := chance.choice(ready).process) is not None and process.is_alive():
            process.kill()
            self.kills += 1
            return True
        return False

    @property
    def deaths(self) -> int:
        """How often anybody had to be started again: kills and failpoints."""
        return sum(one.lives - 1 for one in self.members)

    @property
    def all_ready(self) -> bool:
        """Whether everybody does their work."""
        return all(one.ready for one in self.members)

    def broken(self) -> list[str]:
        """Return why keepers gave up, in words."""
        return [repr(task.exception()) for task in self._keepers if task.done() and task.exception()]

    async def _keep(self, one: Member) -> None:
        while True:
            assert one.process
            await _ended(one.process)
            one.ready = False
            if one.port in self.balancer.ports:
                self.balancer.ports.remove(one.port)
            await self._start(one)

    async def _start(self, one: Member) -> None:
        """Start one and wait until it is ready; one that does not get there is started again."""
        log = self.folder / f"{one.name}.log"
        while not one.ready:
            one.lives += 1
            life = ["--life", f"{one.name}.{one.lives}", *self.launcher, "--", "hub", *one.arguments]
            said, says = _FORKS.Pipe(duplex=False)
            one.process = _FORKS.Process(target=hub.live, args=(life, dict(self.environment), str(log), says))
            one.process.start()
            says.close()
            line = await asyncio.wait_for(asyncio.to_thread(_line, said), READY_WITHIN_S)
            if line:
                self._is_ready(one, json.loads(line))
            else:
                await _ended(one.process)
                if one.process.exitcode == -signal.SIGKILL:
                    continue
                self.failed_starts += 1  # the database was down just then: who supervises hubs tries again
                if self.failed_starts > _FAILED_STARTS:
                    raise RuntimeError(f"{one.name}: {log.read_text(errors='replace')[-1500:]}")

    def _is_ready(self, one: Member, said: dict[str, str]) -> None:
        one.ready = True
        if "url" in said:
            one.port = int(said["url"].rsplit(":", 1)[1])
            self.balancer.ports.append(one.port)

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
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()


def _line(said: Connection) -> bytes:
    """Return what a process printed first; nothing where it ended before."""
    read = b""
    while not read.endswith(b"\n") and (part := os.read(said.fileno(), 4096)):
        read += part
    return read
