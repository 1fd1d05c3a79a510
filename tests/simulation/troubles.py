"""What goes wrong between the agent's client and the server, one trouble after another."""

import asyncio
from collections.abc import Callable
from random import Random

from frontdesk.sandbox.calls.faults import Fault
from frontdesk.sandbox.serve.rtm.connection import Connection
from frontdesk.sandbox.tokens import expire, revoke
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.staff import statuses
from frontdesk.sandbox.world.staff.sessions import GRACE_SECONDS

from .listener import Tokens
from .network import Network, Route
from .server import Server
from .trace import Trace

GOING_ON = ("internal_error", "connection_timeout", "role_permissions_changed", "brand_new")
STOPPING = ("connection_evicted", "agent_disconnected_by_server", "too_many_connections")
LOOK = 0.05
"""Simulated seconds after which it is looked again whether the agent is back."""
METHODS = ("login", "list_chats", "list_threads", "get_chat", "send_event", "update_session")


class Troubles:
    """Makes troubles for one host at random.

    Args:
        host: the host of the client under test; nobody else is disturbed.
        agent: whose client it is.
        kinds: which troubles there are.
    """

    def __init__(
        self,
        server: Server,
        network: Network,
        trace: Trace,
        rng: Random,
        *,
        hosts: tuple[str, ...],
        agent: str,
        tokens: Tokens,
        kinds: tuple[str, ...],
    ) -> None:
        self._server = server
        self._network = network
        self._trace = trace
        self._rng = rng
        self._hosts = hosts
        self._agent = agent
        self._tokens = tokens
        self._kinds = kinds
        self.made = 0
        self.absences = 0
        """How often the server took the agent for gone."""
        self._gone_until = 0.0

    async def make(self, seconds: float, pause: float) -> None:
        """Make troubles for some time, with pauses of ``pause`` seconds on average."""
        if not self._kinds:
            return
        loop = self._server.loop
        until = loop.time() + seconds
        while True:
            wait = 0.0 if self._rng.random() < 0.2 else self._rng.expovariate(1 / pause)
            if loop.time() + wait >= until:
                return
            await asyncio.sleep(wait)
            kind = self._rng.choice(self._kinds)
            make: Callable[[], str | None] = getattr(self, kind)
            did = make()
            self.made += 1
            self._trace("trouble", f"{kind}{f': {did}' if did else ''}")

    async def last(self) -> None:
        """Wait until the agent may come back."""
        await asyncio.sleep(max(0.0, self._gone_until - self._server.loop.time()))

    def end(self) -> None:
        """Let everything be well from now on."""
        for host in self._hosts:
            route = self._network.route(host)
            route.clear_up()
            route.weather.frozen_until = self._server.loop.time()
        self._server.backend.faults.clear()
        self._server.backend.limits.clear()
        self._tokens.fails_until = 0.0
        self._trace("trouble", "over")

    @property
    def _route(self) -> Route:
        return self._network.route(self._rng.choice(self._hosts))

    @property
    def _connections(self) -> list[Connection]:
        """The agent's connections on the server, without that of the control."""
        everyone = self._server.app.rtm.select(agent_id=self._agent)
        return [one for one in everyone if one.authorization in self._own]

    @property
    def _own(self) -> set[str]:
        return {f"Bearer {token}" for token in self._tokens.given}

    def _span(self, longest: float) -> float:
        return round(longest * self._rng.random() ** 2, 3)

    # The network.

    def reset(self) -> None:
        """Connections are reset."""
        self._route.reset()

    def end_streams(self) -> None:
        """A proxy ends the streams."""
        self._route.end_streams()

    def half_open(self) -> str:
        """One side learns of the end."""
        knows = self._rng.random() < 0.5
        self._route.half_open(client_knows=knows)
        return "client knows" if knows else "server knows"

    def vanish(self) -> None:
        """Neither side learns of the end."""
        self._route.vanish()

    def freeze(self) -> str:
        """Everything waits."""
        seconds = self._span(45)
        self._route.freeze(seconds)
        return f"{seconds} s"

    def refuse(self) -> str:
        """Connections are reset, and new ones refused."""
        route, seconds = self._route, self._span(40)
        route.weather.refuses_until = self._server.loop.time() + seconds
        route.reset()
        return f"{seconds} s"

    def swallow(self) -> str:
        """Connections are gone, and new ones hang."""
        route, seconds = self._route, self._span(40)
        route.weather.swallows_until = self._server.loop.time() + seconds
        route.vanish()
        return f"{seconds} s"

    def slow(self) -> str:
        """Everything takes longer, in pieces."""
        weather = self._route.weather
        weather.delay, weather.jitter = self._span(4), self._span(2)
        weather.fragments = self._rng.random() < 0.5
        return f"{weather.delay} s"

    def fast(self) -> None:
        """Everything is quick again."""
        self._route.clear_up()

    # The server.

    def dismiss(self) -> str:
        """The server ends the session for a reason after which one goes on."""
        reason = self._rng.choice(GOING_ON)
        for connection in self._connections:
            self._server.app.rtm.dismiss(connection, reason)
        return reason

    def stop(self) -> str:
        """The server ends the session for a reason after which one does not go on by itself."""
        reason = self._rng.choice(STOPPING)
        for connection in self._connections:
            self._server.app.rtm.dismiss(connection, reason)
        return reason

    def leave(self) -> None:
        """The server restarts: it says goodbye without a reason."""
        for connection in self._connections:
            self._server.app.rtm.leave(connection)

    def refuse_calls(self) -> str:
        """Some calls fail on the server."""
        kind = self._rng.choice(
            ("too_many_requests", "internal", "service_unavailable", "reset_before",
             "reset_after", "truncated_body")
        )  # fmt: skip
        return self._fault(kind, 0.0)

    def delay_calls(self) -> str:
        """Some calls take long on the server."""
        return self._fault("latency", self._span(25) or 0.1)

    def _fault(self, kind: str, seconds: float) -> str:
        method = self._rng.choice(METHODS)
        times = self._rng.randrange(1, 4)
        self._server.backend.faults.add(
            Fault(kind=kind, methods=(method,), times=times, seconds=seconds)  # type: ignore[arg-type]
        )
        return f"{kind} {method} {times} times {seconds} s"

    def refuse_renewals(self) -> str:
        """Subscriptions of customers are not made for now."""
        kind = self._rng.choice(("too_many_requests", "internal", "service_unavailable"))
        times = self._rng.randrange(1, 4)
        self._server.backend.faults.add(
            Fault(kind=kind, methods=("subscribe_customers",), times=times)  # type: ignore[arg-type]
        )
        return f"{kind} {times} times"

    def go(self) -> str | None:
        """The agent is away for longer than the server waits: the chats go to others."""
        loop = self._server.loop
        if loop.time() < self._gone_until:
            return None
        route, seconds = self._route, GRACE_SECONDS + 1.0 + self._span(15)
        self._gone_until = loop.time() + seconds
        route.weather.refuses_until = self._gone_until
        route.weather.frozen_until = loop.time()
        route.reset()
        loop.call_later(GRACE_SECONDS + 0.5, self._sign_off)
        return f"{seconds} s"

    def _sign_off(self) -> None:
        """Do what the server does after its grace, were it not for the control's connection."""
        if self._connections:
            return
        self.absences += 1
        before = self._server.work(self._go_offline)
        self._trace("server", f"{self._agent} is gone")
        self._sign_on(before)

    def _go_offline(self, world: World) -> str:
        agent = world.store.company.agents[self._agent]
        before = agent.status
        statuses.change(world, agent, "offline", cause="disconnected")
        return before

    def _sign_on(self, before: str) -> None:
        """Give the agent the former status, once logged in again."""
        if not self._connections:
            self._server.loop.call_later(LOOK, self._sign_on, before)
            return
        self._trace("server", f"{self._agent} is back")

        def change(world: World) -> None:
            agent = world.store.company.agents[self._agent]
            statuses.change(world, agent, before)  # type: ignore[arg-type]

        self._server.work(change)

    def expire(self) -> None:
        """The token ends early."""
        self._end_token(expire)

    def revoke(self) -> None:
        """The token is taken back."""
        self._end_token(revoke)

    def _end_token(self, end: Callable[..., None]) -> None:
        if self._tokens.given:
            authorization = f"Bearer {self._tokens.given[-1]}"
            company = self._server.world.store.company
            if self._tokens.given[-1] in company.tokens:
                self._server.work(lambda world: end(world, authorization))

    def no_tokens(self) -> str:
        """New tokens cannot be had."""
        seconds = self._span(30)
        self._tokens.fails_until = self._server.loop.time() + seconds
        return f"{seconds} s"
