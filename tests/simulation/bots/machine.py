"""The process that a bot runs in: it is killed, closed, and started again with what outlives it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
from msgspec import Struct

from frontdesk.bots import Bot, Context, HandlerRetry, Identity, LocalEngine
from frontdesk.bots.service import BotService
from frontdesk.errors import FrontdeskError, InvalidArgument, QueueUnavailable
from frontdesk.webhooks import Journal, parse

from ..clock import SimulatedLoop
from ..disk import Killed, SimulatedDisk
from ..process import RUNNING, Process, simulate_journal
from ..trace import Trace
from .servers import ChatClient, Chats, LetterBox, Letters, StateConnection, States

BOT = "5c9871d5372c824cbf22d860a707a578"
CUSTOMER = "3d6f0a52-8c1e-4b7d-9f4a-5a3f1c2b7e90"
FATES = {
    "done": 70, "flaky": 10, "broken": 3, "refused": 3, "cancelled": 4, "stubborn": 5, "killing": 5,
}  # fmt: skip
REMEMBERED = 4
"""How many messages of a chat the engine promises to recognize if the journal forgot their end."""


class Tally(Struct):
    """The state of a chat."""

    seen: list[int] = []


class Call(Struct):
    """One call of the handler."""

    number: int
    chat_id: str
    process: int
    begun: float
    ended: float | None = None


class Identities:
    """Acts as a bot whose calls are the simulation's."""

    def __init__(self, client: ChatClient) -> None:
        nobody: Any = None
        acting: Any = client
        self._identity = Identity(BOT, acting, nobody)

    async def of(self, organization_id: str) -> Identity:
        del organization_id
        return self._identity

    async def close(self) -> None:
        """There are no connections."""


class BotMachine:
    """Where the bot's process runs, with all that outlives the process.

    Args:
        disturbed: Whether handlers fail for now, or kill their process. Messages that no attempt
            can handle are given up in any case.
    """

    def __init__(
        self, loop: SimulatedLoop, trace: Trace, seed: str, *, name: str, disturbed: bool,
        sync: bool, latency: float, slowness: float, concurrency: int, skew: bool = False,
    ) -> None:  # fmt: skip
        self.name = name
        self.disk = SimulatedDisk(Random(f"{seed}:{name} disk"), trace)
        self.disk.on_kill = self.kill
        self.states = States(loop, Random(f"{seed}:{name} states"), latency)
        self.letters = Letters(loop, Random(f"{seed}:{name} letters"), latency)
        self.chats = Chats(loop, Random(f"{seed}:{name} chats"), latency)
        self.disturbed = disturbed
        self.healed = False
        """All messages are handled well from now on."""
        self.calls: list[Call] = []
        self.excused: set[int] = set()
        """Messages that the disk may have forgotten to be done, with too many others behind."""
        self.lossy = False
        """A crash may have cost what was accepted."""
        self.slowness = slowness
        self.counts: Counter[str] = Counter()
        self.skew = 0.0
        """Seconds by which the machine's clock is wrong."""
        self._skews = skew
        self._seed = seed
        self._loop = loop
        self._trace = trace
        self._rng = Random(f"{seed}:{name}")
        self._sync = sync
        self._concurrency = concurrency
        self._tries: Counter[int] = Counter()
        self._process: Process | None = None
        self._service: BotService | None = None
        self._engine: LocalEngine | None = None
        self._lives = 0
        self._starting = False

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    @property
    def idle(self) -> bool:
        """Whether the bot has started and has nothing left to do."""
        engine = self._engine
        return engine is not None and engine._accepts and not engine._unsettled

    @property
    def engine(self) -> LocalEngine:
        """The engine of the process."""
        assert self._engine is not None
        return self._engine

    def start(self) -> None:
        """Start a process."""
        self._lives += 1
        if self._skews:
            self.skew = self._rng.uniform(-20.0, 20.0)
        process = Process(self._lives, self.disk, self._loop)
        try:
            journal = Journal("journal", disk=process.mount, sync=self._sync)
        except Killed:
            return
        simulate_journal(journal, self._loop, f"{self._lives:06d}")
        bot = Bot(
            state=Tally,
            retry=HandlerRetry(attempts=3, first_pause=0.5, longest_pause=4.0),
            patience=60.0,
            store=StateConnection(self.states, process),
            identities=lambda: Identities(ChatClient(self.chats, process)),
        )
        bot.message(self._handler(process))
        self._engine = LocalEngine(
            journal=journal,
            dead_letters=LetterBox(self.letters, process),
            concurrency=self._concurrency,
            stall_timeout=5.0,
        )
        self._service = bot.service(self._engine)
        self._process = process
        self._trace(self.name, f"process {process.number} starts")
        process.spawn(self._begin(process, self._service))

    async def _begin(self, process: Process, service: BotService) -> None:
        try:
            await service.start()
        except (FrontdeskError, OSError) as error:
            self._trace(self.name, f"process {process.number} cannot start: {error}")
            self.kill()

    def kill(self, *, machine: bool = False) -> None:
        """End the process at once; with the machine, the disk loses what it had not kept."""
        process, self._process = self._process, None
        if process is None:
            return
        self.counts["kills"] += 1
        self._trace(self.name, f"process {process.number} killed{' with the machine' * machine}")
        self._end(process, forgets=machine or process.mount.failures > 0)
        if machine:
            self.disk.crash()
            self.lossy |= not self._sync

    def _end(self, process: Process, *, forgets: bool) -> None:
        process.end()
        self._service = self._engine = None
        # No process is started again so soon that a state comes behind what it loads.
        self.states.overtake(process)
        if forgets:
            self._excuse()

    def _excuse(self) -> None:
        """Note what the journal may have forgotten to be done."""
        for seen in self.states.seen().values():
            # One more may be on its way to the state store.
            if len(seen) >= REMEMBERED:
                self.excused.update(seen)

    async def close(self, timeout: float | None) -> None:
        """Close the bot in good order, and end the process."""
        process, service = self._process, self._service
        if process is None or service is None:
            return
        await asyncio.wait([process.spawn(service.close(timeout))])
        if self._process is process:
            self._process = None
            self._end(process, forgets=process.mount.failures > 0)
        self._trace(self.name, f"process {process.number} closed")

    async def reopen(self, timeout: float) -> None:
        """Close the bot and start it again in the same process."""
        process, service = self._process, self._service
        if process is None or service is None:
            return
        await asyncio.wait([process.spawn(service.close(timeout))])
        if process.alive:
            self._trace(self.name, f"process {process.number} goes on")
            self.states.overtake(process)
            if process.mount.failures:
                self._excuse()
            await asyncio.wait([process.spawn(self._begin(process, service))])

    async def take_back(self) -> None:
        """Cancel what consumes the items, and consume them again."""
        process, service, engine = self._process, self._service, self._engine
        working = None if service is None else service._working
        if process is None or engine is None or working is None or working.consuming is None:
            return
        working.consuming.cancel()
        await asyncio.wait([working.consuming])
        await asyncio.sleep(0.05)
        if process.alive and service is not None and service._working is working:
            working.consuming = process.spawn(engine.consume(working.worker))

    async def publish(self, chat_id: str, number: int) -> str:
        """Publish a message; returns whether it was ``accepted``, ``refused``, or nobody knows."""
        process, service = self._process, self._service
        if process is None or service is None:
            return "refused"
        at = self._loop.time()
        task = process.spawn(service.publish(message(chat_id, number), ""))
        await asyncio.wait([task])
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if not process.alive or isinstance(error, (asyncio.CancelledError, Killed)):
            return "unknown"
        if error is None:
            return "accepted"
        assert isinstance(error, FrontdeskError), error
        # What the disk did not keep in time is handled unless the process ends first.
        waited = isinstance(error, QueueUnavailable) and self._loop.time() > at
        return "unknown" if waited else "refused"

    def _handler(self, process: Process) -> Callable[..., Any]:
        async def handle(ctx: Context[Tally]) -> None:
            if not process.alive:
                raise Killed
            number = int(ctx.text or "")
            call = Call(number, ctx.chat_id, process.number, self._loop.time())
            self.calls.append(call)
            self._trace(self.name, f"handles {number} of {ctx.chat_id}")
            try:
                await self._handle(ctx, number)
            finally:
                if process.alive:
                    call.ended = self._loop.time()

        return handle

    async def _handle(self, ctx: Context[Tally], number: int) -> None:
        rng = Random(f"{self._seed}:fate of {number}")
        fate = rng.choices(list(FATES), list(FATES.values()))[0]
        times, replies_first = rng.randint(1, 4), rng.random() < 0.5
        self._tries[number] += 1
        fails = not self.healed and (
            fate in ("broken", "refused") or (self.disturbed and self._tries[number] <= times)
        )
        try:
            await asyncio.sleep(self._rng.expovariate(1 / self.slowness))
        except asyncio.CancelledError:
            if fate != "stubborn":
                raise
            await asyncio.sleep(self._rng.expovariate(1 / 2.0))
        if fails and not replies_first:
            await self._fail(fate)
        await ctx.reply(f"{number}")
        if fails:
            await self._fail(fate)
        ctx.state.seen.append(number)
        if self._rng.random() < 0.3:
            await ctx.reply(f"{number} again")

    async def _fail(self, fate: str) -> None:
        match fate:
            case "flaky" | "broken":
                raise RuntimeError("it does not work")
            case "refused":
                raise InvalidArgument("text", "no attempt can handle it")
            case "cancelled":
                raise asyncio.CancelledError
            case "killing":
                self.kill()
                raise Killed
            case _:
                return


def message(chat_id: str, number: int) -> Any:
    """Return the webhook of a customer's message."""
    event = {
        "id": f"E{number}", "type": "message", "author_id": CUSTOMER, "visibility": "all",
        "created_at": "2026-03-02T09:15:27.104233Z", "text": str(number),
    }  # fmt: skip
    return parse(
        msgspec.json.encode(
            {
                "webhook_id": "w",
                "action": "incoming_event",
                "organization_id": "o",
                "payload": {"chat_id": chat_id, "thread_id": f"T{chat_id}", "event": event},
            }
        )
    )


def attach(loop: SimulatedLoop) -> None:
    """Have tasks that a process starts end with it."""

    def note(task: asyncio.Task[Any]) -> None:
        process = RUNNING.get()
        if process is not None:
            process.tasks.append(task)

    loop.on_task = note
    loop.ignored = (Killed,)


def chats_of(calls: list[Call]) -> dict[str, list[Call]]:
    """Sort calls by chat."""
    by_chat: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_chat[call.chat_id].append(call)
    return by_chat
