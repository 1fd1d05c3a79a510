"""What type checkers know of webhooks."""

from collections.abc import Callable
from typing import Any, assert_type

from frontdesk import AsyncConfigurationClient, ConfigurationClient
from frontdesk.models import Event, RegisteredWebhook, WebhookRegistration
from frontdesk.webhooks import (
    ChatDeactivated,
    IncomingEvent,
    Payload,
    Receiver,
    UnknownWebhook,
    Webhook,
    WebhookResponse,
    parse,
)


def parsing(body: bytes) -> None:
    """The payload is narrowed by its type."""
    webhook = parse(body)
    assert_type(webhook, Webhook[Payload] | UnknownWebhook)
    if isinstance(webhook.payload, IncomingEvent):
        assert_type(webhook.payload.event, Event)
    match webhook.payload:
        case ChatDeactivated(thread_id=thread_id):
            assert_type(thread_id, str)
        case _:
            pass


async def receiving(receiver: Receiver, options: Any) -> None:
    """Handlers keep their types, sync or async."""

    @receiver.on(IncomingEvent)
    async def one(webhook: Webhook[IncomingEvent]) -> None:
        assert_type(webhook.payload.chat_id, str)

    @receiver.on(IncomingEvent, ChatDeactivated)
    def two(webhook: Webhook[IncomingEvent | ChatDeactivated]) -> None:
        assert_type(webhook.payload.thread_id, str)

    @receiver.on(UnknownWebhook)
    def unknown(webhook: UnknownWebhook) -> int:
        return len(webhook.raw)

    @receiver.on()
    def every(webhook: Webhook[Payload] | UnknownWebhook) -> str:
        return webhook.action

    assert_type(two, Callable[[Webhook[IncomingEvent | ChatDeactivated]], None])
    assert_type(unknown, Callable[[UnknownWebhook], int])
    assert_type(every, Callable[[Webhook[Payload] | UnknownWebhook], str])
    assert_type(await one(options), None)
    assert_type(await receiver.handle(b""), WebhookResponse)


async def registering(client: ConfigurationClient, other: AsyncConfigurationClient) -> None:
    """Both clients return the same."""
    registered = client.register_webhook(
        action="incoming_event",
        url="https://bot.test/",
        secret_key="secret",
        owner_client_id="client",
        type="license",
    )
    assert_type(registered, RegisteredWebhook)
    listed = await other.list_webhooks(owner_client_id="client")
    assert_type(listed, list[WebhookRegistration])
