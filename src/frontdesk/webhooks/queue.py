"""A queue that a receiver puts webhooks into, instead of handling them itself."""

import asyncio
from typing import Protocol

from frontdesk.errors import FrontdeskError, ItemTooLarge
from frontdesk.webhooks.deduplication import Deduplicator, Trace
from frontdesk.webhooks.handlers import AnyWebhook

__all__ = ["Queueing", "WebhookQueue", "status_of"]


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

        A queue that is not shared accepts it before it waits for anything.

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
        self._storing: dict[bytes, asyncio.Future[FrontdeskError | None] | None] = {}
        """What is being stored, by the digest of the body, and the outcome for who waits for it."""

    async def add(self, webhook: AnyWebhook, trace: Trace) -> bool:
        """Put a webhook into the queue; returns whether it was there already.

        Raises:
            FrontdeskError: It is not stored.
        """
        digest = trace.digest.hex()
        if self.queue.is_shared:
            # A request may be cancelled half-way; its webhook is accepted whole all the same.
            storing = asyncio.get_running_loop().create_task(self.queue.publish(webhook, digest))
            await asyncio.shield(storing)
            return False
        if self._seen.is_repeat(trace):
            self._seen.remember(trace)
            return await self._same_outcome(trace)
        self._storing[trace.body] = failure = None
        self._seen.remember(trace)
        try:
            await self.queue.publish(webhook, digest)
        except FrontdeskError as error:
            self._seen.forget(trace)
            failure = error
            raise
        finally:
            outcome = self._storing.pop(trace.body, None)
            if outcome is not None:
                outcome.set_result(failure)
        return False

    async def _same_outcome(self, trace: Trace) -> bool:
        """Wait for the webhook that this one repeats, if it is still being stored."""
        if trace.body not in self._storing:
            return True
        outcome = self._storing[trace.body]
        if outcome is None:
            outcome = self._storing[trace.body] = asyncio.get_running_loop().create_future()
        error = await asyncio.shield(outcome)
        if error is not None:
            raise error
        return True


def status_of(error: FrontdeskError) -> int:
    """Return the HTTP status for a webhook that is not stored."""
    return 413 if isinstance(error, ItemTooLarge) else 503
