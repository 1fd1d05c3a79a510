"""An RTM client that writes down everything it is given."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

import msgspec

from frontdesk import AsyncAgentRTM, Backoff
from frontdesk.auth import BearerToken
from frontdesk.core.rtm.notices import ConnectionLost, Notice, PushesLost, Reconnected
from frontdesk.core.rtm.recovery.views import KEY_CHANGES
from frontdesk.errors import FrontdeskError, TransportError
from frontdesk.pushes import PUSHES, Push, SubscribedCustomersTotalsUpdated

from .clock import SimulatedLoop
from .items import Item, item_of
from .server import Server
from .trace import Trace

LATENCY = 0.05
"""Simulated seconds that the user's token function takes."""


class TokenServiceDown(Exception):
    """What the user's token function raises; it is the user's own, and may be raised to him."""


class Listener:
    """A session of one agent, connected again whenever the server ends it.

    ``token`` is asked for each token; ``took`` is everything that came, in order.
    ``subscriptions`` of customers are made once it is logged in. Without ``key_changes`` it takes
    neither ``IncomingChat`` nor ``ChatDeactivated``, so that chats of others do not concern it.
    """

    def __init__(
        self,
        name: str,
        loop: SimulatedLoop,
        server: Server,
        trace: Trace,
        *,
        seed: str,
        token: Callable[[], Awaitable[BearerToken]],
        subscriptions: int = 0,
        key_changes: bool = True,
        **options: Any,
    ) -> None:
        self.name = name
        self.took: list[Item | Notice] = []
        self.times: list[float] = []
        self.first_ready: float | None = None
        self.endings: list[str] = []
        self.ended_at: list[float] = []
        self.stuck: str | None = None
        self.strange: list[str] = []
        self.subscribed: list[str] = []
        """The ids of the subscriptions of customers, as they were first."""
        self.subscribed_at = 0.0
        """When the last of them was made."""
        self.unsure = False
        """A subscription may have been made of which the client was not told."""
        self.readings: list[ByHand] = []
        """The calls of ``recover``."""
        self._subscriptions = subscriptions
        self._loop = loop
        self._trace = trace
        self._rng = Random(f"{seed}:{name}")
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self.client = AsyncAgentRTM(
            token,
            organization_id=server.organization_id,
            base_url=f"http://{name}.test",
            proxy="",
            backoff=Backoff(longest_pause=8.0),
            **options,
        )
        simulate_settings(self.client, loop, server, seed=f"{seed}:{name}:client")
        kinds = [Push] if key_changes else [k for k in PUSHES.values() if k not in KEY_CHANGES]
        self.client.on(*kinds, PushesLost, ConnectionLost, Reconnected)(self._take)

    def _take(self, item: Any) -> None:
        if isinstance(item, Push):
            known = item_of(item)
            self._trace(self.name, f"got {known}")
            if isinstance(item, SubscribedCustomersTotalsUpdated):
                self._note_totals(item.totals)
            item = known
        elif isinstance(item, PushesLost):
            self._trace(self.name, f"lost {item.overflow} {item.interruption}")
        elif isinstance(item, Reconnected):
            self._trace(
                self.name,
                f"reconnected after {item.seconds:.3f}: {item.recovered} events, "
                f"{item.requests} requests, complete {item.complete}",
            )
        else:
            self._trace(self.name, f"disconnected: {item.error}")
        self.took.append(item)
        self.times.append(self._loop.time())

    def _note_totals(self, totals: dict[str, int]) -> None:
        unknown = totals.keys() - set(self.subscribed)
        if unknown and not self.unsure:
            self.strange.append(f"{self.name}: totals of {sorted(unknown)}, {self.subscribed} due")

    def start(self) -> None:
        """Begin to listen."""
        self._task = self._loop.create_task(self._listen())
        self._subscribing = self._loop.create_task(self._subscribe())

    async def _subscribe(self) -> None:
        """Subscribe to customers, however often it takes."""
        while len(self.subscribed) < self._subscriptions:
            await asyncio.sleep(1.0)
            try:
                response = await self.client.subscribe_customers(limit=1)
            except FrontdeskError as error:
                known = isinstance(error, TransportError) and not error.maybe_sent
                self.unsure = self.unsure or not known
            else:
                self.subscribed.append(response.subscription_id)
                self.subscribed_at = self._loop.time()
                self._trace(self.name, f"subscribed as {response.subscription_id}")

    @property
    def has_subscribed(self) -> bool:
        """Whether all subscriptions have been made once."""
        return len(self.subscribed) >= self._subscriptions

    async def read_by_hand(self, seconds: float, pause: float) -> None:
        """Call ``recover`` now and then."""
        until = self._loop.time() + seconds
        while True:
            wait = self._rng.expovariate(1 / pause)
            if self._loop.time() + wait >= until:
                return
            await asyncio.sleep(wait)
            reading = ByHand(self._loop.time())
            self.readings.append(reading)
            reading.task = self._loop.create_task(self._read(reading))

    async def read_all(self, seconds: float) -> bool:
        """Call ``recover`` until it succeeds; returns whether it did in time."""
        until = self._loop.time() + seconds
        while self._loop.time() < until:
            reading = ByHand(self._loop.time())
            self.readings.append(reading)
            reading.task = self._loop.create_task(self._read(reading))
            await asyncio.wait([reading.task], timeout=until - self._loop.time())
            if reading.outcome == "ok":
                return True
            await asyncio.sleep(1.0)
        return False

    async def _read(self, reading: "ByHand") -> None:
        try:
            recovered = await self.client.recover()
        except FrontdeskError as error:
            reading.outcome = f"{type(error).__name__}: {error}"
        except TokenServiceDown as error:
            reading.outcome = f"{error}"
        else:
            reading.outcome = "ok"
            self._trace(self.name, f"read back by hand: {recovered}")
        reading.ended = self._loop.time()
        self._trace(self.name, f"recover of {reading.begun:.3f}: {reading.outcome}")

    async def _listen(self) -> None:
        while not self._stopping:
            try:
                await self.client.connect()
                if self.first_ready is None:
                    self.first_ready = self._loop.time()
                self._trace(self.name, "logged in")
                await self.client.wait_closed()
            except (FrontdeskError, TokenServiceDown) as error:
                self.endings.append(type(error).__name__)
                self.ended_at.append(self._loop.time())
                self._trace(self.name, f"ended: {type(error).__name__}: {error}")
                await asyncio.sleep(0.5 + self._rng.random())

    async def stop(self, patience: float) -> None:
        """Close; notes in ``stuck`` when that takes longer than it may."""
        self._stopping = True
        self._subscribing.cancel()
        try:
            async with asyncio.timeout(patience):
                await self.client.close()
                if self._task is not None:
                    await self._task
        except TimeoutError:
            self.stuck = f"{self.name}: `close` did not end within {patience:g} s"
            if self._task is not None:
                self._task.cancel()
        self._trace(self.name, "closed")

    @property
    def ready(self) -> bool:
        """Whether the session is logged in and has caught up."""
        if self.client.state.name != "READY":
            return False
        for item in reversed(self.took):
            if isinstance(item, Reconnected):
                return True
            if isinstance(item, ConnectionLost):
                return False
        return True


def simulate_settings(client: Any, loop: SimulatedLoop, server: Server, *, seed: str) -> None:
    """Have a client take its time and its random numbers from the simulation."""
    settings = msgspec.structs.replace(
        client._settings, clock=loop.time, rng=Random(seed), now=server.backend.now
    )
    client._settings = settings
    line = getattr(client, "_line", None)
    if line is not None:
        line.carrier = msgspec.structs.replace(line.carrier, settings=settings)


class ByHand(msgspec.Struct):
    """One call of ``recover``."""

    begun: float
    ended: float | None = None
    outcome: str = "none"
    task: asyncio.Task[None] | None = None


class Tokens:
    """Gives out the tokens of an agent, which live for some seconds."""

    def __init__(self, server: Server, agent: str, seconds: float | None) -> None:
        self._server = server
        self._agent = agent
        self._seconds = seconds
        self.given: list[str] = []
        self.asked = 0
        self.fails_until = 0.0

    async def __call__(self) -> BearerToken:
        """Make a new token, or give the one that does not end."""
        self.asked += 1
        await asyncio.sleep(LATENCY)
        if self._server.loop.time() < self.fails_until:
            raise TokenServiceDown("the token service is down")
        if self._seconds is None and self.given and self._still_good:
            return BearerToken(self.given[-1])
        seconds = self._seconds or 10 * 86400
        authorization = self._server.issue(self._agent, seconds).removeprefix("Bearer ")
        self.given.append(authorization)
        ends = None
        if self._seconds is not None:
            ends = self._server.backend.now() + timedelta(seconds=seconds)
        return BearerToken(authorization, expires_at=ends)

    @property
    def _still_good(self) -> bool:
        token = self._server.world.store.company.tokens.get(self.given[-1])
        now = self._server.backend.now()
        return token is not None and (token.expires_at is None or token.expires_at > now)
