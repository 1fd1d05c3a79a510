"""Everything of a sandbox except sockets: the world, the way of calls to it, and their lock.

Whoever uses the world from outside does so through ``Backend.work``, which holds the lock, commits
and calls the subscribers::

    backend.work(lambda world: ...)

A server with many requests at once uses ``handle`` for each and ``commit`` once for all.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from frontdesk.errors import (
    APIError,
    ClientClosed,
    ForeignFile,
    InternalError,
    InvalidArgument,
    NotFound,
    StoreError,
)
from frontdesk.sandbox.calls.accounts.envelope import refusal
from frontdesk.sandbox.calls.accounts.names import DOCUMENT, is_accounts
from frontdesk.sandbox.calls.accounts.server import AccountsServer
from frontdesk.sandbox.calls.faults import Faults
from frontdesk.sandbox.calls.pipeline import Pipeline
from frontdesk.sandbox.calls.rate_limits import RateLimits
from frontdesk.sandbox.calls.recording import Recorder
from frontdesk.sandbox.calls.responses import HTTPResponse, error_response
from frontdesk.sandbox.calls.rtm_limits import RTMLimits
from frontdesk.sandbox.calls.web.api import WebApi
from frontdesk.sandbox.describe.accounts_openapi import accounts_openapi_json
from frontdesk.sandbox.describe.asyncapi import asyncapi_json
from frontdesk.sandbox.describe.openapi import openapi_json
from frontdesk.sandbox.seeds import check_seed, new_world, seed_of
from frontdesk.sandbox.store import SandboxStore, from_micros, to_micros
from frontdesk.sandbox.tokens import FIXED, random_ids, rename, tokens_of
from frontdesk.sandbox.webhooks.delivery_queue import DeliveryQueue
from frontdesk.sandbox.world import Clock, World
from frontdesk.sandbox.world.chats import uploaded_files
from frontdesk.sandbox.world.people import customer_sessions
from frontdesk.sandbox.world.staff import shifts
from frontdesk.sandbox.world.webhook_targets import Targets
from frontdesk.spec.timestamps import as_utc

__all__ = ["FILES", "LAST_TIME", "LONGEST_MOVE", "OPENAPI", "Backend"]

T = TypeVar("T")

FILES: Final = "/files/lc/att/"
"""Where uploaded files are."""
OPENAPI: Final = "/openapi.json"
ASYNCAPI: Final = "/asyncapi.json"
CUSTOMER_OPENAPI: Final = "/customer-openapi.json"
CUSTOMER_ASYNCAPI: Final = "/customer-asyncapi.json"
DOCUMENTS: Final[Mapping[str, Callable[[], bytes]]] = {
    OPENAPI: openapi_json,
    ASYNCAPI: asyncapi_json,
    CUSTOMER_OPENAPI: partial(openapi_json, "customer"),
    CUSTOMER_ASYNCAPI: partial(asyncapi_json, "customer"),
    DOCUMENT: accounts_openapi_json,
}
"""The documents that describe the APIs, for programs, and where they are."""
CUSTOMER_SDK: Final = "/customer-sdk.js"
"""Where the script is that has LiveChat's customer-sdk talk to the sandbox."""
LONGEST_MOVE: Final = timedelta(days=36500).total_seconds()
"""Seconds that the clock can be moved at once."""
FIRST_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST_TIME: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""The clock cannot be moved beyond: times that are still to come must have a date too."""
_MAGIC: Final = b"frontdesk-sandbox-snapshot 1\n"


def _first_time(start: datetime) -> datetime:
    """Return where a clock is to begin, in UTC; raise ``InvalidArgument`` if it cannot."""
    start = as_utc("start", start)
    if not FIRST_TIME <= start <= LAST_TIME:
        raise InvalidArgument(
            "start", f"must be in the years {FIRST_TIME.year} to {LAST_TIME.year - 1}"
        )
    return start


def _digest(image: bytes) -> str:
    return blake2b(image, digest_size=16).hexdigest()


class _SnapshotHead(Struct, frozen=True):
    """What a snapshot knows besides the database; ``digest`` is that of the database's bytes."""

    now: int
    rng: tuple[int, list[int], float | None]
    digest: str = ""


class Backend:
    """A world with faults, limits and recorded calls, and the way of calls to it.

    Args:
        seed: what a new world begins with.
        random_seed: the same number gives the same ids, history and faults.
        path: the database file; defaults to memory.
        start: the first time of the clock; defaults to now.
        running: false makes a clock that moves with ``advance`` only.
        webhook_hosts: where webhooks may be sent besides this machine, see ``Targets``.
        work_schedules: working hours change statuses, see ``world.staff.shifts``.

    Raises ``InvalidArgument`` for an unknown seed, ``StoreError`` for an unusable file.
    """

    def __init__(
        self,
        *,
        seed: str = "demo",
        random_seed: int = 0,
        path: str | Path | None = None,
        start: datetime | None = None,
        running: bool = True,
        webhook_hosts: Iterable[str] = (),
        work_schedules: bool = False,
    ) -> None:
        self.lock: threading.RLock = threading.RLock()
        self.seed: str = seed
        self.random_seed: int = random_seed
        self._path = path
        self._start = None if start is None else _first_time(start)
        self._running = running
        self._token_ids: Mapping[str, str] = FIXED
        targets = Targets(webhook_hosts)
        self.world: World = self._new_world(seed, random_seed, path)
        self._closed = False
        try:
            self._take_seed()
            self._surround(targets)
            self.world.unit(customer_sessions.end_lost, self.world)
            self.world.commit()
            if work_schedules:
                self.work(lambda world: shifts.follow(world, on=True))
        except BaseException:
            self.world.store.close()
            raise

    def _surround(self, targets: Targets) -> None:
        """Make what belongs to a world, once and for all that will be in its place."""
        self.faults: Faults = Faults(self.random_seed)
        self.limits: RateLimits = RateLimits()
        self.rtm_limits: RTMLimits = RTMLimits()
        self.recorder: Recorder = Recorder()
        self.pipeline: Pipeline = Pipeline(self.world, self.faults, self.limits, self.recorder)
        self.web: WebApi = WebApi(self.pipeline)
        self.accounts: AccountsServer = AccountsServer(
            self.world, self.faults, self.limits, self.recorder, self.web.debug_id
        )
        self.world.targets = targets
        self.webhooks: DeliveryQueue = DeliveryQueue(self.world, self.lock)
        self.on_replaced: list[Callable[[], object]] = []
        """Called, under the lock, after the world became another one."""

    def check_open(self) -> None:
        """Raise ``ClientClosed`` after ``close``: what the world knows is not there any more."""
        if self._closed:
            raise ClientClosed("the sandbox is closed")

    def respond(
        self, verb: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> HTTPResponse:
        """Respond to one request, and make what it did durable."""
        with self.lock:
            self.check_open()
            response = self.handle(verb, path, headers, body)
            try:
                self.world.commit()
            except StoreError as error:
                return self.failure(path, InternalError(str(error)))
        return response

    def failure(self, path: str, error: APIError) -> HTTPResponse:
        """The response to a request that fails before or after it is handled."""
        if is_accounts(path):
            return refusal(error, self.web.debug_id({}), path)
        return error_response(error)

    def reads_body(
        self, verb: str, path: str, headers: Mapping[str, str], *, address: str = ""
    ) -> bool:
        """Whether the response to a request depends on its body; the caller holds the lock.

        It does not for what has none, and for calls that are refused anyway, as without a token.
        ``handle`` responds to them with an empty body as it does with theirs.
        """
        if path.startswith(FILES) or path in (*DOCUMENTS, CUSTOMER_SDK):
            return False
        if is_accounts(path):
            return self.accounts.reads_body(verb)
        return self.web.reads_body(verb, path, headers, address=address)

    def handle(
        self,
        verb: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        address: str = "",
    ) -> HTTPResponse:
        """Respond to one request; the caller holds the lock, and commits before it sends.

        ``path`` has its query behind it, if there is one. ``address`` is where the request comes
        from, empty where there is no socket.
        """
        if path == CUSTOMER_SDK:
            script = Path(__file__).with_name("customer_sdk.js").read_bytes()
            return HTTPResponse(
                status=HTTPStatus.OK, body=script, content_type="text/javascript; charset=utf-8"
            )
        if path in DOCUMENTS:
            return HTTPResponse(status=HTTPStatus.OK, body=DOCUMENTS[path]())
        if is_accounts(path):
            return self.accounts.respond(verb, path, headers, body)
        if path.startswith(FILES):
            return self._file(path[len(FILES) :])
        return self.web.respond(verb, path, headers, body, address=address)

    def work(self, work: Callable[[World], T]) -> T:
        """Do something in the world as one unit, and make it durable.

        Raises ``StoreError`` when the disk does not take it; then it has not happened.
        """
        with self.lock:
            self.check_open()
            self.world.run_due_timers()
            try:
                return self.world.unit(work, self.world)
            finally:
                self.world.commit()

    def tick(self) -> None:
        """Run the timers that are due."""
        with self.lock:
            self.world.run_due_timers()
            self.world.commit()
            self.webhooks.tidy()

    def serve_at(self, base_url: str) -> None:
        """Set the address that the world is reached at."""
        self.world.files_url = f"{base_url}{FILES}"

    def expose(
        self,
        host: str,
        port: int,
        *,
        local: bool,
        fixed_tokens: bool = False,
        is_own_address: Callable[[str], bool] | None = None,
    ) -> None:
        """Take note of where the world is served: that decides its tokens and webhook targets.

        Args:
            host: the address that is listened at.
            port: its port.
            local: only this machine can reach it.
            fixed_tokens: keep the well-known tokens although other machines can.
            is_own_address: tells which addresses, besides loopback, it is reached at.
        """
        self.world.targets.serve_at(host, port, local=local, is_own_address=is_own_address)
        with self.lock:
            known = local or fixed_tokens
            self._token_ids = FIXED if known else random_ids(self.world)
            self.world.ids.unguessable = not known
            self.work(lambda world: rename(world, self._token_ids))
        self.webhooks.resume()

    def tokens(self) -> dict[str, str]:
        """Name -> ``Authorization`` header of each token of the seed."""
        self.check_open()
        return tokens_of(self.world)

    def now(self) -> datetime:
        """The time on the sandbox's clock."""
        return from_micros(self.world.clock.peek())

    def advance(self, seconds: float, *, field: str = "advance") -> datetime:
        """Move the clock forward and run the timers on the way; returns the new time.

        ``field`` is what errors call the argument.

        Raises ``StoreError`` when the disk does not take it; see ``World.advance``.
        """
        if not 0 <= seconds <= LONGEST_MOVE:
            raise InvalidArgument(field, "must be between 0 and a hundred years")
        if self.world.clock.after(seconds) > to_micros(LAST_TIME):
            raise InvalidArgument(field, f"must not lead beyond the year {LAST_TIME.year}")
        with self.lock:
            self.check_open()
            self.world.advance(seconds)
            return self.now()

    def advance_to(self, timestamp: datetime, *, field: str = "to") -> datetime:
        """Move the clock forward to a time; otherwise as ``advance``."""
        ahead = (as_utc(field, timestamp) - self.now()).total_seconds()
        if ahead < 0:
            raise InvalidArgument(field, "must not have passed: the clock only goes forward")
        if ahead > LONGEST_MOVE:
            raise InvalidArgument(field, "must be in the next hundred years")
        return self.advance(ahead, field=field)

    def reset(self, seed: str | None = None, random_seed: int | None = None) -> None:
        """Begin anew: a fresh world without faults, limits and recorded calls.

        Args:
            seed: what it begins with; defaults to what the present world began with.
            random_seed: defaults to that of the present world.
        """
        with self.lock:
            self.check_open()
            seed = self.seed if seed is None else seed
            random_seed = self.random_seed if random_seed is None else random_seed
            self._replace(self._new_world(seed, random_seed, None))
            self.faults.begin(random_seed)
            self.limits.clear()
            self.rtm_limits = RTMLimits()
            self.recorder.clear()

    def snapshot(self) -> bytes:
        """The whole world, its clock and its random numbers included, for ``restore``."""
        with self.lock:
            self.check_open()
            self.world.commit()
            version, numbers, gauss = self.world.rng.getstate()
            image = self.world.store.snapshot()
            head = _SnapshotHead(
                self.world.clock.peek(), (version, list(numbers), gauss), _digest(image)
            )
            return b"%s%s\n%s" % (_MAGIC, msgspec.json.encode(head), image)

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot; what follows is as repeatable as it was then.

        Raises ``ForeignFile`` when the bytes are not a whole snapshot of this version, and
        ``StoreError`` when the disk does not take it. Either way nothing has changed.
        """
        world = self._restored(snapshot)
        with self.lock:
            try:
                self.check_open()
            except ClientClosed:
                world.store.close()
                raise
            self._replace(world)

    def _restored(self, snapshot: bytes) -> World:
        """A world in memory of a snapshot, which is checked as a whole."""
        if not snapshot.startswith(_MAGIC):
            raise ForeignFile("these bytes are not a snapshot of the sandbox")
        first, _, image = snapshot[len(_MAGIC) :].partition(b"\n")
        try:
            head = msgspec.json.decode(first, type=_SnapshotHead)
            version, numbers, gauss = head.rng
            rng = Random()  # noqa: S311 - ids of a sandbox are no secrets
            rng.setstate((version, tuple(numbers), gauss))
        except (msgspec.MsgspecError, ValueError, TypeError, OverflowError) as error:
            raise ForeignFile(f"the snapshot is damaged: {error}") from None
        if not 0 <= head.now <= to_micros(LAST_TIME):
            raise ForeignFile("the snapshot is damaged: its time is out of range")
        if head.digest not in ("", _digest(image)):
            raise ForeignFile("the snapshot is damaged: its bytes are not those that were written")
        clock = Clock(from_micros(head.now), running=self.world.clock.running)
        return World(SandboxStore.of_image(image), clock, rng, timers={})

    def close(self) -> None:
        """Commit and close the database.

        Webhooks that wait to be sent are sent when the file is opened again; from memory they are
        lost. What a full disk does not take is lost too, which the log says; nobody got a response
        to it.
        """
        with self.lock:
            if self._closed:
                return
            with suppress(StoreError):
                self.world.commit()
            self.webhooks.close()
            self.webhooks.tidy()
            if not self.world.store.closed:
                with suppress(StoreError):
                    # Exactly, while what was written on the way may be a little ahead.
                    self.world.keep_clock()
                    self.world.commit()
            self._closed = True
            self.world.store.close()

    def _new_world(self, seed: str, random_seed: int, path: str | Path | None) -> World:
        if not isinstance(seed, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("seed", f"must be a text, not {seed!r}")
        if type(random_seed) is not int:
            raise InvalidArgument("random_seed", f"must be a whole number, not {random_seed!r}")
        clock = Clock(self._start, running=self._running)
        try:
            check_seed(seed)
        except ValueError as error:
            raise InvalidArgument("seed", f"cannot be used: {error}") from None
        return new_world(seed, random_seed=random_seed, path=path, clock=clock)

    def _take_seed(self) -> None:
        """Take over what the world began with, which a file or a snapshot may know better."""
        self.seed, self.random_seed = seed_of(self.world) or (self.seed, self.random_seed)

    def _replace(self, world: World) -> None:
        """Become another world, which is in memory: as a whole or not at all."""
        world.unit(rename, world, self._token_ids)
        world.unit(customer_sessions.end_lost, world)
        world.store.deliveries.clear()
        world.keep_clock()
        world.commit()
        self.world.take_over(world)
        self._take_seed()
        if self.world.follow_work_schedules:
            self.work(lambda world: shifts.follow(world, on=True))
        for notify in self.on_replaced:
            notify()
        self.webhooks.clear()

    def _file(self, path: str) -> HTTPResponse:
        """An uploaded file; ``path`` is license, id and name."""
        parts = path.split("/")
        file_id = parts[1] if len(parts) > 1 else ""
        stored = uploaded_files.find(self.world, file_id)
        if stored is None:
            return error_response(NotFound("there is no such file, or it has expired"))
        file, content = stored
        disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return HTTPResponse(
            status=HTTPStatus.OK,
            body=content,
            content_type=file.content_type,
            headers=(
                ("Content-Disposition", disposition),
                ("X-Content-Type-Options", "nosniff"),
            ),
        )
