"""The receiver: checks a webhook, acknowledges it, and has it handled afterwards."""

import asyncio
import atexit
import hmac
import logging
import os
import threading
import time
from collections.abc import AsyncIterable, Callable, Iterable
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, cast, overload

from msgspec import Struct

from frontdesk._ordered_executor import OrderedExecutor
from frontdesk._threads import BackgroundLoop
from frontdesk.errors import DecodeError, InvalidArgument
from frontdesk.webhooks._answers import ACCEPTED, Answer
from frontdesk.webhooks._checks import is_json, repeated_key, without_secret
from frontdesk.webhooks._handlers import AnyWebhook, Handler, Handlers, check_payloads
from frontdesk.webhooks._journal import Journal
from frontdesk.webhooks._parsing import UnknownWebhook, Webhook, parse, secret_in
from frontdesk.webhooks._payloads import PAYLOADS, Payload
from frontdesk.webhooks._seen import MemorySeen, SeenStore, Trace, digest_of
from frontdesk.webhooks._subjects import chat_id_of, ordering_key

__all__ = ["Counts", "Receiver"]

P = TypeVar("P", bound=Payload)
P2 = TypeVar("P2", bound=Payload)
R = TypeVar("R")

logger = logging.getLogger("frontdesk.webhooks")


class Readable(Protocol):
    """What can be read like a binary file."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes."""
        ...


DIGEST: Final = 16


class Counts(Struct):
    """What a receiver has done since it was made."""

    accepted: int = 0
    repeated: int = 0
    """Deliveries dropped because the webhook had been accepted before."""
    refused: int = 0
    """Requests answered with something else than 200."""
    handled: int = 0
    failed: int = 0
    """Handlers that raised an error."""


class _Accepted(Struct, gc=False):
    webhook: AnyWebhook
    handlers: tuple[Handler, ...]
    number: int | None


class Receiver:
    """Receives webhooks safely: whatever web framework they come through, it does the rest.

    ::

        receiver = Receiver(secret=os.environ["WEBHOOK_SECRET"])

        @receiver.on(IncomingEvent)
        async def answer(webhook: Webhook[IncomingEvent]) -> None: ...

    A request is answered as soon as its webhook is accepted, and handled after that: in order
    within a chat, many chats at a time. A webhook that was accepted before is acknowledged and
    dropped. Handlers may be async, or sync (these run in threads).

    Arguments:

    - ``secret``: the ``secret_key`` of the registrations; several while you rotate it.
    - ``max_body``: the most bytes a body may have.
    - ``body_timeout``: seconds until a body must have arrived (async frameworks).
    - ``concurrency``: how many webhooks are handled at once.
    - ``capacity``: how many may be accepted and not yet handled; more are answered with 503, so
      that the server repeats them.
    - ``threads``: how many sync handlers run at once.
    - ``seen``: where to remember webhooks, for several processes that share one; this process's
      memory by default.
    - ``window``: seconds for which a webhook is remembered.
    - ``journal``: a directory (or a ``Journal``) that keeps accepted webhooks until they are
      handled, so that they survive when the process is killed.
    - ``on_error``: called with the webhook and the error when a handler fails; logs by default.

    Raises ``InvalidArgument``.
    """

    def __init__(
        self,
        secret: str | Iterable[str],
        *,
        max_body: int = 1024 * 1024,
        body_timeout: float = 10.0,
        concurrency: int = 100,
        capacity: int = 10_000,
        threads: int = 32,
        seen: SeenStore | None = None,
        window: int = 300,
        journal: Journal | str | Path | None = None,
        on_error: Callable[[AnyWebhook, Exception], object] | None = None,
    ) -> None:
        for name, value in (
            ("max_body", max_body),
            ("body_timeout", body_timeout),
            ("concurrency", concurrency),
            ("capacity", capacity),
            ("threads", threads),
            ("window", window),
        ):
            if value <= 0:
                raise InvalidArgument(name, "must be greater than 0")
        self.max_body = max_body
        self.body_timeout = body_timeout
        self.counts = Counts()
        self._secrets = _checked_secrets(secret)
        self._seen: SeenStore = MemorySeen() if seen is None else seen
        self._window = window
        self._journal = Journal(journal) if isinstance(journal, (str, Path)) else journal
        self._on_error = on_error or _log_error
        self._handlers = Handlers(threads)
        self._concurrency = concurrency
        self._capacity = capacity
        self._begin()

    def _begin(self) -> None:
        """Set up what belongs to one process."""
        self._pid = os.getpid()
        self._executor = OrderedExecutor(
            self._work, concurrency=self._concurrency, capacity=self._capacity
        )
        self._handlers.begin()
        self._started = False
        self._starting = asyncio.Lock()
        self._closing = False
        self._background: BackgroundLoop | None = None
        self._background_lock = threading.Lock()

    def __repr__(self) -> str:
        return (
            f"<Receiver {len(self._handlers)} payload types, {self._executor.unfinished} waiting>"
        )

    @overload
    def on(
        self,
    ) -> Callable[[Callable[[AnyWebhook], R]], Callable[[AnyWebhook], R]]: ...
    @overload
    def on(
        self, payload: type[UnknownWebhook], /
    ) -> Callable[[Callable[[UnknownWebhook], R]], Callable[[UnknownWebhook], R]]: ...
    @overload
    def on(
        self, payload: type[P], /
    ) -> Callable[[Callable[[Webhook[P]], R]], Callable[[Webhook[P]], R]]: ...
    @overload
    def on(
        self, payload: type[P], other: type[P2], /
    ) -> Callable[[Callable[[Webhook[P | P2]], R]], Callable[[Webhook[P | P2]], R]]: ...
    @overload
    def on(
        self, payload: type[Any], other: type[Any], third: type[Any], /, *payloads: type[Any]
    ) -> Callable[[Callable[[Webhook[Any]], R]], Callable[[Webhook[Any]], R]]: ...
    def on(self, *payloads: type[Any]) -> Any:
        """Have a function called with each webhook that has one of these payloads.

        Without any payload type: with every webhook; with ``UnknownWebhook``: with those that
        frontdesk does not know. Several functions for one webhook are called one after another.

        Raises ``InvalidArgument`` for a type that is no webhook's payload.
        """
        check_payloads(payloads)

        def register(function: Callable[[Any], object]) -> Any:
            self._handlers.add(payloads, function)
            return function

        return register

    async def handle(self, body: bytes, *, content_type: str | None = "application/json") -> Answer:
        """Check the body of a request and accept the webhook in it; returns what to answer.

        Work goes on in the running event loop, which must be the same for every call.
        """
        if not self._started and not self._closing:
            await self.start()
        if not is_json(content_type):
            return self._refuse(415, "the content type must be application/json")
        if len(body) > self.max_body:
            return self.refuse_size()
        try:
            if not self._knows(secret_in(body)):
                return self._refuse(401, "wrong or missing secret_key")
            webhook = parse(body)
            webhook.secret_key = ""  # handlers may keep or send a webhook; the secret stays here
            key = repeated_key(body)
            kept = without_secret(body) if self._journal is not None else b""
        except DecodeError as error:
            return self._refuse(400, error.message)
        if key is not None:
            return self._refuse(400, f"the key {key!r} comes twice")
        return await self._accept(webhook, digest_of(body), kept)

    async def receive(
        self, chunks: AsyncIterable[bytes], *, content_type: str | None, length: int | None = None
    ) -> Answer:
        """Read a body as it comes, at most ``max_body`` bytes for ``body_timeout`` seconds.

        ``length`` is the Content-Length if there is one. Otherwise as ``handle``.
        """
        if length is not None and length > self.max_body:
            return self.refuse_size()
        body = bytearray()
        try:
            async with asyncio.timeout(self.body_timeout):
                async for chunk in chunks:
                    body += chunk
                    if len(body) > self.max_body:
                        return self.refuse_size()
        except TimeoutError:
            return self.refuse_pace()
        return await self.handle(bytes(body), content_type=content_type)

    def handle_sync(self, body: bytes, *, content_type: str | None = "application/json") -> Answer:
        """Do as ``handle``, for sync frameworks: handlers run on a background thread."""
        return self._in_background().run(self.handle(body, content_type=content_type))

    def receive_sync(
        self, stream: Readable, *, content_type: str | None, length: int | None
    ) -> Answer:
        """Read a body of ``length`` bytes from a file-like object, and do as ``handle_sync``."""
        if length is None:
            return self._refuse(411, "the request must have a Content-Length")
        if length > self.max_body:
            return self.refuse_size()
        try:
            body = stream.read(length)
        except OSError:
            body = b""
        if len(body) < length:
            return self.refuse_part()
        return self.handle_sync(body, content_type=content_type)

    def refuse_size(self) -> Answer:
        """Answer a request with too long a body."""
        return self._refuse(413, f"the body has more than {self.max_body} bytes")

    def refuse_part(self) -> Answer:
        """Answer a request whose body ended too early."""
        return self._refuse(400, "the body is shorter than its Content-Length")

    def refuse_pace(self) -> Answer:
        """Answer a request whose body did not arrive in time."""
        return self._refuse(408, "the body came too slowly")

    def refuse_method(self) -> Answer:
        """Answer a request that is no POST."""
        return self._refuse(405, "webhooks are sent with POST")

    async def start(self) -> None:
        """Take up what an earlier process left in the journal; called by the first webhook too."""
        async with self._starting:
            if not self._started:
                self._closing = False
                if self._journal is not None:
                    await self._take_up(self._journal)
                self._started = True

    async def close(self, timeout: float | None = None) -> int:  # noqa: ASYNC109 - returns the rest
        """Accept no more, finish what is accepted, and end; requests are answered with 503.

        After ``timeout`` seconds what is left is stopped. Returns how many webhooks were not
        finished: without a journal they are lost, with one they are handled after the next start.
        """
        self._closing = True
        left = await self._executor.drain(timeout)
        if left:
            fate = "are lost" if self._journal is None else "wait in the journal"
            logger.error("%d accepted webhooks were not finished and %s", left, fate)
        self._handlers.close()
        if self._journal is not None:
            self._journal.close()
        self._started = False
        self._starting = asyncio.Lock()
        return left

    def close_sync(self, timeout: float | None = None) -> int:
        """Do as ``close``, for sync frameworks; happens by itself when the interpreter ends."""
        if self._pid != os.getpid():
            return 0
        with self._background_lock:
            background, self._background = self._background, None
        if background is None:
            return 0
        left = background.run(self.close(timeout))
        background.stop()
        return left

    async def _take_up(self, journal: Journal) -> None:
        for entry in journal.open():
            digest, body = entry.content[:DIGEST], entry.content[DIGEST:]
            try:
                webhook = parse(body)
            except DecodeError:
                logger.exception("the journal is damaged; one webhook in it is lost")
                self._forget(entry.number)
                continue
            recent = entry.moment > time.time() - self._window
            repeated = await self._is_repeat(Trace(webhook, digest)) if recent else False
            if entry.number is None:
                continue
            if repeated:
                self._forget(entry.number)
            else:
                self._enqueue(webhook, entry.number)

    def _knows(self, given: str | None) -> bool:
        presented = (given or "").encode("utf-8", "surrogatepass")
        known = False
        for secret in self._secrets:
            known |= hmac.compare_digest(secret, presented)
        return known

    async def _accept(self, webhook: AnyWebhook, digest: bytes, kept: bytes) -> Answer:
        if isinstance(webhook, UnknownWebhook):
            known = webhook.action in PAYLOADS
            problem = "a payload that does not fit a webhook" if known else "an unknown webhook"
            logger.warning("received %s %r", problem, webhook.action[:100])
        handlers = self._handlers.of(webhook)
        if not handlers:
            self.counts.accepted += 1
            return ACCEPTED
        if self._closing:
            return self._refuse(503, "shutting down")
        if self._executor.full:
            return self._refuse(503, "too many webhooks are waiting")
        number = None
        if self._journal is not None:
            try:
                number = self._journal.add(digest + kept)
            except OSError as error:
                return self._refuse(503, f"the journal cannot be written: {error.strerror}")
        with self._executor.room():
            if await self._is_repeat(Trace(webhook, digest)):
                self.counts.repeated += 1
                logger.info("repeated delivery of a webhook %r", webhook.action[:100])
                self._forget(number)
                return ACCEPTED
            self.counts.accepted += 1
            self._executor.submit(ordering_key(webhook), _Accepted(webhook, handlers, number))
            return ACCEPTED

    def _enqueue(self, webhook: AnyWebhook, number: int) -> None:
        self._executor.submit(
            ordering_key(webhook), _Accepted(webhook, self._handlers.of(webhook), number)
        )

    async def _is_repeat(self, trace: Trace) -> bool:
        """Remember a webhook; tell whether it was remembered already."""
        try:
            current = not trace.slot or await self._swap(trace.slot, trace.state) == trace.state
            return await self._swap(trace.body, b"1") is not None and current
        except Exception:
            # A repeat that is handled twice is promised to handlers, a lost webhook is not.
            logger.exception("the store of seen webhooks failed; repeats are not dropped")
            return False

    async def _swap(self, key: bytes, value: bytes) -> bytes | None:
        before = self._seen.swap(key, value, self._window)
        return before if before is None or isinstance(before, bytes) else await before

    async def _work(self, accepted: _Accepted) -> None:
        failed = False
        webhook = accepted.webhook
        for handler in accepted.handlers:
            error = await self._handlers.call(handler, webhook)
            if error is not None:
                failed = True
                self._report(webhook, error)
        self._forget(accepted.number)
        if not failed:
            self.counts.handled += 1

    def _forget(self, number: int | None) -> None:
        """Take a webhook out of the journal."""
        if number is None or self._journal is None:
            return
        try:
            self._journal.done(number)
        except OSError as error:
            logger.error(  # noqa: TRY400 - its traceback says no more
                "the journal cannot be written: %s; after a restart a webhook is handled again",
                error.strerror,
            )

    def _report(self, webhook: AnyWebhook, error: Exception) -> None:
        self.counts.failed += 1
        try:
            self._on_error(webhook, error)
        except Exception:
            logger.exception("`on_error` failed")
            _log_error(webhook, error)

    def _refuse(self, status: int, text: str) -> Answer:
        self.counts.refused += 1
        logger.warning("refused a webhook: %d, %s", status, text)
        return Answer(status, f"{text}\n")

    def _in_background(self) -> BackgroundLoop:
        if self._pid != os.getpid():
            # After a fork, the parent's threads are not here, and its work is not ours.
            self._begin()
            if self._journal is not None:
                self._journal.abandon()
        with self._background_lock:
            if self._background is None:
                self._background = BackgroundLoop("frontdesk-webhooks-loop")
                atexit.register(self.close_sync)
            return self._background


def _checked_secrets(secret: object) -> tuple[bytes, ...]:
    secrets: tuple[object, ...] = ()
    if isinstance(secret, str):
        secrets = (secret,)
    elif isinstance(secret, Iterable):
        secrets = tuple(cast("Iterable[object]", secret))
    checked = tuple(one.encode() for one in secrets if isinstance(one, str) and one)
    if not checked or len(checked) < len(secrets):
        raise InvalidArgument("secret", "must be a text that is not empty, or several")
    return checked


def _log_error(webhook: AnyWebhook, error: Exception) -> None:
    logger.error(
        "a handler failed on `%s` of chat %s",
        webhook.action,
        chat_id_of(webhook.payload) or "-",
        exc_info=error,
    )
