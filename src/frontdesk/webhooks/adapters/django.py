"""A receiver as a view of Django, under WSGI and ASGI alike.

::

    urlpatterns = [path("webhooks/…", view(receiver))]
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from frontdesk.extras import importing_package
from frontdesk.webhooks.body_validation import length_of
from frontdesk.webhooks.receiver import Receiver

with importing_package("Django", "frontdesk.webhooks.adapters.django"):
    from django.http import HttpResponse

__all__ = ["view"]


class DjangoRequest(Protocol):
    """What is needed of Django's ``HttpRequest``."""

    method: str | None
    headers: Mapping[str, str]

    def read(self, size: int, /) -> bytes:
        """Read from the body."""
        ...


def view(receiver: Receiver) -> Callable[[Any], Any]:
    """Make a view of a receiver; it needs no CSRF token, the secret takes its place."""

    def webhooks(request: DjangoRequest) -> Any:
        if request.method != "POST":
            response = receiver.refuse_method()
        else:
            response = receiver.receive_sync(
                request,
                content_type=request.headers.get("content-type"),
                length=length_of(request.headers.get("content-length")),
                headers=request.headers,
            )
        return HttpResponse(response.body, status=response.status, headers=response.headers)

    webhooks.csrf_exempt = True  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
    return webhooks
