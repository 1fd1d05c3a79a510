"""What outlives the bot's process: states, dead letters, and the chats that it replies in."""

import asyncio
import errno
from collections import defaultdict
from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
from msgspec import Struct

from frontdesk.bots.engines.base import DeadLetter
from frontdesk.bots.items import QueueItem
from frontdesk.bots.states.base import StoredState
from frontdesk.bots.states.record import read_record
from frontdesk.errors import ConnectError, RequestTimeout, StateConflict, StateStoreError

from ..disk import Killed
from ..process import Process


class Server:
    """What may fail: ``failing`` is the share of the calls that do."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rng: Random, latency: float) -> None:
        self.failing = 0.0
        self._loop = loop
        self._rng = rng
        self.latency = latency
        """Seconds that each way takes on average."""
        self._under_way: dict[int, dict[Callable[[], None], asyncio.TimerHandle]] = {}

    def fails(self) -> bool:
        """Draw whether something goes wrong."""
        return self._rng.random() < self.failing

    def _arrived(self, process: Process, arrive: Callable[[], None]) -> None:
        if self._under_way[process.number].pop(arrive, None) is not None:
            arrive()

    def overtake(self, process: Process) -> None:
        """Have what a process has sent arrive now: before anything that comes after its end."""
        for arrive, timer in list(self._under_way.pop(process.number, {}).items()):
            timer.cancel()
            arrive()

    async def call(self, process: Process, act: Callable[[], Any], *, survives: bool = True) -> Any:
        """Have ``act`` done some time later, and return what it returned still later.

        A request that is under way is done though its process is killed, if it ``survives``.
        """
        if not process.alive:
            raise Killed
        results: list[Any] = []

        def arrive() -> None:
            if survives or process.alive:
                try:
                    results.append(act())
                except Exception as error:
                    results.append(error)

        there = self._rng.expovariate(1 / self.latency)
        timer = self._loop.call_later(there, self._arrived, process, arrive)
        self._under_way.setdefault(process.number, {})[arrive] = timer
        await asyncio.sleep(there + self._rng.expovariate(1 / self.latency) + 1e-6)
        if not process.alive:
            raise Killed
        if isinstance(results[0], Exception):
            raise results[0]
        return results[0]


class States(Server):
    """Stored states. Somebody else may write a chat's state between two steps of the bot."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rng: Random, latency: float) -> None:
        super().__init__(loop, rng, latency)
        self.stored: dict[str, StoredState] = {}
        self.conflicts = 0.0
        self._revision = 0

    def load(self, key: str) -> StoredState | None:
        return self.stored.get(key)

    def save(self, key: str, data: bytes, revision: int) -> int:
        stored = self.stored.get(key)
        if stored is not None and self._rng.random() < self.conflicts:
            self._revision += 1
            stored = self.stored[key] = StoredState(stored.data, self._revision)
        if (0 if stored is None else stored.revision) != revision:
            raise StateConflict(f"the state of {key} was changed meanwhile")
        self._revision += 1
        self.stored[key] = StoredState(data, self._revision)
        return self._revision

    def seen(self) -> dict[str, list[int]]:
        """The numbers of the messages that each chat's state holds, in their order."""
        seen: dict[str, list[int]] = {}
        for key, stored in self.stored.items():
            record = read_record(stored.data, key)
            state = msgspec.json.decode(record.state) if record.has_state else {}
            seen[key.rpartition("/")[2]] = state.get("seen", [])
        return seen


class StateConnection:
    """The state store of one process; fulfils ``StateStore``."""

    def __init__(self, states: States, process: Process) -> None:
        self._states = states
        self._process = process
        self._started = False

    async def start(self) -> None:
        self._started = True

    async def load(self, key: str) -> StoredState | None:
        self._check()
        stored: StoredState | None = await self._states.call(
            self._process, lambda: self._states.load(key)
        )
        return stored

    async def save(self, key: str, data: bytes, revision: int) -> int:
        self._check()
        new: int = await self._states.call(
            self._process, lambda: self._states.save(key, data, revision)
        )
        if self._states.fails():
            raise StateStoreError("the response is lost")
        return new

    async def delete(self, key: str) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        self._started = False

    def _check(self) -> None:
        if not self._process.alive:
            raise Killed
        if not self._started:
            raise StateStoreError("the state store is closed")
        if self._states.fails():
            raise StateStoreError("the state store does not respond")


class Letters(Server):
    """Dead letters as a directory keeps them: two of one item are two."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rng: Random, latency: float) -> None:
        super().__init__(loop, rng, latency)
        self.kept: dict[str, DeadLetter] = {}
        self.added = 0

    def add(self, item: QueueItem, reason: str, attempts: int) -> None:
        self.added += 1
        letter_id = f"{self.added:06d}"
        self.kept[letter_id] = DeadLetter(
            id=letter_id, item=item, reason=reason, attempts=attempts, failed_at=self._loop.time()
        )

    def numbers(self) -> list[int]:
        """The numbers of the messages that were given up."""
        return [number_of(letter.item) for letter in self.kept.values()]


class LetterBox:
    """The dead letters of one process; fulfils ``DeadLetters``."""

    def __init__(self, letters: Letters, process: Process) -> None:
        self._letters = letters
        self._process = process

    async def prepare(self) -> None:
        """Nothing has to be made."""

    async def add(self, item: QueueItem, reason: str, attempts: int) -> None:
        if self._letters.fails():
            raise OSError(errno.ENOSPC, "no space left on device")
        await self._letters.call(
            self._process, lambda: self._letters.add(item, reason, attempts), survives=False
        )

    async def ids(self) -> list[str]:
        return sorted(self._letters.kept)

    async def read(self, letter_id: str) -> DeadLetter | None:
        return self._letters.kept.get(letter_id)

    async def remove(self, letter_id: str) -> None:
        self._letters.kept.pop(letter_id, None)


class Reply(Struct):
    """A reply that the bot sent."""

    chat_id: str
    custom_id: str
    text: str
    arrived: float
    looked: float | None
    """When the process that sent it had last read the chat."""


class Chats(Server):
    """The chats that the bot replies in."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rng: Random, latency: float) -> None:
        super().__init__(loop, rng, latency)
        self.replies: dict[str, list[Reply]] = defaultdict(list)

    def arrive(self, chat_id: str, event: Any, looked: float | None) -> Any:
        self.replies[chat_id].append(
            Reply(chat_id, event.custom_id, event.text, self._loop.time(), looked)
        )
        return SimpleNamespace(event_id=f"R{chat_id}_{len(self.replies[chat_id])}")

    def chat(self, chat_id: str) -> Any:
        events = [
            SimpleNamespace(id=f"R{at}", custom_id=reply.custom_id)
            for at, reply in enumerate(self.replies[chat_id])
        ]
        return SimpleNamespace(thread=SimpleNamespace(events=events), at=self._loop.time())


class ChatClient:
    """The calls of a client that bots' replies need."""

    def __init__(self, chats: Chats, process: Process) -> None:
        self._chats = chats
        self._process = process
        self._looked: dict[str, float] = {}

    async def send_event(self, *, chat_id: str, event: Any) -> Any:
        looked = self._looked.get(chat_id)
        return await self._call(lambda: self._chats.arrive(chat_id, event, looked))

    async def get_chat(self, *, chat_id: str, thread_id: str | None) -> Any:
        del thread_id
        chat = await self._call(lambda: self._chats.chat(chat_id))
        self._looked[chat_id] = chat.at
        return chat

    async def add_user_to_chat(self, **arguments: Any) -> None:
        await self._call(lambda: arguments)

    async def _call(self, act: Callable[[], Any]) -> Any:
        chats = self._chats
        if chats.fails():
            raise ConnectError("refused")
        response = asyncio.ensure_future(chats.call(self._process, act))
        if chats.fails():
            # It may arrive yet, after the caller has given it up.
            response.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.sleep(0.01)
            raise RequestTimeout("timed out")
        return await response


def number_of(item: QueueItem | None) -> int:
    """Return the number of a message."""
    assert item is not None
    webhook: Any = item.webhook
    return int(webhook.payload.event.text)
