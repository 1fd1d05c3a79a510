"""One run of a bot: a seed is played, and what does not hold is told."""

import asyncio
import time
from collections.abc import Callable, Iterator
from random import Random
from unittest import mock

from ..clock import RESOLUTION, SimulatedLoop, micros
from ..run import Outcome, played
from ..trace import Trace
from .invariants import everything_holds, replays_hold
from .machine import BotMachine, attach

TROUBLES = (
    "kill", "kill_in_disk", "crash", "fill", "break_disk", "restart", "reopen", "take_back",
    "fail_states", "conflict", "fail_letters", "fail_chats",
)  # fmt: skip
PATIENCE = 400.0
"""Simulated seconds after the last trouble within which all is handled or given up."""
QUICK = 0.01


def simulate(seed: int, *, keep: bool = False) -> Outcome:
    """Play a seed; ``keep`` keeps the lines of the trace."""
    loop = SimulatedLoop()
    trace = Trace(loop.time, keep=keep)
    attach(loop)
    run = BotRun(seed, loop, trace)

    def now() -> float:
        return micros(loop.time()) / 1e6 + run.subject.skew

    with mock.patch.object(time, "time", now):
        return played(seed, run, loop, trace)


class BotRun:
    """A bot that is disturbed, a control that is not, and what both are sent."""

    def __init__(self, seed: int, loop: SimulatedLoop, trace: Trace) -> None:
        self.faults: list[str] = []
        self._loop = loop
        self._trace = trace
        self._rng = Random(f"{seed}:bot troubles")
        plan = Random(f"{seed}:bot plan")
        self._kinds = tuple(kind for kind in TROUBLES if plan.random() < 0.5)
        self._seconds = plan.uniform(20.0, 60.0)
        self._pause = plan.choice((0.1, 0.3, 1.0))
        self._trouble_pause = plan.choice((0.5, 2.0, 6.0))
        self._chats = [f"C{number}" for number in range(plan.randint(1, 6))]
        name = str(seed)
        sync, skew = plan.random() < 0.5, plan.random() < 0.3
        latency, slowness = plan.choice((0.001, 0.02, 0.2)), plan.choice((0.01, 0.1, 0.5))
        self.subject = BotMachine(
            loop, trace, name, name="subject", disturbed=True, sync=sync, latency=latency,
            slowness=slowness, concurrency=plan.choice((1, 3, 100)), skew=skew,
        )  # fmt: skip
        self.control = BotMachine(
            loop, trace, name, name="control", disturbed=False, sync=False, latency=0.001,
            slowness=QUICK, concurrency=100,
        )  # fmt: skip
        self._publisher = Random(f"{seed}:publisher")
        self._sent: list[tuple[int, str]] = []
        self._fates: dict[int, str] = {}
        self._publishing: set[asyncio.Task[None]] = set()

    async def play(self) -> None:
        """Play it from beginning to end."""
        self.subject.start()
        await asyncio.gather(self._publish(self._seconds), self._disturb(self._seconds))
        self._calm()
        if self._publishing:
            await asyncio.wait(self._publishing)
        if not await self._until(lambda: self._ready(self.subject), PATIENCE):
            self.faults.append(f"work is left {PATIENCE:g} s after the last trouble")
            return
        # Whatever it went through, it goes on with new messages.
        await self._publish(2.0)
        if self._publishing:
            await asyncio.wait(self._publishing)
        await self._until(lambda: self._ready(self.subject), PATIENCE)
        await self._play_control()
        chats = dict(self._sent)
        self.faults += everything_holds(self.subject, self.control, self._fates, chats)
        given_up = set(self.subject.letters.numbers())
        self.subject.healed = True
        for letter_id in sorted(self.subject.letters.kept):
            await self.subject.engine.replay(letter_id)
        if not await self._until(lambda: self.subject.idle, PATIENCE):
            self.faults.append("replayed dead letters are not handled")
        self.faults += replays_hold(self.subject, self._fates, given_up)
        await self.subject.close(None)
        await self.control.close(None)

    async def _play_control(self) -> None:
        """Have the control handle whatever the subject was given, in the same order."""
        self.control.start()
        await asyncio.sleep(0.5)
        handled = {call.number for call in self.subject.calls}
        for number, chat_id in self._sent:
            if self._fates[number] == "accepted" or number in handled:
                await self.control.publish(chat_id, number)
        await self._until(lambda: self.control.idle, PATIENCE)

    async def _publish(self, seconds: float) -> None:
        """Have customers write for some time."""
        until = self._loop.time() + seconds
        while self._loop.time() < until - RESOLUTION:
            await asyncio.sleep(self._publisher.expovariate(1 / self._pause))
            for _ in range(self._publisher.choice((1, 1, 1, 4))):
                self._send(self._publisher.choice(self._chats))

    def _send(self, chat_id: str) -> None:
        number = len(self._sent)
        self._sent.append((number, chat_id))
        self._fates[number] = "unknown"
        task = asyncio.ensure_future(self._send_one(chat_id, number))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def _send_one(self, chat_id: str, number: int) -> None:
        fate = self._fates[number] = await self.subject.publish(chat_id, number)
        self._trace("publisher", f"{number} to {chat_id}: {fate}")

    async def _disturb(self, seconds: float) -> None:
        """Make troubles for some time."""
        until = self._loop.time() + seconds
        while until - self._loop.time() > RESOLUTION:
            await asyncio.sleep(self._rng.expovariate(1 / self._trouble_pause))
            if not self.subject.running:
                self.subject.start()
            elif self._kinds:
                kind = self._rng.choice(self._kinds)
                self._trace("trouble", kind)
                await getattr(self, f"_{kind}")()

    def _calm(self) -> None:
        subject = self.subject
        subject.disk.full = subject.disk.broken = False
        subject.disk.kill_at = None
        subject.states.failing = subject.states.conflicts = 0.0
        subject.letters.failing = subject.chats.failing = 0.0
        subject.slowness = QUICK
        for server in (subject.states, subject.letters, subject.chats):
            server.latency = QUICK / 10

    def _ready(self, machine: BotMachine) -> bool:
        """Tell whether all is done; starts the bot again where a message has killed it."""
        if not machine.running:
            machine.start()
        return machine.idle

    async def _kill(self) -> None:
        self.subject.kill()

    async def _kill_in_disk(self) -> None:
        self.subject.disk.kill_at = self._rng.randrange(1, 12)

    async def _crash(self) -> None:
        self.subject.kill(machine=True)

    async def _fill(self) -> None:
        self.subject.disk.full = not self.subject.disk.full

    async def _break_disk(self) -> None:
        self.subject.disk.broken = not self.subject.disk.broken

    async def _restart(self) -> None:
        await self.subject.close(self._rng.choice((0.0, 0.1, 1.0, None)))
        self.subject.start()

    async def _reopen(self) -> None:
        await self.subject.reopen(self._rng.choice((0.0, 0.1, 1.0)))

    async def _take_back(self) -> None:
        await self.subject.take_back()

    async def _fail_states(self) -> None:
        self.subject.states.failing = self._rng.choice((0.0, 0.3, 1.0))

    async def _conflict(self) -> None:
        self.subject.states.conflicts = self._rng.choice((0.0, 0.5))

    async def _fail_letters(self) -> None:
        self.subject.letters.failing = self._rng.choice((0.0, 0.5))

    async def _fail_chats(self) -> None:
        self.subject.chats.failing = self._rng.choice((0.0, 0.3))

    async def _until(self, reached: Callable[[], bool], seconds: float) -> bool:
        until = self._loop.time() + seconds
        while not reached():
            if self._loop.time() >= until:
                return False
            await asyncio.sleep(1.0)
        return True


def failures(seeds: range) -> Iterator[str]:
    """Play seeds; yields the reports of those that fail."""
    for seed in seeds:
        outcome = simulate(seed)
        if outcome.faults:
            yield outcome.report().replace("tests.simulation ", "tests.simulation.bots ")
