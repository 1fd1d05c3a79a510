"""A receiver as a WSGI application, for gunicorn, uWSGI, waitress, or to be mounted."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeAlias

from frontdesk.webhooks.body_validation import length_of
from frontdesk.webhooks.receiver import Receiver
from frontdesk.webhooks.responses import WebhookResponse

__all__ = ["wsgi_app"]

Environ: TypeAlias = dict[str, Any]
App: TypeAlias = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

TRACE = {"traceparent": "HTTP_TRACEPARENT", "tracestate": "HTTP_TRACESTATE"}
"""The headers that name a trace, and the variables that hold them."""
NOT_FOUND = WebhookResponse(404, "not found\n")


def wsgi_app(receiver: Receiver, path: str | None = None) -> App:
    """Make a WSGI application of a receiver; handlers run on a background thread.

    ``path``: the only path to respond at; any path by default. Time-outs for slow bodies are the
    server's business (``gunicorn --timeout``, nginx's ``client_body_timeout``).
    """

    def app(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = _http(receiver, path, environ)
        body = response.body
        start_response(
            f"{response.status} {HTTPStatus(response.status).phrase}",
            [*response.headers.items(), ("content-length", str(len(body)))],
        )
        return [body]

    return app


def _http(receiver: Receiver, path: str | None, environ: Environ) -> WebhookResponse:
    if path is not None and environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "") != path:
        return NOT_FOUND
    if environ["REQUEST_METHOD"] != "POST":
        return receiver.refuse_method()
    return receiver.receive_sync(
        environ["wsgi.input"],
        content_type=environ.get("CONTENT_TYPE"),
        length=length_of(environ.get("CONTENT_LENGTH")),
        headers={
            name: environ[variable] for name, variable in TRACE.items() if variable in environ
        },
    )
