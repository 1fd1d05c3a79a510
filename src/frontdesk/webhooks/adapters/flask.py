"""A receiver as a view of Flask.

::

    app.add_url_rule("/webhooks/…", view_func=view(receiver), methods=["POST"])
"""

from collections.abc import Callable

from frontdesk.extras import importing_package
from frontdesk.webhooks.receiver import Receiver

with importing_package("Flask", "frontdesk.webhooks.adapters.flask"):
    from flask import Response, request

__all__ = ["view"]


def view(receiver: Receiver) -> Callable[[], Response]:
    """Make a view of a receiver, for ``add_url_rule`` with the method POST."""

    def webhooks() -> Response:
        response = receiver.receive_sync(
            request.stream,
            content_type=request.content_type,
            length=request.content_length,
            headers=dict(request.headers),
        )
        return Response(response.body, response.status, headers=response.headers)

    return webhooks
