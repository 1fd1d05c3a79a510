"""Two sessions of one agent in one sandbox: one is cut again and again, the other never.

Nothing here waits or runs beside: the sandbox is called directly, its clock stands still unless
moved, and every choice is drawn from one number.
"""

import difflib
import logging
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from frontdesk.actions import Action, Login
from frontdesk.core.retry import Meter, Retry
from frontdesk.core.rtm.frames import decode_frame, read_response
from frontdesk.core.rtm.notices import PushesLost
from frontdesk.core.rtm.recovery.reading import Read, ReadingBack
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.subscriptions import Hub
from frontdesk.errors import APIError
from frontdesk.models import (
    Access,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    Target,
)
from frontdesk.pushes import PUSHES, Push
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.rtm.connection import Connection, RTMApi
from frontdesk.sandbox.serve.rtm.connection_calls import ConnectionCalls
from frontdesk.sandbox.serve.rtm.customer_delivery import CustomerDelivery
from frontdesk.sandbox.serve.rtm.frames import RequestFrame
from frontdesk.sandbox.serve.rtm.push_delivery import LoggedIn, PushDelivery
from frontdesk.sandbox.world import Effect
from frontdesk.sandbox.world.people import customer_sessions
from frontdesk.sandbox.world.staff import sessions

from ._content import by_chat, is_part

LOG = logging.getLogger("tests.control")
_encode = msgspec.json.Encoder().encode


def text_of(frame: bytes) -> bytes:
    """Take the text out of an unmasked WebSocket frame."""
    length = frame[1] & 0x7F
    return frame[{126: 4, 127: 10}.get(length, 2) :]


class Office:
    """The sandbox's RTM side without sockets: calls are carried out, pushes are queued."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.backend = sandbox.backend
        self.world = sandbox.backend.world
        self.logged_in: dict[RTMApi, LoggedIn] = {"agent": LoggedIn(), "customer": LoggedIn()}
        self.calls = ConnectionCalls(self.backend, self.logged_in, lambda *who: True)
        self.deliveries = (
            PushDelivery(self.world, self.logged_in["agent"]),
            CustomerDelivery(self.world, self.logged_in["customer"]),
        )
        self.queues: dict[str, deque[bytes]] = {}
        self.numbers = 0
        self.world.subscribe(self.happened)

    def happened(self, happenings: list[Effect]) -> None:
        for happening in happenings:
            for delivery in self.deliveries:
                for connection, frame in delivery.frames(happening):
                    if connection.id in self.queues:
                        self.queues[connection.id].append(text_of(frame))

    def open(self, api: RTMApi = "agent") -> Connection:
        self.numbers += 1
        organization_id = self.world.store.company.license.organization_id
        connection = Connection(
            str(self.numbers), None, api=api, version=(3, 6), region=None,
            organization_id=organization_id, opened_at=self.backend.now(), heard_at=0.0,
        )  # type: ignore[arg-type]  # fmt: skip
        self.queues[connection.id] = deque()
        return connection

    def call(self, connection: Connection, action: Action[Any]) -> None:
        """Carry out a request; its response is queued before the pushes that it caused."""
        request = RequestFrame(
            action=action.spec.name,
            payload=msgspec.Raw(_encode(action)),
            request_id=f"own-{action.spec.name}",
        )
        outcome = self.calls.carry_out(connection, request)
        self.queues[connection.id].append(text_of(outcome.frame))
        self.world.commit()

    def close(self, connection: Connection) -> None:
        self.logged_in[connection.api].remove(connection)
        self.queues.pop(connection.id, None)
        ends = customer_sessions if connection.api == "customer" else sessions
        ends.close(self.world, connection.id)
        self.world.commit()


def _call(action: Action[Any]) -> RTMCall:
    return RTMCall(
        action=action,
        spec=action.spec,
        payload=b"",
        started=0.0,
        timeout=1.0,
        deadline=1.0,
        retry=Retry(),
        meter=Meter(None),
    )


class Client:
    """A session of the agent: hub and recovery, as a line drives them."""

    api: RTMApi = "agent"
    pushes: Mapping[str, type[Push]] = PUSHES

    def __init__(self, office: Office, token: str, **limits: Any) -> None:
        self.office = office
        self.token = token
        self.hub = Hub(LOG, pushes=self.pushes)
        self.recovery = self.hub.recovery = self._new_recovery(**limits)
        self.box = self.hub.subscribe((), 1_000_000, lambda: None)
        self.connection: Connection | None = None
        self.first = True
        self.got: list[Push] = []
        self.losses = self.hub.subscribe((PushesLost,), 1_000_000, lambda: None)
        self.named: set[str] = set()
        """The chats that ``PushesLost`` has named."""
        self.interruptions = 0
        self.reading: ReadingBack | None = None
        self.sent: deque[Read] = deque()
        self.requests = 0
        self.peak = 0

    def _new_recovery(self, **limits: Any) -> Recovery:
        return Recovery(**limits)

    def _login(self) -> Action[Any]:
        return Login(token=self.token, reconnect=not self.first or msgspec.UNSET)

    def connect(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Log in; ``meanwhile`` happens between that and the first request."""
        self.connection = self.office.open(self.api)
        server_time = self.office.backend.now().replace(microsecond=0)
        action = self._login()
        self.office.call(self.connection, action)
        frame = decode_frame(self.office.queues[self.connection.id].popleft())
        login: Any = read_response(frame, _call(action))
        if self.first:
            self.recovery.logged_in(login, server_time)
            self.first = False
            return
        self.hub.interruption(recovered=True)
        self.deliver(self.recovery.back(login, server_time, key_changes=True))
        self.reading = ReadingBack(self.recovery, key_changes=True)
        self.sent.clear()
        meanwhile()
        self.step()

    def cut(self, keep: int = 0) -> None:
        """Lose the connection; ``keep`` of what is on its way still arrives."""
        assert self.connection is not None
        while keep and self.receive():
            keep -= 1
        self.office.close(self.connection)
        self.connection = None
        if self.reading is not None:
            self.hub.incomplete(tuple(self.reading.uncertain))
        self.reading = None
        self.deliver(self.recovery.interrupted())

    def deliver(self, pushes: Any) -> None:
        for push in pushes:
            self.hub.deliver(push)
        while (item := self.box.take()) is not None:
            self.got.append(item)
        while (loss := self.losses.take()) is not None:
            self.named.update(loss.chats)
            self.interruptions += loss.interruption and not loss.chats

    def step(self) -> None:
        """Send what the reading asks for, and deliver what it has found."""
        if self.reading is None or self.connection is None:
            return
        self.deliver(self.reading.ready())
        for read in self.reading.take():
            self.sent.append(read)
            self.office.call(self.connection, read.action)
        self.peak = max(self.peak, len(self.sent))
        if self.reading.done:
            self.requests += self.reading.requests
            if self.reading.uncertain:
                self.hub.incomplete(tuple(self.reading.uncertain))
            self.reading = None
            self.deliver(self.recovery.let_go())

    def receive(self, count: int = 1) -> bool:
        """Take frames; false when there are none."""
        assert self.connection is not None
        for _ in range(count):
            queue = self.office.queues[self.connection.id]
            if not queue:
                return False
            frame = decode_frame(queue.popleft())
            if frame.type == "push":
                self.hub.publish(frame)
                self.deliver(())
                continue
            assert self.reading is not None
            read = self.sent.popleft()
            try:
                response = read_response(frame, _call(read.action))
            except APIError as error:
                if not self.reading.refused(read, error):
                    self.reading.failed(read)
            else:
                self.reading.responded(read, response)
            self.step()
        return True

    def receive_all(self) -> None:
        while self.receive():
            pass


ME, JONES = "smith@example.com", "jones@example.com"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@cache
def demo() -> bytes:
    """The demo company, made once."""
    with Sandbox("demo", start=START, running=False) as sandbox:
        return sandbox.snapshot()


class Scene:
    """An office at work: customers, colleagues, and the agent, who also works over the Web."""

    def __init__(self, seed: int, *, limits: dict[str, Any] | None = None) -> None:
        self.rng = random.Random(seed)
        self.sandbox = Sandbox("empty", start=START, running=False)
        self.sandbox.restore(demo())
        world = self.sandbox.backend.world
        world.rng.seed(seed)
        for agent in world.store.company.agents.values():
            agent.max_chats = 3
        self.office = Office(self.sandbox)
        token = self.sandbox.tokens["owner"]
        self.control = Client(self.office, token)
        self.cut = Client(self.office, token, **(limits or {}))
        self.agents = [ME, JONES, "brown@example.com", "garcia@example.com", "mueller@example.com"]
        self.web = {
            agent_id: self.sandbox.client(token=self.sandbox.issue_token(agent_id), retry=None)
            for agent_id in self.agents
        }
        self.customers = [self.sandbox.customer(f"Customer {n}") for n in range(6)]
        self.texts = 0
        self.followed: Counter[str] = Counter()
        """Chats that the agent began or ceased to follow in this gap."""
        self.left: set[str] = set()
        """Chats that somebody was removed from after they had ended."""
        self.traceless: set[str] = set()
        """Chats of which the API shows nothing of something that was pushed."""
        self.refollowed: set[str] = set()
        """Those unfollowed, and followed again or resumed: they look like followed until then."""

    def start(self, before: int = 15) -> None:
        """Begin with some chats, before anybody is connected."""
        for _ in range(before):
            self.happen()
        for client in (self.control, self.cut):
            client.connect()
        self.settle()

    def settle(self) -> None:
        self.control.receive_all()
        if self.cut.connection is not None:
            self.cut.receive_all()

    def text(self) -> Message:
        self.texts += 1
        return Message(text=f"text {self.texts}")

    def chat_ids(self, *, active: bool | None = None) -> list[str]:
        world = self.sandbox.backend.world
        ids = [c.chat_id for c in self.customers if c.chat_id]
        if active is None:
            return ids
        return [c for c in ids if world.store.chats.get(c).active is active]

    def happen(self) -> str:
        """Let something happen that the sandbox allows."""
        rng = self.rng
        kinds = [name for name in dir(self) if name.startswith("do_")]
        weights = [WEIGHTS.get(name, 1) for name in kinds]
        while True:
            kind = rng.choices(kinds, weights)[0]
            try:
                getattr(self, kind)()
            except (APIError, LookupError):
                continue
            return kind

    def someone(self) -> str:
        return self.rng.choices(self.agents, [4, 3, 2, 1, 1])[0]

    def present(self, chat_id: str) -> list[str]:
        chat = self.sandbox.backend.world.store.chats.get(chat_id)
        return [member.id for member in chat.present_agents() if member.id in self.web]

    def active(self) -> str:
        return self.rng.choice(self.chat_ids(active=True))

    def do_customer_says(self) -> None:
        self.rng.choice(self.customers).send(self.text())

    def do_customer_starts(self) -> None:
        events = [self.text() for _ in range(self.rng.choice([0, 1, 1, 2]))]
        self.rng.choice(self.customers).start_chat(
            *events,
            group_ids=self.rng.choice([(0,), (0,), (1,), (2,), (3,)]),
            continuous=self.rng.random() < 0.7,
        )

    def do_customer_closes(self) -> None:
        self.rng.choice(self.customers).close_chat()

    def do_agent_writes(self) -> None:
        chat_id = self.active()
        agent_id = self.rng.choice(self.present(chat_id))
        event = self.text()
        if self.rng.random() < 0.3:
            event = msgspec.structs.replace(event, visibility="agents")
        self.web[agent_id].send_event(chat_id=chat_id, event=event)

    def do_add(self) -> None:
        chat_id, agent_id = self.active(), self.someone()
        himself = self.rng.random() < 0.5
        by = agent_id if himself else self.someone()
        self.web[by].add_user_to_chat(
            chat_id=chat_id, user_id=agent_id, user_type="agent",
            visibility=self.rng.choice(["all", "agents"]), ignore_requester_presence=True,
        )  # fmt: skip

    def do_remove(self) -> None:
        chat_id = self.rng.choice(self.chat_ids())
        agent_id = self.rng.choice(self.present(chat_id))
        by = self.rng.choice([agent_id, self.someone()])
        self.web[by].remove_user_from_chat(
            chat_id=chat_id, user_id=agent_id, user_type="agent", ignore_requester_presence=True
        )
        if chat_id in self.chat_ids(active=False):
            self.left.add(chat_id)

    def do_transfer(self) -> None:
        chat_id, rng = self.active(), self.rng
        target: Any = msgspec.UNSET
        kind = rng.random()
        if kind < 0.6:
            target = Target(type="agent", ids=[self.someone()])
        elif kind < 0.8:
            target = Target(type="group", ids=[rng.choice([0, 1, 2, 3])])
        self.web[self.someone()].transfer_chat(
            id=chat_id, target=target, ignore_agents_availability=rng.random() < 0.5,
            ignore_requester_presence=True,
        )  # fmt: skip

    def do_deactivate(self) -> None:
        self.web[self.someone()].deactivate_chat(
            id=self.active(), ignore_requester_presence=self.rng.random() < 0.7
        )

    def do_resume(self) -> None:
        rng = self.rng
        users = [InitialUser(id=self.someone(), type="agent")] if rng.random() < 0.5 else []
        events = [self.text() for _ in range(rng.choice([0, 1, 2]))]
        self.web[self.someone()].resume_chat(
            chat=InitialChat(
                id=rng.choice(self.chat_ids(active=False)),
                users=users,
                thread=InitialThread(events=events),
                access=Access(group_ids=[rng.choice([0, 1, 2])]),
            ),
            active=rng.random() < 0.9,
            continuous=True,
        )

    def do_start(self) -> None:
        rng = self.rng
        free = [c for c in self.customers if c.chat_id is None]
        if not free and rng.random() < 0.7:
            self.customers.append(self.sandbox.customer(f"Customer {len(self.customers)}"))
            free = [self.customers[-1]]
        customer = rng.choice(free)
        users = [InitialUser(id=customer.id, type="customer")]
        if rng.random() < 0.4:
            users.append(InitialUser(id=self.someone(), type="agent"))
        self.web[self.someone()].start_chat(
            chat=InitialChat(
                users=users,
                thread=InitialThread(events=[self.text() for _ in range(rng.choice([0, 1, 2]))]),
                access=Access(group_ids=[rng.choice([0, 0, 1, 2])]),
            ),
            active=rng.random() < 0.9,
            continuous=True,
        )

    def do_follow(self) -> None:
        chat_id = self.rng.choice(self.chat_ids())
        self.web[ME].follow_chat(id=chat_id)
        self.followed[chat_id] += 1

    def do_unfollow(self) -> None:
        chats = self.sandbox.backend.world.store.chats
        followed = [c for c in self.chat_ids() if ME in chats.get(c).followers]
        chat_id = self.rng.choice(followed)
        self.web[ME].unfollow_chat(id=chat_id)
        self.followed[chat_id] += 1

    def do_status(self) -> None:
        agent_id = self.rng.choice(self.agents[1:])
        self.web[agent_id].set_routing_status(
            status=self.rng.choice(["accepting_chats", "not_accepting_chats"]), agent_id=agent_id
        )

    def do_log_out(self) -> None:
        agent_id = self.rng.choice(self.agents[1:])
        self.web[agent_id].logout()

    def do_log_in(self) -> None:
        """A colleague is back: with a connection that ends again."""
        agent_id = self.rng.choice(self.agents[1:])
        connection = self.office.open()
        self.office.call(connection, Login(token=self.sandbox.issue_token(agent_id)))
        self.office.close(connection)

    def do_time(self) -> None:
        self.sandbox.advance(self.rng.choice([0.5, 5, 60]))

    # The two sessions.

    def round(self, *, gap: int, live: int) -> None:
        """Some life, a cut, a gap, and life again while what was missed is read."""
        rng = self.rng
        for _ in range(rng.randrange(live + 1)):
            self.happen()
            if rng.random() < 0.7:
                self.settle()
                self.followed.clear()
                self.left.clear()
        self.control.receive_all()
        self.cut.cut(keep=rng.choice([0, 0, 1, 3, 10**6]) if rng.random() < 0.5 else 10**6)
        for _ in range(rng.randrange(gap + 1)):
            self.happen()
        self.come_back()
        again = rng.random() < 0.3
        for _ in range(rng.randrange(12)):
            if rng.random() < 0.4:
                self.happen()
            self.cut.receive(rng.randrange(3))
        if again and self.cut.connection is not None:
            self.cut.cut()
            for _ in range(rng.randrange(4)):
                self.happen()
            self.come_back()
        self.settle()
        assert self.cut.reading is None, "the reading ends"

    def come_back(self) -> None:
        chats = self.sandbox.backend.world.store.chats
        for chat_id in self.followed:
            chat, known_chat = chats.get(chat_id), self.cut.recovery.known_chats.get(chat_id)
            was_followed = known_chat is not None and known_chat.followed
            if was_followed and known_chat.thread_id != chat.last_thread.id:
                # Unfollowed, or resumed, which ends the following as well: nothing tells which.
                self.refollowed.add(chat_id)
            # More than one change, of which the API shows the last at most.
            if self.followed[chat_id] > 1 or (ME in chat.followers) == (
                known_chat is not None and known_chat.followed
            ):
                self.traceless.add(chat_id)
                if ME in chat.followers:
                    self.refollowed.add(chat_id)
        # Nothing is left of it when the chat is resumed.
        for chat_id in self.left:
            known_chat = self.cut.recovery.known_chats.get(chat_id)
            if known_chat is None or known_chat.thread_id != chats.get(chat_id).last_thread.id:
                self.traceless.add(chat_id)
        self.cut.connect()

    def close(self) -> None:
        self.sandbox.close()


WEIGHTS = {
    "do_customer_says": 8, "do_agent_writes": 8, "do_customer_starts": 4, "do_add": 4,
    "do_remove": 3, "do_transfer": 4, "do_deactivate": 2, "do_resume": 2, "do_start": 2,
    "do_follow": 2, "do_time": 2,
}  # fmt: skip


def play(seed: int, rounds: int = 6, gap: int = 8, live: int = 6, **limits: Any) -> Scene:
    scene = Scene(seed, limits=limits)
    try:
        scene.start()
        for _ in range(rounds):
            scene.round(gap=gap, live=live)
        scene.happen()
        scene.settle()
    finally:
        scene.close()
    return scene


class Difference(Struct):
    """A chat of which the two sessions got different pushes, and more so than is allowed."""

    chat_id: str
    added: bool
    """Something came that the uncut session did not get."""
    silent: bool
    """Something is missing, and nobody was told."""
    lines: list[str]


def compare(scene: Scene) -> list[Difference]:
    """Return what is wrong with what the cut session got.

    A chat that ``PushesLost`` has named may lack pushes, and nothing may come that did not come
    to the other session. The others are equal.
    """
    differences: list[Difference] = []
    control, cut = by_chat(scene.control.got), by_chat(scene.cut.got)
    for chat_id in sorted(control.keys() | cut.keys()):
        right, got = control[chat_id], cut[chat_id]
        if right == got:
            continue
        named = chat_id in scene.cut.named
        traceless = chat_id in scene.traceless and scene.cut.interruptions > 0
        added = not is_part(got, right) and chat_id not in scene.refollowed
        silent = not (named or traceless)
        if added or silent:
            lines = difflib.unified_diff(
                [str(x) for x in right], [str(x) for x in got], "control", "cut", lineterm="", n=2
            )
            differences.append(Difference(chat_id, added, silent, list(lines)))
    return differences
