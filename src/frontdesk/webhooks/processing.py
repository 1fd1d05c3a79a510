"""Having accepted webhooks handled: in order, and again when a handler fails."""

import logging
from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from frontdesk.concurrency.ordered_executor import OrderedExecutor, is_interrupt
from frontdesk.core.observation import Observer, WorkStart, origin_of, watch_work
from frontdesk.core.retry import check_pauses
from frontdesk.pushes.subjects import chat_id_of
from frontdesk.redaction import log_failure
from frontdesk.spec.checks import Checked
from frontdesk.webhooks.handlers import AnyWebhook, WebhookHandler, WebhookHandlers
from frontdesk.webhooks.journal import Journal, JournalTicket
from frontdesk.webhooks.ordering_keys import ordering_key

__all__ = ["Counts", "HandlerRetry", "Processing", "ProcessingSettings"]

logger: logging.Logger = logging.getLogger("frontdesk.webhooks")


class Counts(Struct):
    """What a receiver has done since it was made."""

    accepted: int = 0
    repeated: int = 0
    """Deliveries dropped because the webhook had been accepted before."""
    refused: int = 0
    """Requests with a response other than 200."""
    handled: int = 0
    failed: int = 0
    """Handlers that raised an error and were given up."""
    retried: int = 0
    """Handlers that raised an error and were called again."""


class HandlerRetry(Checked, frozen=True, kw_only=True):
    """How often a handler that raises an error is called again for the same webhook.

    Meanwhile the later webhooks of the chat wait, those of other chats do not. Handlers that
    succeeded are not called again.
    """

    attempts: Annotated[int, Meta(ge=1)] = 3
    """How often a handler is called at the most, the first time included."""
    first_pause: Annotated[float, Meta(ge=0)] = 1.0
    """Seconds to wait before the second call; doubled for each further one."""
    longest_pause: Annotated[float, Meta(ge=0)] = 60.0
    """Seconds to wait between two calls at the most."""

    def _rules(self) -> None:
        check_pauses(self)

    def pause_after(self, attempt: int) -> float | None:
        """Return the seconds to wait after an attempt (the first is 1); None to give up."""
        return None if attempt >= self.attempts else self.pause_before(attempt)

    def pause_before(self, retry: int) -> float:
        """Return the seconds to wait before a retry (the first is 1), however many there are."""
        # A float has no room for the powers of a large number.
        return min(self.first_pause * 2.0 ** min(retry - 1, 60), self.longest_pause)


class _Accepted(Struct, gc=False):
    webhook: AnyWebhook
    handlers: tuple[WebhookHandler, ...]
    """Those that have to be called yet."""
    ticket: JournalTicket | None
    attempt: int = 1
    origin: object = None
    """What the observer has for the webhook."""


class _CallAgain(Exception):
    """Some handlers of a webhook are to be called again after a pause."""

    def __init__(self, pause: float) -> None:
        super().__init__(pause)
        self.pause = pause


class ProcessingSettings(Struct, frozen=True, kw_only=True):
    """How a receiver handles what it has accepted."""

    retry: HandlerRetry | None
    """When a handler that fails is called again; ``None``: never."""
    on_error: Callable[[AnyWebhook, Exception], object] | None
    """Called with the webhook and the error when a handler has failed for good."""
    concurrency: int
    """How many webhooks are handled at once."""
    capacity: int
    """How many may be unfinished before ``Processing.full`` is true."""


class Processing:
    """The webhooks of a receiver that are accepted and not yet handled. Belongs to one event loop.

    Args:
        handlers: What the webhooks are handled with.
        journal: Keeps the webhooks until they are handled, if there is one.
        counts: Where to count what was handled, retried and failed.
        settings: How they are handled.
    """

    def __init__(
        self,
        handlers: WebhookHandlers,
        journal: Journal | None,
        counts: Counts,
        settings: ProcessingSettings,
    ) -> None:
        self._handlers = handlers
        self._journal = journal
        self._counts = counts
        self._retry = settings.retry
        self._on_error = settings.on_error or _log_error
        self.observer: Observer | None = None
        self.executor: OrderedExecutor[_Accepted] = OrderedExecutor(
            self._work,
            concurrency=settings.concurrency,
            capacity=settings.capacity,
            on_error=self._failed,
        )

    def submit(
        self,
        webhook: AnyWebhook,
        handlers: tuple[WebhookHandler, ...],
        ticket: JournalTicket | None,
    ) -> None:
        """Have a webhook handled; ``ticket`` is the journal's, if it is there."""
        if handlers or ticket is not None:
            accepted = _Accepted(webhook, handlers, ticket, origin=origin_of(self.observer))
            self.executor.submit(ordering_key(webhook), accepted)

    def forget(self, ticket: JournalTicket | None) -> None:
        """Take a webhook out of the journal."""
        if ticket is not None and self._journal is not None:
            self._journal.done(ticket)

    async def drain(self, timeout: float | None, stall_timeout: float | None) -> int:  # noqa: ASYNC109 - returns the rest
        """Wait until all is handled, and stop what is left after one of the times (in seconds).

        ``stall_timeout`` begins anew whenever a webhook is finished. Returns how many webhooks
        were not finished.
        """
        return await self.executor.drain(timeout, stall_timeout)

    async def _work(self, accepted: _Accepted) -> None:
        webhook = accepted.webhook
        failed: list[tuple[WebhookHandler, Exception]] = []
        start = WorkStart("webhook", webhook.action, accepted.attempt, accepted.origin)
        with watch_work(self.observer if accepted.handlers else None, start) as watch:
            for handler in accepted.handlers:
                error = await self._handlers.call(handler, webhook)
                if error is not None:
                    failed.append((handler, error))
                    watch.failed(error)
        if failed:
            pause = None if self._retry is None else self._retry.pause_after(accepted.attempt)
            if pause is not None:
                accepted.handlers = tuple(handler for handler, _ in failed)
                accepted.attempt += 1
                self._counts.retried += len(failed)
                for _, error in failed:
                    logger.warning(
                        "a handler failed on `%s` and is called again in %.3g s: %s",
                        webhook.action,
                        pause,
                        type(error).__name__,
                    )
                raise _CallAgain(pause)
            for _, error in failed:
                self._report(webhook, error)
        else:
            self._counts.handled += 1
        self.forget(accepted.ticket)

    def _failed(self, item: _Accepted, error: BaseException, attempt: int) -> float | None:
        if isinstance(error, _CallAgain):
            return error.pause
        self._counts.failed += 1
        _log_error(item.webhook, error)
        return None

    def _report(self, webhook: AnyWebhook, error: Exception) -> None:
        self._counts.failed += 1
        try:
            self._on_error(webhook, error)
        except BaseException as failure:
            log_failure(logger, "`on_error` failed", error=failure)
            _log_error(webhook, error)
            if is_interrupt(failure):
                raise


def _log_error(webhook: AnyWebhook, error: BaseException) -> None:
    chat_id = chat_id_of(webhook.payload) or "-"
    log_failure(logger, "a handler failed on `%s` of chat %s", webhook.action, chat_id, error=error)
