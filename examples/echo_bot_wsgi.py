"""The echo bot in sync code, as a WSGI application: ``python examples/echo_bot_wsgi.py``.

Set WEBHOOK_SECRET and WEBHOOK_PATH to those that its webhooks are registered with.
``gunicorn echo_bot_wsgi:app`` serves it as well. Handlers run in threads, one after another within
a chat, and after the response to LiveChat is out.
"""

import os
from wsgiref.simple_server import make_server

from echo_bot import API, BOT_ID, BOT_TOKEN, PORT

from frontdesk import AgentClient
from frontdesk.models import Message, MessageEvent
from frontdesk.webhooks import IncomingChat, IncomingEvent, Receiver, Webhook
from frontdesk.webhooks.adapters.wsgi import wsgi_app


def make_receiver(client: AgentClient, secret: str) -> Receiver:
    receiver = Receiver(secret)

    def echo(chat_id: str, event: object) -> None:
        if isinstance(event, MessageEvent):
            client.send_event(chat_id=chat_id, event=Message(f"Echo: {event.text}"))

    @receiver.on(IncomingChat)
    def join(webhook: Webhook[IncomingChat]) -> None:
        chat = webhook.payload.chat
        client.add_user_to_chat(
            chat_id=chat.id,
            user_id=BOT_ID,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
        for event in chat.thread.events or []:
            echo(chat.id, event)

    @receiver.on(IncomingEvent)
    def reply(webhook: Webhook[IncomingEvent]) -> None:
        echo(webhook.payload.chat_id, webhook.payload.event)

    return receiver


if secret := os.environ.get("WEBHOOK_SECRET"):
    receiver = make_receiver(AgentClient(BOT_TOKEN, base_url=API), secret)
    app = wsgi_app(receiver, os.environ["WEBHOOK_PATH"])

    if __name__ == "__main__":
        make_server("127.0.0.1", PORT, app).serve_forever()
