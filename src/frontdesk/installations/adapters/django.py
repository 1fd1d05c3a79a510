"""An installer as a view of Django.

::

    urlpatterns = [path("livechat/install", view(installer))]
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from frontdesk.errors import InvalidArgument
from frontdesk.extras import importing_package
from frontdesk.installations.installer import Installer

with importing_package("Django", "frontdesk.installations.adapters.django"):
    from django.http import HttpResponse

__all__ = ["view"]


class DjangoRequest(Protocol):
    """What is needed of Django's ``HttpRequest``."""

    method: str | None
    headers: Mapping[str, str]
    META: Mapping[str, Any]


def view(installer: Installer) -> Callable[[Any], Any]:
    """Make a view of an installer, for the path of ``redirect_uri``.

    Raises:
        InvalidArgument: It is no ``Installer``.
    """
    if not isinstance(installer, Installer):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("installer", "must be an Installer")

    def install(request: DjangoRequest) -> Any:
        responded = installer.respond(
            request.method or "",
            request.META.get("QUERY_STRING", ""),
            request.headers.get("cookie", ""),
        )
        response = HttpResponse(responded.body, status=responded.status)
        for name, value in responded.headers:
            response[name] = value
        return response

    return install
