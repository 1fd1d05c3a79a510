"""Where states are kept: each place makes stores that share what is in it."""

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from frontdesk.bots.states.memory import MemoryStateStore
from frontdesk.bots.states.nats import NatsStateStore
from frontdesk.bots.states.redis import RedisStateStore
from frontdesk.bots.states.sqlite import SQLiteStateStore

PATIENCE = 30.0


class Place:
    """A place for states.

    Args:
        make: Makes a store of that place.
        server: What can be killed and started again, if there is one.
    """

    def __init__(self, make: Callable[[], Any], server: Any = None) -> None:
        self.make = make
        self.server = server
        self.stores: list[Any] = []

    async def store(self) -> Any:
        """A store that is started."""
        store = self.make()
        self.stores.append(store)
        await store.start()
        return store

    def run(self, test: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            try:
                async with asyncio.timeout(2 * PATIENCE):
                    await test()
            finally:
                for store in self.stores:
                    await store.close()
                self.stores.clear()

        asyncio.run(main())


def memory_place() -> Place:
    store = MemoryStateStore()
    return Place(lambda: store)


def sqlite_place(folder: Path, *, sync: bool = False) -> Place:
    return Place(lambda: SQLiteStateStore(folder / "deep" / "states.sqlite", sync=sync))


def redis_place(server: Any) -> Place:
    prefix = f"t{secrets.token_hex(4)}:"
    return Place(lambda: RedisStateStore(server.url, prefix=prefix), server)


def nats_place(server: Any) -> Place:
    name = f"t{secrets.token_hex(4)}"
    return Place(lambda: NatsStateStore(server.url, name=name), server)


def in_children(count: int, work: Callable[[int], Awaitable[None]]) -> None:
    """Do something in several processes at once; fails if one of them does."""
    pids: list[int] = []
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                asyncio.run(work(number))
                code = 0
            finally:
                os._exit(code)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * count
