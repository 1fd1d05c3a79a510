"""The echo bot in a FastAPI application: ``fastapi run examples/echo_bot_fastapi.py``.

Set WEBHOOK_SECRET and WEBHOOK_PATH to those that its webhooks are registered with.
Starlette is the same but for the first line of ``make_app``.
"""

import os

from echo_bot import API, BOT_TOKEN, make_receiver
from fastapi import FastAPI

from frontdesk import AsyncAgentClient
from frontdesk.webhooks.adapters.starlette import endpoint, lifespan


def make_app(client: AsyncAgentClient, secret: str, path: str) -> FastAPI:
    receiver = make_receiver(client, secret)
    app = FastAPI(lifespan=lifespan(receiver))
    app.add_route(path, endpoint(receiver), methods=["POST"])
    return app


if secret := os.environ.get("WEBHOOK_SECRET"):
    app = make_app(AsyncAgentClient(BOT_TOKEN, base_url=API), secret, os.environ["WEBHOOK_PATH"])
