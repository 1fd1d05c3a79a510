"""An installer as a WSGI application, for gunicorn, uWSGI, waitress, or to be mounted."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeAlias

from frontdesk.errors import InvalidArgument
from frontdesk.installations.installer import Installer
from frontdesk.installations.pages import InstallResponse

__all__ = ["wsgi_app"]

Environ: TypeAlias = dict[str, Any]
App: TypeAlias = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

NOT_FOUND = InstallResponse(404, (("content-type", "text/plain"),), b"not found\n")


def wsgi_app(installer: Installer, path: str | None = None) -> App:
    """Make a WSGI application of an installer.

    ``path``: the only path to respond at, that of ``redirect_uri`` as the application sees it; any
    path by default.

    Raises:
        InvalidArgument: It is no ``Installer``.
    """
    if not isinstance(installer, Installer):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("installer", "must be an Installer")

    def app(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        own = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        if path is not None and own != path:
            response = NOT_FOUND
        else:
            response = installer.respond(
                environ["REQUEST_METHOD"],
                environ.get("QUERY_STRING", ""),
                environ.get("HTTP_COOKIE", ""),
            )
        start_response(
            f"{response.status} {HTTPStatus(response.status).phrase}",
            [*response.headers, ("content-length", str(len(response.body)))],
        )
        return [response.body]

    return app
