"""All connections of the sandbox: opening, responding, pushing, ending.

Connections belong to the thread of the server's event loop, the world to whoever holds its lock.
What others cause in the world is noted by them, under the lock, and written in the loop::

    loop           receive ─▶ work (lock) ─▶ next commit ─▶ responses, then pushes ─▶ sockets
    other threads                 commit (lock) ─▶ pushes ─▶ loop ───────────────────────┘
"""

import asyncio
import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import Final, TypeVar
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from frontdesk.codec.decoding import encode
from frontdesk.errors import (
    InternalError,
    NotFound,
    PendingRequestsLimitReached,
    ServiceTimeout,
    StoreError,
    ValidationError,
)
from frontdesk.pushes import AgentDisconnected, Push, Region
from frontdesk.pushes.customer_chat import CustomerDisconnected, DisconnectData
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.versions import SERVED
from frontdesk.sandbox.serve.rtm.connection import Connection, ConnectionSocket, RTMApi
from frontdesk.sandbox.serve.rtm.connection_calls import ConnectionCall, ConnectionCalls
from frontdesk.sandbox.serve.rtm.customer_delivery import CustomerDelivery
from frontdesk.sandbox.serve.rtm.frames import (
    BadFrame,
    error_frame,
    push_frame,
    read_request,
    success_frame,
)
from frontdesk.sandbox.serve.rtm.outbox import Outbox
from frontdesk.sandbox.serve.rtm.push_delivery import LoggedIn, PushDelivery
from frontdesk.sandbox.world import Effect
from frontdesk.sandbox.world.accounts.organizations import all_ids
from frontdesk.sandbox.world.clock import to_micros
from frontdesk.sandbox.world.people import customer_sessions
from frontdesk.sandbox.world.staff import sessions
from frontdesk.spec.actions import Version, dotted

__all__ = ["Endpoint", "Handshake"]

T = TypeVar("T")
PATH: Final = re.compile(r"/v(\d{1,3})\.(\d{1,3})/(agent|customer)/rtm/ws/?")
REGIONS: Final = (None, "dal", "fra")
TICK: Final = 0.25
"""Seconds between looks at who has been silent and whose token has ended."""
NORMAL: Final = 1000
GOING_AWAY: Final = 1001
_LOG: Final = logging.getLogger("frontdesk.sandbox")


LONGEST_USER_AGENT: Final = 1024
"""Characters of the header that are kept: customers are shown with it."""


class Handshake(Struct, frozen=True, gc=False):
    """What a client asks for when it opens a connection.

    LiveChat's docs require ``organization_id``, while its SDKs for agents do not send it: then the
    token says. ``ip`` and ``user_agent`` are those of the browser that asks.
    """

    api: RTMApi
    version: Version
    organization_id: str | None
    region: str | None
    user_agent: str = ""
    ip: str = ""


class Endpoint:
    """Serves connections.

    Args:
        backend: whose world they are for.
        next_commit: a future that is done when the work so far is durable.
        clock: seconds that never go back, for time-outs.
    """

    def __init__(
        self,
        backend: Backend,
        next_commit: "Callable[[], asyncio.Future[None]]",
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.logged_in: dict[RTMApi, LoggedIn] = {"agent": LoggedIn(), "customer": LoggedIn()}
        self._backend = backend
        self._world = backend.world
        self._next_commit = next_commit
        self._clock = clock
        self._calls = ConnectionCalls(backend, self.logged_in, self._make_room)
        self._deliveries = (
            PushDelivery(backend.world, self.logged_in["agent"]),
            CustomerDelivery(backend.world, self.logged_in["customer"]),
        )
        self._connections: dict[str, Connection] = {}
        self._numbers = count(1)
        self._uncommitted: list[tuple[ConnectionCall, asyncio.Future[None]]] = []
        self._late: dict[ConnectionCall, asyncio.TimerHandle] = {}
        self._unrecorded: set[Connection] = set()
        """Connections whose end the database does not know yet."""
        self._pushes: deque[tuple[Connection, bytes, bool]] = deque()
        self._outbox = Outbox(clock)
        self._delivering = False
        self._stop_listening: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        backend.on_replaced.append(self._world_replaced)

    async def run(self) -> None:
        """Look after the connections as long as the server runs."""
        self._loop = self._outbox.loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        try:
            while True:
                await asyncio.sleep(TICK)
                try:
                    self.tick()
                except Exception:  # noqa: BLE001 - the other connections must live on
                    _LOG.exception("a look at the connections failed")
        finally:
            with self._backend.lock:
                self._listen(on=False)

    def on_loop(self, work: Callable[[], T]) -> T:
        """Do something in the loop's thread, from any thread, and wait for it.

        A caller in another thread must not hold the world's lock.
        """
        if threading.get_ident() == self._thread:
            return work()
        assert self._loop is not None, "the server runs"
        done: Future[T] = Future()

        def do() -> None:
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001 - raised where somebody waits
                done.set_exception(error)

        self._loop.call_soon_threadsafe(do)
        return done.result()

    def now(self) -> datetime:
        """The time on the sandbox's clock."""
        return self._backend.now()

    def admit(self, target: str, headers: Mapping[str, str]) -> Handshake:
        """Read the request that opens a connection; raises ``NotFound``, ``ValidationError``."""
        try:
            address = urlsplit(target)
        except ValueError:
            raise NotFound("there is nothing at an address that is none") from None
        match = PATH.fullmatch(address.path)
        if match is None:
            raise NotFound(
                f"there is nothing at {address.path!r}; RTM is at /v3.6/agent/rtm/ws and "
                "/v3.6/customer/rtm/ws?organization_id=<id>"
            )
        organization_id = parse_qs(address.query).get("organization_id", [None])[0]
        region = headers.get("X-Region")
        if region not in REGIONS:
            raise ValidationError("`X-Region` must be `dal` or `fra`")
        api: RTMApi = "customer" if match[3] == "customer" else "agent"
        user_agent = headers.get("User-Agent", "")[:LONGEST_USER_AGENT]
        return Handshake(api, (int(match[1]), int(match[2])), organization_id, region, user_agent)

    def open(self, handshake: Handshake, socket: ConnectionSocket) -> Connection:
        """Take a connection, or end it right away with the reason."""
        with self._backend.lock:
            connection = Connection(
                str(next(self._numbers)),
                socket,
                api=handshake.api,
                version=handshake.version,
                region=handshake.region,
                organization_id=handshake.organization_id,
                ip=handshake.ip,
                user_agent=handshake.user_agent,
                opened_at=self._backend.now(),
                heard_at=self._clock(),
            )
            self._listen(on=True)
            reason, region = self._objection(handshake)
        limit = self._backend.rtm_limits.unauthorized_connections
        if limit is not None:
            others = [
                connection
                for connection in self._connections.values()
                if connection.user_id is None
            ]
            for oldest in others[: max(0, len(others) + 1 - limit)]:
                self.dismiss(oldest, "too_many_unauthorized_connections")
        self._connections[connection.id] = connection
        if reason is not None:
            self.dismiss(connection, reason, region)
        return connection

    def _objection(self, handshake: Handshake) -> tuple[str | None, str | None]:
        """Why a connection cannot be, and the region it belongs to."""
        license = self._world.store.company.license
        if handshake.version not in SERVED:
            return "unsupported_version", None
        optional = (None,) if handshake.api == "agent" else ()
        if handshake.organization_id not in (*optional, *all_ids(self._world)):
            return "license_not_found", None
        if handshake.region not in (None, license.region):
            return "misdirected_connection", license.region
        if to_micros(license.expires_at) <= self._world.clock.peek():
            return "license_expired", None
        return None, None

    def _make_room(self, connection: Connection, user_id: str) -> bool:
        limits = self._backend.rtm_limits
        by_api = {
            "agent": limits.connections_per_agent,
            "customer": limits.connections_per_customer,
        }
        limit = by_api[connection.api]
        if limit is None:
            return True
        others = self.logged_in[connection.api].of(user_id)
        if len(others) < limit:
            return True
        if self._backend.rtm_limits.when_full == "refuse":
            return False
        for oldest in others[: len(others) + 1 - limit]:
            self.dismiss(oldest, "connection_evicted")
        return True

    def heard(self, connection: Connection) -> None:
        """Take note of a sign of life; before the log-in, none counts."""
        if connection.user_id is not None:
            connection.heard_at = self._clock()

    def receive(self, connection: Connection, data: bytes) -> None:
        """Take a message."""
        if connection.ending:
            return
        self.heard(connection)
        connection.received += 1
        try:
            request = read_request(data)
        except BadFrame as bad:
            self._outbox.send(connection, error_frame(bad.frame, bad.error))
            return
        if request.action == "ping":
            if connection.user_id is not None:
                self._outbox.send(connection, success_frame(request, b"{}"))
            return
        if connection.pending >= self._backend.rtm_limits.pending_requests:
            limit = PendingRequestsLimitReached(
                f"{connection.pending} requests are pending, which is the limit"
            )
            self._outbox.send(connection, error_frame(request, limit))
            return
        with self._backend.lock:
            reason = self._calls.standing(connection)
            if reason is not None:
                self.dismiss(connection, reason)
                return
            call = self._calls.carry_out(connection, request)
            durable = self._next_commit()
        self.heard(connection)  # from the log-in on
        connection.pending += 1
        self._uncommitted.append((call, durable))
        if len(self._uncommitted) == 1:
            durable.add_done_callback(self._committed)

    def closed(self, connection: Connection) -> None:
        """Take note that a connection has ended."""
        connection.ending = True
        self._forget(connection)

    def _committed(self, _: "asyncio.Future[None]") -> None:
        calls, self._uncommitted = self._uncommitted, []
        for call, durable in calls:
            if not durable.done():
                # It came after the commit, and before this function was called.
                if not self._uncommitted:
                    durable.add_done_callback(self._committed)
                self._uncommitted.append((call, durable))
                continue
            failure = durable.exception()
            if failure is not None:
                call.undo(InternalError(str(failure)))
            self._respond(call)
        self._deliver()

    def _respond(self, call: ConnectionCall) -> None:
        connection, fault = call.connection, call.fault
        if connection.ending:
            return
        if call.refused is not None:
            self.dismiss(connection, call.refused)
            return
        match fault.kind if fault else None:
            case "reset_before" | "reset_after":
                self.cut(connection, reset=True)
            case "truncated_body":
                self._outbox.flush()
                frame = call.frame
                connection.socket.write(frame[: len(frame) // 2])
                self.cut(connection, reset=False)
            case "latency" | "slow_body":
                assert fault is not None
                self._respond_late(call, fault.seconds)
            case _:
                self._outbox.add(connection, call.frame, responses=1)
                if call.leaves:
                    self._end(connection, NORMAL, "logged out")

    def _respond_late(self, call: ConnectionCall, seconds: float) -> None:
        limit = self._backend.rtm_limits.request_seconds
        if seconds >= limit:
            call.fail(ServiceTimeout(f"the request took longer than {limit:g} s"))
        call.fault = None
        assert self._loop is not None
        pause = self._loop.call_later(min(seconds, limit), self._respond_now, call)
        self._late[call] = pause

    def _respond_now(self, call: ConnectionCall) -> None:
        del self._late[call]
        self._respond(call)
        self._outbox.flush()

    def hurry(self) -> None:
        """Respond at once to the calls that a fault delays, as the server stops."""
        for call, pause in list(self._late.items()):
            pause.cancel()
            self._respond_now(call)

    def _happened(self, effects: list[Effect]) -> None:
        """Note the pushes; called under the lock, in whichever thread commits."""
        try:
            for effect in effects:
                last = effect.push == "agent_disconnected"
                for connection, frame in self._frames(effect):
                    self._pushes.append((connection, frame, last))
        except Exception:  # noqa: BLE001 - the commit is none of our business
            _LOG.exception("a push could not be made; this is a defect of the sandbox")
        if self._pushes and not self._delivering and self._loop is not None:
            self._delivering = True
            if threading.get_ident() != self._thread:
                with suppress(RuntimeError):  # the server has just ended
                    self._loop.call_soon_threadsafe(self._deliver)
            elif not self._uncommitted:
                self._loop.call_soon(self._deliver)

    def _frames(self, effect: Effect) -> Iterator[tuple[Connection, bytes]]:
        for delivery in self._deliveries:
            yield from delivery.frames(effect)

    def _deliver(self) -> None:
        """Send what has been noted, after whatever is to be said already."""
        self._delivering = False
        while self._pushes:
            connection, frame, last = self._pushes.popleft()
            if not connection.ending:
                self._outbox.add(connection, frame)
                if last:
                    self._end(connection, NORMAL, "disconnected")
        self._outbox.flush()

    def tick(self) -> None:
        """End the connections whose time is over."""
        now = self._clock()
        for connection in list(self._connections.values()):
            patience = (
                self._backend.rtm_limits.login_seconds
                if connection.user_id is None
                else self._backend.rtm_limits.silence_seconds
            )
            if connection.frozen:
                continue
            if now - connection.heard_at >= patience:
                self.dismiss(connection, "connection_timeout")
            elif connection.api == "customer" and connection.user_id is not None:
                self._keep_alive(connection, now, patience)
        with self._backend.lock:
            unrecorded, self._unrecorded = self._unrecorded, set()
            for connection in unrecorded:
                self._record_end(connection)
            standing = [
                (connection, self._calls.standing(connection))
                for logged_in in self.logged_in.values()
                for connection in logged_in
            ]
        for connection, reason in standing:
            if reason is not None:
                self.dismiss(connection, reason)

    @staticmethod
    def _keep_alive(connection: Connection, now: float, patience: float) -> None:
        """Ask a customer's client for a sign of life, when half of its time is over.

        LiveChat's customer-sdk sends no pings, and pages of browsers cannot: they respond to them.
        """
        if now - max(connection.heard_at, connection.pinged_at) >= patience / 2:
            connection.pinged_at = now
            connection.socket.ping()

    def dismiss(self, connection: Connection, reason: str, region: str | None = None) -> None:
        """Push to a connection why it ends, and end it."""
        if connection.ending:
            return
        self._deliver()
        push: Push
        if connection.api == "agent":
            push = AgentDisconnected(reason=reason, data=Region(region=region) if region else None)
        else:
            data = DisconnectData(region=region) if region else None
            push = CustomerDisconnected(reason=reason, data=data)
        version = dotted(connection.version)
        self._outbox.add(connection, push_frame(version, push.spec.name, encode(push)))
        self._end(connection, NORMAL, reason)

    def leave(self, connection: Connection) -> None:
        """End a connection as a server does that is stopped: politely, but without a reason."""
        self._end(connection, GOING_AWAY, "the server goes away")

    def cut(self, connection: Connection, *, reset: bool) -> None:
        """End a connection without a word."""
        self._outbox.flush()
        connection.ending = True
        self._forget(connection)
        connection.socket.cut(reset=reset)

    def abandon(self, connection: Connection) -> None:
        """Forget a connection without ending it: to its client it looks alive, but is not."""
        connection.ending = True
        self._forget(connection)
        connection.socket.mute()

    def freeze(self, connection: Connection, seconds: float) -> None:
        """Neither read nor say anything for a while; nothing is lost."""
        assert self._loop is not None
        connection.frozen = True
        connection.socket.read(on=False)
        self._loop.call_later(seconds, self._thaw, connection)

    def _thaw(self, connection: Connection) -> None:
        if connection.frozen and not connection.ending:
            connection.heard_at = self._clock()
            connection.thaw()

    def _end(self, connection: Connection, code: int, reason: str) -> None:
        if connection.ending:
            return
        self._outbox.flush()
        connection.thaw()
        connection.ending = True
        self._forget(connection)
        connection.socket.close(code, reason)

    def _forget(self, connection: Connection) -> None:
        if self._connections.pop(connection.id, None) is None:
            return
        with self._backend.lock:
            if self.logged_in[connection.api].remove(connection):
                self._record_end(connection)
            if not self._connections:
                self._listen(on=False)

    def _record_end(self, connection: Connection) -> None:
        """Have the world take note that a connection is gone. Called under the lock."""
        close = sessions.close if connection.api == "agent" else customer_sessions.close
        try:
            self._world.unit(close, self._world, connection.id)
        except StoreError:
            self._unrecorded.add(connection)
            return

        def done(commit: "asyncio.Future[None]") -> None:
            if commit.exception() is not None:
                self._unrecorded.add(connection)

        self._next_commit().add_done_callback(done)

    def _listen(self, *, on: bool) -> None:
        """Subscribe to the world as long as there are connections."""
        if on and self._stop_listening is None:
            self._stop_listening = self._world.subscribe(self._happened)
        elif not on and self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None

    def _world_replaced(self) -> None:
        """End all connections: they were with a world that is gone. Called under the lock."""
        self._world.sessions.clear()
        self._world.customer_sessions.clear()
        self._unrecorded.clear()
        if self._loop is not None and self._connections:
            with suppress(RuntimeError):  # the server has just ended
                self._loop.call_soon_threadsafe(self._dismiss_all, list(self._connections.values()))

    def _dismiss_all(self, connections: Iterable[Connection]) -> None:
        for connection in connections:
            self.dismiss(connection, "internal_error")

    def select(
        self,
        *,
        agent_id: str | None = None,
        customer_id: str | None = None,
        connection_id: str | None = None,
    ) -> list[Connection]:
        """The connections of an agent, of a customer, the one of an id, or all, oldest first."""
        user: tuple[RTMApi, str] | None = None
        if agent_id is not None:
            user = "agent", agent_id
        elif customer_id is not None:
            user = "customer", customer_id
        return [
            connection
            for connection in self._connections.values()
            if user in (None, (connection.api, connection.user_id))
            and connection_id in (None, connection.id)
        ]

    def push(self, effect: Effect) -> int:
        """Push something to whom it is for; how many frames that were."""
        with self._backend.lock:
            frames = list(self._frames(effect))
        self._pushes.extend((connection, frame, False) for connection, frame in frames)
        self._deliver()
        return len(frames)
