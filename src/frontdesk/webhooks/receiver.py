"""The receiver: checks a webhook, acknowledges it, and has it handled afterwards."""

import asyncio
import atexit
import hmac
import logging
import os
import threading
import time
import weakref
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from types import NoneType
from typing import Any, Final, Protocol, TypeVar, cast, overload

from frontdesk.codec.damage import DamageReports, OnDamage
from frontdesk.concurrency.threads import BackgroundLoop
from frontdesk.core.observation import Observer, default_observer, in_trace
from frontdesk.errors import DecodeError, FrontdeskError, InvalidArgument
from frontdesk.redaction import DISTINCT, excerpt, log_failure, redacted
from frontdesk.redaction import register as keep_secret
from frontdesk.spec.arguments import check_function, check_text, check_wait
from frontdesk.webhooks.body_validation import duplicate_key, is_json, without_secret
from frontdesk.webhooks.deduplication import Deduplicator, MemorySeen, SeenStore, Trace, digest_of
from frontdesk.webhooks.handlers import AnyWebhook, WebhookHandler, WebhookHandlers, check_payloads
from frontdesk.webhooks.journal import Entry, Journal, JournalTicket
from frontdesk.webhooks.organizations import Organizations, check_organizations, refusal_of
from frontdesk.webhooks.parsing import UnknownWebhook, Webhook, read_webhook, secret_in
from frontdesk.webhooks.payloads import PAYLOADS, Payload
from frontdesk.webhooks.processing import Counts, HandlerRetry, Processing, ProcessingSettings
from frontdesk.webhooks.queue import Queueing, WebhookQueue, status_of
from frontdesk.webhooks.responses import ACCEPTED, WebhookResponse

__all__ = ["Receiver"]

P = TypeVar("P", bound=Payload)
P2 = TypeVar("P2", bound=Payload)
R = TypeVar("R")

logger: logging.Logger = logging.getLogger("frontdesk.webhooks")

SEEN_FAILED: Final = "the store of seen webhooks failed; repeats are not dropped"


class Readable(Protocol):
    """What can be read like a binary file."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes."""
        ...


DIGEST: Final = 16
_GRACE: Final = 2.0


class Receiver:
    """Receives webhooks safely: whatever web framework they come through, it does the rest.

    ::

        receiver = Receiver(secret=os.environ["WEBHOOK_SECRET"])

        @receiver.on(IncomingEvent)
        async def reply(webhook: Webhook[IncomingEvent]) -> None: ...

    A request gets its response as soon as its webhook is accepted, which is handled after that: in
    order within a chat, many chats at a time. A webhook that was accepted before is acknowledged
    and dropped. Handlers may be async, or sync (these run in threads).

    Arguments:

    - ``secret``: the ``secret_key`` of the registrations; several while you rotate it. One with
      fewer than 8 characters works, with a warning in the log: it can be guessed, and cannot be
      kept out of texts.
    - ``max_body``: the most bytes a body may have.
    - ``body_timeout``: seconds until a body must have arrived (async frameworks), and until it
      must have been accepted (sync ones).
    - ``concurrency``: how many webhooks are handled at once.
    - ``capacity``: how many may be accepted and not yet handled; more are refused with 503, so that
      the server sends them again.
    - ``threads``: how many sync handlers run at once.
    - ``seen``: where to remember webhooks, for several processes that share one; this process's
      memory by default.
    - ``window``: seconds for which a webhook is remembered.
    - ``journal``: a directory (or a ``Journal``) that keeps accepted webhooks until they are
      handled, so that they survive when the process is killed.
    - ``retry``: whether a handler that raises an error is called again, see ``HandlerRetry``; by
      default it is not.
    - ``on_error``: called with the webhook and the error when a handler has failed for good; logs
      by default.
    - ``stall_timeout``: seconds that ``close`` waits while no handler finishes; then what is left
      is stopped, so that a stuck handler does not keep the process from ending. None to wait
      for ever.
    - ``strict``: refuse a webhook that is not what the API promises with 400 instead of repairing
      it; the server sends it again a few times, and then it is lost.
    - ``on_damage``: called with each ``Damage`` that was repaired; the log gets one line for each
      kind of it.
    - ``organizations``: whose webhooks are accepted, such as the ``Clients`` of an app for many
      organizations; those of an organization that has not installed it are refused with 404. By
      default all are accepted.
    - ``queue``: where accepted webhooks go in place of handlers, such as a bot; one that cannot
      store a webhook has it refused with 503. It goes with neither ``seen`` nor ``journal``.

    Raises:
        InvalidArgument: An argument does not fit.
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
        retry: HandlerRetry | None = None,
        on_error: Callable[[AnyWebhook, Exception], object] | None = None,
        stall_timeout: float | None = 10.0,
        strict: bool = False,
        on_damage: OnDamage | None = None,
        organizations: Organizations | None = None,
        queue: WebhookQueue | None = None,
    ) -> None:
        for name, count in (
            ("max_body", max_body),
            ("concurrency", concurrency),
            ("capacity", capacity),
            ("threads", threads),
            ("window", window),
        ):
            _check_limit(name, count, (int,), "a whole number")
        _check_limit("body_timeout", body_timeout, (int, float), "a number")
        if stall_timeout is not None:
            _check_limit("stall_timeout", stall_timeout, (int, float), "a number")
        # At once: a wrong one would show up when the first handler fails, and hide its error.
        if not isinstance(retry, (HandlerRetry, NoneType)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("retry", f"must be a HandlerRetry, not {retry!r}")
        if not isinstance(journal, (Journal, str, Path, NoneType)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("journal", f"must be a directory or a Journal, not {journal!r}")
        if on_error is not None:
            check_function("on_error", on_error, instead=": nothing would await it")
        if seen is not None and not callable(getattr(seen, "swap", None)):
            raise InvalidArgument("seen", f"must have a method `swap`, not be {seen!r}")
        for name, argument in (("seen", seen), ("journal", journal)):
            if queue is not None and argument is not None:
                raise InvalidArgument(name, "is the queue's own business, where there is a `queue`")
        self._organizations = check_organizations(organizations)
        self.max_body = max_body
        self.body_timeout = body_timeout
        self.counts: Counts = Counts()
        self._secrets = _checked_secrets(secret)
        self._clock: Callable[[], float] = time.time
        self._seen = Deduplicator(MemorySeen() if seen is None else seen, window)
        self._window = window
        self._queueing = None if queue is None else Queueing(queue, self._seen)
        self._journal = Journal(journal) if isinstance(journal, (str, Path)) else journal
        self._stall_timeout = stall_timeout
        self._reports = DamageReports(strict=strict, on_damage=on_damage, logger=logger)
        self._handlers = WebhookHandlers(threads)
        self._processing_settings = ProcessingSettings(
            retry=retry, on_error=on_error, concurrency=concurrency, capacity=capacity
        )
        self._observer: Observer | None = default_observer()
        self._begin()
        _receivers.add(self)

    def _begin(self) -> None:
        """Set up what belongs to one process."""
        self._processing = Processing(
            self._handlers, self._journal, self.counts, self._processing_settings
        )
        self._processing.observer = self._observer
        self._executor = self._processing.executor
        self._started = False
        self._starting: asyncio.Task[None] | None = None
        self._lifecycle = asyncio.Lock()
        self._closing = False
        self._closer: asyncio.Task[int] | None = None
        """What goes on with a ``close`` that a handler called."""
        self._accepting: set[asyncio.Task[WebhookResponse]] = set()
        self._background: BackgroundLoop | None = None
        self._background_lock = threading.Lock()

    def observe(self, observer: Observer | None) -> None:
        """Have an observer hear of each webhook that is handled from now on, or nobody."""
        self._observer = self._processing.observer = observer

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

        Raises:
            InvalidArgument: A type is no webhook's payload, or the function is a generator.
        """
        check_payloads(payloads)
        if self._queueing is not None:
            raise InvalidArgument("", "this receiver puts webhooks into a queue, and calls nobody")

        def register(function: Callable[[Any], object]) -> Any:
            self._handlers.add(payloads, function)
            return function

        return register

    async def handle(
        self,
        body: bytes,
        *,
        content_type: str | None = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> WebhookResponse:
        """Check the body of a request and accept the webhook in it; returns the response.

        Work goes on in the running event loop, which must be the same for every call. ``headers``
        are those of the request, for ``frontdesk.otel``: they may name the trace it belongs to.
        """
        with in_trace(self._observer, headers):
            return await self._handle(body, content_type)

    async def _handle(self, body: bytes, content_type: str | None) -> WebhookResponse:
        if not self._started and not self._closing:
            try:
                await self.start()
            except FrontdeskError as error:
                return self._refuse(503, f"{error}")
        if not is_json(content_type):
            return self._refuse(415, "the content type must be application/json")
        if type(body) is not bytes:
            body = _as_bytes(body)
        if len(body) > self.max_body:
            return self.refuse_size()
        try:
            if not self._is_secret(secret_in(body)):
                return self._refuse(401, "wrong or missing secret_key")
            webhook = read_webhook(body, self._reports)
            webhook.secret_key = ""  # handlers may keep or send a webhook; the secret stays here
            key = duplicate_key(body)
            kept = without_secret(body) if self._journal is not None else b""
        except DecodeError as error:
            return self._refuse(400, error.message)
        if key is not None:
            return self._refuse(400, f"the key {key!r} comes twice")
        return await self._accept(webhook, digest_of(body), kept)

    async def receive(
        self,
        chunks: AsyncIterable[bytes],
        *,
        content_type: str | None,
        length: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> WebhookResponse:
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
        return await self.handle(bytes(body), content_type=content_type, headers=headers)

    def handle_sync(
        self,
        body: bytes,
        *,
        content_type: str | None = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> WebhookResponse:
        """Do as ``handle``, for sync frameworks: handlers run on a background thread.

        When an async handler blocks that thread for ``body_timeout`` seconds, returns 503.
        """
        handling = self._in_background().run_soon(
            self.handle(body, content_type=content_type, headers=headers)
        )
        try:
            return handling.result(self.body_timeout)
        except TimeoutError:
            handling.cancel()
            return self._refuse(503, "a handler blocks the event loop")

    def receive_sync(
        self,
        stream: Readable,
        *,
        content_type: str | None,
        length: int | None,
        headers: Mapping[str, str] | None = None,
    ) -> WebhookResponse:
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
        return self.handle_sync(body, content_type=content_type, headers=headers)

    def refuse_size(self) -> WebhookResponse:
        """Respond to a request with too long a body."""
        return self._refuse(413, f"the body has more than {self.max_body} bytes")

    def refuse_part(self) -> WebhookResponse:
        """Respond to a request whose body ended too early."""
        return self._refuse(400, "the body is shorter than its Content-Length")

    def refuse_pace(self) -> WebhookResponse:
        """Respond to a request whose body did not arrive in time."""
        return self._refuse(408, "the body came too slowly")

    def refuse_method(self) -> WebhookResponse:
        """Respond to a request that is no POST."""
        return self._refuse(405, "webhooks are sent with POST")

    async def start(self) -> None:
        """Take over what killed processes left in the journal; called by the first webhook too.

        After ``close`` the receiver goes on, with what ``close`` left in the journal. Starting a
        receiver that has started does nothing.
        """
        if self._started:
            return
        if self._starting is None:
            # A task of its own: whoever waits for it may be cancelled half-way.
            self._starting = asyncio.get_running_loop().create_task(self._start())
            self._starting.add_done_callback(self._start_ended)
        await asyncio.shield(self._starting)

    async def _start(self) -> None:
        async with self._lifecycle:
            self._closing = False
            if self._journal is not None:
                await self._take_over(self._journal.open())
            if self._queueing is not None:
                await self._queueing.queue.start()
            self._started = True

    def _start_ended(self, task: asyncio.Task[None]) -> None:
        self._starting = None
        if not task.cancelled():
            task.exception()  # whoever waits for it gets it

    async def close(self, timeout: float | None = None) -> int:  # noqa: ASYNC109 - returns the rest
        """Accept no more, finish what is accepted, and end; requests are refused with 503.

        What is left after ``timeout`` seconds, or when no handler has finished for
        ``stall_timeout`` seconds, is stopped. Sync handlers that run cannot be stopped, and nobody
        waits for them any longer. Returns how many webhooks were not finished: without a journal
        they are lost, with one they are handled after the next start.

        A handler may call it, too: it returns at once then, with how many are not finished yet,
        and the receiver ends when they are.
        """
        check_wait("timeout", timeout)
        self._closing = True
        if self._executor.is_called_here():
            self._closer = asyncio.get_running_loop().create_task(self._close(timeout))
            return self._executor.unfinished
        return await self._close(timeout)

    async def _close(self, timeout: float | None) -> int:  # noqa: ASYNC109 - returns the rest
        lifecycle = self._lifecycle
        clock = asyncio.get_running_loop().time
        ends_at = None if timeout is None else clock() + timeout
        given_up = 0
        try:
            async with asyncio.timeout(timeout):
                await lifecycle.acquire()
        except TimeoutError:
            # A call that is under way has more time, or none that ends.
            given_up = await self._executor.drain(0)
            await lifecycle.acquire()
        try:
            left = None if ends_at is None else max(0.0, ends_at - clock())
            unfinished = given_up + await self._processing.drain(left, self._stall_timeout)
            if unfinished:
                fate = "are lost" if self._journal is None else "wait in the journal"
                logger.error("%d accepted webhooks were not finished and %s", unfinished, fate)
            self._handlers.close()
            if self._queueing is not None:
                left = None if ends_at is None else max(0.0, ends_at - clock())
                unfinished += await self._queueing.queue.close(left)
            if self._journal is not None:
                self._journal.close()
            self._started = False
        finally:
            lifecycle.release()
        # The next start may be in another event loop.
        self._lifecycle = asyncio.Lock()
        return unfinished

    def start_sync(self) -> None:
        """Do as ``start``, for sync frameworks: tests go on with a receiver that they closed."""
        self._in_background().run(self.start())

    def close_sync(self, timeout: float | None = None) -> int:
        """Do as ``close``, for sync frameworks; happens by itself when the interpreter ends."""
        check_wait("timeout", timeout)
        with self._background_lock:
            background, self._background = self._background, None
        if background is None:
            return 0
        unfinished = background.run(self.close(timeout))
        background.stop()
        return unfinished

    def _close_at_exit(self) -> None:
        with self._background_lock:
            background, self._background = self._background, None
        if background is None:
            return
        closing = background.run_soon(self.close())
        progress = self._executor.finished
        while not _wait_until_done(closing, self._stall_timeout):
            if progress == self._executor.finished:
                # Not even `close` gets on: a handler blocks the event loop itself.
                logger.error("a handler blocks the event loop; accepted webhooks are left")
                return
            progress = self._executor.finished
        background.stop()

    async def _take_over(self, entries: list[Entry]) -> None:
        remembering = True
        for entry in entries:
            digest, body = entry.content[:DIGEST], entry.content[DIGEST:]
            try:
                webhook = read_webhook(body, self._reports)
            except DecodeError as error:
                log_failure(
                    logger, "the journal is damaged; one webhook in it is lost", error=error
                )
                self._processing.forget(entry.ticket)
                continue
            # This process accepted them: they are handled even if the store calls them repeats.
            if remembering and entry.accepted_at > self._clock() - self._window:
                remembering = await self._remember(Trace(webhook, digest))
            if entry.ticket is not None:
                self._processing.submit(webhook, self._handlers.of(webhook), entry.ticket)

    async def _remember(self, trace: Trace) -> bool:
        try:
            await self._seen.check(trace)
        except Exception as error:  # noqa: BLE001 - it is logged
            log_failure(logger, SEEN_FAILED, error=error)
            return False
        return True

    def _is_secret(self, text: str | None) -> bool:
        presented = (text or "").encode("utf-8", "surrogatepass")
        matches = False
        for secret in self._secrets:  # all of them, so that the time says nothing
            matches |= hmac.compare_digest(secret, presented)
        return matches

    async def _accept(self, webhook: AnyWebhook, digest: bytes, kept: bytes) -> WebhookResponse:
        if isinstance(webhook, UnknownWebhook) and webhook.action not in PAYLOADS:
            logger.warning("received an unknown webhook %r", excerpt(webhook.action, 100))
        if self._organizations is not None:
            refusal = await refusal_of(self._organizations, webhook.organization_id)
            if refusal is not None:
                return self._refuse(*refusal)
        if self._queueing is not None:
            return await self._enqueue(self._queueing, webhook, digest)
        handlers = self._handlers.of(webhook)
        if handlers and self._closing:
            return self._refuse(503, "shutting down")
        if handlers and self._executor.full:
            return self._refuse(503, "too many webhooks are waiting")
        trace = Trace(webhook, digest)
        if self._seen.is_local:
            return await self._accept_in_memory(webhook, handlers, trace, kept)
        # A request may be cancelled half-way; its webhook is accepted whole all the same.
        room = ExitStack()
        room.enter_context(self._executor.room())
        accepting = asyncio.get_running_loop().create_task(
            self._accept_with_store(webhook, handlers, trace, kept, room)
        )
        self._accepting.add(accepting)
        accepting.add_done_callback(self._accepting.discard)
        return await asyncio.shield(accepting)

    async def _enqueue(
        self, queueing: Queueing, webhook: AnyWebhook, digest: bytes
    ) -> WebhookResponse:
        if self._closing:
            return self._refuse(503, "shutting down")
        try:
            repeated = await queueing.add(webhook, Trace(webhook, digest))
        except FrontdeskError as error:
            return self._refuse(status_of(error), f"{error}")
        if repeated:
            return await self._drop(webhook)
        self.counts.accepted += 1
        return ACCEPTED

    async def _accept_in_memory(
        self, webhook: AnyWebhook, handlers: tuple[WebhookHandler, ...], trace: Trace, kept: bytes
    ) -> WebhookResponse:
        if self._seen.is_repeat(trace):
            self._seen.remember(trace)
            return await self._drop(webhook)
        ticket = None
        # Nothing is awaited before the webhook is accepted whole; nothing is remembered of one
        # that cannot be kept, since LiveChat will send it again.
        if handlers and self._journal is not None:
            try:
                ticket = self._journal.add(trace.digest + kept)
            except OSError as error:
                return self._refuse_unwritten(error)
        self._seen.remember(trace)
        self.counts.accepted += 1
        self._processing.submit(webhook, handlers, ticket)
        return await self._acknowledge(ticket)

    async def _accept_with_store(
        self,
        webhook: AnyWebhook,
        handlers: tuple[WebhookHandler, ...],
        trace: Trace,
        kept: bytes,
        room: ExitStack,
    ) -> WebhookResponse:
        ticket = None
        with room:
            # Written first: a process that is killed after the store has remembered the webhook
            # must have it, because the store will call LiveChat's next attempt a repeat.
            if handlers and self._journal is not None:
                try:
                    ticket = self._journal.add(trace.digest + kept)
                except OSError as error:
                    return self._refuse_unwritten(error)
                # The store may be shared: another process that gets LiveChat's next attempt takes
                # its word for it that the webhook is safe.
                try:
                    await self._journal.synced(ticket)
                except OSError as error:
                    self._processing.forget(ticket)
                    return self._refuse_unwritten(error)
            try:
                repeated = await self._seen.check(trace)
            except Exception as error:  # noqa: BLE001 - it is logged
                # Handlers must bear a webhook that comes twice; a lost one cannot be made good.
                log_failure(logger, SEEN_FAILED, error=error)
                repeated = False
            if repeated:
                self._processing.forget(ticket)
                return await self._drop(webhook)
            self.counts.accepted += 1
            self._processing.submit(webhook, handlers, ticket)
        return ACCEPTED

    async def _acknowledge(self, ticket: JournalTicket | None) -> WebhookResponse:
        """Return 200 once the disk has the webhook."""
        if ticket is not None and self._journal is not None:
            try:
                await self._journal.synced(ticket)
            except OSError as error:
                # It is handled all the same. LiveChat's next attempt is dropped as a repeat; only
                # if the machine crashes before that, the attempt is what is handled.
                return self._refuse_unwritten(error)
        return ACCEPTED

    async def _drop(self, webhook: AnyWebhook) -> WebhookResponse:
        """Return 200 for a repeat, once the disk has the webhook that it repeats.

        LiveChat does not send it again after that, so it must not be lost any more.
        """
        if self._journal is not None:
            try:
                await self._journal.all_synced()
            except OSError as error:
                return self._refuse_unwritten(error)
        self.counts.repeated += 1
        logger.info("repeated delivery of a webhook %r", excerpt(webhook.action, 100))
        return ACCEPTED

    def _refuse(self, status: int, text: str) -> WebhookResponse:
        self.counts.refused += 1
        text = redacted(text)
        logger.warning("refused a webhook: %d, %s", status, text)
        return WebhookResponse(status, f"{text}\n")

    def _refuse_unwritten(self, error: OSError) -> WebhookResponse:
        return self._refuse(503, f"the journal cannot be written: {error.strerror}")

    def _in_background(self) -> BackgroundLoop:
        with self._background_lock:
            if self._background is None:
                self._background = BackgroundLoop("frontdesk-webhooks-loop")
                atexit.register(self._close_at_exit)
            return self._background

    def renew_in_child(self) -> None:
        """Start over in a forked child: the parent's threads are not here, its work is not ours."""
        self._begin()
        if self._journal is not None:
            self._journal.abandon()


_receivers: "weakref.WeakSet[Receiver]" = weakref.WeakSet()


def _renew_receivers() -> None:
    for receiver in tuple(_receivers):
        receiver.renew_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_receivers)


def _wait_until_done(closing: "Future[int]", stall_timeout: float | None) -> bool:
    """Wait somewhat longer than ``close`` should take; return whether it has ended."""
    try:
        closing.result(None if stall_timeout is None else stall_timeout + _GRACE)
    except TimeoutError:
        return False
    return True


def _as_bytes(body: object) -> bytes:
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(cast("bytes", body))
    raise InvalidArgument("body", f"must be bytes, not {type(body).__name__}")


def _check_limit(name: str, value: object, kinds: tuple[type[Any], ...], noun: str) -> None:
    if type(value) not in kinds:  # a bool is an int, but no limit
        raise InvalidArgument(name, f"must be {noun}, not {value!r}")
    if not cast("float", value) > 0:  # false for NaN too
        raise InvalidArgument(name, "must be greater than 0")


def _checked_secrets(secret: object) -> tuple[bytes, ...]:
    secrets: tuple[object, ...] = ()
    if isinstance(secret, str):
        secrets = (secret,)
    elif isinstance(secret, Iterable) and not isinstance(secret, Mapping):
        secrets = tuple(cast("Iterable[object]", secret))
    checked = tuple(text for text in secrets if isinstance(text, str) and text)
    if not checked or len(checked) < len(secrets):
        raise InvalidArgument("secret", "must be a text that is not empty, or several")
    for text in checked:
        check_text("secret", text)
    # Not refused: LiveChat registers such a secret, and its webhooks have to be received.
    if any(len(text) < DISTINCT for text in checked):
        logger.warning(
            "a secret has fewer than %d characters: it can be guessed, and cannot be kept out of "
            "logs; register webhooks with a longer one",
            DISTINCT,
        )
    keep_secret(*checked)
    return tuple(text.encode() for text in checked)
