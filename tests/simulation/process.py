"""The process that receives webhooks: it is killed, and started again with what its disk kept."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from random import Random
from typing import Any

from msgspec import Struct

from frontdesk.codec.decoding import encode
from frontdesk.webhooks import Journal, MemorySeen, Receiver
from frontdesk.webhooks.deduplication import digest_of
from frontdesk.webhooks.parsing import parse

from .clock import SimulatedLoop, micros
from .deliveries import SECRET, NoResponse, Sent
from .disk import Killed, Mount, SimulatedDisk
from .trace import Trace

RUNNING: contextvars.ContextVar["Process | None"] = contextvars.ContextVar("process", default=None)


class Handling(Struct):
    """One call of the handler."""

    key: str
    process: int
    begun: float
    ended: float | None = None
    excused: bool = False
    """The process was killed before it could be known that this was done."""


class Process:
    """One life of the receiver."""

    def __init__(self, number: int, disk: SimulatedDisk, loop: SimulatedLoop) -> None:
        self.number = number
        self.mount = Mount(disk)
        self.tasks: list[asyncio.Task[Any]] = []
        self.alive = True
        self.receiver: Receiver | None = None
        self._loop = loop

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something in the process: all that it starts ends with the process."""
        context = contextvars.copy_context()
        context.run(RUNNING.set, self)
        task = self._loop.create_task(work, context=context)
        self.tasks.append(task)
        return task

    def end(self) -> None:
        """End it without another word of its own."""
        self.alive = False
        self.mount.unmount()
        for task in self.tasks:
            if not task.done():
                task.cancel()


class Machine:
    """Where the process runs, and its disk.

    ``handled`` are the calls of the handler, in order.
    """

    def __init__(
        self, loop: SimulatedLoop, trace: Trace, rng: Random, *, sync: bool, slowness: float
    ) -> None:
        self.disk = SimulatedDisk(rng, trace)
        self.disk.on_kill = self.kill
        self.handled: list[Handling] = []
        self.kills = 0
        self.restarts: set[int] = set()
        """The processes that were closed in good order."""
        self.blind: set[int] = set()
        """The processes that could not take over all that earlier ones had left."""
        self.lossy = False
        """A crash of the machine may have cost what was accepted."""
        self._loop = loop
        self._trace = trace
        self._rng = rng
        self._sync = sync
        self.slowness = slowness
        """Seconds that the handler takes on average."""
        self._process: Process | None = None
        self._closing: Process | None = None
        self._lives = 0
        loop.on_task = self._on_task
        loop.ignored = (Killed,)

    @property
    def running(self) -> bool:
        """Whether a process takes webhooks."""
        return self._process is not None

    @property
    def idle(self) -> bool:
        """Whether the process has nothing left to handle."""
        process = self._process
        if process is None or process.receiver is None:
            return False
        return not process.receiver._executor.unfinished

    def start(self) -> None:
        """Start a process."""
        self._lives += 1
        process = Process(self._lives, self.disk, self._loop)
        try:
            journal = Journal("journal", disk=process.mount, sync=self._sync)
        except Killed:
            return
        simulate_journal(journal, self._loop, f"{self._lives:06d}")
        receiver = Receiver(
            SECRET, journal=journal, seen=MemorySeen(clock=self._loop.time), concurrency=20
        )
        receiver.on()(self._handler(process))
        receiver._clock = lambda: micros(self._loop.time()) / 1e6
        process.receiver = receiver
        self._process = process
        self._trace("process", f"{process.number} starts")
        process.spawn(self._started(process, receiver))

    async def _started(self, process: Process, receiver: Receiver) -> None:
        await receiver.start()
        if process.mount.denials:
            self.blind.add(process.number)
        self._trace("process", f"{process.number} has started")

    def kill(self, *, machine: bool = False) -> None:
        """End the process at once; with the machine, the disk loses what it had not kept."""
        process = self._process or self._closing
        self._process = self._closing = None
        if process is None:
            return
        self.kills += 1
        self._trace("process", f"{process.number} killed{' with the machine' * machine}")
        now = self._loop.time()
        for one in self.handled:
            if one.process == process.number:
                unsure = process.mount.failures > 0
                one.excused |= unsure or one.ended is None or one.ended == now
            # What an earlier process has noted as done was not synced either.
            one.excused |= machine
        process.end()
        if machine:
            self.disk.crash()
            self.lossy |= not self._sync

    async def close(self) -> None:
        """Close the receiver in good order."""
        process, self._process = self._process, None
        if process is None or process.receiver is None:
            return
        self._closing = process
        self.restarts.add(process.number)
        await asyncio.wait([process.spawn(process.receiver.close())])
        if process.alive:
            self._closing = None
            process.end()
        for one in self.handled:
            # A handler that does not end is stopped, and its webhook handled after the next start.
            one.excused |= one.process == process.number and one.ended is None

    async def receive(self, sent: Sent, gives_up: bool) -> int:
        """Take a request; returns the status of the response."""
        process = self._process
        if process is None or process.receiver is None:
            raise NoResponse("connection refused")
        sent.lives.append(process.number)
        task = process.spawn(process.receiver.handle(sent.body))
        if gives_up:
            # The sender is gone, and the framework cancels the request half-way.
            self._loop.call_later(self._rng.random() * 0.01, task.cancel)
        try:
            response = await asyncio.shield(task)
        except Killed:
            raise NoResponse("the connection was reset") from None
        except asyncio.CancelledError:
            if task.cancelled() and not _is_cancelled():
                raise NoResponse("the connection was reset") from None
            raise
        if not process.alive:
            raise NoResponse("the connection was reset")
        return int(response.status)

    def _handler(self, process: Process) -> Callable[[Any], Awaitable[None]]:
        async def handle(webhook: Any) -> None:
            if not process.alive:
                return
            key = key_of(webhook)
            handling = Handling(key, process.number, self._loop.time())
            self.handled.append(handling)
            self._trace("process", f"handles {webhook.action} {key}")
            await asyncio.sleep(self._rng.expovariate(1 / self.slowness))
            if process.alive:
                handling.ended = self._loop.time()

        return handle

    def _on_task(self, task: asyncio.Task[Any]) -> None:
        process = RUNNING.get()
        if process is not None:
            process.tasks.append(task)


def simulate_journal(journal: Journal, loop: SimulatedLoop, name: str) -> None:
    """Have a journal take its time, and the names of its files, from the simulation."""
    numbers = count(1)
    journal._clock = lambda: micros(loop.time()) / 1e6
    journal._new_name = lambda: f"{name}-{next(numbers):04d}"


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def key_of(webhook: Any) -> str:
    """Shorten a webhook to what tells it from others."""
    return digest_of(webhook.action.encode() + encode(webhook.payload)).hex()[:12]


def key_of_body(body: bytes) -> str:
    """Do that with the body of a request."""
    return key_of(parse(body))
