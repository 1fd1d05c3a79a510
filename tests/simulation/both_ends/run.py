"""Agents and customers who act at random on one sandbox, each over a connection of its own.

What each of them is pushed, and what each reads, is the same conversation, less what the one may
not see. ``python -m tests.simulation.both_ends SEED`` plays a seed and prints what happened.
"""

import random
from typing import Any

from msgspec import Struct

from frontdesk import actions
from frontdesk.errors import APIError
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.world.accounts import customer_tokens
from frontdesk.sandbox.world.chats.customer_views import shown_id

from ...core.rtm.recovery._control import START, Office, demo
from ...folding import FoldedChat, read
from .ends import AgentEnd, CustomerEnd
from .invariants import agrees_with_reading, both_see_the_same, nothing_leaks, same_order
from .people import People

__all__ = ["Outcome", "simulate"]

OWNER = "smith@example.com"
"""Follows all chats, and is in none."""
AGENTS = ("jones@example.com", "brown@example.com", "garcia@example.com")
CUSTOMERS = 3
PAGES = 2
"""Connections of the first customer; the others have one."""
ACTS = 60
EVERY = 20
"""Acts after which all is compared."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a run; ``faults`` are the invariants that do not hold."""

    seed: int
    faults: list[str]
    trace: list[str]

    def report(self, most: int = 20) -> str:
        """What to tell when the run failed: so many of the faults, and how to replay it."""
        listed = "\n".join(f"  - {fault}" for fault in self.faults[:most])
        return (
            f"seed {self.seed} breaks what must hold:\n{listed}\n"
            f"replay it with: python -m tests.simulation.both_ends {self.seed}"
        )


def simulate(seed: int, *, acts: int = ACTS) -> Outcome:
    """Play a seed."""
    sandbox = Sandbox("empty", start=START, running=False)
    try:
        sandbox.restore(demo())
        run = Run(sandbox, seed)
        run.play(acts)
        return Outcome(seed=seed, faults=run.faults, trace=run.trace)
    finally:
        sandbox.close()


class Run:
    """Everybody who takes part."""

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self.faults: list[str] = []
        self.trace: list[str] = []
        self.sandbox = sandbox
        self.world = sandbox.backend.world
        self.world.rng.seed(seed)
        self._rng = random.Random(seed)
        for agent in self.world.store.company.agents.values():
            agent.max_chats = 2
        office = Office(sandbox)
        self.agents = [
            AgentEnd(office, agent_id, sandbox.issue_token(agent_id), follows=False)
            for agent_id in AGENTS
        ]
        self.owner = AgentEnd(office, OWNER, sandbox.issue_token(OWNER), follows=True)
        self.owner.call(actions.SetRoutingStatus(status="not_accepting_chats", agent_id=OWNER))
        self.customers: list[CustomerEnd] = []
        for number in range(CUSTOMERS):
            name = f"Customer{number}"
            customer_id = sandbox.customer(name).id
            for _ in range(PAGES if number == 0 else 1):
                token = sandbox.backend.work(
                    lambda world, of=customer_id: customer_tokens.issue(world, of).id
                )
                end = CustomerEnd(office, name, customer_id, f"Bearer {token}")
                self.customers.append(end)
        self._people = People(self.world, self._rng, self.agents, self.customers)

    def play(self, acts: int) -> None:
        """Let people act, and compare now and then."""
        for number in range(1, acts + 1):
            self.trace.append(self._people.act())
            if self._rng.random() < 0.2:
                self.sandbox.advance(self._rng.choice([0.5, 5, 60]))
            for end in (self.owner, *self.agents, *self.customers):
                end.hear()
            self._follow()
            if number % EVERY == 0 or number == acts:
                self.compare()
                if self.faults:
                    return

    def _follow(self) -> None:
        """Let the owner follow what begins, and so hear all of it."""
        arrived, self.owner.arrived = self.owner.arrived, []
        for chat_id in dict.fromkeys(arrived):
            try:
                self.owner.call(actions.FollowChat(id=chat_id))
            except APIError:
                continue
        # To begin to follow brings the chat once more.
        self.owner.hear()
        self.owner.arrived.clear()

    def compare(self) -> None:
        """Compare what everybody was pushed with what everybody reads."""
        read_by_customers = [(end, end.read()) for end in self.customers]
        # The company has other chats, which began before anybody listened.
        ids = sorted({chat_id for _, own in read_by_customers for chat_id in own})
        chats = self._read_by_the_owner(ids)
        for end, own in read_by_customers:
            self.faults += agrees_with_reading(end.name, end.folding.chats, own)
            for chat_id, chat in own.items():
                self.faults += both_see_the_same(
                    end.name, chat, chats[chat_id], self._shown, self._hidden(chat_id)
                )
                self.faults += same_order(end, self.owner, chat_id, chat)
            others = {each.name for each in self.customers} - {end.name}
            self.faults += nothing_leaks(end, others, (OWNER, *AGENTS))
        pushed = self.owner.folding.chats
        heard = {chat_id: pushed[chat_id] for chat_id in ids if chat_id in pushed}
        self.faults += agrees_with_reading("owner", heard, chats)
        for end in (self.owner, *self.agents, *self.customers):
            self.faults += end.faults

    def _read_by_the_owner(self, ids: list[str]) -> dict[str, FoldedChat]:
        chats: list[Any] = []
        for chat_id in ids:
            threads = self.owner.call(actions.ListThreads(chat_id=chat_id, limit=100)).threads
            for thread in threads:
                thread.events = [event for event in thread.events or () if not event.deleted]
            chats.append((self.owner.call(actions.GetChat(chat_id=chat_id)), threads[::-1]))
        return read(chats)

    def _shown(self, user_id: str) -> str:
        return shown_id(self.world, user_id)

    def _hidden(self, chat_id: str) -> set[str]:
        """The agents who are in a chat for agents alone."""
        chat = self.world.store.chats.get(chat_id)
        return {user.id for user in chat.users if user.visibility == "agents"}
