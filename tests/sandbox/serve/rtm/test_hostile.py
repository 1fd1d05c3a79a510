"""Clients that mean no good, and a server that cannot do its work."""

import asyncio
import logging
import random

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from frontdesk.actions import ACTIONS
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.serve.asgi import App
from frontdesk.sandbox.serve.rtm import protocol

from ..._rtm_line import Refused


class Socket:
    """Takes whatever the endpoint says."""

    def __init__(self):
        self.frames = 0
        self.closed = False

    def write(self, data):
        assert data[0] == 0x81, "a text frame"
        self.frames += 1

    def close(self, code, reason):
        self.closed = True

    def cut(self, *, reset):
        self.closed = True

    def read(self, *, on):
        pass

    def mute(self):
        pass


WORDS = [None, True, 0, -1, 2**63, 1.5, "", "x", "3.6", "\u2028", [], {}, [[]], {"id": {}}]
KEYS = ["chat_id", "id", "event", "token", "properties", "target", "limit", "filters", "type"]


def anything(rng, depth=0):
    if depth < 3 and rng.random() < 0.4:
        return {rng.choice(KEYS): anything(rng, depth + 1) for _ in range(rng.randrange(4))}
    return rng.choice(WORDS)


def frame(rng):
    request = {
        "action": rng.choice([*ACTIONS, "ping", "", "nothing"]),
        "payload": anything(rng),
        "request_id": rng.choice(["1", "", None, "x" * 1000]),
        "version": rng.choice([None, None, None, "3.6", "3.7", "0.0", "x"]),
    }
    if rng.random() < 0.1:
        del request[rng.choice(list(request))]
    data = bytearray(msgspec.json.encode(request))
    if rng.random() < 0.2:
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("logged_in", [False, True])
def test_random_frames_do_no_harm(caplog, logged_in):
    """Each gets a response or is ignored; the connection goes on, and nothing fails."""
    rng = random.Random(f"{logged_in}")
    backend = Backend(seed="demo")

    async def main():
        app = App(backend)
        running = asyncio.create_task(app.rtm.run())
        await asyncio.sleep(0)
        handshake = app.rtm.admit("/v3.6/agent/rtm/ws", {})

        def dial():
            socket = Socket()
            connection = app.rtm.open(handshake, socket)
            if logged_in:
                login = {"action": "login", "payload": {"token": backend.tokens()["owner"]}}
                app.rtm.receive(connection, msgspec.json.encode(login))
            return socket, connection

        socket, connection = dial()
        for _ in range(2000):
            app.rtm.receive(connection, frame(rng))
            await app.next_commit()
            await asyncio.sleep(0)
            if socket.closed:  # by a log-out that made sense
                assert logged_in
                socket, connection = dial()
        assert socket.frames > 0
        running.cancel()

    with caplog.at_level(logging.WARNING, "frontdesk.sandbox"):
        asyncio.run(main())
    assert [record.getMessage() for record in caplog.records] == []
    backend.close()


def test_whoever_reads_nothing_is_cut_off(dial, served, monkeypatch):
    monkeypatch.setattr(protocol, "MAX_UNSENT", 100_000)
    dial()
    served.rtm.connections()
    for _ in range(200):
        served.rtm.push("incoming_multicast", {"content": "x" * 200_000})
        if not served.rtm.connections():
            return
    pytest.fail("the connection is still there")


def test_what_cannot_be_kept_is_not_claimed(dial, served, monkeypatch):
    line = dial()
    line.settle()
    commit = served.backend.world.commit

    def fail():
        monkeypatch.setattr(served.backend.world, "commit", commit)
        raise OSError("no space left")

    monkeypatch.setattr(served.backend.world, "commit", fail)
    with pytest.raises(Refused, match="internal"):
        line.call("list_routing_statuses")
    assert line.call("list_routing_statuses")


def test_nothing_is_done_after_the_log_out(dial, served):
    line = dial()
    line.send("logout", request_id="bye")
    with pytest.raises(ConnectionClosed):
        line.send("start_chat")
        line.response("late")
    assert [call.error for call in served.calls("start_chat")] in (
        [],
        ["requester_already_offline"],
    )
    assert served.rtm.connections() == []
