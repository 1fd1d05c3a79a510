"""The echo bot in an application of aiohttp: ``python examples/echo_bot_aiohttp.py``.

Set WEBHOOK_SECRET and WEBHOOK_PATH to those that its webhooks are registered with.
"""

import os

from aiohttp import web
from echo_bot import API, BOT_TOKEN, PORT, make_receiver

from frontdesk import AsyncAgentClient
from frontdesk.webhooks.adapters.aiohttp import add_webhooks


def make_app(client: AsyncAgentClient, secret: str, path: str) -> web.Application:
    app = web.Application()
    add_webhooks(app, path, make_receiver(client, secret))
    return app


if __name__ == "__main__":
    client = AsyncAgentClient(BOT_TOKEN, base_url=API)
    app = make_app(client, os.environ["WEBHOOK_SECRET"], os.environ["WEBHOOK_PATH"])
    web.run_app(app, host="127.0.0.1", port=PORT)
