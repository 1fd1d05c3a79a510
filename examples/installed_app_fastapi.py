"""An app for many organizations in FastAPI: ``fastapi run examples/installed_app_fastapi.py``.

It tags each new chat with `support`. Set APP_URL to where the world reaches it, CLIENT_ID and
CLIENT_SECRET to those of the app, WEBHOOK_SECRET and COOKIE_SECRET to random texts, and TOKENS to
the file that keeps the tokens. Organizations install it at APP_URL/livechat/install.
"""

import logging
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException

from frontdesk import AsyncAgentClient, AsyncOAuth
from frontdesk.actions import RegisterWebhook
from frontdesk.auth import FileTokenStore
from frontdesk.installations import AsyncClients, AsyncInstaller, Installation, InstallationStore
from frontdesk.installations.adapters.starlette import endpoint as install_endpoint
from frontdesk.webhooks import IncomingChat, Receiver, Webhook
from frontdesk.webhooks.adapters.starlette import endpoint, lifespan

logger = logging.getLogger(__name__)


def tokens_revoked(installation: Installation) -> None:
    logger.warning("%s has to install the app again", installation.organization_id)


def make_app(settings: Mapping[str, str]) -> FastAPI:
    address, client_id = settings["APP_URL"], settings["CLIENT_ID"]
    install_url = f"{address}/livechat/install"
    oauth = AsyncOAuth(client_id, settings["CLIENT_SECRET"], redirect_uri=install_url)
    store = InstallationStore(FileTokenStore(settings["TOKENS"]))
    clients = AsyncClients(store, oauth=oauth, on_ended=tokens_revoked)
    receiver = Receiver(settings["WEBHOOK_SECRET"], organizations=clients)

    @clients.on(receiver, IncomingChat)
    async def tag(webhook: Webhook[IncomingChat], client: AsyncAgentClient) -> None:
        chat = webhook.payload.chat
        await client.tag_thread(chat_id=chat.id, thread_id=chat.thread.id, tag="support")

    registration = RegisterWebhook(
        action="incoming_chat",
        url=f"{address}/livechat/webhooks",
        secret_key=settings["WEBHOOK_SECRET"],
        owner_client_id=client_id,
        type="license",
    )
    installer = AsyncInstaller(clients, secret=settings["COOKIE_SECRET"], webhooks=[registration])

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncGenerator[None]:
        async with oauth, clients, lifespan(receiver)(app):
            yield

    app = FastAPI(lifespan=running)
    app.add_route("/livechat/install", install_endpoint(installer))
    app.add_route("/livechat/webhooks", endpoint(receiver), methods=["POST"])

    @app.delete("/organizations/{organization_id}")
    async def uninstall(organization_id: str) -> None:
        """Let the organization go. In a program of yours, check first who asks for it."""
        if not await installer.uninstall(organization_id):
            raise HTTPException(404, "not installed")

    return app


if "CLIENT_SECRET" in os.environ:
    app = make_app(os.environ)
