"""Handlers of webhooks that get the client of the webhook's organization."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar, overload

from frontdesk.errors import InvalidArgument
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.spec.arguments import check_function, check_handler, is_async
from frontdesk.webhooks.handlers import AnyWebhook
from frontdesk.webhooks.parsing import Webhook
from frontdesk.webhooks.payloads import Payload
from frontdesk.webhooks.receiver import Receiver

__all__ = ["AsyncRouting", "Routing"]

P = TypeVar("P", bound=Payload)
Handler: TypeAlias = Callable[[Webhook[P], AgentClient], object]
AsyncHandler: TypeAlias = Callable[[Webhook[P], AsyncAgentClient], Awaitable[object]]


class Routing:
    """Gives webhooks to handlers together with the client of their organization."""

    def of(self, organization_id: str) -> AgentClient:
        """Return the client of an organization."""
        raise NotImplementedError

    @overload
    def on(self, receiver: Receiver, payload: type[P], /) -> Callable[[Handler[P]], Handler[P]]: ...
    @overload
    def on(
        self, receiver: Receiver, /, *payloads: type[Any]
    ) -> Callable[[Handler[Any]], Handler[Any]]: ...
    def on(self, receiver: Receiver, /, *payloads: type[Any]) -> Any:
        """Have a function called with each webhook, and the client of its organization.

        Give the receiver these clients as ``organizations``, so that it refuses webhooks of others.
        An organization that has uninstalled the app since is an error of the handler,
        ``NotInstalled``: it goes to ``on_error``.

        Args:
            receiver: what receives the webhooks.
            payloads: which ones, as for ``Receiver.on``.

        Raises:
            InvalidArgument: A type is no webhook's payload, or the function is async.
        """

        def route(function: Handler[Any]) -> Handler[Any]:
            check_function("handler", function, instead="; use AsyncClients")

            def routed(webhook: AnyWebhook) -> None:
                function(webhook, self.of(webhook.organization_id))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

            register: Any = receiver.on(*payloads)
            register(routed)
            return function

        return route


class AsyncRouting:
    """As ``Routing``, for async handlers."""

    async def of(self, organization_id: str) -> AsyncAgentClient:
        """Return the client of an organization."""
        raise NotImplementedError

    @overload
    def on(
        self, receiver: Receiver, payload: type[P], /
    ) -> Callable[[AsyncHandler[P]], AsyncHandler[P]]: ...
    @overload
    def on(
        self, receiver: Receiver, /, *payloads: type[Any]
    ) -> Callable[[AsyncHandler[Any]], AsyncHandler[Any]]: ...
    def on(self, receiver: Receiver, /, *payloads: type[Any]) -> Any:
        """Have an async function called with each webhook; otherwise as ``Clients.on``.

        Raises:
            InvalidArgument: A type is no webhook's payload, or the function is not async.
        """

        def route(function: AsyncHandler[Any]) -> AsyncHandler[Any]:
            check_handler("handler", function)
            if not is_async(function):
                raise InvalidArgument("handler", "must be an async function; or use Clients")

            async def routed(webhook: AnyWebhook) -> None:
                client = await self.of(webhook.organization_id)
                await function(webhook, client)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

            register: Any = receiver.on(*payloads)
            register(routed)
            return function

        return route
