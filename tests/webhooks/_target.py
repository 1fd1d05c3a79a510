"""A small HTTP server that takes webhooks, on a thread."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from frontdesk.sandbox import Sandbox

Responder = Callable[[dict[str, Any]], int | None]


class Target:
    """Notes the webhooks it gets; ``respond`` returns the status, or None to hang up."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.respond: Responder = lambda webhook: 200
        self.headers: dict[str, str] = {}
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["content-length"]))
                webhook = json.loads(data)
                target.got.append(webhook)
                target.paths.append(self.path)
                target.sent_headers = {name.lower(): value for name, value in self.headers.items()}
                status = target.respond(webhook)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in target.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.sent_headers: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"

    @property
    def actions(self) -> list[str]:
        return [webhook["action"] for webhook in self.got]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def settled(sandbox: Sandbox) -> None:
    sandbox.webhooks.settle(10)


def bring(sandbox: Sandbox, agent_id: str, chat_id: str) -> None:
    """Have an agent in the chat."""
    chat = sandbox.client().get_chat(chat_id=chat_id)
    if not any(user.id == agent_id and user.present for user in chat.users or []):
        sandbox.client().add_user_to_chat(
            chat_id=chat_id,
            user_id=agent_id,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
