"""A session that is cut again and again while customers write: nothing lost, added, or hung.

Another session of the same agent, which nobody cuts, shows what is due.
"""

import asyncio
import random
import threading
import time
from collections import Counter, defaultdict
from typing import Any

import pytest

from frontdesk import Backoff, Reconnected
from frontdesk.auth import BearerToken
from frontdesk.core.rtm.session import State
from frontdesk.errors import ConnectionClosed, Disconnected, TransportError
from frontdesk.models import Message
from frontdesk.pushes import IncomingEvent
from frontdesk.sandbox import Sandbox

from ..._rtm_line import JONES, SMITH

KINDS = ("close", "eof", "reset", "half_open", "freeze", "eviction", "expiry", "revocation")
TIMEOUT = 10.0
PING_TIMEOUT = 2.0
"""Seconds: longer than reading back takes on a busy machine, while which the server is silent. A
shorter one cuts each reading off and begins it anew, for ever."""
PATIENCE = 120
"""Seconds until something must have happened, also on a machine that is busy otherwise."""
OTHERS = 2
"""Customers whose chats are not the agent's."""
MARGIN = 5.0
"""Seconds over its time-out that a call may take on a machine that has other things to do."""


class Writer:
    """Customers who write, as fast as they are allowed to, from a thread of their own."""

    def __init__(self, sandbox: Sandbox, chats: int, seed: int) -> None:
        self.customers = [
            sandbox.customer(f"Customer {number}") for number in range(chats + OTHERS)
        ]
        self.own = self.customers[:chats]
        self.written: list[str] = []
        self.own_written: list[str] = []
        """In the chats of the agent."""
        self._allowed = threading.Semaphore(0)
        self._rng = random.Random(seed)
        self._thread = threading.Thread(target=self._write)
        self._over = False

    def start(self) -> None:
        self._thread.start()

    def allow(self, events: int) -> None:
        self._allowed.release(events)

    def stop(self) -> None:
        self._over = True
        self._allowed.release()
        self._thread.join()

    def _write(self) -> None:
        while self._allowed.acquire() and not self._over:
            text = f"c{len(self.written)}"
            customer = self._rng.choice(self.customers)
            customer.send(Message(text=text))
            if customer in self.own:
                self.own_written.append(text)
            self.written.append(text)


class Storm:
    """One session, its writers, its callers, and whoever cuts it."""

    def __init__(self, sandbox: Sandbox, *, chats: int, seed: int) -> None:
        self.sandbox = sandbox
        self.rng = random.Random(seed)
        self.writer = Writer(sandbox, chats, seed)
        self.token = ""
        self.rtm = sandbox.async_rtm_client(
            self.new_token,
            ping="frame" if seed % 2 else "message",
            ping_interval=0.2,
            ping_timeout=PING_TIMEOUT,
            timeout=TIMEOUT,
            backoff=Backoff(first_pause=0.01, longest_pause=0.05),
        )
        self.control = sandbox.async_rtm_client(
            BearerToken(sandbox.issue_token(SMITH).removeprefix("Bearer ")), logout=False
        )
        self.control_id = ""
        self.got: list[str] = []
        self.due: list[str] = []
        """What the session that is not cut has got."""
        self.orders: tuple[defaultdict[str, list[str]], defaultdict[str, list[str]]] = (
            defaultdict(list), defaultdict(list),
        )  # fmt: skip
        """By chat, what the one and the other have got."""
        self.calls: Counter[str] = Counter()
        self.recovered: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self.incomplete: list[Reconnected] = []
        self.over = False

    def new_token(self) -> BearerToken:
        self.token = self.sandbox.issue_token(SMITH)
        return BearerToken(self.token.removeprefix("Bearer "))

    def open_chats(self) -> None:
        """Have some customers chat with Smith, and the others without him."""
        web = self.sandbox.client()
        for customer in self.writer.customers:
            chat_id = customer.start_chat(continuous=True)
            present = [user.id for user in web.get_chat(chat_id=chat_id).users if user.present]
            is_own = customer in self.writer.own
            if is_own and SMITH not in present:
                web.add_user_to_chat(
                    chat_id=chat_id,
                    user_id=SMITH,
                    user_type="agent",
                    visibility="all",
                    ignore_requester_presence=True,
                )
            elif not is_own and SMITH in present:
                web.remove_user_from_chat(
                    chat_id=chat_id,
                    user_id=SMITH,
                    user_type="agent",
                    ignore_requester_presence=True,
                )

    async def begin_control(self) -> None:
        """Connect the session that nobody cuts."""
        self.control.on(IncomingEvent)(self.take_due)
        await self.control.connect()
        [connection] = self.sandbox.rtm.connections(SMITH)
        self.control_id = connection.id

    async def take_due(self, event: IncomingEvent) -> None:
        if event.event.text.startswith("c"):
            self.due.append(event.event.text)
            self.orders[1][event.chat_id].append(event.event.text)
            self.arrived.set()

    async def listen(self) -> None:
        """Collect events; connect again when the server has said not to come back.

        Handlers stay for all sessions; a subscription ends with the session it is of.
        """
        self.rtm.on(IncomingEvent)(self.take_event)
        self.rtm.on(Reconnected)(self.take_notice)
        while not self.over:
            try:
                await self.rtm.connect()
                async for _ in self.rtm.pushes(Reconnected):
                    """Until the session ends."""
            except ConnectionClosed as closed:
                # One that ended before there was a subscription names the end as its cause.
                end = closed if isinstance(closed, Disconnected) else closed.__cause__
                if not isinstance(end, Disconnected):
                    raise
                self.ends[end.reason] += 1

    async def take_event(self, event: IncomingEvent) -> None:
        self.recovered["events"] += event.recovered
        if event.event.text.startswith("c"):
            self.got.append(event.event.text)
            self.orders[0][event.chat_id].append(event.event.text)
            self.arrived.set()

    async def take_notice(self, notice: Reconnected) -> None:
        self.recovered["reconnects"] += 1
        self.recovered["requests"] += notice.requests
        # Of chats that the agent has left, the API does not tell when that was.
        others = {one.chat_id for one in self.writer.customers if one not in self.writer.own}
        if not set(notice.chats) <= others or not (notice.complete or notice.chats):
            self.incomplete.append(notice)

    async def call(self) -> None:
        """Keep calls going; each ends in time, well or not."""
        while not self.over:
            began = time.monotonic()
            try:
                if self.rng.random() < 0.1:
                    chat_id = self.rng.choice(self.chat_ids)
                    await self.rtm.send_event(chat_id=chat_id, event=Message(text="agent"))
                else:
                    await self.rtm.list_routing_statuses()
                self.calls["responded"] += 1
            except TransportError:
                self.calls["failed"] += 1
                await asyncio.sleep(0.001)
            if time.monotonic() - began > TIMEOUT + MARGIN:
                self.calls["hung"] += 1

    def cut(self, kind: str) -> None:
        rtm = self.sandbox.rtm
        for connection in rtm.connections(SMITH):
            if connection.id == self.control_id:
                continue
            which = {"connection_id": connection.id}
            match kind:
                case "close" | "eof" | "reset":
                    rtm.cut(**which, how=kind)
                case "half_open":
                    rtm.half_open(**which)
                case "freeze":
                    # Longer than the session waits for a sign of life, once more if it is late.
                    rtm.freeze(4 * PING_TIMEOUT, **which)
                case "eviction":
                    rtm.evict(**which)
                case _:
                    """It is the token that ends."""
        match kind:
            case "expiry":
                self.sandbox.expire_token(self.token)
            case "revocation":
                self.sandbox.revoke_token(self.token)
            case _:
                """It is the connection that ends."""

    async def run(self, cuts: int, events: int) -> None:
        await asyncio.to_thread(self.open_chats)
        self.chat_ids = [customer.chat_id for customer in self.writer.own]
        self.arrived = asyncio.Event()
        self.work = work = []
        await self.begin_control()
        work += [asyncio.create_task(self.listen())]
        await self.until(lambda: self.rtm.state is State.READY)
        work += [asyncio.create_task(self.call()) for _ in range(3)]
        self.writer.start()
        try:
            self.writer.allow(1)
            await self.until(lambda: len(self.writer.written) == 1)
            for number in range(cuts):
                before = self.logins
                self.writer.allow(events // cuts)
                if self.rng.random() < 0.5:
                    await self.until(lambda: self.got and self.rng.random() < 0.5)
                await asyncio.to_thread(self.cut, KINDS[number % len(KINDS)])
                await self.until(lambda before=before: self.logins > before)
            self.writer.allow(1 + events - events // cuts * cuts)
            await self.until(lambda: len(self.writer.written) == events + 2)
            await self.until(lambda: len(self.due) >= len(self.writer.own_written))
            await self.until(lambda: len(self.got) >= len(self.due))
        finally:
            self.over = True
            await asyncio.to_thread(self.writer.stop)
            await self.control.close()
            await self.rtm.close()
            await asyncio.gather(*work)

    @property
    def logins(self) -> int:
        """How often the session has been logged in."""
        return self.recovered["reconnects"]

    async def until(self, condition: Any) -> None:
        """Look again whenever something has arrived, or a moment later."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                for task in self.work:
                    if task.done():
                        task.result()
                self.arrived.clear()
                try:
                    await asyncio.wait_for(self.arrived.wait(), 0.02)
                except TimeoutError:
                    continue

    def check(self) -> None:
        lost, added = Counter(self.due) - Counter(self.got), Counter(self.got) - Counter(self.due)
        assert (sorted(lost), sorted(added), self.calls["hung"]) == ([], [], 0)
        assert self.incomplete == []
        assert self.orders[0] == self.orders[1]
        assert sorted(self.due) == sorted(self.writer.own_written)
        assert len(self.due) < len(self.writer.written)
        assert self.calls["responded"]
        assert set(self.ends) == {"connection_evicted", "access_token_revoked"}


def weather(served: Sandbox, *, cuts: int, events: int, chats: int, seed: int) -> Storm:
    storm = Storm(served, chats=chats, seed=seed)
    asyncio.run(storm.run(cuts, events))
    storm.check()
    return storm


@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm(served, seed):
    storm = weather(served, cuts=16, events=400, chats=3, seed=seed)
    assert storm.logins >= 16


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_five_hundred_cuts_while_twenty_thousand_events_come(served, record_property):
    began = time.monotonic()
    storm = weather(served, cuts=500, events=20_000, chats=5, seed=3)
    record_property("seconds", round(time.monotonic() - began))
    for name in ("calls", "recovered", "ends"):
        record_property(name, dict(getattr(storm, name)))
    assert storm.logins >= 500


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_thousand_sessions_in_one_process(served, record_property):
    """Each gets an event of a chat that its agent is in, and every call gets a response."""

    async def main() -> float:
        clients = [served.async_rtm_client("owner" if n % 2 else "agent") for n in range(1000)]
        for start in range(0, 1000, 100):
            await asyncio.gather(*(one.connect() for one in clients[start : start + 100]))
        assert len(served.rtm.connections()) == 1000
        assert len(served.rtm.connections(JONES)) == 500
        chats = [client.pushes() for client in clients]
        began = time.monotonic()
        await asyncio.gather(*(client.list_routing_statuses() for client in clients))
        took = time.monotonic() - began
        for subscription in chats:
            subscription.close()
        events = [client.pushes(IncomingEvent) for client in clients]
        started = await clients[1].start_chat()
        await clients[1].send_event(chat_id=started.chat_id, event=Message(text="to Smith"))
        pushes = [await anext(one) for one in events[1::2]]
        assert {push.event.text for push in pushes} == {"to Smith"}
        await asyncio.gather(*(client.close() for client in clients))
        return took

    record_property("seconds for a call of each", asyncio.run(main()))
    assert served.rtm.connections() == []
