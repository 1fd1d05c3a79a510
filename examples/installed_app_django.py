"""An app for many organizations in Django: ``python examples/installed_app_django.py runserver``.

It tags each new chat with `support`. Set APP_URL to where the world reaches it, CLIENT_ID and
CLIENT_SECRET to those of the app, WEBHOOK_SECRET and COOKIE_SECRET to random texts, and TOKENS to
the file that keeps the tokens. Organizations install it at APP_URL/livechat/install.
In a project of yours, only the lines of ``urlpatterns`` are needed.
"""

import os
import sys
from collections.abc import Mapping

from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from frontdesk import AgentClient, OAuth
from frontdesk.actions import RegisterWebhook
from frontdesk.auth import FileTokenStore
from frontdesk.installations import Clients, InstallationStore, Installer
from frontdesk.installations.adapters.django import view as install_view
from frontdesk.webhooks import IncomingChat, Receiver, Webhook
from frontdesk.webhooks.adapters.django import view

urlpatterns: list[URLPattern] = []


def make_app(settings: Mapping[str, str]) -> WSGIHandler:
    address, client_id = settings["APP_URL"], settings["CLIENT_ID"]
    install_url = f"{address}/livechat/install"
    oauth = OAuth(client_id, settings["CLIENT_SECRET"], redirect_uri=install_url)
    clients = Clients(InstallationStore(FileTokenStore(settings["TOKENS"])), oauth=oauth)
    receiver = Receiver(settings["WEBHOOK_SECRET"], organizations=clients)

    @clients.on(receiver, IncomingChat)
    def tag(webhook: Webhook[IncomingChat], client: AgentClient) -> None:
        chat = webhook.payload.chat
        client.tag_thread(chat_id=chat.id, thread_id=chat.thread.id, tag="support")

    registration = RegisterWebhook(
        action="incoming_chat",
        url=f"{address}/livechat/webhooks",
        secret_key=settings["WEBHOOK_SECRET"],
        owner_client_id=client_id,
        type="license",
    )
    installer = Installer(clients, secret=settings["COOKIE_SECRET"], webhooks=[registration])

    def uninstall(_: HttpRequest, organization_id: str) -> HttpResponse:
        """Let the organization go. In a program of yours, check first who asks for it."""
        return HttpResponse(status=200 if installer.uninstall(organization_id) else 404)

    if not django_settings.configured:
        django_settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY=os.urandom(32).hex())
    django_settings.ROOT_URLCONF = __name__
    urlpatterns[:] = [
        path("livechat/install", install_view(installer)),
        path("livechat/webhooks", view(receiver)),
        path("organizations/<organization_id>", require_http_methods(["DELETE"])(uninstall)),
    ]
    return get_wsgi_application()


if "CLIENT_SECRET" in os.environ:
    app = make_app(os.environ)

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
