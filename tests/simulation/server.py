"""The sandbox as the server of a simulation: its world on the simulated clock, and its wire."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, TypeVar

import msgspec

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.responses import HTTPResponse
from frontdesk.sandbox.serve.asgi import App
from frontdesk.sandbox.serve.callers import CallerRules
from frontdesk.sandbox.serve.options import ServerOptions
from frontdesk.sandbox.serve.rtm.protocol import RTMProtocol
from frontdesk.sandbox.store.records import AgentRecord, GroupRecord, Priority, TagRecord
from frontdesk.sandbox.tokens import issue
from frontdesk.sandbox.world import Clock, World
from frontdesk.sandbox.world.actor import Role

from .clock import START, SimulatedLoop, micros

T = TypeVar("T")

OWNER = "smith@example.com"
AGENTS: dict[str, tuple[Role, dict[int, Priority]]] = {
    "jones@example.com": ("normal", {0: "normal", 1: "normal"}),
    "brown@example.com": ("administrator", {0: "normal", 2: "normal"}),
    "nowak@example.com": ("normal", {0: "last", 2: "normal"}),
}
TAGS = ("lead", "refund", "spam")
LONG_LIVED = 10 * 86400.0


class Server:
    """Responses requests, carries connections, and lets the world's time pass."""

    def __init__(self, loop: SimulatedLoop, seed: str) -> None:
        self.loop = loop
        start = datetime.fromtimestamp(START / 1e6, UTC)
        self.backend = Backend(seed="empty", start=start, running=False)
        # The clock of a world that was built is ahead of that of one copied from an image.
        self.world.clock = Clock(start, running=False)
        # Webhooks are sent by `deliveries.py` instead, which needs no thread.
        self.backend.webhooks.close()
        self.world.rng.seed(seed)
        self.app = App(self.backend, CallerRules(ServerOptions(allow_hosts=(".test",))))
        self.app.rtm._clock = loop.time
        self.work(_found_company)
        self.tokens = {agent: self.issue(agent) for agent in (OWNER, *AGENTS)}
        self._state = SimpleNamespace(connections=set())
        self._running: list[asyncio.Task[Any]] = []
        loop.on_time.append(self._pass_time)

    @property
    def world(self) -> World:
        """What the requests act upon."""
        return self.backend.world

    @property
    def organization_id(self) -> str:
        """The organization of the license."""
        return self.world.store.company.license.organization_id

    def start(self) -> None:
        """Run the timers, and look after the connections."""
        self._running = [self.loop.create_task(work()) for work in self.app.background]

    async def stop(self) -> None:
        """End that."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self.backend.close()

    def listen(self) -> RTMProtocol:
        """Take a connection."""
        return RTMProtocol(self.app.rtm, self.app.callers, server_state=self._state)

    async def respond(self, path: str, headers: Mapping[str, str], body: bytes) -> HTTPResponse:
        """Response a request of the Web API; what it did is durable then."""
        response = self.backend.handle("POST", path, headers, body)
        await self.app.next_commit()
        return response

    def work(self, work: Callable[[World], T]) -> T:
        """Do something in the world."""
        return self.backend.work(work)

    def issue(self, agent: str, seconds: float = LONG_LIVED) -> str:
        """A new token of an agent."""
        return self.work(lambda world: issue(world, agent, seconds=seconds))

    def call(self, agent: str, method: str, **arguments: Any) -> Any:
        """Have an agent call a method, undisturbed; None if it is refused."""
        headers = {"content-type": "application/json", "authorization": self.tokens[agent]}
        body = msgspec.json.encode(arguments)
        response = self.backend.web.respond("POST", f"/v3.6/agent/action/{method}", headers, body)
        self.world.commit()
        return msgspec.json.decode(response.body) if response.status == 200 else None

    def _pass_time(self, now: float) -> None:
        self.world.clock.move_to(micros(now))


def _found_company(world: World) -> None:
    company = world.store.company
    for number in (1, 2):
        company.save_group(GroupRecord(id=number, name=f"Group {number}"))
    for position, (agent_id, (role, groups)) in enumerate(AGENTS.items()):
        company.save_agent(
            AgentRecord(
                id=agent_id,
                name=agent_id.partition("@")[0].title(),
                account_id=f"00000000-0000-4000-8000-{position:012d}",
                role=role,
                groups=groups,
                status="accepting_chats",
            )
        )
    for tag in TAGS:
        company.save_tag(TagRecord(name=tag, group_ids=[0], created_at=world.clock.now()))
