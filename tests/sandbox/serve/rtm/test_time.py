"""Half a minute, to the second: an endpoint whose clock the test holds, without a network."""

import asyncio
from contextlib import asynccontextmanager

import msgspec
import pytest

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.serve.rtm.endpoint import Endpoint

LOGIN = {"action": "login", "payload": {"token": "Bearer dal:sandbox-owner"}}


class Socket:
    def __init__(self):
        self.said = []
        self.ended = None

    def write(self, data):
        start = data.index(b"{")
        self.said.append(msgspec.json.decode(data[start:]))

    def close(self, code, reason):
        self.ended = reason

    def cut(self, *, reset):
        self.ended = "cut"

    def read(self, *, on):
        pass

    def mute(self):
        pass


class Room:
    """An endpoint, one connection to it, and the time."""

    def __init__(self, backend):
        self.now = 1000.0
        self.socket = Socket()
        self.endpoint = Endpoint(backend, self.commit, clock=lambda: self.now)
        handshake = self.endpoint.admit("/v3.6/agent/rtm/ws", {})
        self.connection = self.endpoint.open(handshake, self.socket)

    def commit(self):
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def wait(self, seconds):
        self.now += seconds
        self.endpoint.tick()

    def send(self, request):
        self.endpoint.receive(self.connection, msgspec.json.encode(request))


@pytest.fixture
def room():
    backend = Backend(seed="empty")

    @asynccontextmanager
    async def open():
        yield Room(backend)
        await asyncio.sleep(0)

    yield open
    backend.close()


def test_thirty_seconds_for_the_log_in(room):
    async def main():
        async with room() as it:
            it.wait(29)
            it.send({"action": "ping"})
            it.endpoint.heard(it.connection)
            assert it.socket.ended is None
            it.wait(1)
            assert it.socket.ended == "connection_timeout"
            assert it.socket.said[-1]["payload"] == {"reason": "connection_timeout"}

    asyncio.run(main())


def test_silence_counts_from_the_log_in_on(room):
    async def main():
        async with room() as it:
            it.wait(29)
            it.send(LOGIN)
            it.wait(29)
            assert it.socket.ended is None
            it.wait(1)
            assert it.socket.ended == "connection_timeout"

    asyncio.run(main())


@pytest.mark.parametrize("sign", ["message", "frame", "request", "nonsense"])
def test_any_sign_of_life_counts(room, sign):
    async def main():
        async with room() as it:
            it.send(LOGIN)
            for _ in range(10):
                it.wait(29)
                match sign:
                    case "message":
                        it.send({"action": "ping"})
                    case "frame":
                        it.endpoint.heard(it.connection)
                    case "request":
                        it.send({"action": "list_routing_statuses"})
                        await asyncio.sleep(0)
                    case _:
                        it.endpoint.receive(it.connection, b"?")
                assert it.socket.ended is None
            it.wait(30)
            assert it.socket.ended == "connection_timeout"

    asyncio.run(main())
