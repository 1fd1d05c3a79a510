"""The echo bot in a Flask application: ``flask --app examples/echo_bot_flask.py run``.

Set WEBHOOK_SECRET and WEBHOOK_PATH to those that its webhooks are registered with.
"""

import os

from echo_bot import API, BOT_TOKEN
from echo_bot_wsgi import make_receiver
from flask import Flask

from frontdesk import AgentClient
from frontdesk.webhooks import Receiver
from frontdesk.webhooks.adapters.flask import view


def make_app(receiver: Receiver, path: str) -> Flask:
    app = Flask(__name__)
    app.add_url_rule(path, view_func=view(receiver), methods=["POST"])
    return app


if secret := os.environ.get("WEBHOOK_SECRET"):
    receiver = make_receiver(AgentClient(BOT_TOKEN, base_url=API), secret)
    app = make_app(receiver, os.environ["WEBHOOK_PATH"])
