"""A queue that a receiver puts webhooks into, instead of handling them itself."""

import asyncio
from typing import Protocol

from frontdesk.errors import FrontdeskError, ItemTooLarge
from frontdesk.webhooks.deduplication import Deduplicator, Trace
from frontdesk.webhooks.handlers import AnyWebhook

__all__ = ["Queueing", "WebhookQueue"]


class WebhookQueue(Protocol):
    """Stores accepted webhooks and has them handled, here or elsewhere.

    Bots are such queues. Belongs to the receiver that it is given to, which starts and closes it.
    """

    is_shared: bool
    """Whether other processes put webhooks into it too: repeated deliveries are then recognized by
    whoever takes them out, and not by the receiver."""

    async def start(self) -> None:
        """Connect; called before the first webhook."""
        ...

    async def publish(self, webhook: AnyWebhook, digest: str) -> None:
        """Accept a webhook; returns once it is stored.

        Args:
            webhook: The webhook, without its secret.
            digest: A digest of its body, in hex, by which repeated deliveries are recognized.

        Raises:
            FrontdeskError: It is not stored, so that LiveChat has to send it again.
        """
        ...

    async def close(self, timeout: float | None = None) -> int:  # noqa: ASYNC109 - returns the rest
        """Finish what is under way, and disconnect; returns how many were not finished."""
        ...


class Queueing:
    """How a receiver puts webhooks into a queue: each of them once, and none before it is stored.

    Args:
        queue: The queue.
        seen: Recognizes repeated deliveries, where the queue is not shared.
    """

    def __init__(self, queue: WebhookQueue, seen: Deduplicator) -> None:
        self.queue: WebhookQueue = queue
        self._seen = seen
        self._publishing: dict[bytes, asyncio.Task[None]] = {}

    async def add(self, webhook: AnyWebhook, trace: Trace) -> bool:
        """Put a webhook into the queue; returns whether it was there already.

        Raises:
            FrontdeskError: It is not stored.
        """
        if self.queue.is_shared:
            await asyncio.shield(self._publish(webhook, trace))
            return False
        if self._seen.is_repeat(trace):
            self._seen.remember(trace)
            return True
        publishing = None if trace.states else self._publishing.get(trace.body)
        if publishing is not None:
            # The same one arrives again while the first is being stored: one outcome for both.
            await asyncio.shield(publishing)
            return True
        # A request may be cancelled half-way; its webhook is accepted whole all the same.
        publishing = self._publish(webhook, trace)
        self._publishing[trace.body] = publishing
        try:
            await asyncio.shield(publishing)
        finally:
            if publishing.done():
                self._publishing.pop(trace.body, None)
        return False

    def _publish(self, webhook: AnyWebhook, trace: Trace) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self._store(webhook, trace))

    async def _store(self, webhook: AnyWebhook, trace: Trace) -> None:
        await self.queue.publish(webhook, trace.digest.hex())
        if not self.queue.is_shared:
            self._seen.remember(trace)


def status_of(error: FrontdeskError) -> int:
    """Return the HTTP status for a webhook that is not stored."""
    return 413 if isinstance(error, ItemTooLarge) else 503
