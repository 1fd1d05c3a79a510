"""A network in memory: connections with delay, that are cut, reset, frozen, or half gone.

::

    client protocol ◀──▶ End ── Wire ──▶ End ◀──▶ server protocol
                           ◀── Wire ──

Every host has a ``Route``; its connections share what is wrong with it. Bytes of one direction of a
connection arrive in order, everything else may overtake.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from msgspec import Struct

from .clock import SimulatedLoop
from .frames import FrameTap
from .trace import Trace

BUFFER = 65536
"""Bytes that may wait on a wire before the sender is asked to pause."""
GIVE_UP = 120.0
"""Seconds after which a connection that is not acknowledged is refused by the system."""


class Weather(Struct):
    """What is wrong with a route now."""

    delay: float = 0.02
    jitter: float = 0.01
    frozen_until: float = 0.0
    """Nothing arrives before."""
    refuses_until: float = 0.0
    """New connections are refused before."""
    swallows_until: float = 0.0
    """New connections hang before."""
    fragments: bool = False
    """Bytes arrive in pieces."""


class Wire:
    """One direction of a connection."""

    def __init__(self, route: "Route", target: "End") -> None:
        self._route = route
        self._target = target
        self._arrives = 0.0
        self._waiting: deque[tuple[float, bytes | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.dead = False
        """Nothing arrives any more."""

    @property
    def unsent(self) -> int:
        """Bytes that are under way."""
        return sum(len(data) for _, data in self._waiting if data)

    def put(self, data: bytes | None) -> None:
        """Have bytes arrive later, or (``None``) the end of the stream."""
        if self.dead:
            return
        if self._route.weather.fragments and data:
            at = self._route.rng.randrange(len(data))
            for piece in (data[:at], data[at:]):
                if piece:
                    self._schedule(piece)
        else:
            self._schedule(data)

    def kill(self) -> None:
        """Lose what is under way and all that follows."""
        self.dead = True
        self._waiting.clear()

    def _schedule(self, data: bytes | None) -> None:
        loop = self._route.loop
        self._arrives = max(self._arrives, loop.time() + self._route.latency())
        self._waiting.append((self._arrives, data))
        if self._timer is None:
            self._timer = loop.call_at(self._arrives, self._deliver)

    def _deliver(self) -> None:
        self._timer = None
        loop, weather = self._route.loop, self._route.weather
        now = loop.time()
        while self._waiting:
            due = max(self._waiting[0][0], weather.frozen_until)
            if due > now:
                self._timer = loop.call_at(due, self._deliver)
                return
            _, data = self._waiting.popleft()
            self._target.arrived(data)


class End(asyncio.Transport):
    """One end of a connection, as its protocol sees it."""

    def __init__(self, loop: SimulatedLoop, tap: FrameTap | None = None) -> None:
        super().__init__()
        self._loop = loop
        self._tap = tap
        self._protocol: Any = None
        self._paused = False
        self._arrivals: deque[bytes | None] = deque()
        self._closing = False
        self._lost = False
        self.wire: Wire
        """Towards the other end."""
        self.other: End

    def attach(self, protocol: Any) -> None:
        """Give the connection to its protocol."""
        self._protocol = protocol
        protocol.connection_made(self)

    # What the network does.

    def arrived(self, data: bytes | None) -> None:
        """Take bytes, or the end of the stream."""
        if self._lost or self._closing:
            return
        if self._paused:
            self._arrivals.append(data)
        elif data is None:
            if not self._protocol.eof_received():
                self.close()
        else:
            self._protocol.data_received(data)

    def lose(self, error: Exception | None) -> None:
        """End the connection for this side."""
        if self._lost:
            return
        self._lost = self._closing = True
        self._loop.call_soon(self._protocol.connection_lost, error)

    # What the protocol does.

    def write(self, data: Any) -> None:
        """Send bytes."""
        if self._closing or not data:
            return
        if self._tap is not None:
            self._tap.feed(bytes(data))
        self.wire.put(bytes(data))

    def can_write_eof(self) -> bool:
        """Whether one direction can be ended alone."""
        return True

    def write_eof(self) -> None:
        """End this direction."""
        if not self._closing:
            self.wire.put(None)

    def close(self) -> None:
        """End the connection once everything is sent."""
        if not self._closing:
            self._closing = True
            self.wire.put(None)
            self.lose(None)

    def abort(self) -> None:
        """End the connection; what is under way is lost, and the other side is reset."""
        if self._lost:
            return
        self._closing = True
        dead = self.wire.dead
        self.wire.kill()
        self.lose(None)
        if not dead:
            delay = self.wire._route.latency()
            self._loop.call_later(delay, self.other.lose, ConnectionResetError("reset by peer"))

    def is_closing(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._closing

    def pause_reading(self) -> None:
        """Let what arrives wait."""
        self._paused = True

    def resume_reading(self) -> None:
        """Take what has arrived meanwhile."""
        self._paused = False
        while self._arrivals and not self._paused:
            self.arrived(self._arrivals.popleft())

    def get_write_buffer_size(self) -> int:
        """Bytes beyond what the system takes at once."""
        return max(0, self.wire.unsent - BUFFER)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Senders here never write more than a few frames."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """There is no socket."""
        return default


class Route:
    """The way to one host: its weather, and the connections that are open on it."""

    def __init__(self, host: str, network: "Network", rng: Random) -> None:
        self.host = host
        self.loop = network.loop
        self.rng = rng
        self.weather = Weather()
        self.tap_sent: Callable[[str, str], object] | None = None
        """Called with the action and the id of each request that a client writes."""
        self.tap_arrived: Callable[[str, str], object] | None = None
        self.pairs: list[tuple[End, End]] = []
        """Client's and server's ends, oldest first."""
        self.connects = 0
        self.losses = 0
        """How often connections were lost."""

    def latency(self) -> float:
        """Seconds that something takes now."""
        return self.weather.delay + self.rng.random() * self.weather.jitter

    @property
    def open_pairs(self) -> list[tuple[End, End]]:
        """The connections that one side at least takes to be open."""
        self.pairs = [pair for pair in self.pairs if not (pair[0]._lost and pair[1]._lost)]
        return self.pairs

    # Ways of losing connections.

    def reset(self) -> None:
        """Both sides are told of a reset."""
        self.losses += 1
        for client, server in self.open_pairs:
            for end in (client, server):
                end.wire.kill()
                self.loop.call_later(
                    self.latency(), end.lose, ConnectionResetError("reset by the network")
                )

    def end_streams(self) -> None:
        """A proxy on the way ends both directions in good order."""
        self.losses += 1
        for client, server in self.open_pairs:
            for end in (client, server):
                end.wire.put(None)

    def half_open(self, *, client_knows: bool) -> None:
        """One side learns of the end, the other hears nothing any more."""
        for client, server in self.open_pairs:
            client.wire.kill()
            server.wire.kill()
            end = client if client_knows else server
            self.loop.call_later(self.latency(), end.lose, ConnectionResetError("timed out"))

    def vanish(self) -> None:
        """Neither side hears anything any more."""
        for client, server in self.open_pairs:
            client.wire.kill()
            server.wire.kill()

    def freeze(self, seconds: float) -> None:
        """Everything waits, and arrives afterwards."""
        self.weather.frozen_until = max(self.weather.frozen_until, self.loop.time() + seconds)

    def clear_up(self) -> None:
        """Be a good route again."""
        frozen_until = self.weather.frozen_until
        self.weather = Weather(frozen_until=frozen_until)


class Network:
    """Routes to the hosts, and what listens there."""

    def __init__(self, loop: SimulatedLoop, seed: str, trace: Trace) -> None:
        self.loop = loop
        self._seed = seed
        self._trace = trace
        self.routes: dict[str, Route] = {}
        self.listen: Callable[[], Any] = lambda: None
        """Makes the protocol of the server's end."""
        loop.connect = self.connect

    def route(self, host: str) -> Route:
        """The way to a host."""
        route = self.routes.get(host)
        if route is None:
            route = self.routes[host] = Route(host, self, Random(f"{self._seed}:{host}"))
        return route

    async def connect(self, factory: Callable[[], Any], host: str) -> tuple[End, Any]:
        """Open a connection to a host."""
        route = self.route(host)
        route.connects += 1
        await asyncio.sleep(2 * route.latency())
        now, weather = self.loop.time(), route.weather
        if now < weather.refuses_until:
            raise ConnectionRefusedError("connection refused")
        if now < weather.swallows_until:
            await asyncio.sleep(GIVE_UP)
            raise TimeoutError("timed out")
        if now < weather.frozen_until:
            await asyncio.sleep(weather.frozen_until - now)
        client = End(self.loop, FrameTap(route.tap_sent) if route.tap_sent else None)
        arrived = FrameTap(route.tap_arrived) if route.tap_arrived else None
        server = End(self.loop)
        client.wire, server.wire = Wire(route, server), Wire(route, client)
        client.other, server.other = server, client
        protocol = self.listen()
        server.attach(_Tapped(protocol, arrived) if arrived else protocol)
        connection = factory()
        client.attach(connection)
        route.pairs.append((client, server))
        self._trace(host, f"connection {route.connects} opened")
        return client, connection


class _Tapped:
    """A server's protocol whose arriving requests are counted."""

    def __init__(self, protocol: Any, tap: FrameTap) -> None:
        self._protocol = protocol
        self._tap = tap
        self.connection_made = protocol.connection_made
        self.connection_lost = protocol.connection_lost
        self.eof_received = protocol.eof_received

    def data_received(self, data: bytes) -> None:
        """Count, and hand on."""
        self._tap.feed(data)
        self._protocol.data_received(data)
