"""The delay of a network: passes connections on, each chunk half of the round trip later."""

import asyncio
import sys
from collections import deque


class Side(asyncio.Protocol):
    """One end of a connection that is passed on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.transport: asyncio.Transport | None = None
        self.peer: Side | None = None
        self._under_way: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        # Timers that are due together may ring in any order: each takes the oldest chunk.
        self._under_way.append(data)
        asyncio.get_running_loop().call_later(self.seconds, self._arrive)

    def connection_lost(self, error: Exception | None) -> None:
        asyncio.get_running_loop().call_later(self.seconds, self._end)

    def _arrive(self) -> None:
        data = self._under_way.popleft()
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.write(data)

    def _end(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.close()


class Accepted(Side):
    """The end of the client; chunks wait until the server's end is there."""

    def __init__(self, port: int, seconds: float) -> None:
        super().__init__(seconds)
        self.port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert self.transport is not None
        self.transport.pause_reading()
        self.task = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, self.peer = await loop.create_connection(
            lambda: Side(self.seconds), "127.0.0.1", self.port
        )
        self.peer.peer = self
        assert self.transport is not None
        self.transport.resume_reading()


async def main(port: int, milliseconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Accepted(port, milliseconds / 2000), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
