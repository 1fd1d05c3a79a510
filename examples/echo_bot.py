"""An echo bot on webhooks: it joins each new chat and says what the customer says.

It shows what lies beneath a bot: with ``frontdesk.bots``, ``bots/echo.py`` does the same in ten
lines. It registers its webhooks, serves them with uvicorn, and unregisters them at the end. As it
stands it works with a sandbox on the same machine (``frontdesk sandbox --port 8080``); for
LiveChat, set the environment variables below, and ``BOT_URL`` to where LiveChat reaches this
machine.
"""

import os
import secrets
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from frontdesk import AsyncAgentClient, AsyncConfigurationClient, FrontdeskError, Retry
from frontdesk.models import Message, MessageEvent, WebhookAction, WebhookFilters
from frontdesk.webhooks import IncomingChat, IncomingEvent, Receiver, Webhook
from frontdesk.webhooks.adapters.asgi import asgi_app

API = os.environ.get("FRONTDESK_BASE_URL", "http://127.0.0.1:8080")
ADMIN_TOKEN = os.environ.get("FRONTDESK_TOKEN", "Bearer dal:sandbox-owner")
BOT_TOKEN = os.environ.get("BOT_TOKEN", "Bearer dal:sandbox-bot")
BOT_ID = os.environ.get("BOT_ID", "5c9871d5372c824cbf22d860a707a578")
CLIENT_ID = os.environ.get("CLIENT_ID", "0805e283233042b37f460ed8fbf22160")
PORT = int(os.environ.get("PORT", "8000"))
BOT_URL = os.environ.get("BOT_URL", f"http://127.0.0.1:{PORT}")


def make_receiver(client: AsyncAgentClient, secret: str) -> Receiver:
    """The bot itself; ``client`` acts as it."""
    receiver = Receiver(secret)

    async def echo(chat_id: str, event: object) -> None:
        if isinstance(event, MessageEvent):
            await client.send_event(chat_id=chat_id, event=Message(f"Echo: {event.text}"))

    @receiver.on(IncomingChat)
    async def join(webhook: Webhook[IncomingChat]) -> None:
        chat = webhook.payload.chat
        await client.add_user_to_chat(
            chat_id=chat.id,
            user_id=BOT_ID,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
        # What the customer began with comes with the chat, and not again as an event.
        for event in chat.thread.events or []:
            await echo(chat.id, event)

    @receiver.on(IncomingEvent)
    async def reply(webhook: Webhook[IncomingEvent]) -> None:
        await echo(webhook.payload.chat_id, webhook.payload.event)

    return receiver


@asynccontextmanager
async def registered(url: str, secret: str) -> AsyncGenerator[None, None]:
    """Be registered for new chats, and for what customers write in them."""
    webhooks: list[tuple[WebhookAction, WebhookFilters | None]] = [
        ("incoming_chat", None),
        ("incoming_event", WebhookFilters(author_type="customer")),
    ]
    # A sandbox that was started at the same time takes a moment.
    retry = Retry(attempts=8)
    async with AsyncConfigurationClient(ADMIN_TOKEN, base_url=API, retry=retry) as configuration:
        ids: list[str] = []
        try:
            for action, filters in webhooks:
                webhook = await configuration.register_webhook(
                    action=action,
                    url=url,
                    secret_key=secret,
                    owner_client_id=CLIENT_ID,
                    type="license",
                    filters=filters,
                )
                ids.append(webhook.id)
            yield
        finally:
            for webhook_id in ids:
                try:
                    await configuration.unregister_webhook(id=webhook_id, owner_client_id=CLIENT_ID)
                except FrontdeskError as error:  # such as a sandbox that has ended before
                    print(f"webhook {webhook_id} is still registered: {error}")


def ignore(*_: object) -> None:
    """Handle a signal by doing nothing."""


async def main() -> None:
    import uvicorn

    secret, path = secrets.token_urlsafe(24), f"/webhooks/{secrets.token_urlsafe(16)}"
    async with AsyncAgentClient(BOT_TOKEN, base_url=API) as client:
        app = asgi_app(make_receiver(client, secret), path, close_timeout=10)
        server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="warning"))
        # uvicorn raises the signal that ended it once more, and there is still work to do then.
        signal.signal(signal.SIGTERM, ignore)
        async with registered(BOT_URL + path, secret):
            print(f"ready {BOT_URL}", flush=True)
            await server.serve()


if __name__ == "__main__":
    import asyncio

    asyncio.run(main())
