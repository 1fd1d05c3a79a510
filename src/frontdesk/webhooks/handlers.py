"""The functions that webhooks are handled with: which ones, and how they are called."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from msgspec import Struct

from frontdesk.concurrency.ordered_executor import as_exception, is_interrupt, is_stopped
from frontdesk.concurrency.threads import DaemonPool
from frontdesk.errors import InvalidArgument
from frontdesk.spec.arguments import check_handler
from frontdesk.webhooks.parsing import UnknownWebhook, Webhook
from frontdesk.webhooks.payloads import PAYLOADS, Payload

__all__ = ["AnyWebhook", "WebhookHandler", "WebhookHandlers", "check_payloads"]

AnyWebhook = Webhook[Payload] | UnknownWebhook


class WebhookHandler(Struct, frozen=True):
    """A function to call with webhooks."""

    function: Callable[[Any], object]
    is_async: bool


class WebhookHandlers:
    """The functions of a receiver; those that are not async run in up to ``threads`` threads."""

    def __init__(self, threads: int) -> None:
        self._by_payload: dict[type[Any], tuple[WebhookHandler, ...]] = {}
        self._for_all: tuple[WebhookHandler, ...] = ()
        self._limit = threads
        self.begin()

    def begin(self) -> None:
        """Set up what belongs to one process."""
        self._threads = DaemonPool(self._limit, "frontdesk-webhooks")

    def close(self) -> None:
        """Let the threads end once they have done what they were given."""
        self._threads.close()

    def __len__(self) -> int:
        return len(self._by_payload)

    def add(self, payloads: tuple[type[Any], ...], function: Callable[[Any], object]) -> None:
        """Have a function called with these payloads; with every one if there are none.

        Raises:
            InvalidArgument: It is no function.
        """
        check_handler("handler", function)
        added = WebhookHandler(function, iscoroutinefunction(function))
        if not payloads:
            self._for_all += (added,)
        for payload in payloads:
            self._by_payload[payload] = (*self._by_payload.get(payload, ()), added)

    def of(self, webhook: AnyWebhook) -> tuple[WebhookHandler, ...]:
        """Those to call with a webhook, in the order in which they were added."""
        kind = UnknownWebhook if isinstance(webhook, UnknownWebhook) else type(webhook.payload)
        return self._by_payload.get(kind, ()) + self._for_all

    async def call(self, handler: WebhookHandler, webhook: AnyWebhook) -> Exception | None:
        """Call one with a webhook; returns the error that it raises."""
        try:
            await self._run(handler.function, webhook, is_async=handler.is_async)
        except Exception as error:  # noqa: BLE001 - the caller reports it
            return error
        except BaseException as error:
            if is_stopped(error) or (handler.is_async and is_interrupt(error)):
                raise
            return as_exception(error)
        return None

    async def _run(self, function: Any, webhook: AnyWebhook, *, is_async: bool) -> None:
        if is_async:
            await function(webhook)
            return
        await self._threads.call(function, webhook)


def check_payloads(payloads: tuple[type[Any], ...]) -> None:
    """Raise ``InvalidArgument`` for a type that is no webhook's payload."""
    for payload in payloads:
        if payload is not UnknownWebhook and payload not in PAYLOADS.values():
            raise InvalidArgument(
                "payloads", f"must be payloads of frontdesk.webhooks, not {payload!r}"
            )
