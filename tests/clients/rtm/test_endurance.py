"""Sessions that last: forced disconnects of every kind while a customer writes without a break."""

import random
import threading
import time
from collections import Counter
from typing import Any

import pytest

from frontdesk import Reconnected
from frontdesk.auth import BearerToken
from frontdesk.core.rtm.session import State
from frontdesk.errors import Disconnected, TransportError
from frontdesk.models import Message
from frontdesk.pushes import IncomingEvent

from ._clients import Kit, in_thread
from ._server import FakeRTM

KINDS = ("close", "reset", "freeze", "eviction", "token")


class Endurance:
    """One client, one server, a customer who writes in several chats, and somebody who cuts."""

    def __init__(
        self, server: FakeRTM, kit: Kit, seed: int, kinds: tuple[str, ...] = KINDS
    ) -> None:
        self.kinds = kinds
        self.server = server
        self.rng = random.Random(seed)
        self.tokens = 0
        self.rtm = kit.client(self.token, ping_interval=0.05, ping_timeout=0.1, timeout=5.0)
        self.got: list[int] = []
        self.by_chat: dict[str, list[int]] = {}
        self.chats = [f"C{number}" for number in range(4)]
        self.sent = 0
        self.calls = Counter[str]()
        self.over = threading.Event()
        for chat in self.chats:
            server.chats.open(chat)

    def token(self) -> BearerToken:
        self.tokens += 1
        return BearerToken(f"dal:{self.tokens}")

    def write(self) -> None:
        """The customer writes; the push goes to whoever is connected at that moment."""

        def say() -> None:
            chat = self.rng.choice(self.chats)
            self.server.say(chat, f"{self.sent}")
            self.sent += 1

        self.server.run(say)

    def cut(self, kind: str) -> None:
        match kind:
            case "close":
                self.server.close_connections()
            case "reset":
                self.server.reset_connections()
            case "eviction":
                self.server.push("agent_disconnected", {"reason": "connection_evicted"})
            case "token":
                self.server.push("agent_disconnected", {"reason": "access_token_expired"})
            case _:
                self.server.freeze_connections()

    def listen(self) -> None:
        """Connect, and again when the server has thrown the client out."""
        self.rtm.on(IncomingEvent)(self.take)
        while not self.over.is_set():
            self.rtm.connect()
            try:
                self.rtm.wait_closed()
            except Disconnected:
                continue

    def take(self, push: Any) -> None:
        assert isinstance(push, IncomingEvent), push
        self.got.append(int(push.event.text))
        self.by_chat.setdefault(push.chat_id, []).append(int(push.event.text))

    def call(self) -> None:
        """Keep calls going; each must end, well or not."""
        while not self.over.is_set():
            try:
                self.rtm.send_event(chat_id="C0", event=Message(text="hi"))
                self.calls["responded"] += 1
            except TransportError:
                self.calls["failed"] += 1
            except Exception as error:
                self.calls[repr(error)] += 1
                return

    def wait_until(self, condition: Any, seconds: float = 30.0) -> None:
        until = time.monotonic() + seconds
        while not condition():
            if self.listening.failed:
                self.listening.get()
            assert time.monotonic() < until, (self.rtm.state, len(self.got), self.sent)
            time.sleep(0.002)

    def run(self, cuts: int, events: int) -> None:
        self.listening = in_thread(self.listen)
        self.wait_until(lambda: self.rtm.state is State.READY)
        calling = [in_thread(self.call) for _ in range(3)]
        for number in range(cuts):
            for _ in range(events // cuts):
                self.write()
            logins = self.server.logged_in
            self.cut(self.kinds[number % len(self.kinds)])
            for _ in range(self.rng.randrange(3)):
                self.write()
            self.wait_until(lambda logins=logins: self.server.logged_in > logins)
        self.wait_until(lambda: self.rtm.state is State.READY)
        self.write()
        self.wait_until(lambda: self.sent and len(self.got) >= self.sent)
        self.over.set()
        for work in calling:
            work.get()
        self.rtm.close()
        self.listening.get()
        times = Counter(self.got)
        assert [text for text, count in times.items() if count > 1] == []
        assert set(times) == set(range(self.sent))
        assert set(self.calls) <= {"responded", "failed"}
        assert self.calls["responded"]


def test_no_event_is_lost_or_doubled_and_no_call_hangs(server: FakeRTM, kit: Kit):
    Endurance(server, kit, seed=7).run(cuts=18, events=400)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_five_hundred_disconnects_while_twenty_thousand_events_come(server: FakeRTM, kit: Kit):
    Endurance(server, kit, seed=11).run(cuts=500, events=20_000)


def test_events_of_a_chat_keep_their_order_however_often_the_way_back_is_cut(
    server: FakeRTM, kit: Kit
):
    endurance = Endurance(server, kit, seed=5, kinds=("close", "reset", "freeze", "token"))
    endurance.run(cuts=18, events=400)
    assert all(numbers == sorted(numbers) for numbers in endurance.by_chat.values())


def test_notice_tells_what_the_way_back_has_cost(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected() as rtm:
        back = rtm.pushes(Reconnected)
        before = rtm.meter.requests
        server.reset_connections()
        notice = back.get()
        assert rtm.meter.requests - before == notice.requests + 1
