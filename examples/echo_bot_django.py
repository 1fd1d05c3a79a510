"""The echo bot in a Django project of one file: ``python examples/echo_bot_django.py runserver``.

Set WEBHOOK_SECRET and WEBHOOK_PATH to those that its webhooks are registered with.
In a project of yours, only the line of ``urlpatterns`` is needed.
"""

import os
import sys

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.urls import URLPattern
from django.urls import path as route
from echo_bot import API, BOT_TOKEN
from echo_bot_wsgi import make_receiver

from frontdesk import AgentClient
from frontdesk.webhooks import Receiver
from frontdesk.webhooks.adapters.django import view

urlpatterns: list[URLPattern] = []


def make_app(receiver: Receiver, path: str) -> WSGIHandler:
    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY=os.urandom(32).hex())
    settings.ROOT_URLCONF = __name__
    urlpatterns[:] = [route(path.lstrip("/"), view(receiver))]
    return get_wsgi_application()


if secret := os.environ.get("WEBHOOK_SECRET"):
    receiver = make_receiver(AgentClient(BOT_TOKEN, base_url=API), secret)
    app = make_app(receiver, os.environ["WEBHOOK_PATH"])

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
