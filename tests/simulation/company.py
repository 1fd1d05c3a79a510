"""What customers and colleagues do while a simulation runs."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from frontdesk.errors import APIError
from frontdesk.sandbox.control.customers import SandboxCustomer, find_or_create
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world.chats.outside_api import delete_event

from .clock import RESOLUTION
from .server import AGENTS, OWNER, TAGS, Server
from .trace import Trace

Act = Callable[[], str | None]
"""Does something, and says what; None when it could not be done."""


class Company:
    """Does one thing after another, each drawn at random.

    Args:
        agent: the agent who is listened to; things happen to his chats more often.
        weights: how often each act is drawn; one that is missing never is.
    """

    def __init__(
        self,
        server: Server,
        trace: Trace,
        rng: Random,
        *,
        agent: str,
        customers: int,
        weights: dict[str, int],
    ) -> None:
        self._server = server
        self._trace = trace
        self._rng = rng
        self.agent = agent
        self._acts = list(weights)
        self._weights = list(weights.values())
        self._customers = [
            find_or_create(server.backend, f"Customer {number}", {"group_ids": [number % 3]})
            for number in range(customers)
        ]
        self._texts = 0
        self.chats: list[str] = []

    async def live(self, seconds: float, pause: float) -> None:
        """Do things for some time, with pauses of ``pause`` seconds on average."""
        loop = self._server.loop
        until = loop.time() + seconds
        # What is less than the clock's resolution passes without the clock's moving.
        while until - (now := loop.time()) > RESOLUTION:
            # Things come in bursts: several in one moment, then nothing for a while.
            wait = 0.0 if self._rng.random() < 0.3 else self._rng.expovariate(1 / pause)
            await asyncio.sleep(min(wait, max(0.0, until - now)))
            self.act()

    def act(self) -> None:
        """Do one thing."""
        name = self._rng.choices(self._acts, self._weights)[0]
        act: Act = getattr(self, name)
        try:
            did = act()
        except APIError as error:
            did = f"refused: {error.type}"
        if did is not None:
            self._trace("company", f"{name}: {did}")

    # Customers.

    def say(self) -> str:
        """A customer writes, and so begins a chat if there is none."""
        customer = self._customer
        event = customer.say(self._text(), group_ids=(self._rng.randrange(3),))
        chat_id = customer.chat_id
        assert chat_id is not None
        if chat_id not in self.chats:
            self.chats.append(chat_id)
        return f"{event.id} in {chat_id}"

    def type(self) -> str:
        """A customer types."""
        self._customer.type(self._text())
        return "typing"

    def rate(self) -> str:
        """A customer rates."""
        self._customer.rate(self._rng.choice(("good", "bad")))
        return "rated"

    def close_chat(self) -> str:
        """A customer ends the chat."""
        customer = self._customer
        customer.close_chat()
        return f"{customer.chat_id}"

    # Colleagues.

    def start(self) -> str | None:
        """A colleague starts a continuous chat, with or without the agent."""
        colleague = self._colleague
        users = [{"id": self.agent, "type": "agent"}] if self._rng.random() < 0.5 else []
        events = [{"type": "message", "text": self._text(), "visibility": "all"}]
        chat: dict[str, Any] = {
            "access": {"group_ids": [self._rng.randrange(3)]},
            "thread": {"events": events[: self._rng.randrange(2)]},
            "users": users if colleague != self.agent else [],
        }
        started = self._server.call(colleague, "start_chat", chat=chat, continuous=True)
        if started is None:
            return None
        self.chats.append(started["chat_id"])
        return f"{started['chat_id']} by {colleague}"

    def reply(self) -> str | None:
        """Somebody in a chat writes."""
        chat = self._chat(active=True)
        agents = (
            [one.id for one in chat.users if one.present and one.type == "agent"] if chat else []
        )
        if chat is None or not agents:
            return None
        visibility = "agents" if self._rng.random() < 0.2 else "all"
        event = {"type": "message", "text": self._text(), "visibility": visibility}
        author = self._rng.choice(agents)
        sent = self._server.call(author, "send_event", chat_id=chat.id, event=event)
        return f"{sent['event_id']} in {chat.id} by {author}" if sent else None

    def add(self) -> str | None:
        """The agent, or somebody else, is added to a chat."""
        chat = self._chat(active=True)
        user = self.agent if self._rng.random() < 0.6 else self._colleague
        if chat is None:
            return None
        self._server.call(
            OWNER, "add_user_to_chat", chat_id=chat.id, user_id=user, user_type="agent",
            visibility=self._rng.choice(("all", "agents")), ignore_requester_presence=True,
        )  # fmt: skip
        return f"{user} to {chat.id}"

    def remove(self) -> str | None:
        """The agent, or somebody else, is removed from a chat."""
        chat = self._chat(active=True)
        user = self.agent if self._rng.random() < 0.6 else self._colleague
        if chat is None:
            return None
        self._server.call(
            OWNER, "remove_user_from_chat", chat_id=chat.id, user_id=user, user_type="agent",
            ignore_requester_presence=True,
        )  # fmt: skip
        return f"{user} from {chat.id}"

    def transfer(self) -> str | None:
        """A chat goes to another agent or group."""
        chat = self._chat(active=True)
        if chat is None:
            return None
        if self._rng.random() < 0.6:
            ids: list[Any] = [self._rng.choice((self.agent, self._colleague))]
            target = {"type": "agent", "ids": ids}
        else:
            ids = [self._rng.randrange(3)]
            target = {"type": "group", "ids": ids}
        self._server.call(
            OWNER, "transfer_chat", id=chat.id, target=target, ignore_agents_availability=True,
            ignore_requester_presence=True,
        )  # fmt: skip
        return f"{chat.id} to {ids[0]}"

    def deactivate(self) -> str | None:
        """A chat is closed."""
        chat = self._chat(active=True)
        if chat is None:
            return None
        self._server.call(OWNER, "deactivate_chat", id=chat.id, ignore_requester_presence=True)
        return chat.id

    def resume(self) -> str | None:
        """A closed chat is resumed."""
        chat = self._chat(active=False)
        if chat is None:
            return None
        colleague = self._rng.choice((self.agent, self._colleague))
        events = [{"type": "message", "text": self._text(), "visibility": "all"}]
        thread = {"events": events[: self._rng.randrange(2)]}
        content = {"id": chat.id, "thread": thread}
        self._server.call(colleague, "resume_chat", chat=content, continuous=True)
        return f"{chat.id} by {colleague}"

    def follow(self) -> str | None:
        """The agent follows a chat."""
        chat = self._chat(active=True)
        if chat is None:
            return None
        self._server.call(self.agent, "follow_chat", id=chat.id)
        return chat.id

    def unfollow(self) -> str | None:
        """The agent follows a chat no more."""
        chat = self._chat(active=True)
        if chat is None:
            return None
        self._server.call(self.agent, "unfollow_chat", id=chat.id)
        return chat.id

    def tag(self) -> str | None:
        """A thread is tagged."""
        return self._tag("tag_thread")

    def untag(self) -> str | None:
        """A tag is taken away."""
        return self._tag("untag_thread")

    def set_property(self) -> str | None:
        """A property of a chat changes."""
        chat = self._chat(active=None)
        if chat is None:
            return None
        # Never the same value twice: two webhooks of one body could not be told apart.
        properties = {"test": {"x": self._text()}}
        self._server.call(OWNER, "update_chat_properties", id=chat.id, properties=properties)
        return chat.id

    def delete(self) -> str | None:
        """An event is deleted."""
        chat = self._chat(active=True)
        if chat is None or chat.last_thread is None:
            return None
        event_id = f"{chat.last_thread.id}_{self._rng.randrange(1, 8)}"
        self._server.work(lambda world: delete_event(world, event_id))
        return event_id

    def wait(self) -> None:
        """Nothing happens."""

    # What they draw from.

    @property
    def _customer(self) -> SandboxCustomer:
        return self._rng.choice(self._customers)

    @property
    def _colleague(self) -> str:
        return self._rng.choice([one for one in (OWNER, *AGENTS) if one != self.agent])

    def _text(self) -> str:
        self._texts += 1
        return f"text {self._texts}"

    def _chat(self, *, active: bool | None) -> ChatRecord | None:
        return self.draw(self._rng, active=active)

    def draw(self, rng: Random, *, active: bool | None) -> ChatRecord | None:
        """A chat, more often one of the agent's; None if there is none."""
        chats = self._server.world.store.chats
        records = [record for chat_id in self.chats if (record := chats.get(chat_id)) is not None]
        fitting = [record for record in records if active is None or bool(record.active) is active]
        if not fitting:
            return None
        mine = [one for one in fitting if self.watches(one)]
        return rng.choice(mine if mine and rng.random() < 0.6 else fitting)

    def watches(self, chat: ChatRecord) -> bool:
        """Whether the agent gets the pushes of a chat."""
        present = any(one.id == self.agent and one.present for one in chat.users)
        return present or self.agent in (chat.followers or ())

    def _tag(self, method: str) -> str | None:
        chat = self._chat(active=True)
        if chat is None or chat.last_thread is None:
            return None
        tag = self._rng.choice(TAGS)
        self._server.call(OWNER, method, chat_id=chat.id, thread_id=chat.last_thread.id, tag=tag)
        return f"{chat.id} {tag}"
