"""What goes wrong with the process that receives webhooks, and with its disk."""

import asyncio
from random import Random

from .clock import RESOLUTION, SimulatedLoop
from .process import Machine
from .trace import Trace

TAKING_OVER = 0.5
"""Simulated seconds in which a process has taken over what it can."""


class MachineTroubles:
    """Makes troubles for one machine at random."""

    def __init__(
        self,
        machine: Machine,
        loop: SimulatedLoop,
        trace: Trace,
        rng: Random,
        *,
        kinds: tuple[str, ...],
    ) -> None:
        self._machine = machine
        self._loop = loop
        self._trace = trace
        self._rng = rng
        self._kinds = kinds

    async def make(self, seconds: float, pause: float) -> None:
        """Make troubles for some time, then let the machine run well."""
        until = self._loop.time() + seconds
        while until - (now := self._loop.time()) > RESOLUTION:
            await asyncio.sleep(min(until - now, self._rng.expovariate(1 / pause)))
            if self._kinds and self._machine.running:
                kind = self._rng.choice(self._kinds)
                self._trace("machine", kind)
                await getattr(self, kind)()
            elif not self._machine.running:
                self._machine.start()
        disk = self._machine.disk
        disk.full = disk.broken = disk.denied = False
        disk.kill_at = None
        if self._machine.blind and self._machine.running:
            # What a process could not take over is left to the next one.
            await self._machine.close()
        if not self._machine.running:
            self._machine.start()

    async def kill(self) -> None:
        """The process is killed."""
        self._machine.kill()

    async def kill_in_disk(self) -> None:
        """The process will be killed in the middle of an operation of the disk."""
        self._machine.disk.kill_at = self._rng.randrange(1, 12)

    async def crash(self) -> None:
        """The power fails."""
        self._machine.kill(machine=True)

    async def fill(self) -> None:
        """The disk is full, or has room again."""
        self._machine.disk.full = not self._machine.disk.full

    async def break_disk(self) -> None:
        """The disk cannot sync, or can again."""
        self._machine.disk.broken = not self._machine.disk.broken

    async def deny(self) -> None:
        """The process is killed, and the next one may not open what it has left."""
        disk = self._machine.disk
        disk.denied = True
        self._machine.kill()
        self._machine.start()
        await asyncio.sleep(TAKING_OVER)
        disk.denied = False

    async def restart(self) -> None:
        """The process is closed in good order and started again."""
        await self._machine.close()
        self._machine.start()
