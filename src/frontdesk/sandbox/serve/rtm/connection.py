"""One connection: what the server knows of it, whatever carries its bytes."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from frontdesk.spec.actions import Version

__all__ = ["Connection", "ConnectionSocket", "Parcel", "RTMApi"]

RTMApi = Literal["agent", "customer"]
MAX_HELD = 16 * 2**20
"""Bytes that may wait for a connection that is frozen or delayed; then it is cut."""


class ConnectionSocket(Protocol):
    """What carries a connection; all methods return at once."""

    def write(self, data: bytes) -> None:
        """Send bytes, WebSocket frames, if the connection is open."""
        ...

    def ping(self) -> None:
        """Send a WebSocket ping, to which clients respond by themselves."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End the connection in good order."""
        ...

    def cut(self, *, reset: bool) -> None:
        """End the connection without a word: reset it, or just close it."""
        ...

    def read(self, *, on: bool) -> None:
        """Stop reading, or go on."""
        ...

    def mute(self) -> None:
        """Keep the connection open, but never read or write anything on it again."""
        ...


class Parcel(Struct):
    """Frames on their way to a connection; ``responses`` is how many of them are responses."""

    frames: list[bytes] = []
    responses: int = 0


Later: TypeAlias = "Callable[[float, Connection], None]"
"""Gets the seconds after which to call ``send_held`` of a connection, and the connection."""


class Connection:
    """A connection, logged in when it has a ``user_id``: that of an agent or customer, by ``api``.

    ``heard_at`` is when it last gave a sign of life, in the endpoint's time, and ``pinged_at`` when
    it was last asked for one. ``ending`` is true
    as soon as nothing is to be said any more. While ``frozen``, what is to be said
    waits in ``held``; ``delay`` is how many seconds everything takes. ``ip`` and ``user_agent``
    are those of the browser or program at the other end.
    """

    __slots__ = (
        "api",
        "authorization",
        "delay",
        "delayed_until",
        "ending",
        "filter",
        "frozen",
        "generation",
        "heard_at",
        "held",
        "held_bytes",
        "id",
        "ip",
        "opened_at",
        "organization_id",
        "pending",
        "pinged_at",
        "received",
        "region",
        "sent",
        "socket",
        "user_agent",
        "user_id",
        "version",
        "versions_of_push",
    )

    def __init__(
        self,
        id: str,
        socket: ConnectionSocket,
        *,
        api: RTMApi = "agent",
        version: Version,
        region: str | None,
        organization_id: str | None = None,
        ip: str = "",
        user_agent: str = "",
        opened_at: datetime,
        heard_at: float,
    ) -> None:
        self.id: str = id
        self.socket: ConnectionSocket = socket
        self.api: RTMApi = api
        self.version: Version = version
        self.region: str | None = region
        self.organization_id: str | None = organization_id
        self.ip: str = ip
        self.user_agent: str = user_agent
        self.opened_at: datetime = opened_at
        self.heard_at: float = heard_at
        self.pinged_at: float = heard_at
        self.user_id: str | None = None
        self.authorization: str = ""
        self.generation: int = -1
        self.filter: dict[Version, frozenset[str]] | None = None
        self.versions_of_push: dict[str, tuple[Version, ...]] = {}
        self.pending: int = 0
        self.received: int = 0
        self.sent: int = 0
        self.ending: bool = False
        self.frozen: bool = False
        self.held: deque[Parcel] = deque()
        self.held_bytes: int = 0
        self.delay: float = 0.0
        self.delayed_until: float = 0.0

    def __repr__(self) -> str:
        return f"<Connection {self.id} of {self.user_id or 'nobody yet'}>"

    def versions(self, push: str, since: Version) -> tuple[Version, ...]:
        """The versions in which the connection gets a push that exists since one of them."""
        versions = self.versions_of_push.get(push)
        if versions is None:
            versions = self.versions_of_push[push] = self._versions(push, since)
        return versions

    def _versions(self, push: str, since: Version) -> tuple[Version, ...]:
        if self.filter is None:
            return (self.version,) if since <= self.version else ()
        return tuple(
            version
            for version, names in self.filter.items()
            if since <= version and not names.isdisjoint((push, "all"))
        )

    def send(
        self, parcel: Parcel, now: float, later: Callable[[float, "Connection"], None]
    ) -> None:
        """Send frames now, when the connection thaws, or after its delay.

        ``later`` gets the seconds after which to call ``send_held``.
        """
        if self.frozen:
            self._hold(parcel)
        elif self.delay or self.delayed_until > now:
            self._hold(parcel)
            self.delayed_until = max(self.delayed_until, now + self.delay)
            later(self.delayed_until - now, self)
        else:
            self._send(parcel)

    def _hold(self, parcel: Parcel) -> None:
        self.held.append(parcel)
        self.held_bytes += sum(map(len, parcel.frames))
        if self.held_bytes > MAX_HELD:
            self.held.clear()
            self.held_bytes = 0
            self.socket.cut(reset=True)

    def send_held(self) -> None:
        """Send the first of what waits; nothing while the connection is frozen."""
        if self.held and not self.frozen:
            self._send_first()

    def _send_first(self) -> None:
        parcel = self.held.popleft()
        self.held_bytes -= sum(map(len, parcel.frames))
        self._send(parcel)

    def thaw(self) -> None:
        """Go on after a freeze, and wait for no delay."""
        if self.frozen:
            self.frozen = False
            self.socket.read(on=True)
        while self.held:
            self._send_first()

    def _send(self, parcel: Parcel) -> None:
        self.pending -= parcel.responses
        self.sent += len(parcel.frames)
        self.socket.write(b"".join(parcel.frames))
